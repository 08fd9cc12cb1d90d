/*
 * The scanner on any bytes: hits lie inside them, in order, apart from each
 * other, and what is shown of one is never more than a quarter.
 */
#include "scan/scanner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct scanner *scanner(void)
{
	static const unsigned char key[FINGERPRINT_KEY] = {1};
	static struct scanner *made;
	static struct pack pack;
	struct scanner_setup setup = {.packs = &pack,
		.npacks = 1,
		.key = key,
		.cache = getenv("SLUICE_TEST_CACHE")};
	struct err err = ERR_INIT;

	if (!made &&
		(pack_read("builtin", NULL, &pack, &err) ||
			scanner_new(&setup, &made, &err)))
		die("%s", err.text);
	return made;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new((size_t)64 << 20);
	struct span s = span_of(data, n);
	struct scan_result r, p;
	struct err err = ERR_INIT;
	size_t i, end = 0;

	if (scanner_scan(scanner(), s, SPAN_EMPTY, arena, &r, &err) ||
		scanner_scan_path(scanner(), s, arena, &p, &err))
		abort();
	if (r.outcome != SCAN_DONE && !r.why[0])
		abort();
	for (i = 0; i < r.nhit; i++) {
		const struct scan_hit *h = &r.hit[i];

		if (h->at < end || !h->n || h->n > n || h->at > n - h->n)
			abort();
		end = h->at + h->n;
		if (!h->line || !h->column || h->column > h->at + 1)
			abort();
		/* The mark is three bytes long. */
		if (strlen(h->redacted) > h->n / 4 + 3)
			abort();
		if (strlen(h->fingerprint) != FINGERPRINT_HEX)
			abort();
	}
	arena_free(arena);
	return 0;
}

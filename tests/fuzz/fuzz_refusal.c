/* The text of a refusal: what is taken from it lies within it, is a commit and
 * a ref at least, and is no option. */
#include "parse/refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void within(struct span s, const uint8_t *data, size_t n)
{
	if (s.n && (s.p < data || s.p + s.n > data + n))
		abort();
	if (span_starts(s, SPAN_LIT("--")) || span_find(s, '\n') != SIZE_MAX ||
		span_find(s, '\'') != SIZE_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new(16u << 20);
	struct waiver_ask *v;
	size_t count, i;

	if (!refusal_read(span_of(data, n), arena, &v, &count) &&
		count != REFUSAL_ASKS_MAX)
		abort();
	for (i = 0; i < count; i++) {
		within(v[i].finding, data, n);
		within(v[i].ref, data, n);
		within(v[i].repository, data, n);
		within(v[i].fingerprint, data, n);
		within(v[i].path, data, n);
		if (!v[i].finding.n || !v[i].ref.n)
			abort();
	}
	arena_free(arena);
	return 0;
}

/* Deltas, carried out: the first two bytes are the length of the base, which
 * follows. The copies that are noted hold what the base has there. */
#include "scan/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define RESULT_MAX (1u << 20)

static void check(struct span base, const unsigned char *out, size_t n,
	const struct patch *p)
{
	size_t i, end = 0;

	for (i = 0; i < p->n; i++) {
		const struct scan_copy *c = &p->copy[i];

		if (!c->n || c->at < end || c->at + c->n > n ||
			c->from + c->n > base.n ||
			memcmp(out + c->at, base.p + c->from, c->n) != 0)
			abort();
		end = c->at + c->n;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span all = span_of(data, n), base;
	struct err err = ERR_INIT;
	struct patch patch = {0};
	struct delta delta;
	unsigned char *out;

	if (n < 2)
		return 0;
	base = span_sub(all, 2, (size_t)data[0] << 8 | data[1]);
	if (delta_open(span_from(all, 2 + base.n), &delta, &err) ||
		delta.to > RESULT_MAX)
		return 0;
	out = malloc((size_t)delta.to + 1);
	if (!out)
		return 0;
	if (!patch_apply(&delta, base, out, &patch, &err))
		check(base, out, (size_t)delta.to, &patch);
	else if (!err.text[0])
		abort();
	patch_free(&patch);
	free(out);
	return 0;
}

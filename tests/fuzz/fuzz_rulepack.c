/* Rule packs: what is accepted keeps its promises to the scanner. */
#include "parse/rulepack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new((size_t)256 << 20);
	const struct rulepack *pack;
	struct err err = ERR_INIT;
	size_t i, j;

	if (rulepack_parse(span_of(data, n), arena, &pack, &err)) {
		if (pack || !err.text[0])
			abort();
		goto out;
	}
	if (!pack->n)
		abort();
	for (i = 0; i < pack->n; i++) {
		const struct rule *r = &pack->rules[i];

		if (!r->id.n || !r->match.n || !(r->regex.n || r->path.n))
			abort();
		for (j = 0; j < r->nallow; j++) {
			if (r->allow[j] < pack->sets ||
				r->allow[j] >= pack->sets + pack->nsets)
				abort();
		}
	}
out:
	arena_free(arena);
	return 0;
}

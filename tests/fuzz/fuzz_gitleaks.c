/* gitleaks.toml: what is accepted keeps its promises to the scanner. The text
 * is also what it extends. */
#include "parse/gitleaks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct rulepack *pack)
{
	size_t i, k;

	if (!pack->n)
		abort();
	for (i = 0; i < pack->n; i++) {
		const struct rule *r = &pack->rules[i];

		if (!r->leak || !r->id.n || !r->description.n ||
			!(r->regex.n || r->path.n))
			abort();
		if (r->leak->nallow > GITLEAKS_ALLOW_MAX)
			abort();
		for (k = 0; k < r->leak->nallow; k++) {
			if (r->leak->allow[k]->index >= pack->nleak)
				abort();
		}
		for (k = 0; k < r->keywords.n; k++) {
			if (!r->keywords.v[k].n)
				abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new((size_t)1 << 30);
	struct gitleaks_file *f, *base;
	const struct rulepack *pack;
	struct span path = SPAN_EMPTY;
	struct err err = ERR_INIT;

	if (gitleaks_parse(span_of(data, n), 0, arena, &f, &err))
		goto out;
	if (gitleaks_base(f, &path) != GITLEAKS_ALONE &&
		!gitleaks_parse(span_of(data, n), 1, arena, &base, &err))
		gitleaks_extend(f, base, arena);
	if (!gitleaks_finish(f, arena, &pack, &err))
		check(pack);
	else if (pack || !err.text[0])
		abort();
out:
	arena_free(arena);
	return 0;
}

/* CODEOWNERS: the first byte chooses the dialect, up to the first LF stands a
 * path, the rest is the file. It is read twice the same, inside its limits, and
 * whatever rule holds for the path is one that matches it. */
#include "parse/codeowners.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void judge(const struct codeowners *c, struct span path)
{
	uint64_t steps = 0;
	size_t i, k;

	for (i = 0; i < c->n; i++) {
		const struct owner_section *s = &c->section[i];
		const struct owner_rule *r;

		for (k = 0; k < s->n; k++)
			if (s->rule[k].line < 1 ||
				s->rule[k].nowner > CODEOWNERS_OWNERS_MAX ||
				s->rule[k].pattern.n > CODEOWNERS_PATTERN_MAX)
				abort();
		if (c->dialect == CODEOWNERS_GITEA)
			continue;
		r = owner_rule_of(s, c->dialect, path, &steps);
		if (r &&
			!owner_pattern_matches(
				c->dialect, r->pattern, path, &steps))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena *arena = arena_new((size_t)512 << 20);
	struct span text = span_of(data, n), path;
	struct codeowners c, again;
	struct err err = ERR_INIT;
	enum codeowners_dialect d;
	int ret;

	if (n < 2 || n > 100000)
		goto out;
	d = (enum codeowners_dialect)(data[0] % CODEOWNERS_DIALECTS);
	text = span_from(text, 1);
	if (!span_line(&text, &path, NULL))
		goto out;
	ret = codeowners_parse(text, d, arena, &c, &err);
	if (ret != codeowners_parse(text, d, arena, &again, &err) ||
		c.n != again.n || c.fault != again.fault)
		abort();
	if (ret && (c.n || !err.text[0]))
		abort();
	judge(&c, path);
out:
	arena_free(arena);
	return 0;
}

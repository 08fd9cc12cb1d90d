#include "gather/patterns.h"

#include "port/pattern.h"

/* One expression against one text, into bit ${n} of ${bits}. */
static int match(struct pattern *p, size_t n, struct span text, uint64_t *bits,
	const char *what, struct err *err)
{
	switch (pattern_test(p, text)) {
	case PATTERN_MATCH:
		bit_set(bits, n);
		return 0;
	case PATTERN_NONE:
		return 0;
	case PATTERN_LIMIT:
		break;
	}
	err_set(err, ERR_LIMIT,
		"a pattern of the policy takes too many steps on %s", what);
	return err_hint(
		err, "make the expression simpler, or the text shorter");
}

static int match_all(
	struct pattern *p, size_t n, struct facts *f, struct err *err)
{
	size_t i;

	for (i = 0; i < f->push->nup; i++)
		if (match(p, n, f->update[i].up->ref, f->update[i].matches,
			    "a ref name", err))
			return -1;
	for (i = 0; i < f->nchange; i++)
		if (match(p, n, f->change[i].commit.message,
			    f->change[i].matches, "a commit message", err))
			return -1;
	return 0;
}

int gather_patterns(struct gather *g, struct facts *f, struct err *err)
{
	const struct policy *policy = f->policy;
	size_t words = BIT_WORDS(policy->npattern), i;
	struct pattern *p = NULL;
	int ret = -1;

	if (!words)
		return 0;
	for (i = 0; i < f->push->nup; i++)
		f->update[i].matches = arena_get(g->arena, words, 8);
	for (i = 0; i < f->nchange; i++)
		f->change[i].matches = arena_get(g->arena, words, 8);
	for (i = 0; i < policy->npattern; i++) {
		if (pattern_new(span_str(policy->pattern[i].text), &p, err)) {
			err_in(err, "policy pattern '%s'",
				policy->pattern[i].text);
			goto out;
		}
		if (match_all(p, policy->pattern[i].number, f, err))
			goto out;
		pattern_free(p);
		p = NULL;
	}
	ret = 0;
out:
	pattern_free(p);
	return ret;
}

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

/* What commits hold: their messages, the addresses in them, paths. */
static int match_change(struct pattern *p, size_t n, unsigned of,
	struct change *c, struct err *err)
{
	size_t i;

	if ((of & PATTERN_OF_MESSAGE) &&
		match(p, n, c->commit.message, c->matches, "a commit message",
			err))
		return -1;
	if ((of & PATTERN_OF_AUTHOR) &&
		match(p, n, c->commit.author.email, c->author_matches,
			"an author's address", err))
		return -1;
	if ((of & PATTERN_OF_COMMITTER) &&
		match(p, n, c->commit.committer.email, c->committer_matches,
			"a committer's address", err))
		return -1;
	if (!(of & PATTERN_OF_PATH))
		return 0;
	for (i = 0; i < c->npath; i++)
		if (match(p, n, c->path[i].path, c->path[i].matches, "a path",
			    err))
			return -1;
	return 0;
}

static int match_all(struct pattern *p, size_t n, unsigned of, struct facts *f,
	struct err *err)
{
	size_t i;

	for (i = 0; i < f->push->nup; i++)
		if ((of & PATTERN_OF_REF) &&
			match(p, n, f->update[i].up->ref, f->update[i].matches,
				"a ref name", err))
			return -1;
	for (i = 0; i < f->nchange; i++)
		if (match_change(p, n, of, &f->change[i], err))
			return -1;
	return 0;
}

/* Room for the answers, of those kinds that any expression is for. */
static void make_room(struct gather *g, struct facts *f)
{
	size_t words = BIT_WORDS(f->policy->npattern), i, k;
	unsigned of = 0;

	for (i = 0; i < f->policy->npattern; i++)
		of |= f->policy->pattern_of[i];
	for (i = 0; i < f->push->nup; i++)
		f->update[i].matches = arena_get(g->arena, words, 8);
	for (i = 0; i < f->nchange; i++) {
		struct change *c = &f->change[i];

		c->matches = arena_get(g->arena, words, 8);
		if (of & PATTERN_OF_AUTHOR)
			c->author_matches = arena_get(g->arena, words, 8);
		if (of & PATTERN_OF_COMMITTER)
			c->committer_matches = arena_get(g->arena, words, 8);
		for (k = 0; k < c->npath && (of & PATTERN_OF_PATH); k++)
			c->path[k].matches = arena_get(g->arena, words, 8);
	}
}

static void use(uint64_t *used, const struct pattern_ref *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		bit_set(used, v[i].number);
}

/* Those that a check can ask for: to make one ready takes longer than to match
 * it with a commit. */
static uint64_t *used_by(struct gather *g, const struct facts *f)
{
	uint64_t *used = arena_get(g->arena, BIT_WORDS(f->policy->npattern), 8);
	size_t u;

	for (u = 0; u < f->push->nup; u++) {
		const struct rules *r = &f->update[u].rules;

		if (r->ref)
			use(used, r->ref->name, r->ref->nname);
		if (r->message) {
			use(used, r->message->require, r->message->nrequire);
			use(used, r->message->deny, r->message->ndeny);
			use(used, r->message->issue.v, r->message->issue.n);
		}
		if (r->identity) {
			use(used, r->identity->author_email.v,
				r->identity->author_email.n);
			use(used, r->identity->committer_email.v,
				r->identity->committer_email.n);
		}
		if (r->file)
			use(used, r->file->deny_pattern.v,
				r->file->deny_pattern.n);
	}
	return used;
}

int gather_patterns(struct gather *g, struct facts *f, struct err *err)
{
	const struct policy *policy = f->policy;
	struct pattern *p = NULL;
	uint64_t *used;
	size_t i;
	int ret = -1;

	if (!policy->npattern)
		return 0;
	make_room(g, f);
	used = used_by(g, f);
	for (i = 0; i < policy->npattern; i++) {
		if (!bit_get(used, i))
			continue;
		if (pattern_new(span_str(policy->pattern[i].text), &p, err)) {
			err_in(err, "policy pattern '%s'",
				policy->pattern[i].text);
			goto out;
		}
		if (match_all(p, i, policy->pattern_of[i], f, err))
			goto out;
		pattern_free(p);
		p = NULL;
	}
	ret = 0;
out:
	pattern_free(p);
	return ret;
}

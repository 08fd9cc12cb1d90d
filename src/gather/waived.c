#include "gather/waived.h"

struct search {
	struct gather *g;
	struct oid_set brought; /* by the step */
	struct oid *found;
	size_t n, cap;
};

static int note_brought(void *ctx, const struct oid *id, struct err *err)
{
	struct search *s = ctx;

	if (s->brought.n == GATHER_COMMITS_MAX)
		return err_set(err, ERR_LIMIT,
			"more than %d commits came by one waiver",
			GATHER_COMMITS_MAX);
	oid_set_add(&s->brought, id);
	return 0;
}

static int note_found(void *ctx, const struct oid *id, struct err *err)
{
	struct search *s = ctx;

	(void)err;
	if (!oid_set_has(&s->brought, id))
		return 0;
	s->found = arena_grow(
		s->g->arena, s->found, s->n, &s->cap, sizeof(*s->found));
	s->found[s->n++] = *id;
	return 0;
}

static bool matters(
	const struct facts *f, size_t u, const struct waived_step *step)
{
	struct rules rules;

	if (span_eq(step->ref, f->update[u].up->ref))
		return false;
	/* A ref that the policy no longer names let in what it would not. */
	return !policy_rules(f->policy, span_str(f->push->repository),
		       step->ref, &rules) ||
		!waivers_cover(&rules, &f->update[u].rules) || !rules.nwaiver;
}

int waived_commits(struct gather *g, const struct facts *f, size_t u,
	const struct oid *tip, const struct oid *own, size_t nown,
	struct oid **out, size_t *n, struct err *err)
{
	struct search s = {.g = g};
	struct oid *hide = arena_get(g->arena, nown + 1, sizeof(*hide));
	size_t i;
	int ret = -1;

	if (nown)
		memcpy(hide, own, nown * sizeof(*hide));
	for (i = 0; i < f->push->past.nwaived; i++) {
		const struct waived_step *step = &f->push->past.waived[i];

		if (!matters(f, u, step) ||
			repo_type(g->repo, &step->new, NULL) == OBJECT_NONE)
			continue;
		oid_set_free(&s.brought);
		hide[nown] = step->old;
		if (repo_walk(g->repo, &step->new, 1, &step->old,
			    !oid_is_zero(&step->old), note_brought, &s, err) ||
			repo_walk(g->repo, tip, 1, hide,
				nown + !oid_is_zero(&step->old), note_found, &s,
				err))
			goto out;
	}
	*out = s.found;
	*n = s.n;
	ret = 0;
out:
	oid_set_free(&s.brought);
	return ret;
}

#include "gather/waived.h"

#include "gather/signedtag.h"
#include "parse/waiver.h"

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

/* A waiver is for one ref, and in the same push others may have moved. What it
 * says can be read as long as its tag is there. */
static int is_for_step(struct gather *g, const struct waived_step *step,
	bool *out, struct err *err)
{
	struct waiver w;
	const char *fault;
	struct tag tag;
	size_t i;

	*out = !step->nby;
	for (i = 0; i < step->nby && !*out; i++) {
		if (signed_tag_read(g, &step->by[i], &tag, &fault, err))
			return -1;
		*out = fault || waiver_read(&tag, &w) ||
			span_eq(w.ref, step->ref);
	}
	return 0;
}

static int matters(struct gather *g, const struct facts *f, size_t u,
	const struct waived_step *step, bool *out, struct err *err)
{
	struct rules rules;

	*out = false;
	if (span_eq(step->ref, f->update[u].up->ref) ||
		repo_type(g->repo, &step->new, NULL) == OBJECT_NONE)
		return 0;
	/* A ref that the policy no longer names let in what it would not. */
	if (policy_rules(f->policy, span_str(f->push->repository), step->ref,
		    &rules) &&
		rules.nwaiver && waivers_cover(&rules, &f->update[u].rules))
		return 0;
	return is_for_step(g, step, out, err);
}

int waived_commits(struct gather *g, const struct facts *f, size_t u,
	const struct oid *tip, const struct oid *own, size_t nown,
	struct oid **out, size_t *n, struct err *err)
{
	struct search s = {.g = g};
	struct oid *hide = arena_get(g->arena, nown + 1, sizeof(*hide));
	bool counts;
	size_t i;
	int ret = -1;

	if (nown)
		memcpy(hide, own, nown * sizeof(*hide));
	for (i = 0; i < f->push->past.nwaived; i++) {
		const struct waived_step *step = &f->push->past.waived[i];

		if (matters(g, f, u, step, &counts, err))
			goto out;
		if (!counts)
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

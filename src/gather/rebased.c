#include "gather/rebased.h"

#include <stdlib.h>

#include "gather/paths.h"
#include "gather/signedtag.h"
#include "port/repodiff.h"

/* Of one update. */
struct side {
	bool asked; /* its rules bind to patches and the ref is there */
	struct oid before;
	/* What rebased_text says -> index in up->change. */
	struct oid_set by_text;
	struct oid_set twice; /* texts that several commits have */
};

struct rebased {
	struct gather *g;
	const struct facts *f;
	struct repodiff *diff;
	struct oid_set change_at;
	struct side *side; /* [nup] */
};

struct oid rebased_text(const struct commit *c)
{
	unsigned char sum[SHA256_LEN], head[24];
	struct span part[] = {c->author.name, c->author.email};
	struct sha256 *h = sha256_new();
	struct oid out;
	size_t i;

	for (i = 0; i < 8; i++) {
		head[i] = (unsigned char)((uint64_t)c->author.time >> (8 * i));
		head[8 + i] = (unsigned char)((uint64_t)part[0].n >> (8 * i));
		head[16 + i] = (unsigned char)((uint64_t)part[1].n >> (8 * i));
	}
	sha256_add(h, span_of(head, sizeof(head)));
	sha256_add(h, part[0]);
	sha256_add(h, part[1]);
	sha256_add(h, c->message);
	sha256_end(h, sum);
	memcpy(out.b, sum, OID_RAW);
	return out;
}

static void side_open(struct rebased *r, size_t u)
{
	const struct update_fact *uf = &r->f->update[u];
	struct side *s = &r->side[u];
	size_t i;

	if (!uf->rules.approval || !uf->rules.approval->binds_patch ||
		!uf->nchange)
		return;
	s->asked = repo_ref_value(
		r->g->repo, arena_str(r->g->arena, uf->up->ref), &s->before);
	for (i = 0; s->asked && i < uf->nchange; i++) {
		const struct commit *c = &r->f->change[uf->change[i]].commit;
		struct oid text;

		if (c->nparent != 1)
			continue;
		text = rebased_text(c);
		if (oid_set_has(&s->by_text, &text))
			oid_set_add(&s->twice, &text);
		oid_set_put(&s->by_text, &text, i);
	}
}

int rebased_open(struct gather *g, const struct facts *f, struct rebased **out,
	struct err *err)
{
	struct rebased *r = ARENA_NEW(g->arena, struct rebased);
	bool any = false;
	size_t u;

	*out = NULL;
	r->g = g;
	r->f = f;
	r->side = arena_get(g->arena, f->push->nup + 1, sizeof(*r->side));
	for (u = 0; u < f->push->nup; u++) {
		side_open(r, u);
		any |= r->side[u].asked;
	}
	if (!any)
		return 0;
	if (repodiff_open(g->repo, &r->diff, err)) {
		rebased_close(r);
		return -1;
	}
	change_numbers(f, &r->change_at);
	*out = r;
	return 0;
}

void rebased_close(struct rebased *r)
{
	size_t u;

	if (!r)
		return;
	for (u = 0; u < r->f->push->nup; u++) {
		oid_set_free(&r->side[u].by_text);
		oid_set_free(&r->side[u].twice);
	}
	oid_set_free(&r->change_at);
	repodiff_close(r->diff);
}

static int walk_one(void *ctx, const struct oid *id, struct err *err)
{
	struct rebased_walk *w = ctx;

	(void)err;
	if (w->n == w->max) {
		w->past = true;
		return -1;
	}
	w->v[w->n++] = *id;
	return 0;
}

int rebased_reach(struct gather *g, const struct oid *from,
	const struct oid *hide, size_t max, struct rebased_walk *w,
	struct err *err)
{
	*w = (struct rebased_walk){.max = max};
	w->v = arena_get(g->arena, max, sizeof(*w->v));
	if (!repo_walk(
		    g->repo, from, 1, hide, hide ? 1 : 0, walk_one, w, err) ||
		w->past)
		return 0;
	return -1;
}

/* Whether something of the series came to the ref since it left it. */
static int landed(struct rebased *r, const struct side *s,
	const struct oid *tip, const struct oid_set *texts, bool *was,
	struct err *err)
{
	struct rebased_walk w;
	size_t i;

	*was = true;
	if (rebased_reach(r->g, &s->before, tip, REBASED_LANDED_MAX, &w, err))
		return -1;
	if (w.past)
		return 0;
	for (i = 0; i < w.n; i++) {
		struct commit c;
		struct oid text;

		if (gather_commit(r->g, &w.v[i], &c, err))
			return -1;
		text = rebased_text(&c);
		if (oid_set_has(texts, &text))
			return 0;
	}
	*was = false;
	return 0;
}

/* One commit of the series and what stands at the same place in the update. */
static int pair(struct rebased *r, const struct commit *was, size_t at,
	bool *same, struct err *err)
{
	const struct commit *is = &r->f->change[at].commit;
	struct oid a = rebased_text(was), b = rebased_text(is);

	*same = false;
	if (was->nparent != 1 || is->nparent != 1 || was->malformed ||
		is->malformed || !oid_eq(&a, &b))
		return 0;
	return repodiff_equal(r->diff,
		&(struct repodiff_step){was->parent[0], was->id},
		&(struct repodiff_step){is->parent[0], is->id}, same, err);
}

static int compare(struct rebased *r, size_t u, const struct rebased_walk *w,
	size_t first, struct rebased_cover *out, struct err *err)
{
	const struct update_fact *uf = &r->f->update[u];
	struct arena *arena = r->g->arena;
	uint64_t *covers = arena_get(arena, BIT_WORDS(uf->nchange), 8);
	struct change *was = arena_get(arena, w->n, sizeof(*was));
	struct oid_set texts = {0};
	size_t at = first, i, k;
	bool same, done = true;
	int ret = -1;

	for (i = 0; i < w->n; i++) {
		struct commit *c = &was[i].commit;
		struct oid text;

		for (k = 0; k < uf->nchange && uf->change[k] != at; k++)
			;
		if (k == uf->nchange ||
			(i && !oid_eq(&was[i - 1].commit.parent[0], &w->v[i])))
			goto none;
		if (gather_commit(r->g, &w->v[i], c, err) ||
			pair(r, c, at, &same, err))
			goto out;
		if (!same)
			goto none;
		bit_set(covers, k);
		text = rebased_text(c);
		oid_set_add(&texts, &text);
		at = oid_set_get(
			&r->change_at, &r->f->change[at].commit.parent[0]);
	}
	if (landed(r, &r->side[u], &w->v[0], &texts, &done, err))
		goto out;
	if (!done)
		*out = (struct rebased_cover){covers, was, w->n};
none:
	ret = 0;
out:
	oid_set_free(&texts);
	return ret;
}

int rebased_may(
	struct rebased *r, const struct oid *commit, bool *out, struct err *err)
{
	struct commit tip;
	struct oid text;
	size_t u;

	*out = false;
	if (!r || repo_type(r->g->repo, commit, NULL) != OBJECT_COMMIT)
		return 0;
	if (gather_commit(r->g, commit, &tip, err))
		return -1;
	text = rebased_text(&tip);
	for (u = 0; u < r->f->push->nup; u++)
		*out |= oid_set_has(&r->side[u].by_text, &text);
	return 0;
}

int rebased_find(struct rebased *r, size_t u, const struct oid *commit,
	struct rebased_cover *out, struct err *err)
{
	const struct side *s = r ? &r->side[u] : NULL;
	struct commit tip;
	struct oid text;
	struct rebased_walk w;
	size_t at;

	*out = (struct rebased_cover){0};
	if (!s || !s->asked ||
		repo_type(r->g->repo, commit, NULL) != OBJECT_COMMIT)
		return 0;
	if (gather_commit(r->g, commit, &tip, err))
		return -1;
	text = rebased_text(&tip);
	at = oid_set_get(&s->by_text, &text);
	if (at == SIZE_MAX || oid_set_has(&s->twice, &text))
		return 0;
	if (rebased_reach(
		    r->g, commit, &s->before, REBASED_COMMITS_MAX, &w, err))
		return -1;
	if (w.past || !w.n || !oid_eq(&w.v[0], commit))
		return 0;
	return compare(r, u, &w, r->f->update[u].change[at], out, err);
}

int rebased_alike(struct rebased *r, size_t u, const struct oid *commit,
	uint64_t **out, struct err *err)
{
	const struct update_fact *uf = &r->f->update[u];
	struct commit c;
	struct oid text, other;
	size_t i;

	*out = NULL;
	if (!r->side[u].asked ||
		repo_type(r->g->repo, commit, NULL) != OBJECT_COMMIT)
		return 0;
	if (gather_commit(r->g, commit, &c, err))
		return -1;
	text = rebased_text(&c);
	if (!oid_set_has(&r->side[u].by_text, &text))
		return 0;
	*out = arena_get(r->g->arena, BIT_WORDS(uf->nchange), sizeof(**out));
	for (i = 0; i < uf->nchange; i++) {
		other = rebased_text(&r->f->change[uf->change[i]].commit);
		if (oid_eq(&other, &text))
			bit_set(*out, i);
	}
	return 0;
}

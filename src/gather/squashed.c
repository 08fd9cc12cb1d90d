#include "gather/squashed.h"

#include "gather/paths.h"
#include "port/repodiff.h"

#define SCRATCH_MAX ((size_t)256 << 20)

/* Of one update. */
struct side {
	bool asked; /* its rules bind to patches and the ref is there */
	bool listed;
	struct oid before;
	struct oid_set recent; /* the newest that the ref reaches */
	int64_t oldest; /* committer's time of the last of them; INT64_MIN:
				* they are all there are */
	struct brought {
		size_t at;             /* in the update's list of commits */
		const char *path;      /* one that it changes */
		struct repo_path made; /* and what it leaves there */
	} new[SQUASHED_NEW_MAX];
	size_t n;
};

struct match {
	size_t u;
	struct oid head;
	uint64_t *covers;
	struct change *was;
	size_t nwas;
};

struct squashed {
	struct gather *g;
	const struct facts *f;
	struct repodiff *diff;
	struct side *side;     /* [nup] */
	struct oid_set looked; /* heads */
	struct oid_set in;     /* commits of the series that were found */
	struct match *match;
	size_t n, cap;
	size_t reads, compared;
};

/* A commit not to be remembered: ${out} is good until ${scratch} is freed,
 * which is the caller's to do, also on failure. */
static int glance(struct squashed *s, const struct oid *id, struct commit *out,
	struct arena **scratch, struct err *err)
{
	struct gather g = *s->g;

	g.arena = *scratch = arena_new(SCRATCH_MAX);
	return gather_commit(&g, id, out, err);
}

static const struct commit *brought(
	const struct squashed *s, size_t u, size_t at)
{
	return &s->f->change[s->f->update[u].change[at]].commit;
}

static void side_open(struct squashed *s, size_t u)
{
	const struct update_fact *uf = &s->f->update[u];
	struct side *side = &s->side[u];
	size_t i;

	if (!uf->rules.approval || !uf->rules.approval->binds_patch)
		return;
	for (i = 0; i < uf->nchange; i++) {
		const struct commit *c = brought(s, u, i);

		if (c->nparent != 1 || c->malformed)
			continue;
		if (side->n == SQUASHED_NEW_MAX) {
			side->n = 0;
			return;
		}
		side->new[side->n++].at = i;
	}
	side->asked = side->n &&
		repo_ref_value(s->g->repo, arena_str(s->g->arena, uf->up->ref),
			&side->before);
}

int squashed_open(struct gather *g, const struct facts *f,
	struct squashed **out, struct err *err)
{
	struct squashed *s = ARENA_NEW(g->arena, struct squashed);
	bool any = false;
	size_t u;

	*out = NULL;
	s->g = g;
	s->f = f;
	s->side = arena_get(g->arena, f->push->nup + 1, sizeof(*s->side));
	for (u = 0; u < f->push->nup; u++) {
		side_open(s, u);
		any |= s->side[u].asked;
	}
	if (!any)
		return 0;
	if (repodiff_open(g->repo, &s->diff, err))
		return -1;
	*out = s;
	return 0;
}

void squashed_close(struct squashed *s)
{
	size_t u;

	if (!s)
		return;
	for (u = 0; u < s->f->push->nup; u++)
		oid_set_free(&s->side[u].recent);
	oid_set_free(&s->looked);
	oid_set_free(&s->in);
	repodiff_close(s->diff);
}

/* What the new commits do at one place, which tells most series apart. */
static int list_new(
	struct squashed *s, size_t u, struct side *side, struct err *err)
{
	size_t i, n = 0;

	for (i = 0; i < side->n; i++) {
		struct brought *b = &side->new[i];
		const struct commit *c = brought(s, u, b->at);

		if (repodiff_first(s->diff,
			    &(struct repodiff_step){c->parent[0], c->id},
			    s->g->arena, &b->path, err) ||
			(b->path &&
				repo_entry_at(s->g->repo, &c->id, b->path,
					&b->made, err)))
			return -1;
		if (b->path)
			side->new[n++] = *b;
	}
	side->n = n;
	return 0;
}

/* Bits: the new commits that have at their place the kind of thing that the
 * head has there, and then those that it brought there since ${base}. */
static int like(struct squashed *s, const struct side *side,
	const struct oid *head, const struct oid *base, unsigned *out,
	struct err *err)
{
	struct repo_path is, was;
	size_t i;

	*out = 0;
	for (i = 0; i < side->n; i++) {
		const struct brought *b = &side->new[i];

		if (repo_entry_at(s->g->repo, head, b->path, &is, err) ||
			(base &&
				repo_entry_at(
					s->g->repo, base, b->path, &was, err)))
			return -1;
		if (is.type == b->made.type && is.mode == b->made.mode &&
			(!base || is.type != was.type || is.mode != was.mode ||
				!oid_eq(&is.oid, &was.oid)))
			*out |= 1u << i;
	}
	return 0;
}

/* The newest commits of the ref, from which whatever is to be squashed must
 * have come. */
static int list_recent(
	struct squashed *s, size_t u, struct side *side, struct err *err)
{
	struct arena *scratch;
	struct rebased_walk w;
	struct commit last;
	size_t i;
	int ret;

	if (side->listed)
		return 0;
	if (rebased_reach(
		    s->g, &side->before, NULL, REBASED_LANDED_MAX, &w, err))
		return -1;
	for (i = 0; i < w.n; i++)
		oid_set_add(&side->recent, &w.v[i]);
	side->oldest = INT64_MIN;
	if (w.past) {
		ret = glance(s, &w.v[w.n - 1], &last, &scratch, err);
		side->oldest = last.committer.time;
		arena_free(scratch);
		if (ret)
			return -1;
	}
	side->listed = true;
	return list_new(s, u, side, err);
}

/* A series as far as the recent commits of the ref. */
struct series {
	struct oid base;
	bool one; /* it left the ref in one place, ${base} */
	bool near;
};

struct tracing {
	const struct side *side;
	struct oid v[REBASED_COMMITS_MAX];
	size_t n;
	struct oid_set seen;
	bool any; /* it came to the ref somewhere */
};

/* False: the series is none that could be squashed. */
static bool trace_parent(
	struct tracing *t, const struct oid *p, struct series *out)
{
	if (oid_set_has(&t->side->recent, p)) {
		out->one &= !t->any || oid_eq(p, &out->base);
		out->base = *p;
		t->any = true;
	} else if (!oid_set_has(&t->seen, p)) {
		if (t->n == REBASED_COMMITS_MAX)
			return false;
		oid_set_add(&t->seen, p);
		t->v[t->n++] = *p;
	}
	return true;
}

static int trace_one(struct squashed *s, struct tracing *t, size_t at,
	struct series *out, bool *go, struct err *err)
{
	struct arena *scratch;
	struct commit c;
	size_t i;
	int ret;

	*go = s->reads++ < SQUASHED_READ_MAX;
	if (!*go)
		return 0;
	ret = glance(s, &t->v[at], &c, &scratch, err);
	if (!ret &&
		(c.malformed || (!at && c.committer.time < t->side->oldest)))
		*go = false;
	for (i = 0; !ret && *go && i < c.nparent; i++)
		*go = trace_parent(t, &c.parent[i], out);
	arena_free(scratch);
	return ret;
}

/* Costs reading the series and no more: most heads are long since done with. */
static int trace(struct squashed *s, const struct side *side,
	const struct oid *head, struct series *out, struct err *err)
{
	struct tracing t = {.side = side, .n = 1};
	bool go = true;
	size_t at;
	int ret = 0;

	*out = (struct series){.one = true};
	t.v[0] = *head;
	oid_set_add(&t.seen, head);
	for (at = 0; !ret && go && at < t.n; at++)
		ret = trace_one(s, &t, at, out, &go, err);
	out->near = go && t.any;
	oid_set_free(&t.seen);
	return ret;
}

/* The one commit of the update that does what the series does; *${found} says
 * whether there is exactly one. */
static int same_step(struct squashed *s, size_t u,
	const struct repodiff_step *was, unsigned which, size_t *at,
	bool *found, struct err *err)
{
	const struct side *side = &s->side[u];
	size_t i, hits = 0;

	*found = false;
	for (i = 0; i < side->n; i++) {
		const struct commit *c = brought(s, u, side->new[i].at);
		bool same;

		if (!(which & 1u << i))
			continue;
		if (repodiff_equal(s->diff, was,
			    &(struct repodiff_step){c->parent[0], c->id}, &same,
			    err))
			return -1;
		if (!same)
			continue;
		hits++;
		*at = side->new[i].at;
	}
	*found = hits == 1;
	return 0;
}

/* Whether the update or the ref has something of the series already. */
static bool in_update(
	const struct squashed *s, size_t u, const struct oid_set *texts)
{
	size_t i;

	for (i = 0; i < s->f->update[u].nchange; i++) {
		struct oid text = rebased_text(brought(s, u, i));

		if (oid_set_has(texts, &text))
			return true;
	}
	return false;
}

static int is_same(struct squashed *s, const struct oid *id,
	const struct repodiff_step *was, const struct oid_set *texts, bool *is,
	struct err *err)
{
	struct repodiff_step step = {.to = *id};
	struct arena *scratch;
	struct commit c;
	struct oid text;
	int ret = glance(s, id, &c, &scratch, err);

	if (!ret) {
		text = rebased_text(&c);
		*is = oid_set_has(texts, &text);
	}
	if (!ret && !*is && c.nparent == 1) {
		step.from = c.parent[0];
		ret = repodiff_equal(s->diff, was, &step, is, err);
	}
	arena_free(scratch);
	return ret;
}

static int landed(struct squashed *s, size_t u, const struct oid *head,
	const struct repodiff_step *was, const struct oid_set *texts, bool *is,
	struct err *err)
{
	struct rebased_walk w;
	size_t i;

	*is = true;
	if (in_update(s, u, texts))
		return 0;
	if (rebased_reach(s->g, &s->side[u].before, head, REBASED_LANDED_MAX,
		    &w, err))
		return -1;
	if (w.past)
		return 0;
	for (i = 0, *is = false; i < w.n && !*is; i++)
		if (is_same(s, &w.v[i], was, texts, is, err))
			return -1;
	return 0;
}

static void keep(struct squashed *s, size_t u, size_t at,
	const struct rebased_walk *w, struct change *was)
{
	struct match *m;
	size_t i;

	s->match = arena_grow(
		s->g->arena, s->match, s->n, &s->cap, sizeof(*s->match));
	m = &s->match[s->n++];
	*m = (struct match){
		.u = u,
		.head = w->v[0],
		.covers = arena_get(s->g->arena,
			BIT_WORDS(s->f->update[u].nchange), sizeof(uint64_t)),
		.was = was,
		.nwas = w->n,
	};
	bit_set(m->covers, at);
	for (i = 0; i < w->n; i++)
		oid_set_add(&s->in, &w->v[i]);
}

/* What stands behind the patch: whose it is, and whether it is new. */
static int settle(struct squashed *s, size_t u, size_t at,
	const struct oid *head, const struct repodiff_step *step,
	struct err *err)
{
	const struct commit *is = brought(s, u, at);
	struct oid_set texts = {0};
	struct rebased_walk w;
	struct change *was;
	bool own = false, done;
	int ret = -1;
	size_t i;

	if (rebased_reach(s->g, head, &s->side[u].before, REBASED_COMMITS_MAX,
		    &w, err))
		return -1;
	if (w.past || !w.n || !oid_eq(&w.v[0], head))
		return 0;
	was = arena_get(s->g->arena, w.n, sizeof(*was));
	for (i = 0; i < w.n; i++) {
		struct commit *c = &was[i].commit;
		struct oid text;

		if (gather_commit(s->g, &w.v[i], c, err))
			goto out;
		if (c->malformed)
			goto none;
		own |= span_eq(c->author.email, is->author.email);
		text = rebased_text(c);
		oid_set_add(&texts, &text);
	}
	if (!own)
		goto none;
	if (landed(s, u, head, step, &texts, &done, err))
		goto out;
	if (!done)
		keep(s, u, at, &w, was);
none:
	ret = 0;
out:
	oid_set_free(&texts);
	return ret;
}

static int look_in(
	struct squashed *s, size_t u, const struct oid *head, struct err *err)
{
	struct side *side = &s->side[u];
	struct repodiff_step step = {.to = *head};
	struct series from;
	unsigned which;
	size_t at = 0;
	bool found;

	if (list_recent(s, u, side, err))
		return -1;
	if (oid_set_has(&side->recent, head))
		return 0;
	if (like(s, side, head, NULL, &which, err))
		return -1;
	if (!which)
		return 0;
	if (trace(s, side, head, &from, err))
		return -1;
	if (!from.near)
		return 0;
	if (!from.one &&
		(s->compared++ >= SQUASHED_COMPARE_MAX ||
			repodiff_base(s->diff, head, &side->before, &from.base,
				&from.one, err)))
		return s->compared > SQUASHED_COMPARE_MAX ? 0 : -1;
	step.from = from.base;
	if (!from.one)
		return 0;
	if (like(s, side, head, &step.from, &which, err))
		return -1;
	if (!which || s->compared++ >= SQUASHED_COMPARE_MAX)
		return 0;
	if (same_step(s, u, &step, which, &at, &found, err))
		return -1;
	return found ? settle(s, u, at, head, &step, err) : 0;
}

int squashed_look(struct squashed *s, const struct oid *head, struct err *err)
{
	size_t u;

	if (!s || oid_set_has(&s->looked, head))
		return 0;
	oid_set_add(&s->looked, head);
	if (repo_type(s->g->repo, head, NULL) != OBJECT_COMMIT)
		return 0;
	for (u = 0; u < s->f->push->nup; u++)
		if (s->side[u].asked && look_in(s, u, head, err))
			return -1;
	return 0;
}

bool squashed_has(const struct squashed *s, const struct oid *commit)
{
	return s && oid_set_has(&s->in, commit);
}

void squashed_find(const struct squashed *s, size_t u, const struct oid *head,
	struct rebased_cover *out)
{
	size_t i;

	*out = (struct rebased_cover){0};
	for (i = 0; s && i < s->n; i++)
		if (s->match[i].u == u && oid_eq(&s->match[i].head, head))
			*out = (struct rebased_cover){s->match[i].covers,
				s->match[i].was, s->match[i].nwas};
}

uint64_t *squashed_from(
	const struct squashed *s, size_t u, const struct oid *commit)
{
	size_t words, i, k, w;
	uint64_t *out = NULL;

	if (!squashed_has(s, commit))
		return NULL;
	words = BIT_WORDS(s->f->update[u].nchange);
	for (i = 0; i < s->n; i++) {
		const struct match *m = &s->match[i];

		for (k = 0; m->u == u && k < m->nwas; k++) {
			if (!oid_eq(&m->was[k].commit.id, commit))
				continue;
			if (!out)
				out = arena_get(
					s->g->arena, words, sizeof(*out));
			for (w = 0; w < words; w++)
				out[w] |= m->covers[w];
		}
	}
	return out;
}

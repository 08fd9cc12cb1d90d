#include "deploy/vanished.h"

#include "base/grow.h"
#include "parse/commit.h"

#define COMMIT_MAX ((uint64_t)64 << 20)
#define COMMIT_ARENA ((size_t)256 << 20)

struct looking {
	struct repo *repo;
	struct arena *a;
	struct vanished *out;
};

static int look_for(
	void *ctx, const struct oid *o, uint64_t entry, struct err *err)
{
	struct looking *l = ctx;
	struct vanished *out = l->out;

	(void)err;
	out->looked_for++;
	if (repo_type(l->repo, o, NULL) != OBJECT_NONE)
		return 0;
	out->v = arena_grow(l->a, out->v, out->n, &out->cap, sizeof(*out->v));
	out->v[out->n++] = (struct vanished_object){*o, entry, false};
	return 0;
}

static struct vanished_object *find(struct vanished *v, const struct oid *o)
{
	size_t lo = 0, hi = v->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = oid_cmp(&v->v[mid].oid, o);

		if (!c)
			return &v->v[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* Commits still to be looked at. */
struct walk {
	struct oid *todo;
	size_t n, cap;
	struct oid_set seen;
};

static void walk_add(struct walk *w, const struct oid *o)
{
	if (oid_set_has(&w->seen, o))
		return;
	oid_set_add(&w->seen, o);
	w->todo = grow(w->todo, w->n, &w->cap, sizeof(*w->todo));
	w->todo[w->n++] = *o;
}

/* What follows from one object; of one that is missing or damaged, nothing. */
static void walk_on(struct walk *w, struct repo *repo, const struct oid *o)
{
	struct arena *a = arena_new(COMMIT_ARENA);
	struct repo_object obj = {0};
	struct err none = ERR_INIT;
	struct commit c;
	struct oid to;
	enum object_type type = repo_type(repo, o, NULL);
	size_t i;

	if (type == OBJECT_TAG && repo_peel(repo, o, &to, &type))
		walk_add(w, &to);
	else if (type == OBJECT_COMMIT &&
		!repo_read(repo, o, COMMIT_MAX, &obj, &none) &&
		!commit_parse(obj.data, o, a, &c, &none))
		for (i = 0; i < c.nparent; i++)
			walk_add(w, &c.parent[i]);
	repo_object_free(&obj);
	arena_free(a);
}

/* From where the refs are to what is missing. */
static void mark_reached(struct repo *repo, const struct repo_ref *refs,
	size_t nrefs, struct vanished *out)
{
	struct walk w = {0};
	struct vanished_object *hit;
	size_t i, left = out->n;

	for (i = 0; i < nrefs; i++)
		walk_add(&w, &refs[i].oid);
	while (w.n && left) {
		struct oid o = w.todo[--w.n];

		hit = find(out, &o);
		if (!hit) {
			walk_on(&w, repo, &o);
			continue;
		}
		hit->needed = true;
		left--;
	}
	oid_set_free(&w.seen);
	free(w.todo);
}

/* Whether a ref that the entry moved went round the gate since. */
static int went_round(struct index *ix, uint64_t entry, const struct gaps *gaps,
	struct arena *a, bool *yes, struct err *err)
{
	struct index_row row;
	size_t i, k;

	*yes = false;
	if (index_entry(ix, entry, a, &row, err))
		return -1;
	for (i = 0; i < row.nupdate; i++)
		for (k = 0; k < gaps->n; k++)
			if ((gaps->v[k].kind == GAP_MOVED ||
				    gaps->v[k].kind == GAP_EARLIER ||
				    gaps->v[k].kind == GAP_DELETED) &&
				span_eq(gaps->v[k].ref, row.update[i].ref))
				*yes = true;
	return 0;
}

static int mark_taken(struct index *ix, const struct gaps *gaps,
	struct arena *a, struct vanished *out, struct err *err)
{
	uint64_t asked = ENTRY_NONE;
	bool yes = false;
	size_t i;

	for (i = 0; i < out->n && gaps->n; i++) {
		if (out->v[i].needed)
			continue;
		if (out->v[i].entry != asked &&
			went_round(ix, out->v[i].entry, gaps, a, &yes, err))
			return -1;
		asked = out->v[i].entry;
		out->v[i].needed = yes;
	}
	return 0;
}

int vanished_find(struct index *ix, struct span repository, struct repo *repo,
	const struct repo_ref *refs, size_t nrefs, const struct gaps *gaps,
	struct arena *a, struct vanished *out, struct err *err)
{
	struct looking l = {repo, a, out};

	*out = (struct vanished){0};
	if (index_objects(ix, repository, look_for, &l, err))
		return -1;
	if (!out->n)
		return 0;
	mark_reached(repo, refs, nrefs, out);
	return mark_taken(ix, gaps, a, out, err);
}

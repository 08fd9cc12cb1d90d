/* Trees before and after: where names came that may collide with others. */
#include "gather/paths.h"
#include "parse/tree.h"

#define TREE_MAX (64u * 1024 * 1024) /* bytes of one tree */
#define DEPTH_MAX 256
#define ENTRY_MIN (3 + OID_RAW) /* bytes: a mode, a blank, a NUL, an id */

struct walk {
	struct gather *g;
	struct update_fact *uf;
	struct buf path;
	uint64_t *visited; /* of the push */
	size_t cap;
	struct err *err;
};

/* A tree in memory, its entries sorted by name. */
struct listing {
	struct repo_object obj;
	struct tree_entry *v;
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	return span_cmp(((const struct tree_entry *)a)->name,
		((const struct tree_entry *)b)->name);
}

static void listing_free(struct listing *l)
{
	repo_object_free(&l->obj);
	free(l->v);
	memset(l, 0, sizeof(*l));
}

static int listing_read(
	struct walk *w, const struct oid *tree, struct listing *out)
{
	struct tree_entry e;
	struct span rest;
	size_t cap;
	int more;

	memset(out, 0, sizeof(*out));
	if (repo_read(w->g->repo, tree, TREE_MAX, &out->obj, w->err))
		return -1;
	rest = out->obj.data;
	cap = rest.n / ENTRY_MIN + 1;
	out->v = calloc(cap, sizeof(*out->v));
	if (!out->v)
		die("out of memory");
	while ((more = tree_next(&rest, &e, w->err)) == 1 && out->n < cap)
		out->v[out->n++] = e;
	if (more)
		return -1;
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_name);
	*w->visited += out->n;
	if (*w->visited > GATHER_PATHS_MAX)
		return err_set(w->err, ERR_LIMIT, "more than %d changed paths",
			GATHER_PATHS_MAX);
	return 0;
}

static const struct tree_entry *find(
	const struct listing *l, const struct tree_entry *e)
{
	return l->n ? bsearch(e, l->v, l->n, sizeof(*l->v), by_name) : NULL;
}

/* The folder as a fact, if it has a name that is new. */
static void note(
	struct walk *w, const struct listing *now, const struct listing *was)
{
	struct update_fact *uf = w->uf;
	struct arena *arena = w->g->arena;
	struct folder_fact *to;
	size_t i;

	for (i = 0; i < now->n && find(was, &now->v[i]); i++)
		continue;
	if (i == now->n || now->n < 2)
		return;
	uf->folder = arena_grow(
		arena, uf->folder, uf->nfolder, &w->cap, sizeof(*uf->folder));
	to = &uf->folder[uf->nfolder++];
	to->path = arena_copy(arena, buf_all(&w->path));
	to->entry = arena_get(arena, now->n, sizeof(*to->entry));
	to->n = now->n;
	for (i = 0; i < now->n; i++) {
		to->entry[i].name = arena_copy(arena, now->v[i].name);
		to->entry[i].fresh = !find(was, &now->v[i]);
	}
}

static int compare(struct walk *w, const struct oid *now_id,
	const struct oid *was_id, unsigned depth);

static int below(struct walk *w, const struct tree_entry *e,
	const struct listing *was, unsigned depth)
{
	const struct tree_entry *old = find(was, e);
	size_t n = w->path.n;
	int ret;

	if (tree_type(e->mode) != OBJECT_TREE)
		return 0;
	if (old && tree_type(old->mode) != OBJECT_TREE)
		old = NULL;
	if (old && oid_eq(old->id, e->id))
		return 0;
	buf_span(&w->path, e->name);
	buf_byte(&w->path, '/');
	if (buf_check(&w->path, "a path in a tree", w->err))
		return -1;
	ret = compare(w, e->id, old ? old->id : NULL, depth + 1);
	w->path.n = n;
	return ret;
}

static int compare(struct walk *w, const struct oid *now_id,
	const struct oid *was_id, unsigned depth)
{
	struct listing now = {0}, was = {0};
	size_t i;
	int ret = -1;

	if (depth > DEPTH_MAX)
		return err_set(w->err, ERR_LIMIT,
			"a tree is more than %d folders deep", DEPTH_MAX);
	if (listing_read(w, now_id, &now) ||
		(was_id && listing_read(w, was_id, &was)))
		goto out;
	note(w, &now, &was);
	for (i = 0; i < now.n; i++)
		if (below(w, &now.v[i], &was, depth))
			goto out;
	ret = 0;
out:
	listing_free(&now);
	listing_free(&was);
	return ret;
}

/* The commit whose tree the update starts from; false: from nothing. */
static bool start(struct gather *g, const struct facts *f,
	const struct update_fact *uf, const struct oid *tip,
	const struct oid_set *change_at, struct oid *out)
{
	enum object_type type;
	size_t at;

	if (uf->movement != MOVEMENT_CREATE)
		return repo_peel(g->repo, &uf->up->old, out, &type) &&
			type == OBJECT_COMMIT;
	*out = *tip;
	while ((at = oid_set_get(change_at, out)) != SIZE_MAX) {
		const struct commit *c = &f->change[at].commit;

		if (!c->nparent)
			return false;
		*out = c->parent[0];
	}
	return true;
}

static int of_update(struct walk *w, const struct facts *f,
	const struct oid *tip, const struct oid_set *change_at)
{
	struct commit now, was;
	struct oid from;
	bool any = start(w->g, f, w->uf, tip, change_at, &from);

	if (gather_commit(w->g, tip, &now, w->err) ||
		(any && gather_commit(w->g, &from, &was, w->err)))
		return -1;
	if (any && oid_eq(&now.tree, &was.tree))
		return 0;
	return compare(w, &now.tree, any ? &was.tree : NULL, 0);
}

int gather_folders(struct gather *g, struct facts *f, const struct oid *tip,
	const struct oid_set *change_at, struct err *err)
{
	uint64_t visited = 0;
	size_t u;

	for (u = 0; u < f->push->nup; u++) {
		struct update_fact *uf = &f->update[u];
		struct walk w = {
			.g = g,
			.uf = uf,
			.path = BUF_INIT(65536),
			.visited = &visited,
			.err = err,
		};
		int ret;

		if (!uf->rules.file || !uf->rules.file->deny_case ||
			uf->silent || uf->movement == MOVEMENT_DELETE ||
			uf->last != OBJECT_COMMIT ||
			span_starts(uf->up->ref, SPAN_LIT("refs/sluice/")))
			continue;
		ret = of_update(&w, f, &tip[u], change_at);
		buf_free(&w.path);
		if (ret)
			return err_in_update(f, u, err);
	}
	return 0;
}

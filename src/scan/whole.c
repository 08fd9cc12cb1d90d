#include "scan/whole.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/grow.h"
#include "parse/tree.h"
#include "scan/ancestry.h"
#include "scan/reach.h"

#define TEXT_MAX ((size_t)512 << 20) /* paths that are told */
#define PLACES_MAX 4000000
#define TREE_MAX ((uint64_t)1 << 30)
#define COMMIT_MAX ((uint64_t)64 << 20)
#define ARENA_MAX ((size_t)64 << 20) /* hits of one path */

enum kind {
	MESSAGE,
	PATH,
	BLOB
};

/* Something to be told: at a place in the order of commits. Place 0 is what
 * hangs on no commit. */
struct event {
	uint32_t when;
	enum kind kind;
	uint32_t object;
	uint32_t prefix, name;
	struct span path;
};

struct whole {
	struct history *h;
	const struct whole_setup *setup;
	struct packlist *packs;
	struct census census;
	struct ancestry_part *part; /* [workers], and one for loose ones */
	struct ancestry commits;
	uint32_t *order; /* places in commits.v */
	size_t norder;
	uint32_t *when; /* [commits.n] 1 + the place in order, or 0 */
	struct treebook book;
	struct reach reach;
	uint32_t now;
	struct event *event;
	size_t nevent, eventcap;
	struct arena *arena;
	struct buf text;
	atomic_size_t done; /* objects in packs, of all but the trees */
	size_t all;
};

static struct event *event_new(struct whole *w)
{
	w->event = grow(w->event, w->nevent, &w->eventcap, sizeof(*w->event));
	memset(&w->event[w->nevent], 0, sizeof(*w->event));
	return &w->event[w->nevent++];
}

static int on_seen(void *ctx, unsigned worker, const struct packwalk_object *o,
	struct err *err)
{
	struct whole *w = ctx;
	struct err none = ERR_INIT;

	(void)err;
	if (w->setup->progress) {
		size_t done = atomic_fetch_add(&w->done, 1) + 1;

		/* The first thread is the caller's own. */
		if (!worker)
			w->setup->progress(
				w->setup->progress_ctx, done, w->all);
	}
	/* A commit that is none is missed when something leads to it. */
	if (o->type == OBJECT_COMMIT && o->bytes &&
		ancestry_note(&w->part[worker], &w->census,
			census_in_pack(&w->census, o->pack, o->number),
			span_of(o->bytes, o->n), &none))
		return 0;
	return 0;
}

/* What prescan's calls of was_there and seen are given is one thing. */
static bool was_there(void *ctx, const struct oid *id)
{
	const struct whole *w = ctx;

	return w->setup->was_there(w->setup->ctx, id);
}

static struct span have(void *ctx, const struct oid *id)
{
	const struct whole *w = ctx;

	return w->setup->have(w->setup->ctx, id);
}

static size_t count_scanned(const struct packlist *l)
{
	size_t i, n = 0;
	uint32_t j;

	for (i = 0; i < l->n; i++)
		for (j = 0; j < l->v[i].n; j++)
			n += l->v[i].type[j] != OBJECT_TREE;
	return n;
}

static int scan_packs(struct whole *w, struct err *err)
{
	const struct prescan_setup setup = {.inspector = w->h->inspector,
		.pack = w->packs->v,
		.npacks = w->packs->n,
		.workers = w->setup->workers,
		.max = w->h->max,
		.was_there = w->setup->was_there ? was_there : NULL,
		.have = w->setup->have ? have : NULL,
		.seen = on_seen,
		.ctx = w};

	if (w->setup->progress)
		w->all = count_scanned(w->packs);
	if (prescan_run(&setup, &w->h->prescan, err))
		return -1;
	w->h->objects += prescan_objects(w->h->prescan);
	w->h->bytes += prescan_bytes(w->h->prescan);
	return 0;
}

/* Numbers to be looked at, each once. */
struct todo {
	struct pairmap seen;
	uint32_t *v;
	size_t n, cap;
};

static void todo_add(struct todo *t, uint32_t number)
{
	uint32_t *at = pairmap_at(&t->seen, 0, number);

	if (*at != PAIRMAP_NONE)
		return;
	*at = 1;
	t->v = grow(t->v, t->n, &t->cap, sizeof(*t->v));
	t->v[t->n++] = number;
}

static void todo_loose(struct whole *w, struct todo *t,
	const struct ancestry_part *p, size_t from)
{
	size_t i;

	for (i = from; i < p->nparent; i++)
		if (p->parent[i] >= w->census.npacked)
			todo_add(t, p->parent[i]);
}

/* Commits in no pack, by what leads to them. One that cannot be read is missed
 * later. */
static void read_loose_commits(
	struct whole *w, const uint32_t *tips, size_t ntips)
{
	struct ancestry_part *own = &w->part[w->setup->workers];
	struct todo t = {0};
	size_t i, parents;

	for (i = 0; i < w->setup->workers; i++)
		todo_loose(w, &t, &w->part[i], 0);
	for (i = 0; i < ntips; i++)
		if (tips[i] >= w->census.npacked)
			todo_add(&t, tips[i]);
	while (t.n) {
		uint32_t number = t.v[--t.n];
		struct repo_object obj = {0};
		struct err none = ERR_INIT;
		struct oid id;

		census_id(&w->census, number, &id);
		parents = own->nparent;
		if (!repo_read(w->h->repo, &id, COMMIT_MAX, &obj, &none) &&
			obj.type == OBJECT_COMMIT &&
			!ancestry_note(
				own, &w->census, number, obj.data, &none))
			todo_loose(w, &t, own, parents);
		repo_object_free(&obj);
	}
	pairmap_free(&t.seen);
	free(t.v);
}

static int order_commits(struct whole *w, struct err *err)
{
	uint32_t *tip = calloc(w->setup->ntips + 1, sizeof(*tip)), missing = 0;
	char hex[OID_HEX + 1];
	struct oid id;
	size_t i, n = 0;
	int ret = 0;

	if (!tip)
		die("out of memory");
	for (i = 0; i < w->setup->ntips; i++)
		if (w->setup->all_commits ||
			repo_type(w->h->repo, &w->setup->tips[i], NULL) ==
				OBJECT_COMMIT)
			tip[n++] =
				census_number(&w->census, &w->setup->tips[i]);
	read_loose_commits(w, tip, n);
	ancestry_join(&w->commits, w->part, w->setup->workers + 1u);
	if (!ancestry_order(
		    &w->commits, tip, n, &w->order, &w->norder, &missing)) {
		census_id(&w->census, missing, &id);
		ret = err_set(err, ERR_REPO,
			"the history is not whole: commit %s is missing or "
			"damaged",
			oid_hex(&id, hex));
	}
	w->when = calloc(w->commits.n + 1, sizeof(*w->when));
	if (!w->when)
		die("out of memory");
	for (i = 0; i < w->norder; i++)
		w->when[w->order[i]] = (uint32_t)i + 1;
	free(tip);
	return ret;
}

static int on_found(
	void *ctx, const struct oid *id, enum object_type type, struct err *err)
{
	struct whole *w = ctx;
	uint32_t number = census_number(&w->census, id);
	struct event *e;
	size_t at;

	(void)err;
	if (type != OBJECT_COMMIT) {
		treebook_ask(&w->book, number);
		return 0;
	}
	at = ancestry_find(&w->commits, number);
	if (at == SIZE_MAX || !w->when[at])
		return 0;
	e = event_new(w);
	e->when = w->when[at];
	e->kind = MESSAGE;
	e->object = number;
	return 0;
}

static int read_trees(struct whole *w, struct err *err)
{
	size_t i;

	treebook_open(&w->book, &w->census, w->setup->workers);
	if (prescan_each(w->h->prescan, on_found, w, err))
		return -1;
	for (i = 0; i < w->packs->n; i++)
		if (treebook_walk(&w->book, &w->packs->v[i], err))
			return -1;
	return 0;
}

static int read_tree(void *ctx, uint32_t tree, struct err *err)
{
	struct whole *w = ctx;
	struct repo_object obj = {0};
	struct oid id;
	int ret = -1;

	census_id(&w->census, tree, &id);
	if (repo_read(w->h->repo, &id, TREE_MAX, &obj, err))
		return err_in(err, "cannot read a tree");
	if (obj.type == OBJECT_TREE)
		ret = treebook_add(&w->book, tree, obj.data, err);
	else
		err_set(err, ERR_REPO, "what should be a tree is none");
	repo_object_free(&obj);
	return ret;
}

/* What stands at a name in a tree. */
static int look_up(struct whole *w, uint32_t tree, uint32_t name,
	struct oid *out, struct err *err)
{
	struct span want = treebook_name(&w->book, name), rest;
	struct repo_object obj = {0};
	struct tree_entry e;
	struct oid id;
	int ret = -1;

	census_id(&w->census, tree, &id);
	if (repo_read(w->h->repo, &id, TREE_MAX, &obj, err))
		return err_in(err, "cannot read a tree");
	rest = obj.data;
	while (ret && tree_next(&rest, &e, err) == 1) {
		if (!span_eq(e.name, want))
			continue;
		*out = *e.id;
		ret = 0;
	}
	if (ret && err->code == ERR_NONE)
		err_set(err, ERR_REPO, "a tree changed while it was read");
	repo_object_free(&obj);
	return ret;
}

static int on_path(void *ctx, uint32_t tree, uint32_t prefix, uint32_t name,
	struct err *err)
{
	struct whole *w = ctx;
	struct arena *arena;
	struct scan_result r;
	struct event *e;
	struct oid id;
	int ret = -1;

	buf_reset(&w->text);
	reach_path(&w->reach, prefix, name, &w->text);
	if (buf_check(&w->text, "a path in a tree", err))
		return -1;
	arena = arena_new(ARENA_MAX);
	if (inspect_path(w->h->inspector, buf_all(&w->text), arena, &r, err))
		goto out;
	if (r.nhit || r.outcome != SCAN_DONE) {
		if (look_up(w, tree, name, &id, err))
			goto out;
		e = event_new(w);
		e->when = w->now;
		e->kind = PATH;
		e->object = census_number(&w->census, &id);
		e->path = arena_copy(w->arena, buf_all(&w->text));
	}
	ret = 0;
out:
	arena_free(arena);
	return ret;
}

static int follow(struct whole *w, struct err *err)
{
	size_t i;

	w->reach = (struct reach){
		.book = &w->book, .path = on_path, .read = read_tree, .ctx = w};
	reach_open(&w->reach);
	for (i = 0; !w->setup->all_commits && i < w->setup->ntips; i++) {
		const struct oid *tip = &w->setup->tips[i];

		if (repo_type(w->h->repo, tip, NULL) == OBJECT_TREE &&
			reach_enter(&w->reach, census_number(&w->census, tip),
				0, err))
			return -1;
	}
	for (i = 0; i < w->norder; i++) {
		const struct ancestor *c = &w->commits.v[w->order[i]];

		w->now = (uint32_t)i + 1;
		if (reach_enter(&w->reach, c->tree, w->now, err))
			return -1;
		if (c->commit >= w->census.npacked) {
			struct event *e = event_new(w);

			e->when = w->now;
			e->kind = MESSAGE;
			e->object = c->commit;
		}
	}
	return 0;
}

/* The same object at the same path in one tree after the other: one event, for
 * the first commit. Others like it are found by sorting. */
static int add_place(struct whole *w, size_t from,
	const struct treebook_run *run, const struct reach_visit *v,
	struct err *err)
{
	struct event *last = w->nevent > from ? &w->event[w->nevent - 1] : NULL;

	if (last && last->prefix == v->prefix) {
		if (v->commit < last->when)
			last->when = v->commit;
		return 0;
	}
	if (w->nevent == PLACES_MAX)
		return err_set(err, ERR_LIMIT,
			"what was found stands at more than %d places",
			PLACES_MAX);
	*event_new(w) = (struct event){
		v->commit, BLOB, run->object, v->prefix, run->name, SPAN_EMPTY};
	return 0;
}

static int add_run(struct whole *w, const struct treebook_sight *s,
	const struct treebook_run *run, struct err *err)
{
	size_t from = w->nevent;
	uint32_t i, at;

	for (i = run->first; i <= run->last; i++) {
		at = reach_visits(&w->reach, s->tree[i]);
		for (; at != REACH_NONE; at = w->reach.visit[at].next)
			if (add_place(w, from, run, &w->reach.visit[at], err))
				return -1;
	}
	return 0;
}

static int by_place(const void *x, const void *y)
{
	const struct event *a = x, *b = y;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	if (a->when != b->when)
		return a->when < b->when ? -1 : 1;
	return 0;
}

/* Of the runs of one object at one path the first commit. */
static void settle_places(struct whole *w)
{
	size_t i, n = 0;

	if (w->nevent)
		qsort(w->event, w->nevent, sizeof(*w->event), by_place);
	for (i = 0; i < w->nevent; i++) {
		struct event *e = &w->event[i], *last = &w->event[n - 1];

		if (n && e->kind == BLOB && last->kind == BLOB &&
			e->object == last->object &&
			e->prefix == last->prefix && e->name == last->name)
			continue;
		if (e->kind == BLOB) {
			buf_reset(&w->text);
			reach_path(&w->reach, e->prefix, e->name, &w->text);
			e->path = arena_copy(w->arena, buf_all(&w->text));
		}
		w->event[n++] = *e;
	}
	w->nevent = n;
}

static int by_time(const void *x, const void *y)
{
	const struct event *a = x, *b = y;
	int c;

	if (a->when != b->when)
		return a->when < b->when ? -1 : 1;
	if ((a->kind == MESSAGE) != (b->kind == MESSAGE))
		return a->kind == MESSAGE ? -1 : 1;
	c = span_cmp(a->path, b->path);
	if (c)
		return c;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->object < b->object ? -1 : a->object > b->object;
}

static int tell(struct whole *w, const struct event *e, struct err *err)
{
	struct oid id, commit;
	const struct oid *by = NULL;

	census_id(&w->census, e->object, &id);
	if (e->when) {
		census_id(&w->census,
			w->commits.v[w->order[e->when - 1]].commit, &commit);
		by = &commit;
	}
	switch (e->kind) {
	case MESSAGE:
		return history_message(w->h, &id, by, OBJECT_COMMIT, err);
	case PATH:
		return history_path(w->h, &id, by, e->path, err);
	case BLOB:
		break;
	}
	return history_blob(w->h, &id, by, e->path, err);
}

static int tell_all(struct whole *w, struct err *err)
{
	unsigned i;
	uint32_t j;
	size_t k;

	for (i = 0; i < w->book.workers; i++) {
		const struct treebook_sight *s = &w->book.sight[i];

		for (j = 0; j < s->nrun; j++)
			if (add_run(w, s, &s->run[j], err))
				return -1;
	}
	settle_places(w);
	if (w->nevent)
		qsort(w->event, w->nevent, sizeof(*w->event), by_time);
	for (k = 0; k < w->nevent; k++)
		if (tell(w, &w->event[k], err))
			return -1;
	return 0;
}

static void close_all(struct whole *w)
{
	size_t i;

	for (i = 0; i <= w->setup->workers; i++)
		ancestry_part_free(&w->part[i]);
	free(w->part);
	ancestry_free(&w->commits);
	free(w->order);
	free(w->when);
	reach_close(&w->reach);
	treebook_close(&w->book);
	census_close(&w->census);
	free(w->event);
	arena_free(w->arena);
	buf_free(&w->text);
}

unsigned whole_workers(unsigned max)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 1)
		n = 1;
	return n > (long)max ? max : (unsigned)n;
}

int whole_scan(
	struct history *h, const struct whole_setup *setup, struct err *err)
{
	struct whole_setup fixed = *setup;
	struct whole w = {.h = h,
		.setup = &fixed,
		.packs = setup->packs,
		.arena = arena_new(TEXT_MAX),
		.text = BUF_INIT(65536)};
	int ret = -1;

	if (!fixed.workers)
		fixed.workers = 1;
	if (fixed.workers > PACKWALK_WORKERS_MAX)
		fixed.workers = PACKWALK_WORKERS_MAX;
	w.part = calloc(fixed.workers + 1u, sizeof(*w.part));
	if (!w.part)
		die("out of memory");
	if (!census_open(&w.census, w.packs->v, w.packs->n, err) &&
		!scan_packs(&w, err) && !order_commits(&w, err) &&
		!read_trees(&w, err) && !follow(&w, err) && !tell_all(&w, err))
		ret = 0;
	close_all(&w);
	return ret;
}

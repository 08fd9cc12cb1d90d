#include "gather/commitbook.h"

#include "base/arena.h"
#include "base/grow.h"
#include "parse/commit.h"
#include "scan/packwalk.h"

#define ARENA_MAX ((size_t)2 << 30) /* of a thread; the judge has its limit */

struct page {
	struct commit commit;
	size_t size; /* of the object */
};

struct part {
	struct arena *arena;
	struct page *v;
	size_t n, cap;
};

struct commitbook {
	const struct arrived *arrived;
	struct part part[PACKWALK_WORKERS_MAX];
	unsigned workers;
	const struct page **v;
	size_t n;
	struct oid_set at; /* name -> place in v */
};

static int on_object(void *ctx, unsigned worker,
	const struct packwalk_object *o, struct err *err)
{
	struct commitbook *b = ctx;
	struct part *p = &b->part[worker];
	struct err none = ERR_INIT;

	(void)err;
	if (o->type != OBJECT_COMMIT || !o->bytes ||
		!arrived_packed(b->arrived, o->id))
		return 0;
	p->v = grow(p->v, p->n, &p->cap, sizeof(*p->v));
	memset(&p->v[p->n], 0, sizeof(*p->v));
	p->v[p->n].size = o->n;
	if (!commit_parse(span_of(o->bytes, o->n), o->id, p->arena,
		    &p->v[p->n].commit, &none))
		p->n++;
	return 0;
}

static void join(struct commitbook *b)
{
	size_t k, all = 0;
	unsigned i;

	for (i = 0; i < b->workers; i++)
		all += b->part[i].n;
	b->v = calloc(all + 1, sizeof(*b->v));
	if (!b->v)
		die("out of memory");
	oid_set_reserve(&b->at, all);
	for (i = 0; i < b->workers; i++) {
		const struct part *p = &b->part[i];

		for (k = 0; k < p->n; k++) {
			b->v[b->n] = &p->v[k];
			oid_set_put(&b->at, &p->v[k].commit.id, b->n++);
		}
	}
}

struct commitbook *commitbook_read(struct packlist *packs,
	const struct arrived *arrived, unsigned workers, uint64_t max)
{
	struct commitbook *b = calloc(1, sizeof(*b));
	const struct packwalk walk = {.types = 1u << OBJECT_COMMIT,
		.workers = workers,
		.max = max,
		.object = on_object,
		.ctx = b};
	struct err none = ERR_INIT;
	unsigned i;
	size_t k;

	if (!b)
		die("out of memory");
	b->arrived = arrived;
	b->workers = workers ? workers : 1;
	if (b->workers > PACKWALK_WORKERS_MAX)
		b->workers = PACKWALK_WORKERS_MAX;
	for (i = 0; i < b->workers; i++)
		b->part[i].arena = arena_new(ARENA_MAX);
	for (k = 0; k < packs->n; k++)
		if (packwalk_run(&walk, &packs->v[k], &none))
			break; /* it never asks to stop */
	join(b);
	return b;
}

void commitbook_free(struct commitbook *b)
{
	unsigned i;

	if (!b)
		return;
	for (i = 0; i < b->workers; i++) {
		arena_free(b->part[i].arena);
		free(b->part[i].v);
	}
	free(b->v);
	oid_set_free(&b->at);
	free(b);
}

static size_t place(const struct commitbook *b, const struct oid *id)
{
	return b ? oid_set_get(&b->at, id) : SIZE_MAX;
}

const struct commit *commitbook_find(
	const struct commitbook *b, const struct oid *id)
{
	size_t at = place(b, id);

	return at == SIZE_MAX ? NULL : &b->v[at]->commit;
}

struct span commitbook_bytes(const struct commitbook *b, const struct oid *id)
{
	size_t at = place(b, id);
	struct span all = SPAN_EMPTY;

	if (at != SIZE_MAX)
		all = b->v[at]->commit.sig.payload;
	return all.n && all.n == b->v[at]->size ? all : SPAN_EMPTY;
}

struct walk {
	const struct commitbook *b;
	const struct oid_set *hidden;
	bool *seen;    /* [b->n] */
	size_t *to_do; /* places of those that were met and not told */
	size_t n, cap;
	bool whole;
};

static void meet(struct walk *w, const struct oid *id)
{
	size_t at = place(w->b, id);

	if (oid_set_has(w->hidden, id))
		return;
	if (at == SIZE_MAX) {
		w->whole = false;
		return;
	}
	if (w->seen[at])
		return;
	w->seen[at] = true;
	w->to_do = grow(w->to_do, w->n, &w->cap, sizeof(*w->to_do));
	w->to_do[w->n++] = at;
}

int commitbook_walk(const struct commitbook *b, const struct oid *from,
	size_t n, const struct oid_set *hidden,
	int (*each)(void *ctx, const struct oid *id, struct err *err),
	void *ctx, bool *whole, struct err *err)
{
	struct walk w = {.b = b, .hidden = hidden, .whole = true};
	int ret = 0;
	size_t i;

	w.seen = calloc(b->n + 1, sizeof(*w.seen));
	if (!w.seen)
		die("out of memory");
	for (i = 0; i < n; i++)
		meet(&w, &from[i]);
	while (!ret && w.whole && w.n) {
		const struct commit *c = &b->v[w.to_do[--w.n]]->commit;

		ret = each(ctx, &c->id, err);
		for (i = 0; i < c->nparent; i++)
			meet(&w, &c->parent[i]);
	}
	*whole = w.whole;
	free(w.seen);
	free(w.to_do);
	return ret;
}

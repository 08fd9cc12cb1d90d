#include "gather/commitbook.h"

#include "base/arena.h"
#include "base/grow.h"
#include "parse/commit.h"
#include "scan/packwalk.h"

#define ARENA_MAX ((size_t)2 << 30) /* of a thread; the judge has its limit */

struct part {
	struct arena *arena;
	struct commit *v;
	size_t n, cap;
};

struct commitbook {
	const struct arrived *arrived;
	struct part part[PACKWALK_WORKERS_MAX];
	unsigned workers;
	const struct commit **v;
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
	if (!commit_parse(span_of(o->bytes, o->n), o->id, p->arena, &p->v[p->n],
		    &none))
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
			oid_set_put(&b->at, &p->v[k].id, b->n++);
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

	return at == SIZE_MAX ? NULL : b->v[at];
}

/* What is to be told: a heap, the youngest on top, of the same time the first
 * that was met. */
struct met {
	int64_t time;
	size_t turn, at;
};

struct walk {
	const struct commitbook *b;
	const struct oid_set *hidden;
	bool *seen; /* [b->n] */
	struct met *heap;
	size_t n, cap, turns;
	bool whole;
};

static bool before(const struct met *x, const struct met *y)
{
	return x->time != y->time ? x->time > y->time : x->turn < y->turn;
}

static void swap(struct met *x, struct met *y)
{
	struct met was = *x;

	*x = *y;
	*y = was;
}

static void meet(struct walk *w, const struct oid *id)
{
	size_t at = place(w->b, id), i;

	if (oid_set_has(w->hidden, id))
		return;
	if (at == SIZE_MAX) {
		w->whole = false;
		return;
	}
	if (w->seen[at])
		return;
	w->seen[at] = true;
	w->heap = grow(w->heap, w->n, &w->cap, sizeof(*w->heap));
	i = w->n++;
	w->heap[i] = (struct met){w->b->v[at]->committer.time, w->turns++, at};
	for (; i && before(&w->heap[i], &w->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(&w->heap[i], &w->heap[(i - 1) / 2]);
}

static const struct commit *next(struct walk *w)
{
	size_t top = w->heap[0].at, i = 0, first;

	w->heap[0] = w->heap[--w->n];
	for (;;) {
		size_t left = 2 * i + 1, right = left + 1;

		first = i;
		if (left < w->n && before(&w->heap[left], &w->heap[first]))
			first = left;
		if (right < w->n && before(&w->heap[right], &w->heap[first]))
			first = right;
		if (first == i)
			return w->b->v[top];
		swap(&w->heap[i], &w->heap[first]);
		i = first;
	}
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
		const struct commit *c = next(&w);

		ret = each(ctx, &c->id, err);
		for (i = 0; i < c->nparent; i++)
			meet(&w, &c->parent[i]);
	}
	*whole = w.whole;
	free(w.seen);
	free(w.heap);
	return ret;
}

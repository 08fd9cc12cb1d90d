#include "gather/arrange.h"

struct arranging {
	const struct change *v;
	size_t *heap; /* numbers of those all whose children are placed */
	size_t n;
};

static bool before(const struct arranging *a, size_t x, size_t y)
{
	const struct commit *c = &a->v[x].commit, *d = &a->v[y].commit;

	return c->committer.time != d->committer.time
		? c->committer.time > d->committer.time
		: oid_cmp(&c->id, &d->id) < 0;
}

static void swap(size_t *x, size_t *y)
{
	size_t was = *x;

	*x = *y;
	*y = was;
}

static void push(struct arranging *a, size_t one)
{
	size_t i = a->n++;

	a->heap[i] = one;
	for (; i && before(a, a->heap[i], a->heap[(i - 1) / 2]);
		i = (i - 1) / 2)
		swap(&a->heap[i], &a->heap[(i - 1) / 2]);
}

static size_t pop(struct arranging *a)
{
	size_t top = a->heap[0], i = 0, first;

	a->heap[0] = a->heap[--a->n];
	for (;;) {
		size_t left = 2 * i + 1, right = left + 1;

		first = i;
		if (left < a->n && before(a, a->heap[left], a->heap[first]))
			first = left;
		if (right < a->n && before(a, a->heap[right], a->heap[first]))
			first = right;
		if (first == i)
			return top;
		swap(&a->heap[i], &a->heap[first]);
		i = first;
	}
}

/* The parents that are changes too: those of change i are
 * ${of}[${from}[i]] to ${of}[${from}[i + 1] - 1]. */
struct parents {
	size_t *from, *of;
};

static struct parents parents_of(
	const struct facts *f, const struct oid_set *at, struct arena *arena)
{
	size_t i, k, one, all = 0, n = 0;
	struct parents p;

	for (i = 0; i < f->nchange; i++)
		all += f->change[i].commit.nparent;
	p.from = arena_get(arena, f->nchange + 1, sizeof(*p.from));
	p.of = arena_get(arena, all + 1, sizeof(*p.of));
	for (i = 0; i < f->nchange; i++) {
		const struct commit *c = &f->change[i].commit;

		for (k = 0; k < c->nparent; k++) {
			one = oid_set_get(at, &c->parent[k]);
			if (one != SIZE_MAX)
				p.of[n++] = one;
		}
		p.from[i + 1] = n;
	}
	return p;
}

/* ${to}[i] becomes the new number of change ${i}. */
static void number(const struct facts *f, const struct oid_set *at, size_t *to,
	struct arena *arena)
{
	struct arranging a = {
		f->change, arena_get(arena, f->nchange, sizeof(*a.heap)), 0};
	size_t *children = arena_get(arena, f->nchange, sizeof(*children));
	const struct parents p = parents_of(f, at, arena);
	size_t i, k, n = 0;

	for (k = 0; k < p.from[f->nchange]; k++)
		children[p.of[k]]++;
	for (i = 0; i < f->nchange; i++)
		if (!children[i])
			push(&a, i);
	while (a.n) {
		i = pop(&a);
		to[i] = n++;
		for (k = p.from[i]; k < p.from[i + 1]; k++)
			if (!--children[p.of[k]])
				push(&a, p.of[k]);
	}
}

static int by_number(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

void changes_arrange(struct facts *f, struct oid_set *at, struct arena *arena)
{
	size_t *to = arena_get(arena, f->nchange, sizeof(*to)), u, i;
	struct change *v;

	if (f->nchange < 2)
		return;
	number(f, at, to, arena);
	v = arena_get(arena, f->nchange, sizeof(*v));
	for (i = 0; i < f->nchange; i++)
		v[to[i]] = f->change[i];
	f->change = v;
	oid_set_free(at);
	oid_set_reserve(at, f->nchange);
	for (i = 0; i < f->nchange; i++)
		oid_set_put(at, &v[i].commit.id, i);
	for (u = 0; u < f->push->nup; u++) {
		struct update_fact *uf = &f->update[u];

		for (i = 0; i < uf->nchange; i++)
			uf->change[i] = to[uf->change[i]];
		if (uf->nchange)
			qsort(uf->change, uf->nchange, sizeof(*uf->change),
				by_number);
	}
}

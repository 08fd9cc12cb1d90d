#include "scan/ancestry.h"

#include "base/grow.h"
#include "base/text.h"

static bool id_line(struct span *rest, const char *key, struct oid *out)
{
	struct span was = *rest, line, word = span_str(key);

	if (span_line(rest, &line, NULL) && span_starts(line, word) &&
		oid_read(span_from(line, word.n), out))
		return true;
	*rest = was;
	return false;
}

/* Seconds since 1970 from "committer NAME <MAIL> TIME ZONE"; what cannot be
 * read is 0: time only decides between commits that have no other order. */
static int64_t time_of(struct span line)
{
	size_t at = line.n, i;
	uint64_t t;

	while (at && line.p[at - 1] != '>')
		at--;
	line = span_trim(span_from(line, at));
	i = span_find(line, ' ');
	if (!text_to_u64(span_sub(line, 0, i), INT64_MAX, &t))
		return 0;
	return (int64_t)t;
}

int ancestry_note(struct ancestry_part *p, struct census *c, uint32_t number,
	struct span bytes, struct err *err)
{
	struct ancestor a = {.commit = number};
	struct span rest = bytes, line;
	struct oid id;

	if (!id_line(&rest, "tree ", &id))
		return err_set(err, ERR_INPUT, "a commit without a tree");
	a.tree = census_number(c, &id);
	a.parents = (uint32_t)p->nparent;
	while (id_line(&rest, "parent ", &id)) {
		p->parent = grow(p->parent, p->nparent, &p->parentcap,
			sizeof(*p->parent));
		p->parent[p->nparent++] = census_number(c, &id);
		a.nparents++;
	}
	while (span_line(&rest, &line, NULL) && line.n) {
		if (!span_starts(line, SPAN_LIT("committer ")))
			continue;
		a.time = time_of(line);
		break;
	}
	p->v = grow(p->v, p->n, &p->cap, sizeof(*p->v));
	p->v[p->n++] = a;
	return 0;
}

void ancestry_part_free(struct ancestry_part *p)
{
	free(p->v);
	free(p->parent);
	memset(p, 0, sizeof(*p));
}

static int by_number(const void *x, const void *y)
{
	const struct ancestor *a = x, *b = y;

	return a->commit < b->commit ? -1 : a->commit > b->commit;
}

static void *room(size_t n, size_t each)
{
	void *p = calloc(n ? n : 1, each);

	if (!p)
		die("no memory for the commits");
	return p;
}

void ancestry_join(struct ancestry *a, struct ancestry_part *part, size_t n)
{
	size_t i, j, kept = 0;

	memset(a, 0, sizeof(*a));
	for (i = 0; i < n; i++) {
		a->n += part[i].n;
		a->nparent += part[i].nparent;
	}
	a->v = room(a->n, sizeof(*a->v));
	a->parent = room(a->nparent, sizeof(*a->parent));
	a->n = a->nparent = 0;
	for (i = 0; i < n; i++) {
		for (j = 0; j < part[i].n; j++) {
			a->v[a->n] = part[i].v[j];
			a->v[a->n++].parents += (uint32_t)a->nparent;
		}
		if (part[i].nparent)
			memcpy(a->parent + a->nparent, part[i].parent,
				part[i].nparent * sizeof(*a->parent));
		a->nparent += part[i].nparent;
		ancestry_part_free(&part[i]);
	}
	qsort(a->v, a->n, sizeof(*a->v), by_number);
	/* One that is in two packs was seen twice. */
	for (i = 0; i < a->n; i++) {
		if (!kept || a->v[kept - 1].commit != a->v[i].commit)
			a->v[kept++] = a->v[i];
	}
	a->n = kept;
}

void ancestry_free(struct ancestry *a)
{
	free(a->v);
	free(a->parent);
	memset(a, 0, sizeof(*a));
}

size_t ancestry_find(const struct ancestry *a, uint32_t number)
{
	const struct ancestor key = {.commit = number};
	const struct ancestor *v =
		bsearch(&key, a->v, a->n, sizeof(key), by_number);

	return v ? (size_t)(v - a->v) : SIZE_MAX;
}

/* A heap of places in a->v, the oldest on top. */
struct heap {
	const struct ancestry *a;
	uint32_t *v;
	size_t n;
};

static bool before(const struct heap *h, size_t i, size_t j)
{
	const struct ancestor *x = &h->a->v[h->v[i]], *y = &h->a->v[h->v[j]];

	if (x->time != y->time)
		return x->time < y->time;
	return h->v[i] < h->v[j];
}

static void swap(struct heap *h, size_t i, size_t j)
{
	uint32_t was = h->v[i];

	h->v[i] = h->v[j];
	h->v[j] = was;
}

static void heap_add(struct heap *h, uint32_t item)
{
	size_t i = h->n++;

	h->v[i] = item;
	for (; i && before(h, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(h, i, (i - 1) / 2);
}

static uint32_t heap_take(struct heap *h)
{
	uint32_t top = h->v[0];
	size_t i = 0, least;

	h->v[0] = h->v[--h->n];
	for (;;) {
		size_t left = 2 * i + 1, right = left + 1;

		least = i;
		if (left < h->n && before(h, left, least))
			least = left;
		if (right < h->n && before(h, right, least))
			least = right;
		if (least == i)
			return top;
		swap(h, i, least);
		i = least;
	}
}

/* A commit's parents as places, in a graph turned round: for each commit its
 * children, and how many parents it waits for. */
struct graph {
	uint32_t *place; /* [nparent] of each parent, UINT32_MAX: not reached */
	uint32_t *first; /* [n + 1] where in `child` */
	uint32_t *child, *waits;
};

/* Marks what leads to the tips. */
static bool reach(struct ancestry *a, struct graph *g, const uint32_t *tips,
	size_t ntips, uint32_t *todo, uint32_t *missing)
{
	size_t n = 0, i, at;
	uint32_t j;

	for (i = 0; i < ntips; i++) {
		*missing = tips[i];
		at = ancestry_find(a, tips[i]);
		if (at == SIZE_MAX)
			return false;
		if (!a->v[at].state)
			todo[n++] = (uint32_t)at;
		a->v[at].state = 1;
	}
	while (n) {
		const struct ancestor *c = &a->v[todo[--n]];

		for (j = c->parents; j < c->parents + c->nparents; j++) {
			*missing = a->parent[j];
			at = ancestry_find(a, a->parent[j]);
			if (at == SIZE_MAX)
				return false;
			g->place[j] = (uint32_t)at;
			if (!a->v[at].state)
				todo[n++] = (uint32_t)at;
			a->v[at].state = 1;
		}
	}
	return true;
}

static void turn_round(const struct ancestry *a, struct graph *g)
{
	size_t i;
	uint32_t j, sum = 0, n;

	for (i = 0; i < a->n; i++) {
		const struct ancestor *c = &a->v[i];

		if (!c->state)
			continue;
		g->waits[i] = c->nparents;
		for (j = c->parents; j < c->parents + c->nparents; j++)
			g->first[g->place[j]]++;
	}
	for (i = 0; i <= a->n; i++) {
		n = g->first[i];
		g->first[i] = sum;
		sum += n;
	}
	for (i = 0; i < a->n; i++) {
		const struct ancestor *c = &a->v[i];

		if (!c->state)
			continue;
		for (j = c->parents; j < c->parents + c->nparents; j++)
			g->child[g->first[g->place[j]]++] = (uint32_t)i;
	}
	/* Each now points past its own: those start where the one before
	 * ends. */
}

static size_t sort(const struct ancestry *a, struct graph *g, uint32_t *order)
{
	struct heap h = {a, room(a->n, sizeof(*h.v)), 0};
	size_t i, n = 0;
	uint32_t at, j;

	for (i = 0; i < a->n; i++)
		if (a->v[i].state && !g->waits[i])
			heap_add(&h, (uint32_t)i);
	while (h.n) {
		at = heap_take(&h);
		order[n++] = at;
		for (j = at ? g->first[at - 1] : 0; j < g->first[at]; j++)
			if (!--g->waits[g->child[j]])
				heap_add(&h, g->child[j]);
	}
	free(h.v);
	return n;
}

bool ancestry_order(struct ancestry *a, const uint32_t *tips, size_t ntips,
	uint32_t **order, size_t *n, uint32_t *missing)
{
	struct graph g = {room(a->nparent, sizeof(*g.place)),
		room(a->n + 1, sizeof(*g.first)),
		room(a->nparent, sizeof(*g.child)),
		room(a->n, sizeof(*g.waits))};
	bool ok;

	*order = room(a->n, sizeof(**order));
	*n = 0;
	ok = reach(a, &g, tips, ntips, *order, missing);
	if (ok) {
		turn_round(a, &g);
		*n = sort(a, &g, *order);
	}
	free(g.place);
	free(g.first);
	free(g.child);
	free(g.waits);
	return ok;
}

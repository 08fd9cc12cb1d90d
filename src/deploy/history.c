#include "deploy/history.h"

/* ${o} with all digits after the first ${digits} zero. */
static struct oid cut(const struct oid *o, unsigned digits)
{
	struct oid c = *o;

	if (digits % 2)
		c.b[digits / 2] &= 0xf0;
	if (digits < OID_HEX)
		memset(c.b + (digits + 1) / 2, 0, OID_RAW - (digits + 1) / 2);
	return c;
}

static int by_digits(const void *a, const void *b)
{
	const struct deployed *x = a, *y = b;

	if (x->digits != y->digits)
		return x->digits < y->digits ? -1 : 1;
	return oid_cmp(&x->oid, &y->oid);
}

void history_begin(
	struct arena *a, const struct deployed_list *items, struct history *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	out->arena = a;
	out->want = arena_get(a, items->n ? items->n : 1, sizeof(*out->want));
	for (i = 0; i < items->n; i++)
		if (!items->v[i].unfit)
			out->want[out->nwant++] = items->v[i];
	if (out->nwant)
		qsort(out->want, out->nwant, sizeof(*out->want), by_digits);
}

/* The first wanted item that is not below ${key}. */
static size_t want_from(const struct history *h, const struct deployed *key)
{
	size_t lo = 0, hi = h->nwant;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (by_digits(&h->want[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool history_wants(const struct history *h, const struct oid *o)
{
	size_t at = 0;

	/* Once for each length in use: nearly always that is only the whole. */
	while (at < h->nwant) {
		struct deployed key = {.digits = h->want[at].digits};
		size_t hit;

		key.oid = cut(o, key.digits);
		hit = want_from(h, &key);
		if (hit < h->nwant && !by_digits(&h->want[hit], &key))
			return true;
		memset(key.oid.b, 0xff, OID_RAW);
		at = want_from(h, &key);
		while (at < h->nwant && h->want[at].digits == key.digits)
			at++;
	}
	return false;
}

static void sight(
	struct history *h, const struct oid *o, size_t push, bool judged)
{
	struct history_sighting *s;

	if (oid_is_zero(o) || !history_wants(h, o))
		return;
	h->sighting = arena_grow(h->arena, h->sighting, h->nsighting,
		&h->sighting_cap, sizeof(*h->sighting));
	s = &h->sighting[h->nsighting++];
	s->commit = *o;
	s->push = push;
	s->judged = judged;
}

static struct history_push *find_push(const struct history *h, uint64_t number)
{
	size_t lo = 0, hi = h->npush;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (h->push[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < h->npush && h->push[lo].number == number ? &h->push[lo]
							     : NULL;
}

bool history_knows(const struct history *h, uint64_t number)
{
	return find_push(h, number) != NULL;
}

static bool same_update(
	const struct entry_update *a, const struct entry_update *b)
{
	return span_eq(a->ref, b->ref) && oid_eq(&a->new, &b->new);
}

static void add_outcome(struct history *h, const struct entry *e)
{
	struct history_push *p = find_push(h, e->decision);
	size_t i, j;

	if (!p || p->entry.kind != RECORD_DECISION ||
		!span_eq(p->entry.repository, e->repository))
		return;
	p->outcome = true;
	for (i = 0; i < p->entry.nupdate; i++)
		for (j = 0; j < e->nupdate; j++)
			if (same_update(&p->entry.update[i], &e->update[j]))
				p->moved[i] = true;
}

bool history_add(struct history *h, uint64_t number, const struct entry *e)
{
	struct history_push *p;
	size_t before = h->nsighting, i;

	if (e->settles) {
		add_outcome(h, e);
		return false;
	}
	if (e->kind == RECORD_OBSERVED)
		return false;
	for (i = 0; i < e->ncommit; i++)
		sight(h, &e->commit[i], h->npush, true);
	/* A tip may have been judged before, on another ref: then it is not
	 * among the commits, but this ref was moved to it. */
	for (i = 0; i < e->nupdate; i++)
		sight(h, &e->update[i].new, h->npush, false);
	if (h->nsighting == before)
		return false;
	h->push = arena_grow(
		h->arena, h->push, h->npush, &h->push_cap, sizeof(*h->push));
	p = &h->push[h->npush++];
	p->number = number;
	p->entry = *e;
	p->entry.commit = NULL;
	p->entry.ncommit = 0;
	p->outcome = false;
	p->moved = arena_get(
		h->arena, e->nupdate ? e->nupdate : 1, sizeof(*p->moved));
	return true;
}

static int by_commit(const void *a, const void *b)
{
	const struct history_sighting *x = a, *y = b;
	int r = oid_cmp(&x->commit, &y->commit);

	if (r)
		return r;
	return (x->push > y->push) - (x->push < y->push);
}

void history_end(struct history *h)
{
	size_t i, n = 0;

	if (!h->nsighting)
		return;
	qsort(h->sighting, h->nsighting, sizeof(*h->sighting), by_commit);
	/* A tip is often among the commits as well. */
	for (i = 0; i < h->nsighting; i++) {
		if (!n || by_commit(&h->sighting[n - 1], &h->sighting[i]))
			h->sighting[n++] = h->sighting[i];
		else if (h->sighting[i].judged)
			h->sighting[n - 1].judged = true;
	}
	h->nsighting = n;
}

const struct history_sighting *history_find(const struct history *h,
	const struct oid *oid, unsigned digits, size_t *n, bool *many)
{
	size_t lo = 0, hi = h->nsighting, end;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (oid_cmp(&h->sighting[mid].commit, oid) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	*many = false;
	for (end = lo; end < h->nsighting; end++) {
		struct oid c = cut(&h->sighting[end].commit, digits);

		if (!oid_eq(&c, oid))
			break;
		if (!oid_eq(&h->sighting[end].commit, &h->sighting[lo].commit))
			*many = true;
	}
	*n = end - lo;
	return h->sighting ? &h->sighting[lo] : NULL;
}

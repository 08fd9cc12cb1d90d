#include "deploy/joined.h"

#include <stdlib.h>

/* How often a value was reached, less how often it was left. */
struct balance {
	struct oid at;
	long sum;
};
struct balances {
	struct balance *v;
	size_t n;
};

static int by_oid(const void *a, const void *b)
{
	const struct balance *x = a, *y = b;

	return memcmp(x->at.b, y->at.b, sizeof(x->at.b));
}

static void add(struct balances *b, const struct oid *at, long sum)
{
	b->v[b->n++] = (struct balance){*at, sum};
}

/* Each value once. */
static void sum_up(struct balances *b)
{
	size_t i, n = 0;

	qsort(b->v, b->n, sizeof(*b->v), by_oid);
	for (i = 0; i < b->n; i++) {
		if (n && oid_eq(&b->v[n - 1].at, &b->v[i].at))
			b->v[n - 1].sum += b->v[i].sum;
		else
			b->v[n++] = b->v[i];
	}
	b->n = n;
}

static struct balance *find(struct balances *b, const struct oid *at)
{
	const struct balance key = {.at = *at};

	return bsearch(&key, b->v, b->n, sizeof(*b->v), by_oid);
}

static bool is_lost(const struct index_step *s)
{
	return s->admitted && !s->applied && s->outcome == ENTRY_NONE;
}

/* A move nobody reported leads to where one is missing: it was carried out.
 * From its own start one may be missing then. */
static void explain_lost(struct balances *b, const struct index_step *steps,
	size_t n, bool *used)
{
	bool more = true;
	size_t i;

	while (more) {
		more = false;
		for (i = 0; i < n; i++) {
			struct balance *to = find(b, &steps[i].new);

			if (!is_lost(&steps[i]) || used[i] || to->sum >= 0)
				continue;
			used[i] = more = true;
			to->sum++;
			find(b, &steps[i].old)->sum--;
		}
	}
}

static bool is_seen(const struct index_step *seen, size_t n, uint64_t since,
	const struct oid *at)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (seen[i].entry >= since &&
			(oid_eq(&seen[i].new, at) || oid_eq(&seen[i].old, at)))
			return true;
	return false;
}

/* The oldest move from there that does not follow from the one before it; with
 * none, which only another order can make, the newest from there. */
static void place(const struct index_step *steps, size_t n, const bool *used,
	const struct oid *start, const struct oid *at, struct unjoined *out)
{
	struct oid left = *start;
	uint64_t previous = ENTRY_NONE;
	size_t i;

	for (i = n; i-- > 0;) {
		const struct index_step *s = &steps[i];

		if (s->kind == RECORD_ADOPT ||
			!(used[i] || (s->admitted && s->applied)))
			continue;
		if (oid_eq(&s->old, at)) {
			*out = (struct unjoined){s->entry, previous, *at, left};
			if (!oid_eq(&left, at))
				return;
		}
		left = s->new;
		previous = s->entry;
	}
}

bool steps_unjoined(const struct index_step *steps, size_t n,
	const struct index_step *seen, size_t nseen, uint64_t since,
	struct arena *a, struct unjoined *out)
{
	struct oid start = {{0}};
	struct balances b = {0};
	bool *used;
	size_t i;

	memset(out, 0, sizeof(*out));
	while (n && steps[n - 1].entry < since)
		n--;
	b.v = arena_get(a, 2 * n + 1, sizeof(*b.v));
	used = arena_get(a, n + 1, sizeof(*used));
	for (i = 0; i < n; i++) {
		const struct index_step *s = &steps[i];
		long one = s->admitted && s->applied;

		if (s->kind == RECORD_ADOPT) {
			start = s->new;
			continue;
		}
		add(&b, &s->old, -one);
		add(&b, &s->new, one);
	}
	add(&b, &start, 1);
	sum_up(&b);
	explain_lost(&b, steps, n, used);
	for (i = 0; i < b.n; i++) {
		if (b.v[i].sum >= 0 || is_seen(seen, nseen, since, &b.v[i].at))
			continue;
		place(steps, n, used, &start, &b.v[i].at, out);
		return true;
	}
	return false;
}

/* Moves of a ref that join, or do not: each row is a ref's life in the log. */
#include "../../support/unit.h"

#include "deploy/joined.h"

/* A step as "<old><new> <flags>": '0' the zero name; a admitted, m moved, o an
 * outcome stands in the log, A an adoption, S seen by an audit. Oldest first,
 * numbered from 0. */
struct row {
	const char *steps[8];
	uint64_t since;
	int entry; /* the move that starts elsewhere; -1: all join */
	int previous;
	char found, left;
};

static const struct row rows[] = {
	{{NULL}, 0, -1, 0, 0, 0},
	{{"0a amo", "ab amo", "bc amo"}, 0, -1, 0, 0, 0},
	{{"0a A", "ab amo", "b0 amo", "0c amo"}, 0, -1, 0, 0, 0},
	/* there and back by pushes, and again */
	{{"0a A", "ab amo", "ba amo", "ab amo"}, 0, -1, 0, 0, 0},
	/* taken back, and pushed on from there */
	{{"0a A", "ab amo", "ac amo"}, 0, 2, 1, 'a', 'b'},
	{{"0a A", "ab amo", "bc amo", "bd amo", "de amo"}, 0, 3, 2, 'b', 'c'},
	/* ... or the same push again */
	{{"0a A", "ab amo", "ab amo"}, 0, 2, 1, 'a', 'b'},
	/* put where no push ever had it; the first move of all */
	{{"0a amo", "ab amo", "xc amo"}, 0, 2, 1, 'x', 'b'},
	{{"xa amo"}, 0, 0, -1, 'x', '0'},
	{{"0a A", "xb amo"}, 0, 1, -1, 'x', 'a'},
	/* deleted, or made, behind the gate's back */
	{{"0a amo", "0b amo"}, 0, 1, 0, '0', 'a'},
	{{"0a amo", "a0 amo", "ab amo"}, 0, 2, 1, 'a', '0'},
	/* refused, or not carried out: no move */
	{{"0a A", "xb", "ab amo"}, 0, -1, 0, 0, 0},
	{{"0a A", "ac ao", "ab amo"}, 0, -1, 0, 0, 0},
	/* the other order, as two pushes at once are logged */
	{{"0a A", "bc amo", "ab amo"}, 0, -1, 0, 0, 0},
	{{"0a A", "cd amo", "bc amo", "ab amo", "de amo"}, 0, -1, 0, 0, 0},
	/* outcomes that were lost */
	{{"0a A", "ab a", "bc amo"}, 0, -1, 0, 0, 0},
	{{"0a A", "ab a", "bc a", "cd amo"}, 0, -1, 0, 0, 0},
	{{"0a A", "ab amo", "xc a", "cd amo"}, 0, 2, 1, 'x', 'b'},
	/* an audit saw it there, or saw it leave and it came back */
	{{"0a A", "ab amo", "bx S", "xc amo"}, 0, -1, 0, 0, 0},
	{{"0a A", "ab amo", "bx S", "bc amo", "bd amo"}, 0, -1, 0, 0, 0},
	{{"0a A", "ab amo", "bx S", "yc amo"}, 0, 3, 1, 'y', 'b'},
	/* adopted since: as it was found then */
	{{"0a A", "ab amo", "ac amo", "0c A", "cd amo"}, 3, -1, 0, 0, 0},
	{{"0a A", "ab amo", "bx S", "0c A", "xd amo"}, 3, 4, -1, 'x', 'c'},
	{{"0a A", "ab amo", "0d amo"}, 2, -1, 0, 0, 0},
};

static struct oid oid(char c)
{
	struct oid o = {{0}};

	if (c != '0')
		memset(o.b, c, OID_RAW);
	return o;
}

static struct index_step step(const char *s, uint64_t n)
{
	bool adopts = strchr(s + 2, 'A') != NULL;

	return (struct index_step){.entry = n,
		.old = oid(s[0]),
		.new = oid(s[1]),
		.kind = adopts               ? RECORD_ADOPT
			: strchr(s + 2, 'S') ? RECORD_OBSERVED
					     : RECORD_DECISION,
		.admitted = adopts || strchr(s + 2, 'a') != NULL,
		.applied = adopts || strchr(s + 2, 'm') != NULL,
		.outcome = strchr(s + 2, 'o') ? n + 100 : ENTRY_NONE};
}

static uint64_t number(int n)
{
	return n < 0 ? ENTRY_NONE : (uint64_t)n;
}

static void each_row(void **unused)
{
	struct arena *a = arena_new((size_t)1 << 20);
	size_t i, k, n, nseen;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		struct index_step steps[8], seen[8];
		struct oid found = oid(r->found), left = oid(r->left);
		struct unjoined u;
		bool told;

		/* the newest first */
		for (k = 8, n = nseen = 0; k-- > 0;) {
			if (!r->steps[k])
				continue;
			if (strchr(r->steps[k] + 2, 'S'))
				seen[nseen++] = step(r->steps[k], k);
			else
				steps[n++] = step(r->steps[k], k);
		}
		told = steps_unjoined(steps, n, seen, nseen, r->since, a, &u);
		if (told != (r->entry >= 0))
			fail_msg("row %zu: %s", i, told ? "told" : "missed");
		if (!told)
			continue;
		if (u.entry != number(r->entry) ||
			u.previous != number(r->previous) ||
			!oid_eq(&u.found, &found) || !oid_eq(&u.left, &left))
			fail_msg("row %zu: entry %lld after %lld", i,
				(long long)u.entry, (long long)u.previous);
	}
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "../../support/unit.h"

#include "../../support/records.h"
#include "base/clock.h"
#include "log/continuity.h"

#define REF "refs/heads/main"
#define EVENTS 12
#define START 1000u /* the number of the first */

/*
 * One event a letter: a adopted at ${to}; d accepted, r refused, w let in
 * although refused; o outcome and s an audit's outcome of event ${of}; u moved
 * outside the gate. Other: "A" and so on, of another ref; "-" nothing of this
 * repository. Event i is of second i.
 */
struct event {
	char what;
	unsigned old, new, of;
};

static struct entry entry_of(const struct event *ev, size_t i, struct arena *a)
{
	struct entry_update *u = arena_get(a, 1, sizeof(*u));
	char *when = arena_get(a, CLOCK_TEXT_MAX, 1);
	char what = (char)(ev->what | 32);
	struct entry e = {.repository = SPAN_LIT("r/a")};

	clock_text((int64_t)i, when);
	e.time = span_str(when);
	u->ref = ev->what == what ? SPAN_LIT(REF) : SPAN_LIT(REF "2");
	u->old = ev->old ? test_oid(ev->old) : (struct oid){{0}};
	u->new = ev->new ? test_oid(ev->new) : (struct oid){{0}};
	e.update = u;
	e.nupdate = 1;
	e.decision = START + ev->of;
	e.policy = SPAN_LIT("digest");
	e.admitted = what != 'r';
	e.verdict =
		what == 'r' || what == 'w' ? VERDICT_REJECT : VERDICT_ACCEPT;
	e.settles = what == 'o' || what == 's';
	e.kind = what == 'a'                 ? RECORD_ADOPT
		: what == 'o'                ? RECORD_OUTCOME
		: what == 's' || what == 'u' ? RECORD_OBSERVED
					     : RECORD_DECISION;
	if (ev->what == '-')
		e.repository = SPAN_LIT("r/b");
	return e;
}

/* d and its o. */
#define MOVE(old, new, at)        \
	{'d', old, new, 0},       \
	{                         \
		'o', old, new, at \
	}

static const struct {
	const char *name;
	struct event v[EVENTS];
	unsigned from, to; /* seconds */
	enum continuity_verdict want;
	unsigned at, moves; /* where it is broken or open */
} cases[] = {
	{"moves", {{'a', 0, 1, 0}, MOVE(1, 2, 1), MOVE(2, 3, 3)}, 0, 4,
		CONTINUITY_WHOLE, 0, 2},
	{"no move", {{'a', 0, 1, 0}, {'-', 1, 2, 0}}, 0, 1, CONTINUITY_WHOLE, 0,
		0},
	{"made", {MOVE(0, 1, 0), MOVE(1, 2, 2)}, 1, 3, CONTINUITY_WHOLE, 0, 1},
	{"deleted and made anew",
		{{'a', 0, 1, 0}, MOVE(1, 0, 1), MOVE(0, 5, 3)}, 0, 4,
		CONTINUITY_WHOLE, 0, 2},
	{"refused", {{'a', 0, 1, 0}, {'r', 1, 2, 0}, MOVE(1, 3, 2)}, 0, 3,
		CONTINUITY_WHOLE, 0, 1},
	{"others",
		{{'a', 0, 1, 0}, {'U', 5, 6, 0}, {'D', 7, 8, 0},
			{'-', 1, 2, 0}},
		0, 3, CONTINUITY_WHOLE, 0, 0},
	{"an audit's outcome", {{'a', 0, 1, 0}, {'d', 1, 2, 0}, {'s', 1, 2, 1}},
		0, 2, CONTINUITY_WHOLE, 0, 1},
	{"adopted where it is", {{'a', 0, 1, 0}, MOVE(1, 2, 1), {'a', 0, 2, 0}},
		0, 3, CONTINUITY_WHOLE, 0, 1},
	{"broken before the start",
		{{'a', 0, 1, 0}, {'u', 1, 5, 0}, MOVE(5, 6, 2), MOVE(6, 7, 4)},
		3, 5, CONTINUITY_WHOLE, 0, 1},
	{"outcomes in the other order",
		{{'a', 0, 1, 0}, {'d', 1, 2, 0}, {'d', 2, 3, 0}, {'o', 2, 3, 2},
			{'o', 1, 2, 1}},
		0, 4, CONTINUITY_WHOLE, 0, 2},
	{"not moved, as the next shows",
		{{'a', 0, 1, 0}, {'d', 1, 2, 0}, MOVE(1, 3, 2)}, 0, 3,
		CONTINUITY_WHOLE, 0, 1},

	{"gap", {{'a', 0, 1, 0}, MOVE(1, 2, 1), MOVE(4, 5, 3)}, 0, 4,
		CONTINUITY_BROKEN, 4, 0},
	{"gap closed by a later decision",
		{{'a', 0, 1, 0}, MOVE(2, 3, 1), MOVE(1, 2, 3)}, 0, 4,
		CONTINUITY_BROKEN, 2, 0},
	{"outside the gate", {{'a', 0, 1, 0}, {'u', 1, 2, 0}, MOVE(2, 3, 2)}, 0,
		3, CONTINUITY_BROKEN, 1, 0},
	{"outside, and back", {{'a', 0, 1, 0}, {'u', 1, 2, 0}, {'u', 2, 1, 0}},
		0, 2, CONTINUITY_BROKEN, 1, 0},
	{"outside at the start", {{'u', 0, 1, 0}, MOVE(1, 2, 1)}, 0, 2,
		CONTINUITY_BROKEN, 0, 0},
	{"let in against the policy",
		{{'a', 0, 1, 0}, {'w', 1, 2, 0}, {'o', 1, 2, 1}}, 0, 2,
		CONTINUITY_BROKEN, 2, 0},
	{"let in so at the start",
		{{'w', 1, 2, 0}, {'o', 1, 2, 0}, MOVE(2, 3, 2)}, 1, 3,
		CONTINUITY_BROKEN, 1, 0},
	{"refused and carried out",
		{{'a', 0, 1, 0}, {'r', 1, 2, 0}, {'o', 1, 2, 1}}, 0, 2,
		CONTINUITY_BROKEN, 2, 0},
	{"outcome of another move",
		{{'a', 0, 1, 0}, {'d', 1, 2, 0}, {'o', 1, 3, 1}}, 0, 2,
		CONTINUITY_BROKEN, 2, 0},
	{"outcome of another ref's decision",
		{{'a', 0, 1, 0}, {'D', 1, 2, 0}, {'o', 1, 2, 1}}, 0, 2,
		CONTINUITY_BROKEN, 2, 0},
	{"outcome of an outcome",
		{{'a', 0, 1, 0}, MOVE(1, 2, 1), {'o', 1, 2, 2}}, 0, 3,
		CONTINUITY_BROKEN, 3, 0},
	{"outcome of a later decision",
		{{'a', 0, 1, 0}, {'o', 1, 2, 2}, {'d', 1, 2, 0}}, 0, 2,
		CONTINUITY_BROKEN, 1, 0},
	{"outcome twice", {{'a', 0, 1, 0}, MOVE(1, 2, 1), {'o', 1, 2, 1}}, 0, 3,
		CONTINUITY_BROKEN, 3, 0},
	{"decision not there", {{'a', 0, 1, 0}, {'o', 1, 2, 500}}, 0, 1,
		CONTINUITY_BROKEN, 1, 0},
	{"adopted elsewhere", {{'a', 0, 1, 0}, MOVE(1, 2, 1), {'a', 0, 3, 0}},
		0, 3, CONTINUITY_BROKEN, 3, 0},

	{"no outcome", {{'a', 0, 1, 0}, {'d', 1, 2, 0}}, 0, 1, CONTINUITY_OPEN,
		1, 0},
	{"no outcome after moves",
		{{'a', 0, 1, 0}, MOVE(1, 2, 1), {'d', 2, 3, 0}, {'-', 0, 0, 0}},
		0, 4, CONTINUITY_OPEN, 3, 0},

	{"known too late", {{'-', 0, 0, 0}, {'a', 0, 1, 0}, MOVE(1, 2, 2)}, 0,
		3, CONTINUITY_UNKNOWN, 0, 0},
	{"another ref's", {{'A', 0, 1, 0}, {'-', 0, 0, 0}}, 0, 1,
		CONTINUITY_UNKNOWN, 0, 0},
	{"decided only", {{'d', 0, 1, 0}, {'-', 0, 0, 0}}, 0, 1,
		CONTINUITY_UNKNOWN, 0, 0},
	{"not so late", {{'a', 0, 1, 0}, MOVE(1, 2, 1)}, 0, 3,
		CONTINUITY_UNKNOWN, 0, 0},
	{"backwards", {{'a', 0, 1, 0}, {'-', 0, 0, 0}, {'-', 0, 0, 0}}, 2, 1,
		CONTINUITY_UNKNOWN, 0, 0},
	{"nothing", {{0, 0, 0, 0}}, 0, 0, CONTINUITY_UNKNOWN, 0, 0},
};

static void find(size_t i, size_t n, struct arena *a, struct continuity *out)
{
	struct entry e[EVENTS];
	const struct continuity_ask ask = {SPAN_LIT("r/a"), SPAN_LIT(REF),
		cases[i].from, cases[i].to, START, e, n};
	size_t k;

	for (k = 0; k < n; k++)
		e[k] = entry_of(&cases[i].v[k], k, a);
	continuity_find(&ask, a, out);
}

static size_t events(size_t i)
{
	size_t n = 0;

	while (n < EVENTS && cases[i].v[n].what)
		n++;
	return n;
}

static void test_cases(void **unused)
{
	struct arena *a = arena_new(1 << 20);
	struct continuity c;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		find(i, events(i), a, &c);
		if (c.verdict != cases[i].want)
			fail_msg("%s: %d at %llu: %s", cases[i].name,
				(int)c.verdict, (unsigned long long)c.at,
				c.why ? c.why : "");
		assert_true((c.verdict == CONTINUITY_WHOLE) == !c.why);
		if (c.verdict == CONTINUITY_WHOLE && c.moves != cases[i].moves)
			fail_msg("%s: %zu moves", cases[i].name, c.moves);
		if ((c.verdict == CONTINUITY_BROKEN ||
			    c.verdict == CONTINUITY_OPEN) &&
			c.at != START + cases[i].at)
			fail_msg("%s: at %llu", cases[i].name,
				(unsigned long long)c.at);
	}
	arena_free(a);
}

/* What is told of a whole one. */
static void test_told(void **unused)
{
	struct arena *a = arena_new(1 << 20);
	struct oid first = test_oid(1), last = test_oid(3);
	struct continuity c;

	(void)unused;
	find(0, events(0), a, &c);
	assert_int_equal(c.since, START);
	assert_true(c.adopted);
	assert_true(oid_eq(&c.first, &first));
	assert_true(oid_eq(&c.last, &last));
	assert_int_equal(c.npolicy, 1);
	assert_false(c.more_policies);
	/* Cut off before its end is never whole. */
	find(0, events(0) - 1, a, &c);
	assert_true(c.verdict == CONTINUITY_UNKNOWN);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

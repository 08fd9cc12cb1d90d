#include "deploy/reconcile.h"

#include "../../support/logbook.h"
#include "../../support/unit.h"
#include "log/store.h"

/* A step as "<old><new> <flags>": '0' the zero name; a admitted, m moved,
 * o an outcome stands in the log, A an adoption. Newest first. */
struct row {
	const char *steps[5];
	char found;
	enum gap_kind kind;
	int entry; /* index of the step in the row, -1 for none */
	char expected;
};

static const struct row rows[] = {
	/* where the log left it */
	{{"ab amo", "0a amo"}, 'b', GAP_NONE, 0, '0'},
	{{"0a aA"}, 'a', GAP_NONE, 0, '0'},
	{{"a0 amo", "0a amo"}, '0', GAP_NONE, 0, '0'},
	{{NULL}, '0', GAP_NONE, -1, '0'},
	/* a refused push after it changes nothing */
	{{"bc", "ab amo"}, 'b', GAP_NONE, 1, '0'},
	/* ... but the ref following it does */
	{{"bc", "ab amo"}, 'c', GAP_MOVED, 1, 'b'},
	/* never heard of */
	{{NULL}, 'a', GAP_CREATED, -1, '0'},
	{{"0a"}, 'a', GAP_CREATED, -1, '0'},
	{{"a0 amo", "0a amo"}, 'b', GAP_CREATED, 0, '0'},
	/* deleted, and set again to what it was */
	{{"a0 amo", "0a amo"}, 'a', GAP_CREATED, 0, '0'},
	/* elsewhere than the log left it */
	{{"ab amo", "0a amo"}, 'c', GAP_MOVED, 0, 'b'},
	{{"ab amo", "0a amo"}, 'a', GAP_MOVED, 0, 'b'},
	{{"0a aA"}, 'b', GAP_MOVED, 0, 'a'},
	{{"ab amo"}, '0', GAP_DELETED, 0, 'b'},
	{{"0a aA"}, '0', GAP_DELETED, 0, 'a'},
	/* accepted, and stayed */
	{{"ab a", "0a amo"}, 'a', GAP_NOT_APPLIED, 0, '0'},
	{{"ab ao", "0a amo"}, 'a', GAP_NOT_APPLIED, 0, '0'},
	{{"0a a"}, '0', GAP_NOT_APPLIED, 0, '0'},
	{{"ac a", "ab a", "0a amo"}, 'a', GAP_NOT_APPLIED, 0, '0'},
	/* moved, and not reported */
	{{"ab a", "0a amo"}, 'b', GAP_NO_OUTCOME, 0, '0'},
	{{"a0 a", "0a amo"}, '0', GAP_NO_OUTCOME, 0, '0'},
	/* ... but a later push started there, so it did move */
	{{"bc a", "ab a", "0a amo"}, 'b', GAP_NOT_APPLIED, 0, '0'},
	/* the outcome says that it stayed, and yet it is there */
	{{"ab ao", "0a amo"}, 'b', GAP_MOVED, 0, '0'},
};

static struct oid oid(char c)
{
	struct oid o = {{0}};

	if (c != '0')
		memset(o.b, c, OID_RAW);
	return o;
}

static void each_row(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct index_step steps[5] = {{0}};
		struct oid found = oid(rows[i].found);
		struct oid expected = oid(rows[i].expected);
		struct gap gap = {.kind = GAP_FORGE};

		for (n = 0; n < 5 && rows[i].steps[n]; n++) {
			const char *s = rows[i].steps[n];
			bool adopts = strchr(s + 2, 'A') != NULL;

			steps[n].entry = n;
			steps[n].old = oid(s[0]);
			steps[n].new = oid(s[1]);
			steps[n].kind = adopts ? RECORD_ADOPT : RECORD_DECISION;
			steps[n].admitted = strchr(s + 2, 'a') != NULL;
			steps[n].applied = adopts || strchr(s + 2, 'm') != NULL;
			steps[n].outcome =
				strchr(s + 2, 'o') ? n + 100 : ENTRY_NONE;
		}
		gap_of(steps, n, &found, &gap);
		if (gap.kind != rows[i].kind)
			fail_msg("row %zu: %s", i, gap_kind_name(gap.kind));
		if (gap.entry !=
			(rows[i].entry < 0 ? ENTRY_NONE
					   : (uint64_t)rows[i].entry))
			fail_msg(
				"row %zu: entry %lld", i, (long long)gap.entry);
		if (!oid_eq(&gap.expected, &expected))
			fail_msg("row %zu: other expectation", i);
		assert_true(oid_eq(&gap.found, &found));
	}
}

static void what_matters(void **state)
{
	(void)state;
	assert_true(gap_matters(GAP_CREATED));
	assert_true(gap_matters(GAP_MOVED));
	assert_true(gap_matters(GAP_DELETED));
	assert_true(gap_matters(GAP_NO_OUTCOME));
	assert_false(gap_matters(GAP_NOT_APPLIED));
	assert_false(gap_matters(GAP_FORGE));
	assert_false(gap_matters(GAP_NONE));
	assert_true(gap_matters(GAP_EARLIER));
}

#define HEX(c)                                                                \
	c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c c \
		c c c c c

static struct repo_ref ref_at(const char *name, const char *hex)
{
	struct repo_ref r = {.name = span_str(name)};

	assert_true(oid_read(span_str(hex), &r.oid));
	return r;
}

/* A whole repository against a real log: each kind once, in order. */
static void whole(void **state)
{
	static char dir[256];
	struct arena *a = arena_new((size_t)64 << 20);
	struct buf vkey = BUF_INIT(4096);
	struct err err = ERR_INIT;
	const struct logbook main_ref = {dir, "p", "refs/heads/main"};
	const struct logbook gone = {dir, "p", "refs/heads/gone"};
	const struct logbook idle = {dir, "p", "refs/heads/idle"};
	const struct logbook mute = {dir, "p", "refs/heads/mute"};
	const struct logbook other = {dir, "q", "refs/heads/new"};
	const char *tip = HEX("a");
	const struct repo_ref refs[] = {
		ref_at("refs/heads/idle", HEX("a")),
		ref_at("refs/heads/main", HEX("c")),
		ref_at("refs/heads/mute", HEX("b")),
		ref_at("refs/heads/new", HEX("a")),
		ref_at("refs/keep-around/1", HEX("a")),
		ref_at("refs/sluice/policy-public", HEX("a")),
		ref_at("refs/sluice/proofs", HEX("a")),
		ref_at("refs/sluice/proofs2", HEX("a")),
		ref_at("refs/tags/v1", HEX("a")),
	};
	static const struct {
		const char *ref;
		enum gap_kind kind;
		uint64_t entry;
	} want[] = {
		{"refs/heads/gone", GAP_DELETED, 0},
		{"refs/heads/idle", GAP_NOT_APPLIED, 5},
		{"refs/heads/main", GAP_MOVED, 3},
		{"refs/heads/mute", GAP_NO_OUTCOME, 6},
		{"refs/heads/new", GAP_CREATED, ENTRY_NONE},
		{"refs/keep-around/1", GAP_FORGE, ENTRY_NONE},
		{"refs/sluice/proofs2", GAP_CREATED, ENTRY_NONE},
		{"refs/tags/v1", GAP_CREATED, ENTRY_NONE},
	};
	struct index *ix;
	struct gaps gaps;
	uint64_t d;
	size_t i;

	(void)state;
	unit_dir(dir, sizeof(dir));
	assert_int_equal(
		store_create(dir, SPAN_LIT("example.org/log"), &vkey, &err), 0);
	/* 0 */ logbook_adopt(&gone, tip, &tip, 1);
	/* 1 */ logbook_adopt(&idle, tip, &tip, 1);
	/* 2 */ logbook_adopt(&main_ref, tip, &tip, 1);
	d = logbook_decide(&main_ref, "accept", tip, HEX("b"));
	/* 4 */ logbook_outcome(&main_ref, d, tip, HEX("b"));
	/* 5 */ logbook_decide(&idle, "accept", tip, HEX("b"));
	/* 6 */ logbook_decide(&mute, "accept", LOGBOOK_ZEROS, HEX("b"));
	/* 7: of another repository */
	logbook_adopt(&other, tip, &tip, 1);
	/* 8: refused, and yet main is there now */
	logbook_decide(&main_ref, "reject", HEX("b"), HEX("c"));

	assert_int_equal(index_open(dir, &ix, &err), 0);
	assert_int_equal(reconcile(ix, SPAN_LIT("p"), refs, ARRAY_LEN(refs), a,
				 &gaps, &err),
		0);
	assert_int_equal(gaps.refs, 10);
	assert_int_equal(gaps.n, ARRAY_LEN(want));
	for (i = 0; i < gaps.n; i++) {
		unit_span_is(gaps.v[i].ref, want[i].ref);
		if (gaps.v[i].kind != want[i].kind ||
			gaps.v[i].entry != want[i].entry)
			fail_msg("%s: %s, entry %lld", want[i].ref,
				gap_kind_name(gaps.v[i].kind),
				(long long)gaps.v[i].entry);
	}
	/* 9 and 10: from where it was left before, as if never moved on; then
	 * where it stands is as the log says, and how it came there is not */
	d = logbook_decide(&main_ref, "accept", tip, HEX("c"));
	logbook_outcome(&main_ref, d, tip, HEX("c"));
	index_close(ix);
	assert_int_equal(index_open(dir, &ix, &err), 0);
	assert_int_equal(
		reconcile(ix, SPAN_LIT("p"), &refs[1], 1, a, &gaps, &err), 0);
	for (i = 0; i < gaps.n; i++)
		if (span_is(gaps.v[i].ref, "refs/heads/main"))
			break;
	assert_true(i < gaps.n);
	assert_int_equal(gaps.v[i].kind, GAP_EARLIER);
	assert_int_equal(gaps.v[i].entry, 9);
	assert_int_equal(gaps.v[i].previous, 3);
	/* the repository of entry 7 has nothing to complain of */
	assert_int_equal(
		reconcile(ix, SPAN_LIT("q"), &refs[3], 1, a, &gaps, &err), 0);
	assert_int_equal(gaps.n, 0);
	index_close(ix);
	unit_rm(dir);
	buf_free(&vkey);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
		cmocka_unit_test(what_matters),
		cmocka_unit_test(whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

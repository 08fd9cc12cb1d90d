#include "../../support/unit.h"

#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/io.h"
#include "log/index.h"
#include "log/store.h"
#include "parse/record.h"

#define REPO SPAN_LIT("r/a")
#define MAIN "refs/heads/main"
#define SIDE "refs/heads/side"

static struct doc *observed(struct doc *j)
{
	doc_set(test_predicate(j), "mode", doc_of_str("observe"));
	doc_set(test_predicate(j), "admitted", doc_of_bool(true));
	return j;
}

static struct doc *elsewhere(struct doc *j)
{
	doc_set(test_predicate(j), "repository", doc_of_str("r/b"));
	return j;
}

/*
 * 0 adopt main at 3; 1 reject main 3→4; 2 accept main 3→4; 3 its outcome;
 * 4 accept side 3→4, not applied; 5 observed main 4→5; 6 undecided main 5→6;
 * 7 accept main 9→10 in another repository; 8 accept side 7→8
 */
static char *made(const char *dir)
{
	char *state = test_log(dir, 0);

	log_append(state, test_adopt(MAIN, 3));
	log_append(state, test_decision("reject", MAIN, 3));
	log_append(state, test_decision("accept", MAIN, 3));
	log_append(state, test_outcome(2, MAIN, 3));
	log_append(state, test_decision("accept", SIDE, 3));
	log_append(state, observed(test_decision("reject", MAIN, 4)));
	log_append(state, test_decision("undecided", MAIN, 5));
	log_append(state, elsewhere(test_decision("accept", MAIN, 9)));
	log_append(state, test_decision("accept", SIDE, 7));
	return state;
}

static struct index *opened(const char *state)
{
	struct err err = ERR_INIT;
	struct index *ix;

	if (index_open(state, &ix, &err))
		fail_msg("index: %s", err.text);
	return ix;
}

static void is_oid(const struct oid *o, unsigned n)
{
	struct oid want = test_oid(n);

	assert_true(oid_eq(o, &want));
}

static uint64_t admitted(struct index *ix, const char *ref, unsigned n)
{
	struct oid o = test_oid(n);
	struct err err = ERR_INIT;
	uint64_t entry;

	if (index_was_admitted(ix, REPO, span_str(ref), &o, &entry, &err))
		fail_msg("%s", err.text);
	return entry;
}

static void test_adopted(void **unused)
{
	char *dir = log_folder(), *state = made(dir);
	struct arena *a = arena_new(1 << 20);
	struct err err = ERR_INIT;
	struct index *ix;
	struct oid *v;
	size_t n;

	(void)unused;
	log_append(state, test_adopt(SIDE, 7));
	ix = opened(state);
	assert_int_equal(index_adopted(ix, REPO, 9, a, &v, &n, &err), 0);
	assert_int_equal(n, 2);
	is_oid(&v[0], 7);
	is_oid(&v[1], 3);
	assert_int_equal(index_adopted(ix, REPO, 1, a, &v, &n, &err), 0);
	assert_int_equal(n, 1);
	is_oid(&v[0], 7);
	assert_int_equal(
		index_adopted(ix, SPAN_LIT("none"), 9, a, &v, &n, &err), 0);
	assert_int_equal(n, 0);
	index_close(ix);
	arena_free(a);
	free(state);
	log_remove(dir);
}

static void test_admitted(void **unused)
{
	char *dir = log_folder(), *state = made(dir);
	struct index *ix = opened(state);
	struct err err = ERR_INIT;
	struct oid old = test_oid(3), new = test_oid(4);
	uint64_t entry;

	(void)unused;
	assert_int_equal(admitted(ix, MAIN, 3), 0);
	assert_int_equal(admitted(ix, MAIN, 4), 2); /* not the rejected 1 */
	assert_int_equal(admitted(ix, SIDE, 4), 4);
	assert_int_equal(admitted(ix, MAIN, 5), 5);
	assert_true(admitted(ix, MAIN, 6) == ENTRY_NONE);  /* undecided */
	assert_true(admitted(ix, MAIN, 10) == ENTRY_NONE); /* elsewhere */
	assert_true(admitted(ix, SIDE, 3) == ENTRY_NONE);  /* another ref */
	assert_true(admitted(ix, "refs/heads/none", 3) == ENTRY_NONE);
	assert_int_equal(index_decision(ix, REPO, SPAN_LIT(MAIN), &old, &new,
				 &entry, &err),
		0);
	assert_int_equal(entry, 2);
	/* Another old value; an adoption is no decision. */
	assert_int_equal(index_decision(ix, REPO, SPAN_LIT(MAIN), &new, &new,
				 &entry, &err),
		0);
	assert_true(entry == ENTRY_NONE);
	memset(&old, 0, sizeof(old));
	new = test_oid(3);
	assert_int_equal(index_decision(ix, REPO, SPAN_LIT(MAIN), &old, &new,
				 &entry, &err),
		0);
	assert_true(entry == ENTRY_NONE);
	index_close(ix);
	free(state);
	log_remove(dir);
}

static void test_tips(void **unused)
{
	char *dir = log_folder(), *state = made(dir);
	struct arena *a = arena_new(1u << 20);
	struct index *ix = opened(state);
	struct err err = ERR_INIT;
	struct index_tips t;

	(void)unused;
	assert_int_equal(index_tips(ix, REPO, a, &t, &err), 0);
	assert_int_equal(t.n, 4);
	unit_span_is(t.v[0].ref, MAIN);
	is_oid(&t.v[0].oid, 5);
	assert_int_equal(t.v[0].entry, 5);
	assert_false(t.v[0].accepted);
	is_oid(&t.v[1].oid, 4);
	assert_int_equal(t.v[1].entry, 2);
	assert_true(t.v[1].accepted);
	unit_span_is(t.v[2].ref, SIDE);
	is_oid(&t.v[2].oid, 8);
	is_oid(&t.v[3].oid, 4);
	assert_int_equal(index_refs(ix, REPO, a, &t, &err), 0);
	assert_int_equal(t.n, 2);
	is_oid(&t.v[0].oid, 5);
	is_oid(&t.v[1].oid, 8);
	assert_int_equal(index_tips(ix, SPAN_LIT("none"), a, &t, &err), 0);
	assert_int_equal(t.n, 0);
	index_close(ix);
	arena_free(a);
	free(state);
	log_remove(dir);
}

static struct doc *certified(struct doc *j, char digit)
{
	struct doc *c = doc_object();
	char sha256[65];

	memset(sha256, digit, 64);
	sha256[64] = '\0';
	doc_set(c, "blob",
		doc_of_str("c47840381ad2c111a36e1b9875a1a7f9d3c4e985"));
	doc_set(c, "nonce_status", doc_of_str("ok"));
	doc_set(c, "signed_sha256", doc_of_str(sha256));
	doc_set(test_predicate(j), "push_certificate", c);
	return j;
}

static void test_certificates(void **unused)
{
	char *dir = log_folder(), *state = made(dir);
	struct arena *a = arena_new(1u << 20);
	struct err err = ERR_INIT;
	struct certificate_use *use;
	struct index *ix;
	bool differs;
	size_t n;

	(void)unused;
	log_append(state, certified(test_decision("accept", MAIN, 8), '1'));
	log_append(state, certified(test_decision("reject", MAIN, 9), '2'));
	log_append(state, certified(test_decision("accept", MAIN, 9), '3'));
	log_append(state,
		elsewhere(certified(test_decision("accept", MAIN, 9), '4')));
	log_append(state,
		observed(certified(test_decision("reject", MAIN, 10), '5')));
	ix = opened(state);
	assert_int_equal(
		index_certificates(ix, REPO, 10, a, &use, &n, &err), 0);
	/* The newest first; not what was refused, nor what was elsewhere. */
	assert_int_equal(n, 3);
	assert_int_equal(use[0].sha256[0], '5');
	assert_int_equal(use[1].sha256[63], '3');
	assert_int_equal(use[2].sha256[0], '1');
	assert_int_equal(use[0].entry, use[1].entry + 2);
	assert_int_equal(index_certificates(ix, REPO, 1, a, &use, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(use[0].sha256[0], '5');
	assert_int_equal(
		index_certificates(ix, SPAN_LIT("none"), 10, a, &use, &n, &err),
		0);
	assert_int_equal(n, 0);
	index_close(ix);
	assert_int_equal(index_check(state, &differs, &err), 0);
	assert_false(differs);
	arena_free(a);
	free(state);
	log_remove(dir);
}

static void test_commit(void **unused)
{
	char *dir = log_folder(), *state = made(dir), hex[OID_HEX + 1];
	struct arena *a = arena_new(1u << 20);
	struct index *ix = opened(state);
	struct oid o = test_oid(4), *v;
	struct err err = ERR_INIT;
	struct index_rows rows;
	size_t n;

	(void)unused;
	assert_int_equal(index_commit(ix, &o, a, &rows, &err), 0);
	assert_int_equal(rows.n, 3);
	assert_int_equal(rows.v[0].entry, 1);
	assert_false(rows.v[0].admitted);
	assert_false(rows.v[0].applied);
	assert_int_equal(rows.v[1].entry, 2);
	assert_true(rows.v[1].applied);
	assert_int_equal(rows.v[1].outcome, 3);
	assert_int_equal(rows.v[1].nupdate, 1);
	unit_span_is(rows.v[1].update[0].ref, MAIN);
	assert_true(rows.v[1].update[0].applied);
	unit_span_is(rows.v[1].pusher, "ada");
	assert_int_equal(rows.v[2].entry, 4);
	assert_true(rows.v[2].admitted);
	assert_false(rows.v[2].applied);
	assert_true(rows.v[2].outcome == ENTRY_NONE);
	/* An adopted commit that is no tip. */
	o = test_oid(2);
	assert_int_equal(index_commit(ix, &o, a, &rows, &err), 0);
	assert_int_equal(rows.n, 1);
	assert_int_equal(rows.v[0].kind, RECORD_ADOPT);
	assert_true(rows.v[0].applied);
	o = test_oid(77);
	assert_int_equal(index_commit(ix, &o, a, &rows, &err), 0);
	assert_int_equal(rows.n, 0);
	o = test_oid(4);
	oid_hex(&o, hex);
	assert_int_equal(
		index_abbreviated(ix, span_of(hex, 7), 5, a, &v, &n, &err), 0);
	assert_int_equal(n, 1);
	is_oid(&v[0], 4);
	assert_int_equal(
		index_abbreviated(ix, SPAN_LIT("abcdefgh"), 5, a, &v, &n, &err),
		-1);
	assert_int_equal(
		index_abbreviated(ix, SPAN_LIT("abc"), 5, a, &v, &n, &err), -1);
	index_close(ix);
	arena_free(a);
	free(state);
	log_remove(dir);
}

static void test_list(void **unused)
{
	char *dir = log_folder(), *state = made(dir);
	struct arena *a = arena_new(1u << 20);
	struct index *ix = opened(state);
	struct index_filter f = {.since = 0};
	enum record_kind kind = RECORD_DECISION;
	enum verdict verdict = VERDICT_ACCEPT;
	struct err err = ERR_INIT;
	struct index_rows rows;
	struct index_steps s;
	struct index_row row;

	(void)unused;
	assert_int_equal(index_list(ix, &f, a, &rows, &err), 0);
	assert_int_equal(rows.n, 9);
	assert_int_equal(rows.v[3].kind, RECORD_OUTCOME);
	assert_int_equal(rows.v[3].decision, 2);
	f.kind = &kind;
	f.verdict = &verdict;
	assert_int_equal(index_list(ix, &f, a, &rows, &err), 0);
	assert_int_equal(rows.n, 4);
	f.repository = REPO;
	f.last = 2;
	assert_int_equal(index_list(ix, &f, a, &rows, &err), 0);
	assert_int_equal(rows.n, 2);
	assert_int_equal(rows.v[0].entry, 4);
	assert_int_equal(rows.v[1].entry, 8);
	f = (struct index_filter){.since = 4, .ref = SPAN_LIT(SIDE)};
	assert_int_equal(index_list(ix, &f, a, &rows, &err), 0);
	assert_int_equal(rows.n, 2);
	assert_int_equal(index_entry(ix, 6, a, &row, &err), 0);
	assert_int_equal(row.verdict, VERDICT_UNDECIDED);
	assert_int_equal(index_entry(ix, 9, a, &row, &err), -1);
	assert_int_equal(index_entry(ix, UINT64_MAX, a, &row, &err), -1);
	assert_int_equal(
		index_ref_history(ix, REPO, SPAN_LIT(MAIN), 0, a, &s, &err), 0);
	assert_int_equal(s.n, 5);
	assert_int_equal(s.v[0].entry, 6);
	assert_false(s.v[0].admitted);
	assert_int_equal(s.v[2].entry, 2);
	assert_true(s.v[2].applied);
	assert_int_equal(s.v[2].outcome, 3);
	assert_int_equal(s.v[4].kind, RECORD_ADOPT);
	index_close(ix);
	arena_free(a);
	free(state);
	log_remove(dir);
}

/* Lists that stand aside are indexed like the rest. */
static void test_long(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 0);
	struct arena *a = arena_new(1u << 20);
	struct oid o = test_oid(650);
	struct err err = ERR_INIT;
	struct index_rows rows;
	struct index *ix;

	(void)unused;
	log_append(state, test_adopt(MAIN, 700));
	ix = opened(state);
	assert_int_equal(index_commit(ix, &o, a, &rows, &err), 0);
	assert_int_equal(rows.n, 1);
	assert_int_equal(rows.v[0].entry, 0);
	index_close(ix);
	arena_free(a);
	free(state);
	log_remove(dir);
}

/* An outcome names no decision, or one of another repository: the log is at
 * odds with itself, and nothing is believed. */
static struct doc *waiving(struct doc *j, unsigned waiver)
{
	struct oid o = test_oid(waiver);
	struct doc *list = doc_array(), *w = doc_object();
	char hex[OID_HEX + 1];

	oid_hex(&o, hex);
	doc_set(w, "object", doc_of_str(hex));
	doc_set(w, "commit", doc_of_str(hex));
	doc_set(w, "ref", doc_of_str(MAIN));
	doc_set(w, "finding", doc_of_str("file.name"));
	doc_set(w, "reason", doc_of_str("why"));
	doc_set(w, "until", doc_of_str("2026-12-01T12:00:00Z"));
	doc_set(w, "person", doc_of_str("ada"));
	doc_set(w, "status", doc_of_str("valid"));
	doc_set(w, "used", doc_of_bool(true));
	doc_add(list, w);
	doc_set(test_predicate(j), "waivers", list);
	return j;
}

/* What was used and moved a ref is spent; what was taken away is withdrawn;
 * neither in another repository, nor by what was refused. */
static void test_waivers(void **unused)
{
	static const char at[] = "refs/sluice/waivers/x/1";
	char *dir = log_folder(), *state = made(dir);
	struct arena *a = arena_new(1 << 20);
	struct err err = ERR_INIT;
	struct index *ix;
	const struct index_filter all = {.last = 0};
	struct index_rows rows;
	struct waiver_past w;
	size_t i, n = 0;
	bool differs;

	(void)unused;
	log_append(
		state, waiving(test_decision("accept", MAIN, 20), 91)); /* 9 */
	log_append(state, test_outcome(9, MAIN, 20));
	log_append(state, waiving(test_decision("accept", MAIN, 21), 92));
	log_append(state, waiving(test_decision("reject", MAIN, 22), 93));
	log_append(state,
		elsewhere(waiving(test_decision("accept", MAIN, 23), 94)));
	log_append(state, test_decision("accept", at, 30));
	log_append(state, test_decision("reject", at, 32));
	log_append(state, elsewhere(test_decision("accept", at, 34)));
	ix = opened(state);
	assert_int_equal(index_waivers(ix, REPO, "2000", a, &w, &err), 0);
	assert_int_equal(w.nspent, 1);
	is_oid(&w.spent[0], 91);
	assert_int_equal(w.nwithdrawn, 1);
	is_oid(&w.withdrawn[0], 30);
	assert_int_equal(w.nwaived, 2);
	unit_span_is(w.waived[0].ref, MAIN);
	is_oid(&w.waived[0].old, 20);
	is_oid(&w.waived[0].new, 21);
	is_oid(&w.waived[1].old, 21);
	/* Each with the waivers of its own push. */
	for (i = 0; i < w.nwaived; i++) {
		assert_int_equal(w.waived[i].nby, 1);
		is_oid(w.waived[i].by, 91 + (unsigned)i);
	}
	/* What is long ago has run out; what it let in is still there. */
	assert_int_equal(index_waivers(ix, REPO, "2999", a, &w, &err), 0);
	assert_int_equal(w.nspent + w.nwithdrawn, 0);
	assert_int_equal(w.nwaived, 2);
	/* The list says which came in so: not what was refused. */
	assert_int_equal(index_list(ix, &all, a, &rows, &err), 0);
	for (i = 0; i < rows.n; i++)
		n += rows.v[i].waived;
	assert_int_equal(n, 3);
	assert_true(rows.v[9].waived && !rows.v[10].waived);
	index_close(ix);
	assert_int_equal(index_check(state, &differs, &err), 0);
	assert_false(differs);
	arena_free(a);
	free(state);
	log_remove(dir);
}

struct object {
	unsigned n;
	uint64_t entry;
};
struct objects {
	struct object v[32];
	size_t n;
};

static int keep_object(
	void *ctx, const struct oid *o, uint64_t entry, struct err *err)
{
	struct objects *all = ctx;

	(void)err;
	assert_true(all->n < ARRAY_LEN(all->v));
	all->v[all->n].n = o->b[OID_RAW - 1];
	all->v[all->n++].entry = entry;
	return 0;
}

/* What an audit saw of a decision is its outcome; what it saw of a ref that no
 * push moved changes nothing. */
static void test_observed_entries(void **unused)
{
	char *dir = log_folder(), *state = made(dir);
	struct arena *a = arena_new(1 << 20);
	struct err err = ERR_INIT;
	struct objects before = {0}, after = {0};
	struct index_steps s;
	struct index_row row;
	struct index *ix;
	uint64_t entry;
	struct oid o;
	bool differs;

	(void)unused;
	log_append(state, test_decision("accept", MAIN, 20)); /* 9 */
	ix = opened(state);
	assert_int_equal(
		index_objects(ix, REPO, keep_object, &before, &err), 0);
	index_close(ix);
	log_append(state, test_observed(9, MAIN, 20)); /* 10 */
	log_append(state, test_observed(UINT64_MAX, MAIN, 25));
	ix = opened(state);
	assert_int_equal(index_entry(ix, 9, a, &row, &err), 0);
	assert_true(row.applied && row.update[0].applied);
	assert_int_equal(row.outcome, 10);
	assert_int_equal(index_entry(ix, 10, a, &row, &err), 0);
	assert_int_equal(row.kind, RECORD_OBSERVED);
	assert_int_equal(row.decision, 9);
	assert_int_equal(index_entry(ix, 11, a, &row, &err), 0);
	assert_true(row.decision == ENTRY_NONE);
	assert_false(row.admitted || row.applied);
	o = row.update[0].new;
	assert_int_equal(
		index_was_admitted(ix, REPO, SPAN_LIT(MAIN), &o, &entry, &err),
		0);
	assert_true(entry == ENTRY_NONE);
	assert_int_equal(
		index_ref_history(ix, REPO, SPAN_LIT(MAIN), 1, a, &s, &err), 0);
	assert_int_equal(s.v[0].entry, 9);
	/* The decision's are expected to be there once it is settled. */
	assert_int_equal(index_objects(ix, REPO, keep_object, &after, &err), 0);
	assert_true(after.n > before.n);
	index_close(ix);
	assert_int_equal(index_check(state, &differs, &err), 0);
	assert_false(differs);
	arena_free(a);
	free(state);
	log_remove(dir);
}

static void test_false_outcome(void **unused)
{
	char *dir = log_folder(), *state = made(dir);
	struct err err = ERR_INIT;
	struct index *ix = opened(state);

	(void)unused;
	index_close(ix);
	log_append(state, elsewhere(test_outcome(2, MAIN, 3)));
	assert_int_equal(index_open(state, &ix, &err), -1);
	assert_int_equal(err.code, ERR_LOG);
	assert_non_null(strstr(err.text, "entry 9"));
	free(state);
	log_remove(dir);
}

/* Several at once, one of them building it. */
static void test_together(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 300);
	int i, st;

	(void)unused;
	for (i = 0; i < 6; i++) {
		pid_t pid = fork();

		if (!pid) {
			struct err err = ERR_INIT;
			struct index *ix;
			int k;

			for (k = 0; k < 5; k++) {
				if (index_open(state, &ix, &err))
					_exit(1);
				index_close(ix);
			}
			free(state);
			free(dir);
			_exit(0);
		}
	}
	for (i = 0; i < 6; i++) {
		assert_true(wait(&st) > 0);
		assert_true(WIFEXITED(st));
		assert_int_equal(WEXITSTATUS(st), 0);
	}
	free(state);
	log_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adopted),
		cmocka_unit_test(test_admitted),
		cmocka_unit_test(test_tips),
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_commit),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_waivers),
		cmocka_unit_test(test_observed_entries),
		cmocka_unit_test(test_false_outcome),
		cmocka_unit_test(test_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

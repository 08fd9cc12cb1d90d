#include "support/reviewrun.h"

#define GUARD ")]}'\n"

/* The hour stands for the time. */
#define AT(hour) "\"2026-01-02 " hour ":00:00.000000000\""
#define ACCOUNT(n, name) "{\"_account_id\":" #n ",\"username\":\"" name "\"}"
#define BELA ACCOUNT(1000011, "bela")
#define REVISION(hex, n, uploader, hour)                   \
	"\"" hex "\":{\"kind\":\"REWORK\",\"_number\":" #n \
	",\"created\":" AT(hour) ",\"uploader\":" uploader \
				 ",\"ref\":\"refs/changes/07/7/" #n "\"}"
#define VOTE(n, name, value, hour)                                       \
	"{\"value\":" #value                                             \
	",\"date\":" AT(hour) ",\"_account_id\":" #n                     \
			      ",\"permitted_voting_range\":{\"min\":-2," \
			      "\"max\":2},\"username\":\"" name "\"}"
#define MESSAGE(n, set, hour)                                                 \
	"{\"id\":\"x\",\"author\":{\"_account_id\":" #n "},\"date\":" AT(     \
		hour) ",\"message\":\"Patch Set\",\"_revision_number\":" #set \
		      "}"
#define VALUES                                                          \
	"{\"-2\":\"no\",\"-1\":\"hm\",\" 0\":\"none\",\"+1\":\"well\"," \
	"\"+2\":\"yes\"}"
#define CHANGE(status, project, uploader, votes, messages)                 \
	"{\"id\":\"team%2Fapp~7\",\"project\":\"" project                  \
	"\",\"branch\":\"main\",\"status\":\"" status                      \
	"\",\"_number\":7,\"owner\":" BELA ",\"labels\":{\"Verified\":{}," \
	"\"Code-Review\":{\"all\":[" votes "],\"values\":" VALUES          \
	",\"default_value\":0}},\"current_revision\":\"" H1                \
	"\",\"revisions\":{" REVISION(                                     \
		H1, 2, uploader, "02") "},\"messages\":[" messages "]}"
#define VOTED(votes, messages) \
	GUARD CHANGE("NEW", "team/app", BELA, votes, messages)
#define GUS(value, hour) VOTE(1000012, "gus", value, hour)
#define SAID(set, hour) MESSAGE(1000012, set, hour)

static struct reviewrun read_all(const char *body)
{
	const struct review_answer a = reviewrun_part("request", body);

	return reviewrun_read(&review_gerrit, false, &a, 1);
}

/* The one account's fault, "" if its vote counts. */
static void is(const char *body, const char *fault)
{
	reviewrun_says(read_all(body), body, fault);
}

static void change_is_read(void **state)
{
	struct reviewrun run = read_all(VOTED(GUS(2, "03"), SAID(2, "03")));

	(void)state;
	reviewrun_well(&run, 1000012);
	/* A vote is of the one commit, not of those below it. */
	assert_true(run.r.alone);
	arena_free(run.arena);
	run = read_all(GUARD CHANGE("MERGED", "team/app", BELA, "", ""));
	assert_int_equal(run.ret, 0);
	assert_false(run.r.open);
	arena_free(run.arena);
}

static void the_highest_value_is_needed(void **state)
{
	struct reviewrun run =
		read_all(VOTED(GUS(0, "03") ",{\"_account_id\":5}", ""));

	(void)state;
	assert_int_equal(run.ret, 0);
	assert_int_equal(run.r.nreview, 0);
	arena_free(run.arena);
	is(VOTED(GUS(1, "03"), SAID(2, "03")), "highest value");
	is(VOTED(GUS(-1, "03"), SAID(2, "03")), "against");
	is(VOTED(GUS(-2, "03"), SAID(2, "03")), "against");
	is(VOTED(GUS(2, "03"), SAID(2, "03")), "");
}

/* Copied with the patch set, a vote has the time of it; copied later, its
 * message stands on another one. */
/* A veto is the lowest value, copied or not. */
static void the_lowest_value_is_against_it(void **state)
{
	static const struct {
		const char *body;
		bool against;
	} t[] = {
		{VOTED(GUS(-2, "03"), SAID(2, "03")), true},
		{VOTED(GUS(-2, "02"), ""), true},
		{VOTED(GUS(-1, "03"), SAID(2, "03")), false},
		{VOTED(GUS(1, "03"), SAID(2, "03")), false},
		{VOTED(GUS(2, "03"), SAID(2, "03")), false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct reviewrun run = read_all(t[i].body);

		assert_int_equal(run.ret, 0);
		assert_int_equal(run.r.nreview, 1);
		assert_int_equal(run.r.review[0].against, t[i].against);
		arena_free(run.arena);
	}
}

static void copied_votes_do_not_count(void **state)
{
	(void)state;
	is(VOTED(GUS(2, "01"), SAID(1, "01")), "another patch set");
	is(VOTED(GUS(2, "01"), SAID(2, "01")), "another patch set");
	is(VOTED(GUS(2, "02"), SAID(2, "02")), "another patch set");
	is(VOTED(GUS(2, "03"), SAID(1, "03")), "another patch set");
	is(VOTED(GUS(2, "03"), SAID(2, "04")), "another patch set");
	is(VOTED(GUS(2, "03"), MESSAGE(1000013, 2, "03")), "another patch set");
	is(VOTED(GUS(2, "03"), ""), "another patch set");
	is(VOTED(GUS(2, "03"), SAID(1, "01") "," SAID(2, "03")), "");
}

static void nobody_votes_for_another(void **state)
{
	(void)state;
	is(VOTED(GUS(2, "03"),
		   "{\"author\":{\"_account_id\":1000012},\"real_author\":{"
		   "\"_account_id\":1000011},\"date\":" AT(
			   "03") ",\"_revision_number\":2}"),
		"on behalf");
}

static void who_made_it_does_not_count(void **state)
{
	(void)state;
	is(VOTED(VOTE(1000011, "bela", 2, "03"), MESSAGE(1000011, 2, "03")),
		"their own");
	is(GUARD CHANGE("NEW", "team/app", ACCOUNT(1000012, "gus"),
		   GUS(2, "03"), SAID(2, "03")),
		"uploaded");
	is(GUARD CHANGE("NEW", "team/app",
		   BELA ",\"real_uploader\":" ACCOUNT(1000012, "gus"),
		   GUS(2, "03"), SAID(2, "03")),
		"uploaded");
}

static void programs_do_not_count(void **state)
{
	(void)state;
	is(VOTED("{\"tag\":\"autogenerated:ci\",\"value\":2,\"date\":" AT(
			 "03") ",\"_account_id\":1000012}",
		   SAID(2, "03")),
		"a program");
}

/* Nothing that is not understood passes for "no votes". */
static void what_is_not_understood_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		GUARD,
		")]}'",
		GUARD "[]",
		GUARD "{}",
		GUARD "null",
		"Not found\n",
		CHANGE("NEW", "team/app", BELA, "", ""),
		")]}'\r\n" CHANGE("NEW", "team/app", BELA, "", ""),
		GUARD CHANGE("NEW", "team/other", BELA, "", ""),
		GUARD CHANGE("NEW", "team/app", "null", "", ""),
		GUARD CHANGE(
			"NEW", "team/app", "{\"username\":\"gus\"}", "", ""),
		VOTED("1", ""),
		VOTED("null", ""),
		VOTED("{\"value\":\"2\"}", ""),
		VOTED("{\"value\":2,\"_account_id\":12}", ""),
		VOTED("{\"value\":2,\"date\":" AT("03") "}", ""),
		VOTED(GUS(2, "33"), SAID(2, "03")),
		GUARD "{\"_number\":7,\"status\":\"NEW\",\"branch\":\"main\","
		      "\"project\":\"team/app\",\"owner\":" BELA
		      ",\"messages\":[],\"labels\":{},\"current_revision\":"
		      "\"" H1
		      "\",\"revisions\":{" REVISION(H1, 1, BELA, "02") "}}",
		GUARD "{\"_number\":7,\"status\":\"NEW\",\"branch\":\"main\","
		      "\"project\":\"team/app\",\"owner\":" BELA
		      ",\"messages\":[],\"labels\":{\"Code-Review\":{"
		      "\"values\":{\" 0\":\"\"}}},\"current_revision\":"
		      "\"" H1
		      "\",\"revisions\":{" REVISION(H1, 1, BELA, "02") "}}",
		GUARD "{\"_number\":7,\"status\":\"NEW\",\"branch\":\"main\","
		      "\"project\":\"team/app\",\"owner\":" BELA
		      ",\"messages\":[],\"labels\":{\"Code-Review\":{"
		      "\"values\":" VALUES "}},\"current_revision\":"
		      "\"" H1
		      "\",\"revisions\":{" REVISION(H2, 1, BELA, "02") "}}",
	};

	(void)state;
	reviewrun_refused(read_all, bad, ARRAY_LEN(bad));
	reviewrun_cut(read_all, VOTED(GUS(2, "03"), SAID(2, "03")));
}

static void no_bit_makes_an_approval(void **state)
{
	(void)state;
	reviewrun_flipped(read_all, VOTED(GUS(-2, "00"), SAID(1, "00")));
}

static void lists_are_read(void **state)
{
#define LISTED(n, status, head, more)              \
	"{\"_number\":" #n ",\"status\":\"" status \
	"\",\"branch\":\"main\",\"current_revision\":\"" head "\"" more "}"
	struct arena *arena = arena_new(1 << 24);
	struct review_hits hits = {.arena = arena};
	struct err err = ERR_INIT;
	size_t n = 9;

	(void)state;
	assert_int_equal(
		review_gerrit.find_read(
			SPAN_LIT(GUARD "[" LISTED(7, "NEW", H1, "") "," LISTED(
				8, "ABANDONED", H2, "") "]"),
			&hits, &n, &err),
		0);
	assert_int_equal(n, 2);
	assert_int_equal(hits.n, 2);
	assert_int_equal(hits.v[0].number, 7);
	assert_true(hits.v[0].open);
	assert_false(hits.v[1].open);
	assert_int_equal(review_gerrit.find_read(
				 SPAN_LIT(GUARD "[]\n"), &hits, &n, &err),
		0);
	assert_int_equal(n, 0);
	/* The project's settings are no branch. */
	assert_int_equal(
		review_gerrit.find_read(
			SPAN_LIT(GUARD "[{\"_number\":9,\"status\":\"NEW\","
				       "\"branch\":\"refs/meta/config\","
				       "\"current_revision\":\"" H1 "\"}]"),
			&hits, &n, &err),
		0);
	assert_false(hits.v[2].open);
	assert_int_equal(
		review_gerrit.find_read(SPAN_LIT("[]"), &hits, &n, &err), -1);
	assert_int_equal(review_gerrit.find_read(
				 SPAN_LIT(GUARD "[{}]"), &hits, &n, &err),
		-1);
	err_clear(&err);
	assert_int_equal(
		review_gerrit.find_read(SPAN_LIT(GUARD "[" LISTED(7, "NEW", H1,
						",\"_more_changes\":true") "]"),
			&hits, &n, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
	arena_free(arena);
}

/* A project is one step of the path, and one value of the query. */
static void paths_are_escaped(void **state)
{
	struct review_where where = {.project = SPAN_LIT("te\"am/a?p+b"),
		.branch = SPAN_LIT("main"),
		.token = true};
	struct oid commit;
	struct buf path = BUF_INIT(REVIEW_PATH_MAX);

	(void)state;
	assert_true(oid_read(SPAN_LIT(H1), &commit));
	assert_true(review_gerrit.by_commit);
	review_gerrit.part_path(&where, 7, 0, 1, &path);
	unit_span_is(buf_all(&path),
		"/a/changes/te%22am%2Fa%3Fp%2Bb~7?o=CURRENT_REVISION"
		"&o=DETAILED_LABELS&o=DETAILED_ACCOUNTS&o=MESSAGES");
	buf_reset(&path);
	where.token = false;
	review_gerrit.find_path(&where, &commit, 1, &path);
	unit_span_is(buf_all(&path),
		"/changes/?q=commit:" H1
		"+project:%22te%22am%2Fa%3Fp%2Bb%22&o=CURRENT_REVISION");
	buf_reset(&path);
	review_gerrit.header(SPAN_LIT("bot:open"), &path);
	unit_span_is(buf_all(&path), "Authorization: Basic Ym90Om9wZW4=");
	buf_free(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(change_is_read),
		cmocka_unit_test(the_highest_value_is_needed),
		cmocka_unit_test(the_lowest_value_is_against_it),
		cmocka_unit_test(copied_votes_do_not_count),
		cmocka_unit_test(nobody_votes_for_another),
		cmocka_unit_test(who_made_it_does_not_count),
		cmocka_unit_test(programs_do_not_count),
		cmocka_unit_test(what_is_not_understood_is_refused),
		cmocka_unit_test(no_bit_makes_an_approval),
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(paths_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

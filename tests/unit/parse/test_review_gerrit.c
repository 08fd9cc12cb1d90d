#include "parse/review.h"

#include "support/unit.h"

#define H1 "1111111111111111111111111111111111111111"
#define H2 "2222222222222222222222222222222222222222"
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

struct run {
	struct arena *arena;
	struct review_request r;
	struct err err;
	int ret;
};

static struct run read_all(const char *body)
{
	struct run run = {.arena = arena_new(1 << 24), .err = ERR_INIT};
	const struct review_where where = {
		SPAN_LIT("team/app"), SPAN_LIT("main"), true, false};
	const struct review_answer a = {
		.part = SPAN_LIT("request"), .body = span_str(body)};

	run.ret =
		review_gerrit.read(&where, &a, 1, run.arena, &run.r, &run.err);
	return run;
}

/* The one account's fault, "" if its vote counts. */
static void is(const char *body, const char *fault)
{
	struct run run = read_all(body);
	const char *got;

	if (run.ret)
		fail_msg("%s: %s", body, run.err.text);
	assert_int_equal(run.r.nreview, 1);
	got = run.r.review[0].fault;
	if (*fault ? !got || !strstr(got, fault) : got != NULL)
		fail_msg("%s: %s, expected '%s'", body, got, fault);
	arena_free(run.arena);
}

static void change_is_read(void **state)
{
	struct run run = read_all(VOTED(GUS(2, "03"), SAID(2, "03")));
	char hex[OID_HEX + 1];

	(void)state;
	assert_int_equal(run.ret, 0);
	assert_int_equal(run.r.number, 7);
	assert_true(run.r.open);
	unit_span_is(run.r.branch, "main");
	unit_span_is(run.r.opener, "bela");
	assert_string_equal(oid_hex(&run.r.head, hex), H1);
	/* A vote is of the one commit, not of those below it. */
	assert_true(run.r.alone);
	assert_int_equal(run.r.nreview, 1);
	unit_span_is(run.r.review[0].login, "gus");
	assert_int_equal(run.r.review[0].account, 1000012);
	assert_null(run.r.review[0].fault);
	arena_free(run.arena);
	run = read_all(GUARD CHANGE("MERGED", "team/app", BELA, "", ""));
	assert_int_equal(run.ret, 0);
	assert_false(run.r.open);
	arena_free(run.arena);
}

static void the_highest_value_is_needed(void **state)
{
	struct run run =
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
	static const char good[] = VOTED(GUS(2, "03"), SAID(2, "03"));
	struct run run;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		run = read_all(bad[i]);
		if (run.ret != -1)
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(run.err.code, ERR_INPUT);
		arena_free(run.arena);
	}
	for (i = 0; i < strlen(good); i++) {
		char cut[sizeof(good)];

		snprintf(cut, sizeof(cut), "%.*s", (int)i, good);
		run = read_all(cut);
		assert_int_equal(run.ret, -1);
		arena_free(run.arena);
	}
}

/* No change of one bit makes an approval of what is none. */
static void no_bit_makes_an_approval(void **state)
{
	static const char none[] = VOTED(GUS(-2, "00"), SAID(1, "00"));
	size_t i, k;

	(void)state;
	for (i = 0; i < 8 * strlen(none); i += UNIT_STEP) {
		char text[sizeof(none)];
		struct run run;

		memcpy(text, none, sizeof(none));
		text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
		run = read_all(text);
		for (k = 0; !run.ret && k < run.r.nreview; k++)
			assert_non_null(run.r.review[k].fault);
		arena_free(run.arena);
	}
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
	struct review_where where = {
		SPAN_LIT("te\"am/a?p+b"), SPAN_LIT("main"), true, false};
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

#include "support/reviewrun.h"

#define MERGE(state)                                                         \
	"{\"id\":901,\"iid\":7,\"project_id\":3,\"state\":\"" state          \
	"\",\"target_branch\":\"main\",\"source_branch\":\"topic\","         \
	"\"author\":{\"id\":11,\"username\":\"bela\",\"state\":\"active\"}," \
	"\"sha\":\"" H1 "\",\"merge_commit_sha\":null}"
#define USER(state) "{\"id\":12,\"username\":\"gus\",\"state\":\"" state "\"}"
/* The hour stands for the time. */
#define AT(hour) "\"2026-01-02T" hour ":00:00.000Z\""
#define VERSION(id, head, hour)                                        \
	"{\"id\":" #id ",\"head_commit_sha\":\"" head                  \
	"\",\"base_commit_sha\":\"" H2 "\",\"start_commit_sha\":\"" H2 \
	"\",\"merge_request_id\":901,\"state\":\"collected\","         \
	"\"created_at\":" AT(hour) "}"
#define BY(user, more) "{\"user\":" user more "}"
#define APPROVED(more)                                                     \
	"{\"id\":901,\"iid\":7,\"approvals_required\":1,\"approved\":true" \
	",\"approvals_left\":0,\"approved_by\":[" more "]}"
#define GUS(hour) APPROVED(BY(USER("active"), ",\"approved_at\":" AT(hour)))
#define V1 "[" VERSION(31, H1, "02") "]"

static struct reviewrun read_parts(bool trust, const char *object,
	const char *versions, const char *more, const char *approvals)
{
	struct review_answer a[4] = {reviewrun_part("request", object)};
	size_t n = 1;

	if (versions)
		a[n++] = reviewrun_part("versions", versions);
	if (more)
		a[n++] = reviewrun_part("versions", more);
	if (approvals)
		a[n++] = reviewrun_part("approvals", approvals);
	return reviewrun_read(&review_gitlab, trust, a, n);
}

static struct reviewrun read_all(const char *versions, const char *approvals)
{
	return read_parts(false, MERGE("opened"), versions, "[]", approvals);
}

/* The one account's fault, "" if its approval counts. */
static void is(struct reviewrun run, const char *fault)
{
	reviewrun_says(run, "the request", fault);
}

static struct reviewrun of_approvals(const char *approvals)
{
	return read_all(V1, approvals);
}

static struct reviewrun of_versions(const char *versions)
{
	return read_all(versions, GUS("03"));
}

static struct reviewrun of_request(const char *object)
{
	return read_parts(false, object, V1, "[]", GUS("03"));
}

static void request_is_read(void **state)
{
	struct reviewrun run = read_all(V1, GUS("03"));

	(void)state;
	reviewrun_well(&run, 12);
	assert_false(run.r.alone);
	arena_free(run.arena);
}

#define NOTE(who, resolvable, resolved)                            \
	"{\"id\":1,\"body\":\"a\",\"author\":{\"id\":" #who        \
	",\"username\":\"u" #who "\"},\"resolvable\":" #resolvable \
	",\"resolved\":" #resolved "}"
#define TALK(notes) \
	"{\"id\":\"6a\",\"individual_note\":false,\"notes\":[" notes "]}"

static struct reviewrun read_against(
	const char *reviewers, const char *talks, const char *more)
{
	struct reviewrun run = {.arena = arena_new(1 << 24), .err = ERR_INIT};
	const struct review_where where = {.objections = true};
	struct review_answer a[6] = {{.part = SPAN_LIT("request"),
					     .body = span_str(MERGE("opened"))},
		{.part = SPAN_LIT("versions"), .body = span_str(V1)},
		{.part = SPAN_LIT("approvals"), .body = span_str(GUS("03"))}};
	size_t n = 3;

	if (reviewers)
		a[n++] = (struct review_answer){.part = SPAN_LIT("reviewers"),
			.body = span_str(reviewers)};
	if (talks)
		a[n++] = (struct review_answer){.part = SPAN_LIT("discussions"),
			.body = span_str(talks)};
	if (more)
		a[n++] = (struct review_answer){.part = SPAN_LIT("discussions"),
			.body = span_str(more)};
	run.ret = review_gitlab.read(&where, a, n, run.arena, &run.r, &run.err);
	return run;
}

/* Who is against it beside the one approval; they are no approvals. */
static void against(struct reviewrun run, const char *who)
{
	struct buf got = BUF_INIT(1000);
	size_t i;

	if (run.ret)
		fail_msg("refused: %s", run.err.text);
	assert_false(run.r.untold_against);
	assert_null(run.r.review[0].fault);
	assert_false(run.r.review[0].against);
	for (i = 1; i < run.r.nreview; i++) {
		assert_true(run.r.review[i].against);
		assert_non_null(run.r.review[i].fault);
		buf_fmt(&got, " %.*s:%llu", SPAN_FMT(run.r.review[i].login),
			(unsigned long long)run.r.review[i].account);
	}
	assert_string_equal(buf_cstr(&got), who);
	buf_free(&got);
	arena_free(run.arena);
}

static void reviewers_and_open_discussions_are_against_it(void **state)
{
	static const char asks[] = "[{\"user\":" USER(
		"active") ",\"state\":\"requested_changes\"}"
			  ",{\"user\":{\"id\":14,\"username\":\"ada\"},"
			  "\"state\":\"reviewed\"}]";
	struct reviewrun run;

	(void)state;
	against(read_against("[]", "[]", NULL), "");
	against(read_against(asks, "[]", NULL), " gus:12");
	/* By who began it, whoever spoke last; and on every page. */
	against(read_against("[]",
			"[" TALK(NOTE(15, true, false) "," NOTE(
				16, true, false)) "]",
			"[" TALK(NOTE(17, true, true) "," NOTE(
				18, true, false)) "]"),
		" u15:15 u17:17");
	against(read_against("[]",
			"[" TALK(NOTE(15, true, true)) "," TALK(
				NOTE(16, false, false)) "]",
			"[]"),
		"");
	/* What was not asked is not told. */
	run = read_against(NULL, NULL, NULL);
	assert_int_equal(run.ret, 0);
	assert_true(run.r.untold_against);
	arena_free(run.arena);
	run = read_against("[]", NULL, NULL);
	assert_true(run.r.untold_against);
	arena_free(run.arena);
	run = read_against("[{}]", "[]", NULL);
	assert_int_equal(run.ret, -1);
	arena_free(run.arena);
	run = read_against("[]", "[{\"notes\":[]}]", NULL);
	assert_int_equal(run.ret, -1);
	arena_free(run.arena);
	run = read_against("[]", "[" TALK(NOTE(15, true, 1)) "]", NULL);
	assert_int_equal(run.ret, -1);
	arena_free(run.arena);
}

/* The button locks a merge request while it works. */
static void what_is_being_merged_is_open(void **state)
{
	static const struct {
		const char *merge;
		bool open;
	} t[] = {
		{MERGE("opened"), true},
		{MERGE("locked"), true},
		{MERGE("closed"), false},
		{MERGE("merged"), false},
		{MERGE("else"), false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct reviewrun run =
			read_parts(false, t[i].merge, V1, "[]", GUS("03"));

		assert_int_equal(run.ret, 0);
		assert_int_equal(run.r.open, t[i].open);
		arena_free(run.arena);
	}
}

/* A push that leaves the patch as it is resets nothing; nor does any, where the
 * project is set so. */
static void approvals_are_of_the_newest_version(void **state)
{
	(void)state;
	is(read_all(V1, GUS("01")), "before the newest version");
	/* The same moment is not later. */
	is(read_all(V1, GUS("02")), "before the newest version");
	/* In any order. */
	is(read_all("[" VERSION(30, H2, "01") "," VERSION(31, H1, "04") "]",
		   GUS("03")),
		"before the newest version");
	is(read_all("[" VERSION(31, H1, "04") "," VERSION(30, H2, "01") "]",
		   GUS("03")),
		"before the newest version");
	is(read_all("[" VERSION(31, H1, "02") "," VERSION(30, H2, "01") "]",
		   GUS("03")),
		"");
	/* On another page. */
	is(read_parts(false, MERGE("opened"), V1, "[" VERSION(32, H1, "04") "]",
		   GUS("03")),
		"before the newest version");
}

/* Versions are made some time after a push. */
static void the_newest_version_is_of_the_head(void **state)
{
	(void)state;
	is(read_all("[" VERSION(31, H2, "02") "]", GUS("03")), "just changed");
	is(read_parts(true, MERGE("opened"), "[" VERSION(31, H2, "02") "]",
		   "[]", APPROVED(BY(USER("active"), ""))),
		"just changed");
}

static void without_a_time_the_policy_decides(void **state)
{
	static const char bare[] = APPROVED(BY(USER("active"), ""));
	static const char null[] =
		APPROVED(BY(USER("active"), ",\"approved_at\":null"));

	(void)state;
	is(read_all(V1, bare), "trust_reset");
	is(read_all(V1, null), "trust_reset");
	is(read_parts(true, MERGE("opened"), V1, "[]", bare), "");
	is(read_parts(true, MERGE("opened"), V1, "[]", null), "");
	/* Where there is one it counts. */
	is(read_parts(true, MERGE("opened"), V1, "[]", GUS("01")),
		"before the newest version");
}

static void blocked_accounts_do_not_count(void **state)
{
	(void)state;
	is(read_all(V1,
		   APPROVED(BY(USER("blocked"), ",\"approved_at\":" AT("03")))),
		"not active");
}

/* Nothing that is not understood passes for "no approvals". */
static void what_is_not_understood_is_refused(void **state)
{
	static const char *const approvals[] = {
		"",
		"[]",
		"{}",
		"null",
		"{\"message\":\"404 Not found\"}",
		"<html></html>",
		"{\"approved_by\":null}",
		"{\"approved_by\":{}}",
		APPROVED("1"),
		APPROVED("{}"),
		APPROVED("{\"user\":null}"),
		APPROVED(BY("{\"username\":\"gus\"}", "")),
		APPROVED(BY("{\"id\":0,\"username\":\"gus\"}", "")),
		APPROVED(BY("{\"id\":12}", "")),
		APPROVED(BY(USER("active"), ",\"approved_at\":7")),
		APPROVED(BY(USER("active"), ",\"approved_at\":\"\"")),
		GUS("33"),
	};
	static const char *const versions[] = {"", "{}", "[]", "[{}]",
		"[" VERSION(0, H1, "02") "]", "[" VERSION(31, "", "02") "]",
		"[" VERSION(31, H1, "32") "]", "[" VERSION(31, H1, "02"),
		"[" VERSION(31, H1, "02") ",7]"};
	static const char *const objects[] = {"", "[]", "{}",
		"{\"iid\":7,\"state\":\"opened\",\"target_branch\":\"main\","
		"\"sha\":null,\"author\":{\"username\":\"bela\"}}",
		"{\"iid\":7,\"state\":\"opened\",\"target_branch\":\"main\","
		"\"sha\":\"" H1 "\",\"author\":null}"};
	struct reviewrun run;

	(void)state;
	reviewrun_refused(of_approvals, approvals, ARRAY_LEN(approvals));
	reviewrun_refused(of_versions, versions, ARRAY_LEN(versions));
	reviewrun_refused(of_request, objects, ARRAY_LEN(objects));
	reviewrun_cut(of_approvals, GUS("03"));
	run = read_parts(false, MERGE("opened"), NULL, NULL, GUS("03"));
	assert_int_equal(run.ret, -1);
	arena_free(run.arena);
	run = read_parts(false, MERGE("opened"), V1, "[]", NULL);
	assert_int_equal(run.ret, -1);
	arena_free(run.arena);
}

static void no_bit_makes_an_approval(void **state)
{
	(void)state;
	reviewrun_flipped(of_approvals,
		APPROVED(BY(USER("blocked"), ",\"approved_at\":" AT("00"))));
}

static void lists_are_read(void **state)
{
	struct arena *arena = arena_new(1 << 24);
	struct review_hits hits = {.arena = arena};
	struct buf list = BUF_INIT(4096);
	struct err err = ERR_INIT;
	size_t n = 9;

	(void)state;
	buf_fmt(&list, "[%s,%s,%s]", MERGE("locked"),
		"{\"iid\":9,\"state\":\"opened\",\"target_branch\":\"main\","
		"\"sha\":null}",
		"{\"iid\":8,\"state\":\"closed\",\"target_branch\":\"next\","
		"\"sha\":\"" H2 "\"}");
	assert_int_equal(
		review_gitlab.find_read(buf_all(&list), &hits, &n, &err), 0);
	assert_int_equal(n, 3);
	assert_int_equal(hits.n, 2);
	assert_int_equal(hits.v[0].number, 7);
	assert_true(hits.v[0].open);
	assert_false(hits.v[1].open);
	unit_span_is(hits.v[1].branch, "next");
	assert_int_equal(review_gitlab.find_read(
				 SPAN_LIT("[{\"iid\":1}]"), &hits, &n, &err),
		-1);
	buf_free(&list);
	arena_free(arena);
}

/* A project is one step of the path. */
static void paths_are_escaped(void **state)
{
#define P "/api/v4/projects/te%20am%2Fa%3Fp/merge_requests"
#define Q "&target_branch=a%2Fb%26c&order_by=created_at&sort=desc&per_page=100"
	const struct review_where where = {
		.project = SPAN_LIT("te am/a?p"), .branch = SPAN_LIT("a/b&c")};
	struct buf path = BUF_INIT(REVIEW_PATH_MAX);

	(void)state;
	review_gitlab.part_path(&where, 7, 0, 1, &path);
	unit_span_is(buf_all(&path), P "/7");
	buf_reset(&path);
	review_gitlab.part_path(&where, 7, 1, 3, &path);
	unit_span_is(buf_all(&path), P "/7/versions?per_page=100&page=3");
	buf_reset(&path);
	review_gitlab.part_path(&where, 7, 2, 1, &path);
	unit_span_is(buf_all(&path), P "/7/approvals");
	buf_reset(&path);
	review_gitlab.find_path(&where, NULL, 2, &path);
	unit_span_is(buf_all(&path), P "?state=opened" Q "&page=2");
	buf_reset(&path);
	review_gitlab.find_also(&where, NULL, 1, &path);
	unit_span_is(buf_all(&path), P "?state=locked" Q "&page=1");
	buf_reset(&path);
	review_gitlab.header(SPAN_LIT("abc"), &path);
	unit_span_is(buf_all(&path), "PRIVATE-TOKEN: abc");
	buf_free(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_read),
		cmocka_unit_test(reviewers_and_open_discussions_are_against_it),
		cmocka_unit_test(what_is_being_merged_is_open),
		cmocka_unit_test(approvals_are_of_the_newest_version),
		cmocka_unit_test(the_newest_version_is_of_the_head),
		cmocka_unit_test(without_a_time_the_policy_decides),
		cmocka_unit_test(blocked_accounts_do_not_count),
		cmocka_unit_test(what_is_not_understood_is_refused),
		cmocka_unit_test(no_bit_makes_an_approval),
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(paths_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

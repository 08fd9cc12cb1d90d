#include "support/reviewrun.h"

#define PULL(user)                                                     \
	"{\"id\":1,\"number\":7,\"state\":\"open\",\"draft\":false,"   \
	"\"title\":\"a\",\"user\":" user ",\"merge_commit_sha\":\"" H2 \
	"\",\"base\":{\"ref\":\"main\",\"sha\":\"" H2                  \
	"\"},\"head\":{\"ref\":\"topic\",\"sha\":\"" H1 "\",\"repo\":null}}"
#define BELA "{\"login\":\"bela\",\"id\":11,\"type\":\"User\"}"
#define GUS "{\"login\":\"gus\",\"id\":12,\"type\":\"User\"}"

/* The hour stands for the time. */
#define REVIEW(id, user, state, commit, hour)                        \
	"{\"id\":" #id ",\"user\":" user ",\"body\":\"\",\"state\":" \
	"\"" state "\",\"commit_id\":" commit                        \
	",\"author_association\":\"OWNER\",\"submitted_at\":"        \
	"\"2026-01-02T" hour ":00:00Z\"}"
#define SAYS(id, state, hour) REVIEW(id, GUS, state, "\"" H1 "\"", hour)
#define PENDING "{\"id\":99,\"user\":" GUS ",\"state\":\"PENDING\"}"
#define EVENT(name, hour)                                \
	"{\"id\":5,\"actor\":" BELA ",\"event\":\"" name \
	"\",\"commit_id\":null,\"created_at\":\"2026-01-02T" hour ":00:00Z\"}"

static struct reviewrun read_parts(const char *object,
	const char *const reviews[2], const char *const events[2])
{
	struct review_answer a[5] = {reviewrun_part("request", object)};
	size_t i, n = 1;

	for (i = 0; reviews && i < 2; i++)
		a[n++] = reviewrun_part("reviews", reviews[i]);
	for (i = 0; events && i < 2; i++)
		a[n++] = reviewrun_part("events", events[i]);
	return reviewrun_read(&review_github, false, a, n);
}

static struct reviewrun read_all(const char *reviews, const char *events)
{
	const char *const r[] = {reviews, "[]"}, *const e[] = {events, "[]"};

	return read_parts(PULL(BELA), r, e);
}

/* The one account's fault, "" if its approval counts. */
static void says(const char *reviews, const char *events, const char *fault)
{
	reviewrun_says(read_all(reviews, events), reviews, fault);
}

static struct reviewrun of_reviews(const char *reviews)
{
	return read_all(reviews, "[]");
}

static struct reviewrun of_events(const char *events)
{
	return read_all("[" SAYS(5, "APPROVED", "03") "]", events);
}

static struct reviewrun of_request(const char *object)
{
	const char *const none[] = {"[]", "[]"};

	return read_parts(object, none, none);
}

static void request_is_read(void **state)
{
	struct reviewrun run =
		read_all("[" SAYS(5, "APPROVED", "03") "]", "[]");

	(void)state;
	reviewrun_well(&run, 12);
	assert_false(run.r.alone);
	assert_int_equal(run.r.review[0].id, 5);
	arena_free(run.arena);
}

static void only_what_stands_counts(void **state)
{
	(void)state;
	says("[" SAYS(5, "CHANGES_REQUESTED", "03") "]", "[]",
		"asks for changes");
	says("[" SAYS(5, "DISMISSED", "03") "]", "[]", "dismissed");
	says("[" REVIEW(5, GUS, "APPROVED", "\"" H2 "\"", "03") "]", "[]",
		"another commit");
	says("[" REVIEW(5, GUS, "APPROVED", "null", "03") "]", "[]",
		"another commit");
	says("[" REVIEW(5, "null", "APPROVED", "\"" H1 "\"", "03") "]", "[]",
		"is gone");
}

/* The commit that a review names moves along with a push by force. */
static void what_was_said_before_a_forced_push_is_void(void **state)
{
	static const char *const turns[] = {"head_ref_force_pushed",
		"base_ref_changed", "automatic_base_change_succeeded",
		"base_ref_force_pushed"};
	struct buf events = BUF_INIT(4096);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(turns); i++) {
		buf_reset(&events);
		buf_fmt(&events,
			"[{\"event\":\"%s\",\"created_at\":"
			"\"2026-01-02T04:00:00Z\"},{\"event\":\"%s\","
			"\"created_at\":\"2026-01-02T01:00:00Z\"}]",
			turns[i], turns[i]);
		says("[" SAYS(5, "APPROVED", "03") "]", buf_cstr(&events),
			"rebased or moved");
		/* In the same second it may have been before. */
		says("[" SAYS(5, "APPROVED", "04") "]", buf_cstr(&events),
			"rebased or moved");
		says("[" SAYS(5, "APPROVED", "05") "]", buf_cstr(&events), "");
	}
	says("[" SAYS(5, "APPROVED", "03") "]", "[" EVENT("labeled", "04") "]",
		"");
	buf_free(&events);
}

/* A forced push that stands on the last page only is as good as any. */
static void all_pages_are_read(void **state)
{
	const char *const reviews[] = {"[" SAYS(5, "APPROVED", "03") "]",
		"[" SAYS(6, "CHANGES_REQUESTED", "05") "]"};
	const char *const approved[] = {
		"[]", "[" SAYS(5, "APPROVED", "03") "]"};
	const char *const events[] = {"[" EVENT("labeled", "01") "]",
		"[" EVENT("head_ref_force_pushed", "04") "]"};
	struct reviewrun run = read_parts(PULL(BELA), reviews, events);

	(void)state;
	assert_int_equal(run.ret, 0);
	assert_int_equal(run.r.nreview, 1);
	assert_int_equal(run.r.review[0].id, 6);
	assert_non_null(run.r.review[0].fault);
	arena_free(run.arena);
	run = read_parts(PULL(BELA), approved, events);
	assert_int_equal(run.ret, 0);
	assert_int_equal(run.r.nreview, 1);
	assert_non_null(run.r.review[0].fault);
	arena_free(run.arena);
}

/* By the time it was sent, in whatever order they are listed and numbered. */
static void the_latest_of_each_account_counts(void **state)
{
	(void)state;
	says("[" SAYS(5, "APPROVED", "03") "," SAYS(
		     6, "CHANGES_REQUESTED", "04") "]",
		"[]", "asks for changes");
	says("[" SAYS(6, "CHANGES_REQUESTED", "04") "," SAYS(
		     5, "APPROVED", "03") "]",
		"[]", "asks for changes");
	says("[" SAYS(5, "CHANGES_REQUESTED", "03") "," SAYS(
		     6, "APPROVED", "04") "]",
		"[]", "");
	says("[" SAYS(5, "CHANGES_REQUESTED", "04") "," SAYS(
		     6, "APPROVED", "03") "]",
		"[]", "asks for changes");
	says("[" SAYS(5, "APPROVED", "03") "," SAYS(6, "DISMISSED", "04") "]",
		"[]", "dismissed");
	says("[" SAYS(5, "APPROVED", "03") "," SAYS(
		     6, "COMMENTED", "04") "," PENDING "]",
		"[]", "");
	/* In one second what is said against counts. */
	says("[" SAYS(5, "CHANGES_REQUESTED", "03") "," SAYS(
		     6, "APPROVED", "03") "]",
		"[]", "asks for changes");
	says("[" SAYS(5, "APPROVED", "03") "," SAYS(
		     4, "CHANGES_REQUESTED", "03") "]",
		"[]", "asks for changes");
}

static void accounts_are_told_apart(void **state)
{
	struct reviewrun run =
		read_all("[" SAYS(5, "APPROVED", "03") "," REVIEW(6, BELA,
				 "CHANGES_REQUESTED", "\"" H1 "\"", "04") "]",
			"[]");

	(void)state;
	assert_int_equal(run.ret, 0);
	assert_int_equal(run.r.nreview, 2);
	assert_null(run.r.review[0].fault);
	assert_non_null(run.r.review[1].fault);
	arena_free(run.arena);
}

static void who_opened_it_may_be_gone(void **state)
{
	const char *const none[] = {"[]", "[]"};
	struct reviewrun run = read_parts(PULL("null"), none, none);

	(void)state;
	assert_int_equal(run.ret, 0);
	assert_int_equal(run.r.opener.n, 0);
	arena_free(run.arena);
}

/* Nothing that is not understood passes for "no reviews" or "no push". */
static void what_is_not_understood_is_refused(void **state)
{
	static const char *const reviews[] = {
		"",
		"{}",
		"null",
		"[1]",
		"[{}]",
		"{\"message\":\"Not Found\",\"documentation_url\":\"\"}",
		"<html></html>",
		"[" SAYS(5, "APPROVED", "03"),
		"[" SAYS(5, "LIKED", "03") "]",
		"[" SAYS(5, "APPROVED", "33") "]",
		"[" SAYS(0, "APPROVED", "03") "]",
		"[" SAYS("5", "APPROVED", "03") "]",
		"[" REVIEW(5, "7", "APPROVED", "\"" H1 "\"", "03") "]",
		"[" REVIEW(5, "{\"login\":\"a\"}", "APPROVED", "\"" H1 "\"",
			"03") "]",
		"[{\"id\":5,\"state\":\"APPROVED\",\"user\":" GUS
		",\"commit_id\":\"" H1 "\",\"submitted_at\":null}]",
		"[{\"id\":5,\"state\":\"APPROVED\",\"commit_id\":\"" H1
		"\",\"submitted_at\":\"2026-01-02T03:00:00Z\"}]",
	};
	static const char *const events[] = {"", "{}", "[1]", "[{}]",
		"[{\"event\":7}]", "[{\"event\":\"head_ref_force_pushed\"}]",
		"[" EVENT("head_ref_force_pushed", "44") "]",
		"[" EVENT("labeled", "04")};
	static const char *const objects[] = {"", "[]", "{}",
		"{\"number\":7,\"state\":\"open\"}", PULL("{}"), PULL("7")};
	const char *const none[] = {"[]", "[]"};
	struct reviewrun run;

	(void)state;
	reviewrun_refused(of_reviews, reviews, ARRAY_LEN(reviews));
	reviewrun_refused(of_events, events, ARRAY_LEN(events));
	reviewrun_refused(of_request, objects, ARRAY_LEN(objects));
	reviewrun_cut(of_request, PULL(BELA));
	/* A part that was not asked for, or not answered. */
	run = read_parts(PULL(BELA), NULL, none);
	assert_int_equal(run.ret, -1);
	arena_free(run.arena);
	run = read_parts(PULL(BELA), none, NULL);
	assert_int_equal(run.ret, -1);
	arena_free(run.arena);
}

static void no_bit_makes_an_approval(void **state)
{
	(void)state;
	reviewrun_flipped(of_reviews,
		"[" REVIEW(5, GUS, "DISMISSED", "\"" H2 "\"", "03") "]");
	/* Cut anywhere, the forced push is not overlooked. */
	reviewrun_cut(of_events, "[" EVENT("head_ref_force_pushed", "04") "]");
}

static void lists_are_read(void **state)
{
	struct arena *arena = arena_new(1 << 24);
	struct review_hits hits = {.arena = arena};
	struct buf list = BUF_INIT(4096);
	struct err err = ERR_INIT;
	size_t n = 9;

	(void)state;
	buf_fmt(&list, "[%s,%s]", PULL("null"),
		"{\"number\":8,\"state\":\"closed\",\"base\":{\"ref\":\"next\"}"
		",\"head\":{\"sha\":\"" H2 "\"}}");
	assert_int_equal(
		review_github.find_read(buf_all(&list), &hits, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(hits.n, 2);
	assert_int_equal(hits.v[0].number, 7);
	assert_true(hits.v[0].open);
	assert_false(hits.v[1].open);
	unit_span_is(hits.v[1].branch, "next");
	assert_int_equal(
		review_github.find_read(SPAN_LIT("{}"), &hits, &n, &err), -1);
	buf_free(&list);
	arena_free(arena);
}

/* A name cannot lead elsewhere. */
static void paths_are_escaped(void **state)
{
	const struct review_where where = {.project = SPAN_LIT("te am/a?p#"),
		.branch = SPAN_LIT("a/b&c=d")};
	struct buf path = BUF_INIT(REVIEW_PATH_MAX);

	(void)state;
	review_github.part_path(&where, 7, 0, 1, &path);
	unit_span_is(buf_all(&path), "/repos/te%20am/a%3Fp%23/pulls/7");
	buf_reset(&path);
	review_github.part_path(&where, 7, 1, 3, &path);
	unit_span_is(buf_all(&path),
		"/repos/te%20am/a%3Fp%23/pulls/7/reviews?per_page=100&page=3");
	buf_reset(&path);
	review_github.part_path(&where, 7, 2, 1, &path);
	unit_span_is(buf_all(&path),
		"/repos/te%20am/a%3Fp%23/issues/7/events?per_page=100&page=1");
	buf_reset(&path);
	review_github.find_path(&where, NULL, 2, &path);
	unit_span_is(buf_all(&path),
		"/repos/te%20am/a%3Fp%23/pulls?state=open&base=a%2Fb%26c%3Dd"
		"&sort=created&direction=desc&per_page=100&page=2");
	buf_reset(&path);
	review_github.header(SPAN_LIT("abc"), &path);
	unit_span_is(buf_all(&path), "Authorization: Bearer abc");
	buf_free(&path);
}

/* The web address of a forge answers with pages. */
static void the_address_is_that_of_the_api(void **state)
{
	static const char *const good[] = {"https://api.github.com",
		"https://api.octo.ghe.com", "https://git.example.org/api/v3",
		"http://127.0.0.1:80/api/v3"};
	static const char *const bad[] = {"https://github.com",
		"https://git.example.org", "https://git.example.org/api/v4",
		"http://127.0.0.1:80", "https://apigithub.com"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(good); i++)
		assert_null(review_address(FORGE_GITHUB, span_str(good[i])));
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		assert_non_null(review_address(FORGE_GITHUB, span_str(bad[i])));
		assert_null(review_address(FORGE_GITEA, span_str(bad[i])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_read),
		cmocka_unit_test(only_what_stands_counts),
		cmocka_unit_test(what_was_said_before_a_forced_push_is_void),
		cmocka_unit_test(all_pages_are_read),
		cmocka_unit_test(the_latest_of_each_account_counts),
		cmocka_unit_test(accounts_are_told_apart),
		cmocka_unit_test(who_opened_it_may_be_gone),
		cmocka_unit_test(what_is_not_understood_is_refused),
		cmocka_unit_test(no_bit_makes_an_approval),
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(paths_are_escaped),
		cmocka_unit_test(the_address_is_that_of_the_api),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

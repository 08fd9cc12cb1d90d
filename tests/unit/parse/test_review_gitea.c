#include "support/reviewrun.h"

static const char request[] =
	"{\"id\":1,\"number\":7,\"state\":\"open\",\"title\":\"a\","
	"\"user\":{\"id\":11,\"login\":\"bela\"},"
	"\"base\":{\"ref\":\"main\",\"sha\":\"" H2 "\"},"
	"\"head\":{\"ref\":\"topic\",\"sha\":\"" H1 "\"}}";

/* id, account, login, state, commit, stale, official, dismissed */
#define REVIEW(id, account, login, state, commit, stale, official, dismissed) \
	"{\"id\":" #id ",\"user\":{\"id\":" #account ",\"login\":\"" login    \
	"\"},\"team\":null,\"state\":\"" state "\",\"commit_id\":\"" commit   \
	"\",\"stale\":" #stale ",\"official\":" #official                     \
	",\"dismissed\":" #dismissed "}"
#define GUS(id, state) REVIEW(id, 12, "gus", state, H1, false, true, false)

static struct reviewrun read_pages(
	const char *object, const char *const *page, size_t n)
{
	struct review_answer a[4] = {reviewrun_part("request", object)};
	size_t i;

	for (i = 0; i < n; i++)
		a[i + 1] = reviewrun_part("reviews", page[i]);
	return reviewrun_read(&review_gitea, false, a, n + 1);
}

static struct reviewrun read_all(const char *object, const char *reviews)
{
	const char *pages[] = {reviews, "[]"};

	return read_pages(object, pages, 2);
}

static struct reviewrun of_reviews(const char *reviews)
{
	return read_all(request, reviews);
}

static struct reviewrun of_request(const char *object)
{
	return read_all(object, "[]");
}

static void request_is_read(void **state)
{
	struct reviewrun run = read_all(request, "[" GUS(5, "APPROVED") "]");

	(void)state;
	reviewrun_well(&run, 12);
	assert_false(run.r.alone);
	assert_int_equal(run.r.review[0].id, 5);
	arena_free(run.arena);
}

/* The flags follow behind; what the review names has to be the head too. */
static void only_what_stands_counts(void **state)
{
	static const struct {
		const char *review, *fault;
	} t[] = {
		{GUS(5, "REQUEST_CHANGES"), "asks for changes"},
		{REVIEW(5, 12, "gus", "APPROVED", H1, true, true, false),
			"stale"},
		{REVIEW(5, 12, "gus", "APPROVED", H1, false, false, false),
			"not official"},
		{REVIEW(5, 12, "gus", "APPROVED", H1, false, true, true),
			"dismissed"},
		{REVIEW(5, 12, "gus", "APPROVED", H2, false, true, false),
			"another commit"},
		{REVIEW(5, 12, "gus", "APPROVED", "", false, true, false),
			"another commit"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct buf list = BUF_INIT(4096);

		buf_fmt(&list, "[%s]", t[i].review);
		reviewrun_says(
			of_reviews(buf_cstr(&list)), t[i].review, t[i].fault);
		buf_free(&list);
	}
}

/* Who asks for changes is against it whatever commit that was said of. */
static void who_asks_for_changes_is_against_it(void **state)
{
	static const struct {
		const char *review;
		bool against;
	} t[] = {
		{GUS(5, "REQUEST_CHANGES"), true},
		{REVIEW(5, 12, "gus", "REQUEST_CHANGES", H2, true, false,
			 false),
			true},
		{REVIEW(5, 12, "gus", "REQUEST_CHANGES", H1, false, true, true),
			false},
		{REVIEW(5, 12, "gus", "APPROVED", H1, true, true, false),
			false},
		{GUS(5, "REQUEST_CHANGES") "," GUS(6, "APPROVED"), false},
		{GUS(6, "REQUEST_CHANGES") "," GUS(5, "APPROVED"), true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct buf list = BUF_INIT(4096);
		struct reviewrun run;

		buf_fmt(&list, "[%s]", t[i].review);
		run = read_all(request, buf_cstr(&list));
		assert_int_equal(run.ret, 0);
		assert_int_equal(run.r.nreview, 1);
		assert_int_equal(run.r.review[0].against, t[i].against);
		assert_false(run.r.untold_against);
		arena_free(run.arena);
		buf_free(&list);
	}
}

static void the_newest_of_each_account_counts(void **state)
{
	/* In any order, over pages; a comment takes nothing back. */
	const char *const pages[] = {
		"[" GUS(5, "APPROVED") "," GUS(9, "REQUEST_CHANGES") "]",
		"[" GUS(7, "APPROVED") "," GUS(11, "COMMENT") "]", "[]"};
	const char *const again[] = {"[" GUS(9, "REQUEST_CHANGES") "]",
		"[" GUS(12, "APPROVED") "]", "[]"};
	struct reviewrun run = read_pages(request, pages, 3);

	(void)state;
	assert_int_equal(run.ret, 0);
	assert_int_equal(run.r.nreview, 1);
	assert_int_equal(run.r.review[0].id, 9);
	assert_non_null(run.r.review[0].fault);
	arena_free(run.arena);
	run = read_pages(request, again, 3);
	assert_int_equal(run.r.nreview, 1);
	assert_null(run.r.review[0].fault);
	arena_free(run.arena);
}

/* Nothing that is not understood passes for "no reviews". */
static void what_is_not_understood_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		"null",
		"[1]",
		"[{}]",
		"[" GUS(5, "APPROVED"),
		"{\"message\":\"not found\"}",
		"<html></html>",
		"[" GUS(5, "LIKED") "]",
		"[" GUS(0, "APPROVED") "]",
		"[" GUS("5", "APPROVED") "]",
		"[" REVIEW(5, 12, "gus", "APPROVED", H1, 0, true, false) "]",
		"[{\"id\":5,\"state\":\"APPROVED\",\"user\":null,"
		"\"stale\":false,\"official\":true,\"dismissed\":false,"
		"\"commit_id\":\"" H1 "\"}]",
		"[{\"id\":5,\"state\":\"APPROVED\",\"user\":{\"login\":\"a\"},"
		"\"commit_id\":\"" H1 "\"}]",
	};
	static const char *const objects[] = {"", "[]", "{}",
		"{\"number\":7,\"state\":\"open\"}",
		"{\"number\":7,\"state\":\"open\",\"user\":{\"login\":\"b\"},"
		"\"base\":{\"ref\":\"main\"},\"head\":{\"sha\":\"11\"}}"};
	struct reviewrun run;

	(void)state;
	reviewrun_refused(of_reviews, bad, ARRAY_LEN(bad));
	reviewrun_refused(of_request, objects, ARRAY_LEN(objects));
	reviewrun_cut(of_request, request);
	run = read_pages(request, NULL, 0);
	assert_int_equal(run.ret, -1);
	arena_free(run.arena);
}

static void no_bit_makes_an_approval(void **state)
{
	(void)state;
	reviewrun_flipped(of_reviews,
		"[" REVIEW(5, 12, "gus", "REQUEST_CHANGES", H2, true, false,
			true) "]");
}

static void lists_are_read(void **state)
{
	struct arena *arena = arena_new(1 << 24);
	struct review_hits hits = {.arena = arena};
	struct buf list = BUF_INIT(4096);
	struct err err = ERR_INIT;
	size_t n = 9;

	(void)state;
	buf_fmt(&list, "[%s,%s]", request,
		"{\"number\":8,\"state\":\"closed\",\"base\":{\"ref\":\"next\"}"
		",\"head\":{\"sha\":\"" H2 "\"}}");
	assert_int_equal(
		review_gitea.find_read(buf_all(&list), &hits, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(hits.n, 2);
	assert_int_equal(hits.v[0].number, 7);
	assert_true(hits.v[0].open);
	assert_false(hits.v[1].open);
	unit_span_is(hits.v[1].branch, "next");
	assert_int_equal(
		review_gitea.find_read(SPAN_LIT("[]"), &hits, &n, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(review_gitea.find_read(
				 SPAN_LIT("[{\"number\":1}]"), &hits, &n, &err),
		-1);
	assert_int_equal(review_page_count(buf_all(&list), &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(review_page_count(SPAN_LIT("{}"), &n, &err), -1);
	buf_free(&list);
	arena_free(arena);
}

/* A name cannot lead elsewhere. */
static void paths_are_escaped(void **state)
{
	const struct review_where where = {
		.project = SPAN_LIT("te am/a?p#\n%2e"),
		.branch = SPAN_LIT("main")};
	struct buf path = BUF_INIT(REVIEW_PATH_MAX);

	(void)state;
	review_gitea.part_path(&where, 7, 1, 3, &path);
	unit_span_is(buf_all(&path),
		"/api/v1/repos/te%20am/a%3Fp%23%0A%252e/pulls/7/"
		"reviews?limit=50&page=3");
	buf_reset(&path);
	review_gitea.part_path(&where, 7, 0, 1, &path);
	unit_span_is(buf_all(&path),
		"/api/v1/repos/te%20am/a%3Fp%23%0A%252e/pulls/7");
	buf_reset(&path);
	review_gitea.find_path(&where, NULL, 2, &path);
	unit_span_is(buf_all(&path),
		"/api/v1/repos/te%20am/a%3Fp%23%0A%252e/"
		"pulls?state=open&sort=recentupdate&limit=50&page=2");
	buf_reset(&path);
	review_gitea.header(SPAN_LIT("abc"), &path);
	unit_span_is(buf_all(&path), "Authorization: token abc");
	buf_free(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_is_read),
		cmocka_unit_test(only_what_stands_counts),
		cmocka_unit_test(who_asks_for_changes_is_against_it),
		cmocka_unit_test(the_newest_of_each_account_counts),
		cmocka_unit_test(what_is_not_understood_is_refused),
		cmocka_unit_test(no_bit_makes_an_approval),
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(paths_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

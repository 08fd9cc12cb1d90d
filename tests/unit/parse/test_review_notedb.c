#include "parse/review.h"

#include "support/unit.h"

#define H1 "1111111111111111111111111111111111111111"
#define H2 "2222222222222222222222222222222222222222"
#define H3 "3333333333333333333333333333333333333333"

#define BY(n)                                                       \
	"author Gerrit User " #n " <" #n "@srv> 1767323045 +0000\n" \
	"committer Gerrit <gerrit@git.example.org> 1767323045 +0000\n\n"
#define TREE "tree " H3 "\n"
#define VOTE              \
	TREE "parent " H2 \
	     "\n" BY(12) "Update\n\nPatch-set: 1\nLabel: Code-Review=+2\n"
#define MADE                                                            \
	TREE BY(11) "Create\n\nPatch-set: 1\nBranch: refs/heads/main\n" \
		    "Status: new\nCommit: " H3 "\n"

struct run {
	struct arena *arena;
	struct review_request r;
	struct err err;
	int ret;
};

static struct run read_body(struct span body, const char *id)
{
	struct run run = {.arena = arena_new(1 << 24), .err = ERR_INIT};
	const struct review_where where = {
		.server_id = span_str(id), .highest = 2};
	const struct review_answer a = {
		.part = SPAN_LIT("meta"), .number = 1234, .body = body};

	run.ret =
		review_notedb.read(&where, &a, 1, run.arena, &run.r, &run.err);
	return run;
}

static void put(struct buf *out, const char *id, const char *commit)
{
	buf_fmt(out, "%s commit %zu\n%s\n", id, strlen(commit), commit);
}

static void good(struct buf *out)
{
	put(out, H1, VOTE);
	put(out, H2, MADE);
}

static void events_are_read_from_the_oldest(void **state)
{
	struct buf body = BUF_INIT(4096);
	struct run run;

	(void)state;
	good(&body);
	run = read_body(buf_all(&body), "srv");
	assert_int_equal(run.ret, 0);
	assert_int_equal(run.r.number, 1234);
	unit_span_is(run.r.branch, "main");
	assert_int_equal(run.r.nreview, 1);
	assert_int_equal(run.r.review[0].account, 12);
	assert_null(run.r.review[0].fault);
	arena_free(run.arena);
	/* Whose accounts these are is for the policy to say. */
	run = read_body(buf_all(&body), "srv2");
	assert_int_equal(run.ret, 0);
	assert_non_null(strstr(run.r.review[0].fault, "another server"));
	arena_free(run.arena);
	buf_free(&body);
}

/* Nothing may be left out, put between or brought by way of a merge. */
static void a_chain_has_no_gap(void **state)
{
	static const char *const id[][3] = {
		{H1, NULL},
		{H2, H1, NULL},
		{H1, H3, NULL},
		{H1, H2, H3},
	};
	static const char merge[] = TREE "parent " H2 "\nparent " H3
					 "\n" BY(12) "a\n\nPatch-set: 1\n";
	struct buf body = BUF_INIT(4096);
	struct run run;
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(id); i++) {
		buf_reset(&body);
		for (k = 0; k < 3 && id[i][k]; k++)
			put(&body, id[i][k], k ? MADE : VOTE);
		run = read_body(buf_all(&body), "srv");
		assert_int_equal(run.ret, -1);
		arena_free(run.arena);
	}
	buf_reset(&body);
	put(&body, H1, merge);
	put(&body, H2, MADE);
	put(&body, H3, MADE);
	run = read_body(buf_all(&body), "srv");
	assert_int_equal(run.ret, -1);
	assert_non_null(strstr(run.err.text, "more than one before it"));
	arena_free(run.arena);
	run = read_body(SPAN_EMPTY, "srv");
	assert_int_equal(run.ret, -1);
	arena_free(run.arena);
	buf_free(&body);
}

static void no_prefix_is_an_answer(void **state)
{
	struct buf body = BUF_INIT(4096);
	size_t i;

	(void)state;
	good(&body);
	for (i = 0; i < body.n; i++) {
		struct run run = read_body(span_of(body.p, i), "srv");

		assert_int_equal(run.ret, -1);
		arena_free(run.arena);
	}
	buf_free(&body);
}

/* Of a vote that does not count. */
static void no_bit_makes_an_approval(void **state)
{
	static const char none[] = TREE "parent " H2 "\n" BY(
		12) "Update\n\nPatch-set: 1\nLabel: Code-Review=-1\n";
	struct buf body = BUF_INIT(4096);
	size_t i, k;

	(void)state;
	put(&body, H1, none);
	put(&body, H2, MADE);
	for (i = 0; i < 8 * body.n; i += UNIT_STEP) {
		struct run run;

		body.p[i / 8] = (unsigned char)(body.p[i / 8] ^ (1 << i % 8));
		run = read_body(buf_all(&body), "srv");
		for (k = 0; !run.ret && k < run.r.nreview; k++)
			assert_non_null(run.r.review[k].fault);
		arena_free(run.arena);
		body.p[i / 8] = (unsigned char)(body.p[i / 8] ^ (1 << i % 8));
	}
	buf_free(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_read_from_the_oldest),
		cmocka_unit_test(a_chain_has_no_gap),
		cmocka_unit_test(no_prefix_is_an_answer),
		cmocka_unit_test(no_bit_makes_an_approval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

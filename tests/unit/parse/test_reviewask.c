#include "parse/reviewask.h"

#include "parse/reviewbundle.h"
#include "support/unit.h"

#define C1 "1111111111111111111111111111111111111111"
#define C2 "2222222222222222222222222222222222222222"
#define HEAD "sluice-reviews/1 question\npolicy 00ff\nrepository team/app\n"
#define GOOD                                                           \
	HEAD "ref refs/heads/main\nforge gitea\nforge old\ncommit " C1 \
	     "\ncommit " C2 "\nref refs/heads/next\nforge gitea\n"     \
	     "commit " C1 "\nend\n"

static int ask_read(struct span text, struct arena *arena, struct buf *again)
{
	struct err err = ERR_INIT;
	struct reviewask q;

	if (reviewask_read(text, arena, &q, &err)) {
		assert_int_equal(err.code, ERR_INPUT);
		assert_int_equal(q.n, 0);
		return -1;
	}
	buf_reset(again);
	reviewask_write(&q, again);
	return 0;
}

static void a_question_is_read_as_it_was_written(void **state)
{
	struct arena *arena = arena_new(1 << 24);
	struct buf again = BUF_INIT(4096);
	struct err err = ERR_INIT;
	struct reviewask q;

	(void)state;
	assert_int_equal(reviewask_read(span_str(GOOD), arena, &q, &err), 0);
	unit_span_is(q.policy, "00ff");
	unit_span_is(q.repository, "team/app");
	assert_int_equal(q.n, 2);
	unit_span_is(q.ref[0].ref, "refs/heads/main");
	assert_int_equal(q.ref[0].nforge, 2);
	unit_span_is(q.ref[0].forge[1], "old");
	assert_int_equal(q.ref[0].n, 2);
	assert_int_equal(q.ref[1].n, 1);
	assert_true(oid_eq(&q.ref[0].commit[0], &q.ref[1].commit[0]));
	reviewask_write(&q, &again);
	unit_span_is(buf_all(&again), GOOD);
	buf_free(&again);
	arena_free(arena);
}

static void other_questions_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"end\n",
		HEAD "end\n",
		HEAD "ref refs/heads/main\nend\n",
		HEAD "ref refs/heads/main\nforge a\nend\n",
		HEAD "ref refs/heads/main\ncommit " C1 "\nend\n",
		HEAD "ref refs/heads/main\nforge \ncommit " C1 "\nend\n",
		HEAD "ref refs/heads/main\nforge a\ncommit 11\nend\n",
		HEAD "ref \nforge a\ncommit " C1 "\nend\n",
		"sluice-reviews/2 question\npolicy 0\nrepository a\n"
		"ref r\nforge a\ncommit " C1 "\nend\n",
		"sluice-reviews/1 question\nrepository a\n"
		"ref r\nforge a\ncommit " C1 "\nend\n",
		"sluice-reviews/1 question\npolicy 0\nrepository \n"
		"ref r\nforge a\ncommit " C1 "\nend\n",
		GOOD "more\n",
	};
	struct arena *arena = arena_new(1 << 24);
	struct buf again = BUF_INIT(4096);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (!ask_read(span_str(bad[i]), arena, &again))
			fail_msg("taken: %s", bad[i]);
	assert_true(reviewask_is(span_str(GOOD)));
	assert_false(reviewask_is(SPAN_LIT("{\"predicate\":1}")));
	buf_free(&again);
	arena_free(arena);
}

/* What is taken at all says exactly what was read, and a part of it says
 * nothing. */
static void no_bit_and_no_end_is_lost(void **state)
{
	struct arena *arena = arena_new(1 << 26);
	struct buf again = BUF_INIT(4096);
	unsigned char text[sizeof(GOOD)];
	size_t i;

	(void)state;
	for (i = 0; i < strlen(GOOD); i++)
		assert_int_equal(ask_read(span_of(GOOD, i), arena, &again), -1);
	for (i = 0; i < 8 * strlen(GOOD); i++) {
		struct span s = span_of(text, strlen(GOOD));

		memcpy(text, GOOD, sizeof(text));
		text[i / 8] ^= (unsigned char)(1 << i % 8);
		if (ask_read(s, arena, &again))
			continue;
		/* Names of objects may be written in upper case. */
		if (!span_eq(buf_all(&again), s))
			fail_msg("bit %zu is not seen", i);
	}
	buf_free(&again);
	arena_free(arena);
}

static void too_much_is_refused(void **state)
{
	struct buf text = BUF_INIT(REVIEWASK_MAX), again = BUF_INIT(4096);
	struct arena *arena = arena_new(1 << 26);
	size_t i;

	(void)state;
	buf_str(&text, HEAD "ref r\n");
	for (i = 0; i <= REVIEWASK_FORGES_MAX; i++)
		buf_str(&text, "forge a\n");
	buf_str(&text, "commit " C1 "\nend\n");
	assert_int_equal(ask_read(buf_all(&text), arena, &again), -1);
	buf_reset(&text);
	buf_str(&text, HEAD "ref r\nforge a\n");
	for (i = 0; i <= REVIEWASK_COMMITS_MAX; i++)
		buf_str(&text, "commit " C1 "\n");
	buf_str(&text, "end\n");
	assert_int_equal(ask_read(buf_all(&text), arena, &again), -1);
	buf_free(&text);
	buf_free(&again);
	arena_free(arena);
}

#define ANSWERS                                                            \
	"sluice-reviews/1 answers\nforge gitea\nnumber 12\npart request\n" \
	"path /api/x?y=1\nstatus 200\nbody 4\n\na\n{}\nforge gitea\n"      \
	"number 12\npart reviews\npath /api/y\nstatus 200\nbody 0\n\n\nend\n"

static int bundle_read(struct span text, struct arena *arena, struct buf *again)
{
	struct err err = ERR_INIT;
	struct review_answer *a;
	size_t n, i;

	if (reviewbundle_read(text, arena, &a, &n, &err)) {
		assert_int_equal(err.code, ERR_INPUT);
		assert_int_equal(n, 0);
		return -1;
	}
	buf_reset(again);
	reviewbundle_start(again);
	for (i = 0; i < n; i++)
		reviewbundle_add(&a[i], again);
	reviewbundle_end(again);
	return 0;
}

static void answers_are_read_as_they_were_written(void **state)
{
	struct arena *arena = arena_new(1 << 26);
	struct buf again = BUF_INIT(4096);
	unsigned char text[sizeof(ANSWERS)];
	struct review_answer *a;
	struct err err = ERR_INIT;
	size_t i, n;

	(void)state;
	assert_int_equal(
		reviewbundle_read(span_str(ANSWERS), arena, &a, &n, &err), 0);
	assert_int_equal(n, 2);
	unit_span_is(a[0].forge, "gitea");
	assert_int_equal(a[0].number, 12);
	unit_span_is(a[0].part, "request");
	unit_span_is(a[0].path, "/api/x?y=1");
	assert_int_equal(a[0].status, 200);
	unit_span_is(a[0].body, "a\n{}");
	unit_span_is(a[1].body, "");
	for (i = 0; i < strlen(ANSWERS); i++)
		assert_int_equal(
			bundle_read(span_of(ANSWERS, i), arena, &again), -1);
	for (i = 0; i < 8 * strlen(ANSWERS); i++) {
		struct span s = span_of(text, strlen(ANSWERS));

		memcpy(text, ANSWERS, sizeof(text));
		text[i / 8] ^= (unsigned char)(1 << i % 8);
		if (!bundle_read(s, arena, &again) &&
			!span_eq(buf_all(&again), s))
			fail_msg("bit %zu is not seen", i);
	}
	buf_free(&again);
	arena_free(arena);
}

static void other_answers_are_refused(void **state)
{
#define TOP "sluice-reviews/1 answers\n"
	static const char *const bad[] = {
		"",
		"end\n",
		"sluice-reviews/1 question\nend\n",
		TOP "end\nend\n",
		TOP "forge \nnumber 1\npart a\npath /\nstatus 200\nbody 0\n\n\n"
		    "end\n",
		TOP "forge a\nnumber -1\npart a\npath /\nstatus 200\nbody 0\n\n"
		    "\nend\n",
		TOP "forge a\nnumber 1\npart \npath /\nstatus 200\nbody 0\n\n\n"
		    "end\n",
		TOP "forge a\nnumber 1\npart a\npath /\nstatus 99\nbody 0\n\n\n"
		    "end\n",
		TOP "forge a\nnumber 1\npart a\npath /\nstatus 200\n"
		    "body 18446744073709551615\n\n\nend\n",
		TOP "forge a\nnumber 1\npart a\npath /\nstatus 200\nbody 2\n\n"
		    "a\nend\n",
		TOP "forge a\nnumber 1\npart a\npath /\nstatus 200\nbody 0\n\n"
		    "end\n",
	};
	struct arena *arena = arena_new(1 << 24);
	struct buf again = BUF_INIT(4096);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (!bundle_read(span_str(bad[i]), arena, &again))
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(bundle_read(SPAN_LIT(TOP "end\n"), arena, &again), 0);
	buf_free(&again);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_read_as_it_was_written),
		cmocka_unit_test(other_questions_are_refused),
		cmocka_unit_test(no_bit_and_no_end_is_lost),
		cmocka_unit_test(too_much_is_refused),
		cmocka_unit_test(answers_are_read_as_they_were_written),
		cmocka_unit_test(other_answers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

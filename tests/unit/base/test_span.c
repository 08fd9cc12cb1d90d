#include "support/unit.h"

#include "base/span.h"

static void equality(void **state)
{
	(void)state;
	assert_true(span_eq(SPAN_LIT("ab"), SPAN_LIT("ab")));
	assert_false(span_eq(SPAN_LIT("ab"), SPAN_LIT("abc")));
	assert_false(span_eq(SPAN_LIT("a\0b"), SPAN_LIT("a\0c")));
	assert_true(span_eq(SPAN_EMPTY, SPAN_LIT("")));
	assert_true(span_is(SPAN_LIT("ab"), "ab"));
	assert_false(span_is(SPAN_LIT("ab\0"), "ab"));
	assert_true(span_is(SPAN_EMPTY, ""));
	assert_int_equal(span_str(NULL).n, 0);
}

static void order(void **state)
{
	(void)state;
	assert_true(span_cmp(SPAN_LIT("a"), SPAN_LIT("b")) < 0);
	assert_true(span_cmp(SPAN_LIT("b"), SPAN_LIT("a")) > 0);
	assert_true(span_cmp(SPAN_LIT("a"), SPAN_LIT("ab")) < 0);
	assert_true(span_cmp(SPAN_LIT("ab"), SPAN_LIT("a")) > 0);
	assert_true(span_cmp(SPAN_LIT("\xff"), SPAN_LIT("a")) > 0);
	assert_int_equal(span_cmp(SPAN_EMPTY, SPAN_EMPTY), 0);
	assert_true(span_cmp(SPAN_EMPTY, SPAN_LIT("a")) < 0);
}

static void prefixes_and_suffixes(void **state)
{
	(void)state;
	assert_true(span_starts(SPAN_LIT("refs/heads/x"), SPAN_LIT("refs/")));
	assert_false(span_starts(SPAN_LIT("ref"), SPAN_LIT("refs")));
	assert_true(span_starts(SPAN_LIT("x"), SPAN_EMPTY));
	assert_true(span_starts(SPAN_EMPTY, SPAN_EMPTY));
	assert_true(span_ends(SPAN_LIT("a.git"), SPAN_LIT(".git")));
	assert_true(span_ends(SPAN_LIT(".git"), SPAN_LIT(".git")));
	assert_false(span_ends(SPAN_LIT("git"), SPAN_LIT(".git")));
	assert_true(span_ends(SPAN_LIT("x"), SPAN_EMPTY));
}

static void cutting_stays_inside(void **state)
{
	struct span s = SPAN_LIT("abcdef");

	(void)state;
	unit_span_is(span_from(s, 2), "cdef");
	unit_span_is(span_from(s, 6), "");
	unit_span_is(span_from(s, SIZE_MAX), "");
	unit_span_is(span_sub(s, 1, 3), "bcd");
	unit_span_is(span_sub(s, 4, SIZE_MAX), "ef");
	unit_span_is(span_sub(s, 9, 1), "");
}

static void searching(void **state)
{
	struct span s = SPAN_LIT("a\0bcbc");

	(void)state;
	assert_int_equal(span_find(s, '\0'), 1);
	assert_int_equal(span_find(s, 'c'), 3);
	assert_true(span_find(s, 'z') == SIZE_MAX);
	assert_true(span_find(SPAN_EMPTY, 'z') == SIZE_MAX);
	assert_int_equal(span_search(s, SPAN_LIT("bc")), 2);
	assert_int_equal(span_search(s, SPAN_EMPTY), 0);
	assert_true(span_search(s, SPAN_LIT("bcbcb")) == SIZE_MAX);
	assert_true(span_search(SPAN_EMPTY, SPAN_LIT("b")) == SIZE_MAX);
}

static void lines(void **state)
{
	struct span rest = SPAN_LIT("one\n\ntwo\r\nlast"), line;
	bool lf;

	(void)state;
	assert_true(span_line(&rest, &line, &lf));
	unit_span_is(line, "one");
	assert_true(lf);
	assert_true(span_line(&rest, &line, NULL));
	unit_span_is(line, "");
	assert_true(span_line(&rest, &line, &lf));
	unit_span_is(line, "two\r");
	assert_true(span_line(&rest, &line, &lf));
	unit_span_is(line, "last");
	assert_false(lf);
	assert_false(span_line(&rest, &line, &lf));

	/* A final LF does not make one more, empty, line. */
	rest = SPAN_LIT("one\n");
	assert_true(span_line(&rest, &line, &lf));
	assert_true(lf);
	assert_false(span_line(&rest, &line, &lf));
}

static void trimming(void **state)
{
	(void)state;
	unit_span_is(span_trim(SPAN_LIT(" \t a b\r\n")), "a b");
	unit_span_is(span_trim(SPAN_LIT(" \n ")), "");
	unit_span_is(span_trim(SPAN_EMPTY), "");
	assert_int_equal(span_trim(SPAN_LIT("\0 ")).n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality),
		cmocka_unit_test(order),
		cmocka_unit_test(prefixes_and_suffixes),
		cmocka_unit_test(cutting_stays_inside),
		cmocka_unit_test(searching),
		cmocka_unit_test(lines),
		cmocka_unit_test(trimming),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

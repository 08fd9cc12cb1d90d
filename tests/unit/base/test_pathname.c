#include "base/pathname.h"
#include "support/unit.h"

static void paths_come_apart_at_slashes(void **state)
{
	struct span rest = SPAN_LIT("a//bc/"), name;

	(void)state;
	assert_true(pathname_next(&rest, &name));
	unit_span_is(name, "a");
	assert_true(pathname_next(&rest, &name));
	assert_int_equal(name.n, 0);
	assert_true(pathname_next(&rest, &name));
	unit_span_is(name, "bc");
	assert_true(pathname_next(&rest, &name));
	assert_int_equal(name.n, 0);
	assert_false(pathname_next(&rest, &name));
	rest = SPAN_LIT("a\\b/");
	assert_true(pathname_next(&rest, &name));
	unit_span_is(name, "a\\b");
	rest = SPAN_LIT("a\\b/\\");
	assert_true(pathname_next_any(&rest, &name));
	unit_span_is(name, "a");
	assert_true(pathname_next_any(&rest, &name));
	unit_span_is(name, "b");
	assert_true(pathname_next_any(&rest, &name));
	assert_int_equal(name.n, 0);
	assert_true(pathname_next_any(&rest, &name));
	assert_int_equal(name.n, 0);
	assert_false(pathname_next_any(&rest, &name));
	assert_true(pathname_is_dots(SPAN_EMPTY));
	assert_true(pathname_is_dots(SPAN_LIT(".")));
	assert_true(pathname_is_dots(SPAN_LIT("..")));
	assert_false(pathname_is_dots(SPAN_LIT("...")));
	assert_false(pathname_is_dots(SPAN_LIT(".a")));
}

static void names_of_git(void **state)
{
	static const struct {
		const char *name, *what;
		bool is;
	} rows[] = {
		{".git", "git", true},
		{".GIT", "git", true},
		{".gIt", "git", true},
		{".git.", "git", true},
		{".git ", "git", true},
		{".git. . ", "git", true},
		{".git::$INDEX_ALLOCATION", "git", true},
		{".git ::$DATA", "git", true},
		{"git~1", "git", true},
		{"GIT~1", "git", true},
		{"git~2", "git", true},
		{"git~1 .", "git", true},
		{".g\xe2\x80\x8cit", "git", true},
		{"\xef\xbb\xbf.git", "git", true},
		{".git\xe2\x80\xae", "git", true},
		{".G\xe2\x81\xafI\xe2\x80\x8eT", "git", true},
		{"x\\.git", "git", true},
		{".git\\hooks", "git", true},
		{"git", "git", false},
		{".gi", "git", false},
		{".", "git", false},
		{"", "git", false},
		{".gitx", "git", false},
		{".gitignore", "git", false},
		{".git-", "git", false},
		{"git~", "git", false},
		{"git~x", "git", false},
		{"git~1x", "git", false},
		{".git.x", "git", false},
		{"x.git", "git", false},
		{".g\xe2\x80\x90it", "git", false},
		{".g\xe2\x80it", "git", false},
		{".gitmodules", "gitmodules", true},
		{".GITmodules", "gitmodules", true},
		{".gitmodules.", "gitmodules", true},
		{"gitmod~1", "gitmodules", true},
		{"GITMOD~4", "gitmodules", true},
		{"gi7eba~1", "gitmodules", true},
		{".gitm\xe2\x80\x8dodules", "gitmodules", true},
		{".gitmodule", "gitmodules", false},
		{"gitmodules", "gitmodules", false},
		{"gi7ebb~1", "gitmodules", false},
		{"gitmod", "gitmodules", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (pathname_is_git(span_str(rows[i].name), rows[i].what) !=
			rows[i].is)
			fail_msg("'%s' as .%s", rows[i].name, rows[i].what);
}

static void names_that_windows_cannot_have(void **state)
{
	static const struct {
		const char *name;
		bool good;
	} rows[] = {
		{"con", false},
		{"CON", false},
		{"nul.txt", false},
		{"Aux.tar.gz", false},
		{"prn ", false},
		{"aux .c", false},
		{"nul:x", false},
		{"com1", false},
		{"COM9.log", false},
		{"lpt3", false},
		{"com\xc2\xb9", false},
		{"lpt\xc2\xb3.x", false},
		{"conin$", false},
		{"conout$.x", false},
		{"a.", false},
		{"a ", false},
		{"...", false},
		{"a:b", false},
		{"a\\b", false},
		{"a?", false},
		{"a*b", false},
		{"<a", false},
		{"a|b", false},
		{"a\"", false},
		{"a\tb", false},
		{"", false},
		{"conx", true},
		{"xcon", true},
		{"console", true},
		{"com", true},
		{"com0", true},
		{"com10", true},
		{"com\xc2\xb4", true},
		{"comet", true},
		{"lpt", true},
		{".con", true},
		{"a b", true},
		{"a.b", true},
		{"nulls", true},
		{"aux-1", true},
		{"\xc3\xa4", true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		const char *why =
			pathname_windows_fault(span_str(rows[i].name));

		if (!why != rows[i].good)
			fail_msg("'%s': %s", rows[i].name, why ? why : "good");
	}
}

static void names_are_folded(void **state)
{
	static const char *const rows[][2] = {
		{"README", "readme"},
		{"\xc3\x84pfel", "\xc3\xa4pfel"},
		{"\xc3\x97", "\xc3\x97"},
		{"\xc5\x81", "\xc5\x82"},
		{"\xc5\xb8", "\xc3\xbf"},
		{"\xc5\xbd", "\xc5\xbe"},
		{"\xce\x91\xce\xa9", "\xce\xb1\xcf\x89"},
		{"\xcf\x82", "\xcf\x83"},
		{"\xd0\x96\xd0\x81", "\xd0\xb6\xd1\x91"},
		{"\xd4\xb1", "\xd5\xa1"},
		{"\xef\xbc\xa1", "\xef\xbd\x81"},
		{"\xe2\x84\xaa", "k"},
		{"\xe1\xba\x9e", "\xc3\x9f"},
		{"a\xe2\x80\x8c"
		 "b",
			"ab"},
		{"\xff\x80"
		 "A",
			"\xff\x80"
			"a"},
		{"\xe6\xbc\xa2", "\xe6\xbc\xa2"},
		{"\xf0\x9f\x98\x80X", "\xf0\x9f\x98\x80x"},
		{"", ""},
		/* Composed or not, and marks in any order. */
		{"caf\xc3\xa9", "CAFE\xcc\x81"},
		{"\xe1\xba\xad", "a\xcc\x82\xcc\xa3"},
		{"\xea\xb0\x81", "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8"},
		{"\xe2\x84\xab", "\xc3\xa5"},
		{"\xe1\xbc\x88", "\xe1\xbc\x80"},
	};
	static const char *const apart[][2] = {{"e", "\xc3\xa9"},
		{"e\xcc\x81", "e\xcc\x80"}, {"\xcc\x81", ""}};
	struct buf out = BUF_INIT(1000), other = BUF_INIT(1000);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&out);
		buf_reset(&other);
		pathname_fold(&out, span_str(rows[i][0]));
		pathname_fold(&other, span_str(rows[i][1]));
		unit_span_is(buf_all(&out), buf_cstr(&other));
	}
	for (i = 0; i < ARRAY_LEN(apart); i++) {
		buf_reset(&out);
		buf_reset(&other);
		pathname_fold(&out, span_str(apart[i][0]));
		pathname_fold(&other, span_str(apart[i][1]));
		assert_false(span_eq(buf_all(&out), buf_all(&other)));
	}
	buf_free(&out);
	buf_free(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_come_apart_at_slashes),
		cmocka_unit_test(names_of_git),
		cmocka_unit_test(names_that_windows_cannot_have),
		cmocka_unit_test(names_are_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

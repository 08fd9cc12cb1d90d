/* RE2's expressions: what is refused, and what the others match. */
#include "support/unit.h"

#include "parse/re2.h"
#include "port/pattern.h"

static const struct {
	const char *text, *says;
} refused[] = {
	{"a(?=b)", "byte 1: RE2 has no group of this kind"},
	{"(?<!a)b", "RE2 has no group of this kind"},
	{"(?>a)", "RE2 has no group of this kind"},
	{"(?P=a)", "RE2 has no group of this kind"},
	{"(?x)a", "RE2 has no group of this kind"},
	{"(?i-)a", "RE2 has no group of this kind"},
	{"(?P<a-b>c)", "not a name of a group"},
	{"(a)\\1", "RE2 has no back-references"},
	{"\\Ka", "an escape that RE2 does not know"},
	{"a\\Z", "an escape that RE2 does not know"},
	{"\\ha", "an escape that RE2 does not know"},
	{"a\\", "'\\' at the end"},
	{"a++", "byte 2: RE2 has no repetition of a repetition"},
	{"a{2}{3}", "RE2 has no repetition of a repetition"},
	{"*a", "byte 0: a repetition of nothing"},
	{"(|+)", "a repetition of nothing"},
	{"a{1001}", "a repetition of more than 1000"},
	{"a{3,2}", "a repetition of more than 1000, or backwards"},
	{"(a", "')' is missing"},
	{"a)", "byte 1: ')' without '('"},
	{"[a", "']' is missing"},
	{"[b-a]", "a range that runs backwards"},
	{"[[:alfa:]]", "no such class"},
	{"[\\b]", "an escape that RE2 does not know"},
	{"\\x{110000}", "expected a code point"},
	{"\\x4", "expected two hex digits"},
	{"\\pL", "a Unicode class cannot be carried"},
	{"[\\p{Greek}]", "a Unicode class cannot be carried"},
	{"[^\xc3\xa9]", "a negated class of characters outside ASCII"},
	{"[a-\xc3\xa9]", "a range or (?i) of characters outside ASCII"},
	{"(?i)\xc3\xa9", "a character outside ASCII under (?i)"},
};

static void others_are_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		struct buf out = BUF_INIT(4096);
		struct err err = ERR_INIT;

		if (!re2_translate(span_str(refused[i].text), &out, NULL, &err))
			fail_msg("accepted: %s", refused[i].text);
		if (!strstr(err.text, refused[i].says))
			fail_msg("%s: '%s' does not say '%s'", refused[i].text,
				err.text, refused[i].says);
		buf_free(&out);
	}
}

/* What RE2 finds first in the subject; NULL: nothing. */
static const struct {
	const char *text, *subject, *match;
	unsigned groups;
} taken[] = {
	{"a|ab", "xab", "a", 0},
	{"(?P<x>a)(?<y>b)(?:c)", "abc", "abc", 2},
	{"a$", "a\n", NULL, 0},
	{"(?m)a$", "a\n", "a", 0},
	{"a.b", "a\nb", NULL, 0},
	{"a.b", "a\rb", "a\rb", 0},
	{"(?s)a.b", "a\nb", "a\nb", 0},
	{"a\\sb", "a\vb", NULL, 0},
	{"a[\\s_]b", "a\vb", NULL, 0},
	{"a\\Sb", "a\vb", "a\vb", 0},
	{"a[\\S]b", "a\vb", "a\vb", 0},
	{"a[^\\S]b", "a\vb", NULL, 0},
	{"a[^\\S]b", "a b", "a b", 0},
	{"a[[:space:]]b", "a\vb", "a\vb", 0},
	{"a\\vb", "a\nb", NULL, 0},
	{"a\\vb", "a\vb", "a\vb", 0},
	{"\\141\\x62\\x{63}", "abc", "abc", 0},
	{"a{,2}", "aa{,2}", "a{,2}", 0},
	{"a{02}", "aaa{02}", "a{02}", 0},
	{"a{2,}?", "aaaa", "aa", 0},
	{"x{a}", "x{a}", "x{a}", 0},
	{"[]a]+", "b]a", "]a", 0},
	{"[^]a]+", "]ab", "b", 0},
	{"[a-]+", "b-a", "-a", 0},
	{"[[:^digit:][]+", "1[x", "[x", 0},
	{"[[:]+", "a:[", ":[", 0},
	{"[[.x]+", "a[.x", "[.x", 0},
	{"\\Qa.b*\\E+", "xa.b**", "a.b**", 0},
	{"\\Q(", "(", "(", 0},
	{"(?i)aB|c", "C", "C", 0},
	{"a(?i:b)c", "aBC", NULL, 0},
	{"(?i:(?-i)a)b", "AB", NULL, 0},
	{"\xc3\xa9+x", "\xc3\xa9\xc3\xa9x", "\xc3\xa9\xc3\xa9x", 0},
	{"[\xc3\xa9z]{2}", "z\xc3\xa9", "z\xc3\xa9", 0},
	{"[\xc3\xa9]", "\xc3\xa8", NULL, 0},
	{"\\x{20ac}", "\xe2\x82\xac", "\xe2\x82\xac", 0},
	{"\\x{1F600}!", "\xf0\x9f\x98\x80!", "\xf0\x9f\x98\x80!", 0},
	{"a#b c", "a#b c", "a#b c", 0},
	{"\\_\\-\\#\\/", "_-#/", "_-#/", 0},
	{"(?U)a+", "aa", "a", 0},
	{"a\\b{2}\\z*$+", "a", "a", 0},
	{"^*?a", "a", "a", 0},
	{"\\bfoo\\b", "a foo.", "foo", 0},
};

static void the_rest_matches_the_same(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(taken); i++) {
		struct buf out = BUF_INIT(4096);
		struct pattern *p = NULL;
		struct pattern_match m;
		struct err err = ERR_INIT;
		struct span subject = span_str(taken[i].subject);
		unsigned groups = 99;
		bool found;

		if (re2_translate(
			    span_str(taken[i].text), &out, &groups, &err) ||
			pattern_new(buf_all(&out), &p, &err))
			fail_msg("%s: %s", taken[i].text, err.text);
		assert_int_equal(groups, taken[i].groups);
		assert_int_equal(groups, pattern_groups(p));
		found = pattern_find(p, subject, 0, SIZE_MAX, &m) ==
			PATTERN_MATCH;
		if (found != (taken[i].match != NULL) ||
			(found &&
				!span_is(span_sub(subject, m.at[0].from,
						 m.at[0].to - m.at[0].from),
					taken[i].match)))
			fail_msg("%s became %s", taken[i].text, buf_cstr(&out));
		pattern_free(p);
		buf_free(&out);
	}
}

static void bounds_hold(void **state)
{
	struct buf deep = BUF_INIT(65536), out = BUF_INIT(65536),
		   small = BUF_INIT(8);
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i <= RE2_DEPTH_MAX; i++)
		buf_str(&deep, "(?:");
	assert_int_equal(re2_translate(buf_all(&deep), &out, NULL, &err), -1);
	assert_non_null(strstr(err.text, "groups nested too deep"));
	err_clear(&err);
	assert_int_equal(
		re2_translate(SPAN_LIT("abcdefghijkl"), &small, NULL, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_free(&deep);
	buf_free(&out);
	buf_free(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(the_rest_matches_the_same),
		cmocka_unit_test(bounds_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

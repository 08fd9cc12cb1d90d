#include "support/unit.h"

#include "parse/sshpattern.h"

static void test_fits(void **state)
{
	static const struct {
		const char *pattern, *s;
		bool fits;
	} t[] = {
		{"", "", true},
		{"", "a", false},
		{"a", "a", true},
		{"a", "A", false},
		{"a", "ab", false},
		{"?", "", false},
		{"?", "x", true},
		{"*", "", true},
		{"*", "anything@all", true},
		{"**", "x", true},
		{"*@example.org", "ada@example.org", true},
		{"*@example.org", "ada@example.org.evil", false},
		{"*@example.org", "@example.org", true},
		{"a*b*c", "a--b--b--c", true},
		{"a*b*c", "a--b--b--", false},
		{"*a?c", "abcabxabc", true},
		{"*ab", "aab", true},
		{"x*?", "x", false},
		{"[a]", "a", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++)
		if (sshpattern_fits(span_str(t[i].pattern), span_str(t[i].s)) !=
			t[i].fits)
			fail_msg("'%s' and '%s'", t[i].pattern, t[i].s);
}

static void test_list(void **state)
{
	static const struct {
		const char *list, *s;
		enum sshpattern_answer answer;
	} t[] = {
		{"", "a", SSHPATTERN_NO},
		{"a,b", "b", SSHPATTERN_YES},
		{"a,b", "c", SSHPATTERN_NO},
		{"!a", "b", SSHPATTERN_NO},
		{"*,!a", "a", SSHPATTERN_DENIED},
		{"!a,*", "a", SSHPATTERN_DENIED},
		{"*,!a", "b", SSHPATTERN_YES},
		{"a, b", "b", SSHPATTERN_NO},
		{",,a,", "a", SSHPATTERN_YES},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++)
		if (sshpattern_list(span_str(t[i].list), span_str(t[i].s)) !=
			t[i].answer)
			fail_msg("'%s' and '%s'", t[i].list, t[i].s);
	assert_true(sshpattern_literal(SPAN_LIT("a@b")));
	assert_false(sshpattern_literal(SPAN_LIT("a?b")));
	assert_false(sshpattern_literal(SPAN_LIT("*")));
	assert_false(sshpattern_literal(SPAN_LIT("!a@b")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fits),
		cmocka_unit_test(test_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

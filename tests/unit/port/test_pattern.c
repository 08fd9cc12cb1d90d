/* One pattern: bytes, bounds, limits. */
#include "support/unit.h"

#include "port/pattern.h"

static struct pattern *made(const char *text)
{
	struct pattern *p;
	struct err err = ERR_INIT;

	if (pattern_new(span_str(text), &p, &err))
		fail_msg("%s", err.text);
	return p;
}

static void dialect(void **state)
{
	const struct {
		const char *regex;
		struct span text;
		enum pattern_result result;
	} cases[] = {
		{"a$", SPAN_LIT("a"), PATTERN_MATCH},
		{"a$", SPAN_LIT("a\n"), PATTERN_NONE},
		{"(?m)a$", SPAN_LIT("a\n"), PATTERN_MATCH},
		{"a.b", SPAN_LIT("a\nb"), PATTERN_NONE},
		{"a.b", SPAN_LIT("a\rb"), PATTERN_MATCH},
		{"a.b", SPAN_LIT("a\0b"), PATTERN_MATCH},
		{"^.$", SPAN_LIT("\xc3\xa4"), PATTERN_NONE},
		{"^..$", SPAN_LIT("\xc3\xa4"), PATTERN_MATCH},
		{"^\\w$", SPAN_LIT("\xe4"), PATTERN_NONE},
		{"(?i)KEY",
			SPAN_LIT("\xe2\x84\xaa"
				 "ey"),
			PATTERN_NONE},
		{"x*", SPAN_LIT("abc"), PATTERN_NONE}, /* never empty */
		{"", SPAN_LIT("abc"), PATTERN_NONE},
		{"a", SPAN_EMPTY, PATTERN_NONE},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct pattern *p = made(cases[i].regex);

		if (pattern_test(p, cases[i].text) != cases[i].result)
			fail_msg("case %zu, '%s'", i, cases[i].regex);
		pattern_free(p);
	}
}

static void bounds(void **state)
{
	struct pattern *p = made("\\bab(c)?(d)?");
	struct pattern_match m;
	struct span s = SPAN_LIT("xab ab abd");

	(void)state;
	assert_int_equal(pattern_find(p, s, 0, SIZE_MAX, &m), PATTERN_MATCH);
	assert_int_equal(m.at[0].from, 4);
	assert_int_equal(m.at[0].to, 6);
	/* What stands before the start is still seen: no word starts at 1. */
	assert_int_equal(pattern_find(p, s, 1, 3, &m), PATTERN_NONE);
	/* A match may start at the last place and end behind it. */
	assert_int_equal(pattern_find(p, s, 5, 7, &m), PATTERN_MATCH);
	assert_int_equal(m.n, 3);
	assert_int_equal(m.at[1].from, SIZE_MAX);
	assert_int_equal(m.at[2].from, 9);
	assert_int_equal(pattern_find(p, s, 5, 6, &m), PATTERN_NONE);
	assert_int_equal(pattern_find(p, s, 11, SIZE_MAX, &m), PATTERN_NONE);
	assert_int_equal(pattern_groups(p), 2);
	pattern_free(p);
}

static void limits_have_their_own_answer(void **state)
{
	struct pattern *p = made("(a+)+b");
	struct buf text = BUF_INIT(1000);
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		buf_byte(&text, 'a');
	buf_byte(&text, 'c');
	assert_int_equal(pattern_test(p, buf_all(&text)), PATTERN_NONE);
	pattern_free(p);
	/* PCRE2 sees that no 'b' is there; here it cannot. */
	p = made("(a+)+(?=b|d)");
	assert_int_equal(pattern_test(p, buf_all(&text)), PATTERN_LIMIT);
	assert_int_equal(pattern_test(p, SPAN_LIT("aad")), PATTERN_MATCH);
	pattern_free(p);
	buf_free(&text);
}

static void mistakes(void **state)
{
	static const char *const bad[] = {
		"(", "[a", "a{2,1}", "(?<n>a)(?<n>b)", "\\", "(*UTF)a", "\\C"};
	struct pattern *p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;

		if (!pattern_new(span_str(bad[i]), &p, &err))
			fail_msg("'%s' is accepted", bad[i]);
		assert_null(p);
		assert_int_equal(err.code, ERR_INPUT);
		assert_non_null(strstr(err.text, "at byte"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialect),
		cmocka_unit_test(bounds),
		cmocka_unit_test(limits_have_their_own_answer),
		cmocka_unit_test(mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

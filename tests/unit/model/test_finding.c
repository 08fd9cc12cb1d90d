/* What is hidden is found wherever it stands, and nothing else is touched. */
#include "support/unit.h"

#include "model/finding.h"

static struct findings given(const struct span *hidden, size_t n)
{
	struct findings f = {.arena = arena_new((size_t)16 << 20)};

	findings_conceal(&f, hidden, n);
	return f;
}

static void shows(const struct findings *f, const char *text, const char *want)
{
	struct span got = findings_hide(f, span_str(text));

	if (!span_is(got, want))
		fail_msg("'%s' shows as '%.*s', not as '%s'", text, (int)got.n,
			(const char *)got.p, want);
}

static void test_nothing_is_hidden(void **state)
{
	struct findings f = given(NULL, 0);

	(void)state;
	shows(&f, "", "");
	shows(&f, "plain", "plain");
	arena_free(f.arena);
}

static void test_places(void **state)
{
	const struct span hidden[] = {SPAN_LIT("hunter2"),
		SPAN_LIT("hunter2-and-more"), SPAN_LIT("\xff\x01q")};
	struct findings f = given(hidden, 3);

	(void)state;
	shows(&f, "hunter2", "[secret]");
	shows(&f, "a hunter2", "a [secret]");
	shows(&f, "hunter2 b", "[secret] b");
	shows(&f, "hunter2hunter2", "[secret][secret]");
	shows(&f, "xhunter2-and-morex", "x[secret]x");
	shows(&f, "hunter2-and-mor", "[secret]-and-mor");
	shows(&f, "hunter", "hunter");
	shows(&f, "hhunterhunter2", "hhunter[secret]");
	shows(&f, "-\xff\x01q-", "-[secret]-");
	shows(&f, "h", "h");
	shows(&f, "", "");
	arena_free(f.arena);
}

static void test_one_byte(void **state)
{
	const struct span hidden[] = {SPAN_LIT("x")};
	struct findings f = given(hidden, 1);

	(void)state;
	shows(&f, "x", "[secret]");
	shows(&f, "axb", "a[secret]b");
	shows(&f, "xx", "[secret][secret]");
	shows(&f, "ab", "ab");
	arena_free(f.arena);
}

static void test_too_much(void **state)
{
	struct span hidden[FINDINGS_HIDDEN_MAX + 1];
	struct findings f;
	size_t i;

	(void)state;
	for (i = 0; i <= FINDINGS_HIDDEN_MAX; i++)
		hidden[i] = SPAN_LIT("hunter2");
	f = given(hidden, FINDINGS_HIDDEN_MAX);
	shows(&f, "a hunter2", "a [secret]");
	arena_free(f.arena);
	f = given(hidden, FINDINGS_HIDDEN_MAX + 1);
	shows(&f, "anything", "[not shown]");
	arena_free(f.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_hidden),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_one_byte),
		cmocka_unit_test(test_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

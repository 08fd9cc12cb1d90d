#include "model/codeowners.h"

#include "support/unit.h"

static bool matches(
	enum codeowners_dialect d, const char *pattern, const char *path)
{
	uint64_t steps = 0;

	return owner_pattern_matches(
		d, span_str(pattern), span_str(path), &steps);
}

struct row {
	const char *pattern, *path;
	bool hit;
};

static void each(enum codeowners_dialect d, const struct row *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (matches(d, v[i].pattern, v[i].path) != v[i].hit)
			fail_msg("%s and %s", v[i].pattern, v[i].path);
}

static void githubs_patterns(void **state)
{
	static const struct row rows[] = {
		{"*", "a", true},
		{"*", "a/b/.c", true},
		{"**", "a/b", true},
		{"*.js", "a.js", true},
		{"*.js", "x/y/a.js", true},
		{"*.js", "a.jsx", false},
		{"*.js", "lib.js/a.c", true},
		{"/*.js", "a.js", true},
		{"/*.js", "x/a.js", false},
		{"apps/", "apps/a", true},
		{"apps/", "x/apps/y/a", true},
		{"apps/", "apps", false},
		{"apps/", "apps/", true},
		{"apps", "x/apps", true},
		{"apps", "x/apps/y", true},
		{"apps", "x/apps2/y", false},
		{"/apps/", "x/apps/y", false},
		{"/apps/", "apps/y/z", true},
		{"/apps", "apps", true},
		{"docs/*", "docs/a", true},
		{"docs/*", "docs/a/b", false},
		{"docs/*", "x/docs/a", false},
		{"docs/**", "docs/a/b", true},
		{"docs/**", "docs", false},
		{"docs/*.md", "docs/a.md", true},
		{"docs/*.md", "x/docs/a.md", false},
		{"a/b", "a/b/c", true},
		{"a/b", "x/a/b", false},
		{"**/logs", "a/b/logs/c", true},
		{"**/logs", "logs", true},
		{"a/**/b", "a/b", true},
		{"a/**/b", "a/x/y/b/z", true},
		{"a/**/b", "x/a/b", false},
		{"a/**/b/**/c", "a/b/x/b/c", true},
		{"a?c", "abc", true},
		{"a?c", "a/c", false},
		{"a\\*", "a*", true},
		{"a\\*", "ab", false},
		{"a\\ b", "a b", true},
		{"a[b]", "a[b]", true},
		{"a[b]", "ab", false},
		{"Crypto/", "crypto/a", false},
		{"*a*b*c", "xaxbxc", true},
		{"*a*b*c", "xaxcxb", false},
		{"", "a", false},
		{"/", "a", false},
	};

	(void)state;
	each(CODEOWNERS_GITHUB, rows, ARRAY_LEN(rows));
}

static void gitlabs_patterns(void **state)
{
	static const struct row rows[] = {
		{"*", "a/b/.c", true},
		{"/*", "a", true},
		{"/*", "a/b", false},
		{"README.md", "x/README.md", true},
		{"README.md", "README.md/x", false},
		{"/README.md", "x/README.md", false},
		{"docs/", "docs/a/b", true},
		{"docs/", "x/docs/a", true},
		{"docs/", "docs", false},
		{"/docs/", "x/docs/a", false},
		{"ee/docs", "x/ee/docs", true},
		{"ee/docs", "ee/docs/a", false},
		{"/docs/*", "docs/a", true},
		{"/docs/*", "docs/a/b", false},
		{"/docs/**", "docs/a", true},
		{"/docs/**", "docs/a/b", false},
		{"/docs/**/", "docs/a/b/c", true},
		{"/docs/**/*.md", "docs/a/b.md", true},
		{"/docs/**/*.md", "docs/b.md", true},
		{"/db/**/index.md", "db/a/b/index.md", true},
		{"[ab].c", "x/a.c", true},
		{"[ab].c", "c.c", false},
		{"[!ab].c", "c.c", true},
		{"[^a-c].c", "b.c", false},
		{"[a-c]x", "bx", true},
		{"[a\\]]x", "]x", true},
		{"[open", "[open", true},
		{"\\#x", "#x", true},
		{"path\\ with\\ blanks/", "path with blanks/a", true},
		{"/", "a/b", true},
	};

	(void)state;
	each(CODEOWNERS_GITLAB, rows, ARRAY_LEN(rows));
}

static unsigned line_of(enum codeowners_dialect d, struct owner_rule *v,
	size_t n, const char *path)
{
	const struct owner_section s = {.rule = v, .n = n, .count = 1};
	const struct owner_rule *r;
	uint64_t steps = 0;

	r = owner_rule_of(&s, d, span_str(path), &steps);
	return r ? r->line : 0;
}

static void the_last_that_matches_holds(void **state)
{
	struct owner_rule v[] = {
		{.pattern = SPAN_LIT("*"), .line = 1},
		{.pattern = SPAN_LIT("docs/"), .line = 2},
		{.pattern = SPAN_LIT("*.md"), .line = 3},
		{.pattern = SPAN_LIT("docs/x/"), .line = 4, .negated = true},
		{.pattern = SPAN_LIT("y.md"), .line = 5},
	};

	(void)state;
	assert_int_equal(line_of(CODEOWNERS_GITHUB, v, 3, "a.c"), 1);
	assert_int_equal(line_of(CODEOWNERS_GITHUB, v, 3, "docs/a"), 2);
	assert_int_equal(line_of(CODEOWNERS_GITHUB, v, 3, "docs/a.md"), 3);
	assert_int_equal(line_of(CODEOWNERS_GITHUB, v + 1, 2, "a"), 0);
	assert_int_equal(line_of(CODEOWNERS_GITLAB, v, 5, "docs/y.md"), 5);
	/* A rule below cannot take in again what the section leaves out. */
	assert_int_equal(line_of(CODEOWNERS_GITLAB, v, 5, "docs/x/y.md"), 0);
	assert_int_equal(line_of(CODEOWNERS_GITLAB, v, 5, "docs/x.md"), 3);
}

/* Stars over stars cost no more than pattern times path. */
static void no_pattern_explodes(void **state)
{
	static const char *const patterns[] = {
		"*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
		"**/a/**/a/**/a/**/a/**/a/**/a/**/b",
		"*a*/**/*a*/**/*a*/**/*a*b",
	};
	struct buf path = BUF_INIT(100000);
	uint64_t steps;
	size_t i, d;

	(void)state;
	for (i = 0; i < 2000; i++)
		buf_str(&path, i % 10 ? "a" : "a/");
	for (i = 0; i < ARRAY_LEN(patterns); i++)
		for (d = 0; d < 2; d++) {
			steps = 0;
			assert_false(owner_pattern_matches(
				(enum codeowners_dialect)d,
				span_str(patterns[i]), buf_all(&path), &steps));
			assert_true(steps < 4 * strlen(patterns[i]) * path.n);
		}
	buf_free(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(githubs_patterns),
		cmocka_unit_test(gitlabs_patterns),
		cmocka_unit_test(the_last_that_matches_holds),
		cmocka_unit_test(no_pattern_explodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

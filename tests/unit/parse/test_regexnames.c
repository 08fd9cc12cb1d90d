/* The names that an expression begins with: by table, and held against PCRE2. */
#include "support/unit.h"

#include "parse/regexnames.h"
#include "port/pattern.h"
#include "support/chance.h"

#define LIST "one1|two2|thre|four|five|six6|seven|eight"

static void by_table(void **state)
{
	static const struct {
		const char *regex;
		size_t head; /* 0, or of its bytes the first so many */
	} cases[] = {
		{"(?:" LIST ")", sizeof(LIST) + 3},
		{"(?i:" LIST ")", sizeof(LIST) + 4},
		{"(?i:" LIST ")x", sizeof(LIST) + 4},
		{"(?i:" LIST ")(?:a|b)", sizeof(LIST) + 4},
		{"(?i:" LIST ")[|]\\|[^]|][[:alpha:]|]", sizeof(LIST) + 4},
		{"(?i:" LIST ")[\\]|](a(b|c)|d)", sizeof(LIST) + 4},
		{"(?i:a[-_. ]?bcd|" LIST ")x", sizeof(LIST) + 16},
		{"(?i:a[]b]bcd|" LIST ")x", sizeof(LIST) + 13},
		{"(?i:a\\.bcd|" LIST ")x", sizeof(LIST) + 11},
		{"(?i:a-b_c /:d|" LIST ")x", sizeof(LIST) + 14},
		/* No list, or not at the start of all that can match. */
		{"", 0},
		{"(", 0},
		{"(?", 0},
		{"(?i:", 0},
		{"(?i:" LIST, 0},
		{"(?i:" LIST "|", 0},
		{"(?i:" LIST "|)", 0},
		{"(?i:|" LIST ")", 0},
		{"(?i:one1|two2)", 0},
		{"(" LIST ")", 0},
		{"(?=" LIST ")", 0},
		{"(?!" LIST ")", 0},
		{"(?x:" LIST ")", 0},
		{"(?>" LIST ")", 0},
		{"(?|" LIST ")", 0},
		{"x(?:" LIST ")", 0},
		{"^(?:" LIST ")", 0},
		{"(?i)(?:" LIST ")", 0},
		{"(?:" LIST ")|x", 0},
		{"(?:" LIST ")(?:a|b)|x", 0},
		{"(?:" LIST ")[]]|[x]", 0},
		{"(?:" LIST ")[[:x]|[y:]]", 0},
		{"(?:" LIST ")[[:]|[:]]", 0},
		{"(?:" LIST ")\\\\|x", 0},
		{"(?:" LIST ")?", 0},
		{"(?:" LIST ")*x", 0},
		{"(?:" LIST ")+x", 0},
		{"(?:" LIST "){2}x", 0},
		/* No names. */
		{"(?:" LIST "|abc)", 0},
		{"(?:" LIST "|a[bcd]ef)", 0},
		{"(?:" LIST "|abc[d]?)", 0},
		{"(?:" LIST "|abcd?)", 0},
		{"(?:" LIST "|abcd*)", 0},
		{"(?:" LIST "|abcd+)", 0},
		{"(?:" LIST "|abcd{2})", 0},
		{"(?:" LIST "|abcd[e]*)", 0},
		{"(?:" LIST "|abcd[e]?+)", 0},
		{"(?:" LIST "|abcd\\.?)", 0},
		{"(?:" LIST "|ab.cd)", 0},
		{"(?:" LIST "|^abcd)", 0},
		{"(?:" LIST "|\\babcd)", 0},
		{"(?:" LIST "|abcd$)", 0},
		{"(?:" LIST "|abcd\\d)", 0},
		{"(?:" LIST "|(?:abcd))", 0},
		{"(?:" LIST "|abcd\\", 0},
		{"(?:" LIST "|abcd[", 0},
		{"(?:" LIST "|abcd[e", 0},
		/* What follows is not understood. */
		{"(?:" LIST ")(?=x)", 0},
		{"(?:" LIST ")\\Q|\\E", 0},
		{"(?:" LIST ")(?#|)", 0},
		{"(?:" LIST ")(?x)# |", 0},
		{"(?:" LIST ")[x", 0},
		{"(?:" LIST "))", 0},
		{"(?:" LIST ")(x", 0},
	};
	size_t i, head;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		head = regexnames_head(span_str(cases[i].regex));
		if (head != cases[i].head)
			fail_msg("%s: %zu", cases[i].regex, head);
	}
}

/* Names that are parts of each other, and what may make a list none. */
static void expression(struct buf *out)
{
	static const char *const names[] = {"abab", "baba", "aabb", "abba",
		"babab", "ab[-.]?ab", "ABAB", "bbbb", "a[ab]bbb", "ab\\.ab"};
	static const char *const more[] = {"", "a", "b{1,3}", "[^a]", "(?:a|b)",
		"(a|b)?", "|bb", "?", "{2}", "[]|]", "\\b", "$", "(?i:a)",
		"\\||a", "(?:a|b)|bb"};
	size_t i;

	buf_str(out, below(2) ? "(?i:" : "(?:");
	for (i = 0; i < REGEXNAMES_MIN; i++)
		buf_fmt(out, "%s%s", i ? "|" : "",
			names[below(ARRAY_LEN(names))]);
	buf_str(out, ")");
	for (i = below(4); i; i--)
		buf_str(out, more[below(ARRAY_LEN(more))]);
}

static size_t held(struct pattern *all, struct pattern *head)
{
	static const char letters[] = "aabbABab.-";
	char text[24];
	struct pattern_match m, h;
	size_t i, seen = 0;

	for (i = 0; i < sizeof(text); i++)
		text[i] = letters[below(sizeof(letters) - 1)];
	for (i = 0; i < sizeof(text); i++) {
		if (pattern_find(all, span_of(text, sizeof(text)), i, i, &m) !=
			PATTERN_MATCH)
			continue;
		assert_int_equal(pattern_find(head, span_of(text, sizeof(text)),
					 i, i, &h),
			PATTERN_MATCH);
		seen++;
	}
	return seen;
}

static void as_pcre2_says(void **state)
{
	struct buf regex = BUF_INIT(4096);
	struct err err = ERR_INIT;
	size_t i, k, n, seen = 0, known = 0;

	(void)state;
	for (i = 0; i < 4000; i += UNIT_STEP) {
		struct pattern *all, *head;

		buf_reset(&regex);
		expression(&regex);
		n = regexnames_head(buf_all(&regex));
		if (!n)
			continue;
		if (pattern_new(buf_all(&regex), &all, &err)) {
			err_clear(&err);
			continue;
		}
		if (pattern_new(span_sub(buf_all(&regex), 0, n), &head, &err))
			fail_msg("%s", err.text);
		known++;
		for (k = 0; k < 40; k++)
			seen += held(all, head);
		pattern_free(head);
		pattern_free(all);
	}
	buf_free(&regex);
	/* Or the test would say nothing. */
	assert_true(known > 1000 / UNIT_STEP);
	assert_true(seen > known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_table),
		cmocka_unit_test(as_pcre2_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

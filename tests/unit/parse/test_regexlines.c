/* How many line feeds a match can hold: by table, and held against PCRE2. */
#include "support/unit.h"

#include "parse/regexlines.h"
#include "port/pattern.h"
#include "support/chance.h"

#define UNKNOWN REGEXLINES_UNKNOWN

static void by_table(void **state)
{
	static const struct {
		const char *regex;
		size_t most;
	} cases[] = {
		{"", 0},
		{"abc", 0},
		{"a\nb", 1},
		{"a\n", 0}, /* the last byte does not count */
		{"\\n", 0},
		{"\\n\\n", 1},
		{"a\\nb|c\\n\\nd", 2},
		{"(?:a\\n){3}b", 3},
		{"(?:a\\n){3}", 2},
		{"(?:a\\n){0,3}b", 3},
		{"(?:a\\n)?b", 1},
		{"(?:a\\n)*b", UNKNOWN},
		{"(?:a\\n)+b", UNKNOWN},
		{"(?:a\\n){2,}b", UNKNOWN},
		{"a*b+c{2,}", 0},
		{"[^a]{1,5}b", 5},
		{"[^a\\n]{1,5}b", 0},
		{"[^\\s]{1,5}b\\S{9}\\d\\w\\h", 0},
		{"\\s{4}\\W\\D\\H\\v.b", 8},
		{"[\\s]b[\\W]b[^\\w]b", 3},
		{"[\\t-\\r]b[\\x00-\\x20]b[ -~]b", 2},
		{"[]\\n]b[^]\\n]b", 1},
		{"[[:space:]]b[^[:alpha:]]b", 2},
		{"[a-]b[-\\n]b", 1},
		{"[\\d-\\n]b", 1},
		{".b(?s).b", 1},
		{"(?s:.)b.b", 1},
		{"(?:(?s).)b.b", 1},
		{"(?s)(?-s:.)b.b", 1},
		{"(?s-s).b", 0},
		{"a(?:[^0-9]|$)", 0},
		{"a(?:[^0-9]|$)\\b", 0},
		{"(?:^|\\n)a(?:$|\\n)", 1},
		{"(?<name>\\n)(?P<other>\\n)(?>\\n)(?|\\n)a", 4},
		{"\\x0a\\x{0a}\\x0ba\\.\\-\\/", 2},
		{"\\n{2}?\\n{2}+a", 4},
		{"x{2}{3}\\n{2}{3}a", 6},
		{"{a}", 0},
		/* Not understood. */
		{"(?=a)b", UNKNOWN},
		{"(?<=a)b", UNKNOWN},
		{"(?!a)b", UNKNOWN},
		{"(?<!a)b", UNKNOWN},
		{"(a)\\1", UNKNOWN},
		{"(?<n>a)(?P=n)", UNKNOWN},
		{"(?R)?a", UNKNOWN},
		{"(?1)(a)", UNKNOWN},
		{"(?x)a", UNKNOWN},
		{"(?#c)a", UNKNOWN},
		{"(*UCP)a", UNKNOWN},
		{"\\Qa\\E", UNKNOWN},
		{"\\p{L}a", UNKNOWN},
		{"\\012a", UNKNOWN},
		{"\\cJa", UNKNOWN},
		{"\\Ra", UNKNOWN},
		{"a{,3}", UNKNOWN},
		{"a{1, 3}", UNKNOWN},
		{"[\\n-\\d]", UNKNOWN},
		{"(a", UNKNOWN},
		{"a)", UNKNOWN},
		{"[a", UNKNOWN},
		{"a\\", UNKNOWN},
		{"[\\", UNKNOWN},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++)
		if (regexlines_most(span_str(cases[i].regex)) != cases[i].most)
			fail_msg("%s: %zu", cases[i].regex,
				regexlines_most(span_str(cases[i].regex)));
}

static void deep(void **state)
{
	struct buf b = BUF_INIT(4096);
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		buf_byte(&b, '(');
	for (i = 0; i < 1000; i++)
		buf_byte(&b, ')');
	assert_true(regexlines_most(buf_all(&b)) == UNKNOWN);
	buf_free(&b);
	/* Numbers past any size. */
	assert_true(regexlines_most(SPAN_LIT("(?:\\n{99999999999}){99999999999}"
					     "a")) == UNKNOWN);
}

static void piece(struct buf *out, unsigned depth)
{
	static const char *const atoms[] = {"a", "\\n", ".", "\\s", "\\S",
		"[^a]", "[^\\n]", "[a\\n]", "\\W", "\\D", "[\\t-\\r]",
		"[[:cntrl:]]", "(?s:.)", "^", "$", "\\b", "\\x0a", "\\v", "",
		"[^\\w]", "(?m)$", "(?s)"};
	static const char *const times[] = {
		"", "", "", "?", "{2}", "{0,3}", "{1,2}?", "??", "{2}+"};
	size_t n = 1 + below(3);

	while (n--) {
		if (depth && !below(3)) {
			buf_str(out, below(2) ? "(?:" : "(");
			piece(out, depth - 1);
			if (below(2)) {
				buf_byte(out, '|');
				piece(out, depth - 1);
			}
			buf_byte(out, ')');
			buf_str(out, times[below(ARRAY_LEN(times))]);
		} else {
			size_t i = below(ARRAY_LEN(atoms));

			buf_str(out, atoms[i]);
			/* Assertions repeated say nothing new. */
			if (i < 13)
				buf_str(out, times[below(ARRAY_LEN(times))]);
		}
	}
}

/* Of all that matches at a place, PCRE2 takes one: other texts take others. */
static size_t held(struct span regex, size_t most, struct pattern *p)
{
	static const char letters[] = "\n\n\n\na \t\n";
	char text[13];
	struct pattern_match m;
	size_t i, k, feeds, seen = 0;

	for (i = 0; i < sizeof(text); i++)
		text[i] = letters[below(sizeof(letters) - 1)];
	for (i = 0; i < sizeof(text); i++) {
		if (pattern_find(p, span_of(text, sizeof(text)), i, i, &m) !=
			PATTERN_MATCH)
			continue;
		feeds = 0;
		for (k = m.at[0].from; k + 1 < m.at[0].to; k++)
			feeds += text[k] == '\n';
		if (feeds > most)
			fail_msg("%.*s: %zu, not %zu", SPAN_FMT(regex), feeds,
				most);
		seen += feeds == most;
	}
	return seen;
}

static void as_pcre2_says(void **state)
{
	struct buf regex = BUF_INIT(4096);
	struct err err = ERR_INIT;
	size_t i, k, reached = 0, known = 0;

	(void)state;
	for (i = 0; i < 20000; i += UNIT_STEP) {
		struct pattern *p = NULL;
		size_t most;
		bool full = false;

		buf_reset(&regex);
		piece(&regex, 2);
		most = regexlines_most(buf_all(&regex));
		if (most == UNKNOWN)
			continue;
		if (pattern_new(buf_all(&regex), &p, &err)) {
			err_clear(&err);
			continue;
		}
		known++;
		for (k = 0; k < 8; k++)
			full |= held(buf_all(&regex), most, p) > 0;
		reached += full;
		pattern_free(p);
	}
	buf_free(&regex);
	/* And it is no idle bound. */
	assert_true(known > 10000 / UNIT_STEP);
	assert_true(reached > known / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_table),
		cmocka_unit_test(deep),
		cmocka_unit_test(as_pcre2_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

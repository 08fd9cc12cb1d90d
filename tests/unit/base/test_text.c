#include "support/unit.h"

#include "base/text.h"

static void numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t max, want;
		bool ok;
	} rows[] = {
		{"0", 10, 0, true},
		{"10", 10, 10, true},
		{"11", 10, 0, false},
		{"18446744073709551615", UINT64_MAX, UINT64_MAX, true},
		{"18446744073709551616", UINT64_MAX, 0, false},
		{"99999999999999999999", UINT64_MAX, 0, false},
		{"184467440737095516150", UINT64_MAX, 0, false},
		{"", 10, 0, false},
		{"00", 10, 0, false},
		{"01", 10, 0, false},
		{"+1", 10, 0, false},
		{"-1", 10, 0, false},
		{" 1", 10, 0, false},
		{"1 ", 10, 0, false},
		{"0x1", 10, 0, false},
		{"1/", 100, 0, false},
		{"1:", 100, 0, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t v = 77;

		assert_int_equal(
			text_to_u64(span_str(rows[i].text), rows[i].max, &v),
			rows[i].ok);
		assert_true(v == (rows[i].ok ? rows[i].want : 77));
	}
}

static void hex(void **state)
{
	static const char *const bad[] = {
		"0", "000", "0g", "0G", "AB", "aB", "0 ", "", "0x"};
	struct buf b = BUF_INIT(100);
	unsigned char out[4];
	size_t i;

	(void)state;
	text_hex(&b, SPAN_LIT("\x00\x0f\xa5\xff"));
	unit_span_is(buf_all(&b), "000fa5ff");
	assert_true(text_hex_read(buf_all(&b), out, 4));
	assert_memory_equal(out, "\x00\x0f\xa5\xff", 4);
	assert_false(text_hex_read(buf_all(&b), out, 3));
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(text_hex_read(span_str(bad[i]), out, 1));
	buf_free(&b);
}

/* Every byte at every place of every length around the eight at once. */
static void hex_digits_only(void **state)
{
	char text[20];
	size_t n, at;
	unsigned c;

	(void)state;
	for (n = 0; n < sizeof(text); n++) {
		memset(text, 'f', sizeof(text));
		assert_true(text_is_hex(span_of(text, n)));
		for (at = 0; at < n; at++) {
			for (c = 0; c < 256; c++) {
				bool want =
					c && strchr("0123456789abcdef", (int)c);

				text[at] = (char)c;
				assert_int_equal(
					text_is_hex(span_of(text, n)), want);
			}
			text[at] = '0';
		}
	}
}

static void base64_vectors(void **state)
{
	/* RFC 4648 section 10. */
	static const char *const rows[][2] = {
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
		{"\xff\xfe\xfd", "//79"},
		{"\xfb\xef", "++8="},
	};
	struct buf b = BUF_INIT(100), back = BUF_INIT(100);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&b);
		buf_reset(&back);
		text_base64(&b, span_str(rows[i][0]));
		unit_span_is(buf_all(&b), rows[i][1]);
		assert_true(text_base64_read(buf_all(&b), &back));
		unit_span_is(buf_all(&back), rows[i][0]);
	}
	buf_free(&b);
	buf_free(&back);
}

/* One value has one text: signatures and proofs must not be malleable. */
static void base64_is_strict(void **state)
{
	static const char *const bad[] = {
		"Zg",
		"Zg=",
		"Zg===",
		"Z===",
		"====",
		"=",
		"Zh==",
		"Zm9=",
		"Zm\n9v",
		"Zm9 ",
		"Z=g=",
		"Zg==Zg==",
		"Zm-v",
		"Zm_v",
		"\x80m9v",
		"Zm9v\n",
	};
	struct buf b = BUF_INIT(100);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		buf_reset(&b);
		assert_false(text_base64_read(span_str(bad[i]), &b));
	}
	buf_free(&b);
}

static void base64_respects_the_maximum(void **state)
{
	struct buf b = BUF_INIT(5);

	(void)state;
	assert_false(text_base64_read(SPAN_LIT("Zm9vYmFy"), &b));
	buf_free(&b);
}

static void utf8(void **state)
{
	static const char *const good[] = {"", "abc", "\xc3\xa9",
		"\xe2\x82\xac", "\xf0\x9f\x92\xa7", "\xed\x9f\xbf",
		"\xee\x80\x80", "\xf4\x8f\xbf\xbf", "\xc2\x80"};
	static const char *const bad[] = {"\x80", "\xc0\x80", "\xc1\xbf",
		"\xc3", "\xc3(", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xff", "\xfe", "a\xf0\x9f\x92"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(good); i++)
		assert_true(text_is_utf8(span_str(good[i])));
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(text_is_utf8(span_str(bad[i])));
}

static void terminals_are_safe(void **state)
{
	static const char *const rows[][2] = {
		{"plain text", "plain text"},
		{"caf\xc3\xa9", "caf\xc3\xa9"},
		{"a\033[31mb", "a\\x1b[31mb"},
		{"a\nb\tc\r", "a\\x0ab\\x09c\\x0d"},
		{"\177", "\\x7f"},
		{"\xc2\x9b", "\\xc2\\x9b"},
		{"back\\slash", "back\\\\slash"},
		{"\xff\xfe", "\\xff\\xfe"},
		{"\xe2\x80\xae"
		 "x",
			"\\xe2\\x80\\xaex"},
		{"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},
		{"\xe2\x80\x8b", "\\xe2\\x80\\x8b"},
		{"\xef\xbb\xbf", "\\xef\\xbb\\xbf"},
	};
	struct buf b = BUF_INIT(1000);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&b);
		text_printable(&b, span_str(rows[i][0]), 100);
		unit_span_is(buf_all(&b), rows[i][1]);
	}
	buf_reset(&b);
	text_printable(&b, SPAN_LIT("a\0b"), 100);
	unit_span_is(buf_all(&b), "a\\x00b");
	buf_free(&b);
}

static void every_byte_comes_out_printable(void **state)
{
	struct buf b = BUF_INIT(10000);
	unsigned char all[256];
	size_t i;

	(void)state;
	for (i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	text_printable(&b, span_of(all, 256), 256);
	assert_true(text_is_utf8(buf_all(&b)));
	for (i = 0; i < b.n; i++)
		assert_true(b.p[i] >= 0x20 && b.p[i] != 0x7f);
	buf_free(&b);
}

static void controls_are_seen(void **state)
{
	unsigned char c;
	unsigned i;

	(void)state;
	for (i = 0; i < 256; i++) {
		c = (unsigned char)i;
		assert_int_equal(text_has_control(span_of(&c, 1)),
			i < 0x20 || i == 0x7f);
	}
	assert_false(text_has_control(SPAN_EMPTY));
	assert_false(text_has_control(SPAN_LIT("a b \xc3\xa9")));
	assert_true(text_has_control(SPAN_LIT("a b\n")));
}

static void printable_text_goes_back_to_its_bytes(void **state)
{
	static const char *const odd[] = {"", "\\", "\\\\", "\\x41", "\\x4",
		"\\xzz", "a\\x1bb", "\xe2\x80\xae", "\xff\xfe\\xff",
		"\xc3\xa9"};
	struct buf shown = BUF_INIT(10000), back = BUF_INIT(10000);
	unsigned char all[256];
	size_t i;

	(void)state;
	for (i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	for (i = 0; i <= ARRAY_LEN(odd); i++) {
		struct span s = i < ARRAY_LEN(odd) ? span_str(odd[i])
						   : span_of(all, 256);

		buf_reset(&shown);
		buf_reset(&back);
		text_printable(&shown, s, s.n);
		text_unprintable(&back, buf_all(&shown));
		assert_true(span_eq(buf_all(&back), s));
	}
	/* What text_printable never writes is left alone. */
	buf_reset(&back);
	text_unprintable(&back, SPAN_LIT("a\\xA\\q\\"));
	assert_true(span_is(buf_all(&back), "a\\xA\\q\\"));
	buf_free(&shown);
	buf_free(&back);
}

static void what_was_cut_is_marked(void **state)
{
	struct buf b = BUF_INIT(1000);

	(void)state;
	text_printable(&b, SPAN_LIT("abcdef"), 3);
	unit_span_is(buf_all(&b), "abc\xe2\x80\xa6");
	buf_reset(&b);
	text_printable(&b, SPAN_LIT("abc"), 3);
	unit_span_is(buf_all(&b), "abc");
	/* Made of parts that are printable: nothing is written out twice. */
	buf_reset(&b);
	text_still_printable(&b, SPAN_LIT("a\\x1b\\\\\x1b"), 100);
	unit_span_is(buf_all(&b), "a\\x1b\\\\\\x1b");
	/* Cut inside a character: still well formed. */
	buf_reset(&b);
	text_printable(&b, SPAN_LIT("ab\xc3\xa9"), 3);
	assert_true(text_is_utf8(buf_all(&b)));
	buf_free(&b);
}

static void globs(void **state)
{
	static const struct {
		const char *pattern, *s;
		bool match;
	} rows[] = {
		{"", "", true},
		{"", "a", false},
		{"a", "a", true},
		{"a", "b", false},
		{"a", "aa", false},
		{"*", "", true},
		{"*", "main", true},
		{"*", "a/b", false},
		{"**", "a/b/c", true},
		{"**", "", true},
		{"?", "a", true},
		{"?", "/", false},
		{"?", "", false},
		{"refs/heads/*", "refs/heads/main", true},
		{"refs/heads/*", "refs/heads/a/b", false},
		{"refs/heads/**", "refs/heads/a/b", true},
		{"refs/heads/**", "refs/heads", false},
		{"refs/heads/release/*", "refs/heads/release/1", true},
		{"*.pem", "key.pem", true},
		{"*.pem", "a/key.pem", false},
		{"**/*.pem", "a/b/key.pem", true},
		{"**/*.pem", "key.pem", true},
		{"a/**/b", "a/b", true},
		{"a/**/b", "a/x/y/b", true},
		{"a/**/b", "ab", false},
		{"a**/b", "ab", false},
		{"a**/b", "axx/y/b", true},
		{"**/**/b", "b", true},
		{"**/a/**/b", "a/b", true},
		{"**/a/**/b", "x/y/a/z/b", true},
		{"**/a/**/b", "x/y/az/b", false},
		{"***", "a/b", true},
		{"**?", "a/", false},
		{"*/", "a/", true},
		{"a*b*c", "a1b2b3c", true},
		{"a*b*c", "a1b2b3", false},
		{"[a]", "a", false},
		{"[a]", "[a]", true},
		{"\\*", "\\x", true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		if (text_glob(span_str(rows[i].pattern), span_str(rows[i].s)) !=
			rows[i].match)
			fail_msg("'%s' and '%s'", rows[i].pattern, rows[i].s);
}

static void globs_are_bounded(void **state)
{
	static const char pattern[] = "*a*a*a*a*a*a*a*a*a*a*a*a*b";
	char s[201];

	(void)state;
	memset(s, 'a', 200);
	s[200] = '\0';
	assert_false(text_glob(span_str(pattern), span_str(s)));
}

/* A rule that stops to apply to a long path would be a way round it. */
static void globs_have_no_way_round(void **state)
{
	enum {
		LONG = 100000
	};
	char pattern[GLOB_MAX + 2], *s = malloc(LONG + 16);
	size_t i;

	(void)state;
	assert_non_null(s);
	for (i = 0; i < LONG; i++)
		s[i] = i % 7 ? 'a' : '/';
	memcpy(s + LONG, "/x/key.pem", 11);
	assert_true(text_glob(SPAN_LIT("**/x/**/*.pem"), span_str(s)));
	assert_true(text_glob(SPAN_LIT("**a/**/a**/*.pem"), span_str(s)));
	assert_false(text_glob(SPAN_LIT("**/x/**/*.p12"), span_str(s)));
	free(s);

	memset(pattern, '*', sizeof(pattern));
	assert_true(text_glob(span_of(pattern, GLOB_MAX), SPAN_LIT("a/b")));
	assert_false(
		text_glob(span_of(pattern, GLOB_MAX + 1), SPAN_LIT("a/b")));
}

static void sameness_is_ascii(void **state)
{
	(void)state;
	assert_true(text_same(
		SPAN_LIT("Signed-Off-By"), SPAN_LIT("signed-off-by")));
	assert_false(text_same(SPAN_LIT("a"), SPAN_LIT("ab")));
	assert_false(text_same(SPAN_LIT("@"), SPAN_LIT("`")));
	assert_false(text_same(SPAN_LIT("\xc3\x89"), SPAN_LIT("\xc3\xa9")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(hex),
		cmocka_unit_test(hex_digits_only),
		cmocka_unit_test(base64_vectors),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(base64_respects_the_maximum),
		cmocka_unit_test(utf8),
		cmocka_unit_test(terminals_are_safe),
		cmocka_unit_test(every_byte_comes_out_printable),
		cmocka_unit_test(controls_are_seen),
		cmocka_unit_test(printable_text_goes_back_to_its_bytes),
		cmocka_unit_test(what_was_cut_is_marked),
		cmocka_unit_test(globs),
		cmocka_unit_test(globs_are_bounded),
		cmocka_unit_test(globs_have_no_way_round),
		cmocka_unit_test(sameness_is_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "../../support/unit.h"

#include "parse/note.h"

#define DASH "\xe2\x80\x94"
#define SIG DASH " log.example AQIDBHNpZ25hdHVyZQ==\n" /* 1 2 3 4 signature */

static int parse(const char *text, size_t n, struct note *out)
{
	static struct arena *a;
	struct err err = ERR_INIT;
	int ret;

	arena_free(a);
	a = arena_new(8u << 20);
	ret = note_parse(span_of(text, n), a, out, &err);
	if (ret)
		assert_int_equal(err.code, ERR_INPUT);
	else
		assert_true(out->nsigs > 0);
	if (ret) {
		arena_free(a);
		a = NULL;
	}
	return ret;
}

#define PARSE(text, out) parse((text), sizeof(text) - 1, (out))

static void test_good(void **unused)
{
	struct note n;

	(void)unused;
	assert_int_equal(PARSE("text\n\n" SIG, &n), 0);
	unit_span_is(n.text, "text\n");
	assert_int_equal(n.nsigs, 1);
	unit_span_is(n.sigs[0].name, "log.example");
	assert_memory_equal(n.sigs[0].id, "\1\2\3\4", 4);
	unit_span_is(n.sigs[0].bytes, "signature");
	/* The split is at the last empty line. */
	assert_int_equal(PARSE("a\n\nb\n\n" SIG SIG, &n), 0);
	unit_span_is(n.text, "a\n\nb\n");
	assert_int_equal(n.nsigs, 2);
	assert_int_equal(PARSE("a\n\n" SIG "\n" SIG, &n), 0);
	unit_span_is(n.text, "a\n\n" SIG);
	/* Only what is below 0x20 is forbidden in it; it may be empty but for
	 * its line feed. */
	assert_int_equal(PARSE("te\x7f\xc2\x85xt\n\n" SIG, &n), 0);
	assert_int_equal(PARSE("\n\n" SIG, &n), 0);
	unit_span_is(n.text, "\n");
	assert_int_equal(PARSE("", &n), -1);
}

/* The four bugs that every reader of notes once had, and their cousins. */
static void test_refused(void **unused)
{
	static const char *const bad[] = {
		"text\n" SIG,            /* no empty line */
		"text\n\n",              /* no signature */
		"text\n\n" SIG "\n",     /* something after them */
		"text\n\n" SIG "more\n", /* not a signature line */
		"text\n\n- log.example AQIDBHNpZ25hdHVyZQ==\n",
		"text\n\n\xe2\x80\x93 log.example AQIDBHNpZ25hdHVyZQ==\n",
		"text\n\n" DASH "log.example AQIDBHNpZ25hdHVyZQ==\n",
		"text\n\n" DASH "  AQIDBHNpZ25hdHVyZQ==\n",
		"text\n\n" DASH " log+example AQIDBHNpZ25hdHVyZQ==\n",
		"text\n\n" DASH " log\xc2\xa0x AQIDBHNpZ25hdHVyZQ==\n",
		"text\n\n" DASH " log.example AQIDBHNpZ25hdHVyZQ\n",
		"text\n\n" DASH " log.example AQIDBHNpZ25hdHVyZQ== \n",
		"text\n\n" DASH " log.example AQIDBA==\n", /* id alone */
		"text\n\n" DASH " log.example\n",
		"te\xffxt\n\n" SIG,
		"te\rxt\n\n" SIG,
		"te\txt\n\n" SIG,
		"\n" SIG,
		"text\n\n" DASH " log.example AQIDBHNpZ25hdHVyZQ==\r\n",
		"text\r\n\r\n" SIG,
		"text\n\n" SIG " " SIG,
		"text\n\n" DASH "  log.example AQIDBHNpZ25hdHVyZQ==\n",
		"text\n\n" DASH " log.example  AQIDBHNpZ25hdHVyZQ==\n",
		"text\n\n" DASH " log.example AQIDBHNpZ25hdHVyZQ== x\n",
		"text\n\n" DASH " AQIDBHNpZ25hdHVyZQ==\n",
		"text\n\n" DASH "\xc2\xa0log.example AQIDBHNpZ25hdHVyZQ==\n",
		"text\n\n \xe2\x80\x94 log.example AQIDBHNpZ25hdHVyZQ==\n",
		"text\n\n" DASH DASH " log.example AQIDBHNpZ25hdHVyZQ==\n",
		"text\n\n" DASH " log.example \n",
		"text\n\n" DASH " log.example AQID\n", /* half an id */
		"text\n\n" DASH " log.example ====\n",
		/* bits past the end; the letters of URLs */
		"text\n\n" DASH " log.example AQIDBHNpZ25hdHVyZR==\n",
		"text\n\n" DASH " log.example AQIDBP-_\n",
		/* not UTF-8: too long, half of a pair, past the last, cut */
		"\xc0\xaf\n\n" SIG,
		"\xed\xa0\x80\n\n" SIG,
		"\xf4\x90\x80\x80\n\n" SIG,
		"\xe2\x80\n\n" SIG,
		"text\n\n" DASH " log\xff AQIDBHNpZ25hdHVyZQ==\n",
		"te\x1fxt\n\n" SIG,
		"te\x01xt\n\n" SIG,
		SIG,
	};
	struct note n;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (!parse(bad[i], strlen(bad[i]), &n))
			fail_msg("taken: %zu", i);
	/* Without the last line feed; with a NUL. */
	assert_int_equal(parse("t\n\n" SIG, sizeof("t\n\n" SIG) - 2, &n), -1);
	assert_int_equal(PARSE("t\0t\n\n" SIG, &n), -1);
}

static void test_many(void **unused)
{
	struct buf b = BUF_INIT(NOTE_MAX);
	struct note n;
	unsigned i;

	(void)unused;
	buf_str(&b, "text\n");
	note_split(&b);
	for (i = 0; i < NOTE_SIGS_MAX; i++)
		note_add_sig(&b, SPAN_LIT("log.example"),
			(const unsigned char *)"\1\2\3\4", SPAN_LIT("x"));
	assert_int_equal(parse((const char *)b.p, b.n, &n), 0);
	assert_int_equal(n.nsigs, NOTE_SIGS_MAX);
	buf_str(&b, SIG);
	assert_int_equal(parse((const char *)b.p, b.n, &n), -1);
	buf_free(&b);
	parse("", 0, &n); /* frees what it kept */
}

static void test_names(void **unused)
{
	static const char *const bad[] = {"", " ", "a b", "a+b", "a\tb",
		"a\xc2\x85", "a\xe1\x9a\x80", "a\xe2\x80\x80", "a\xe2\x80\x8a",
		"a\xe2\x80\xa8", "a\xe2\x80\xaf", "a\xe2\x81\x9f",
		"a\xe3\x80\x80", "a\x7f", "\xff"};
	char longest[NOTE_NAME_MAX + 2];
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(note_name_ok(span_str(bad[i])));
	assert_true(note_name_ok(SPAN_LIT("git.example.org/sluice")));
	assert_true(note_name_ok(SPAN_LIT("\xc3\xa9t\xc3\xa9\xe2\x80\x94")));
	memset(longest, 'a', sizeof(longest));
	assert_true(note_name_ok(span_of(longest, NOTE_NAME_MAX)));
	assert_false(note_name_ok(span_of(longest, NOTE_NAME_MAX + 1)));
}

static void test_keys(void **unused)
{
	static const char vkey[] = "log.example+01020304+AWtleQ==";
	static const char *const bad[] = {
		"",
		"log.example",
		"log.example+01020304",
		"log.example+0102030+AWtleQ==",
		"log.example+010203GG+AWtleQ==",
		"log.example+0102030A+AWtleQ==",
		"log.example+01020304+AWtleQ=",
		"log.example+01020304+AQ==",
		"+01020304+AWtleQ==",
		"lo g+01020304+AWtleQ==",
		"log.example+01020304+AWtleR==",
		"log.example+01020304+AWtleQ==+",
		"log.example+01020304+AWtleQ==\nx",
		"log.example+01020304+",
		"log.example+0102030405+AWtleQ==",
		"log.example++AWtleQ==",
		"log.example+-1020304+AWtleQ==",
		"lo\xc2\xa0g+01020304+AWtleQ==",
		"PRIVATE+KEY+log.example+01020304+AWtleQ==",
	};
	struct buf b = BUF_INIT(1024);
	struct err err = ERR_INIT;
	struct note_key k;
	size_t i;

	(void)unused;
	assert_int_equal(note_key_parse(SPAN_LIT(" log.example+01020304+"
						 "AWtleQ==\n"),
				 &k, &err),
		0);
	assert_string_equal(k.name, "log.example");
	assert_int_equal(k.type, NOTE_ED25519);
	assert_int_equal(k.nkey, 3);
	assert_memory_equal(k.key, "key", 3);
	note_key_text(&k, &b);
	assert_string_equal(buf_cstr(&b), vkey);
	buf_reset(&b);
	note_secret_text(&k, &b);
	assert_string_equal(buf_cstr(&b), bad[ARRAY_LEN(bad) - 1]);
	assert_int_equal(note_secret_parse(buf_all(&b), &k, &err), 0);
	assert_string_equal(k.name, "log.example");
	assert_int_equal(note_secret_parse(span_str(vkey), &k, &err), -1);
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			note_key_parse(span_str(bad[i]), &k, &err), -1);
	/* What went wrong with a secret key does not show it. */
	assert_int_equal(
		note_secret_parse(SPAN_LIT("PRIVATE+KEY+x+y+c2Vj"), &k, &err),
		-1);
	assert_null(strstr(err.text, "c2Vj"));
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

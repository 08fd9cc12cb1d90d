#include "../../support/unit.h"

#include "parse/checkpoint.h"

#define ROOT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define EMPTY "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static void test_good(void **unused)
{
	static const char text[] = "log.example\n12\n" ROOT "\n";
	struct buf b = BUF_INIT(1024);
	struct checkpoint c;
	struct err err = ERR_INIT;

	(void)unused;
	assert_int_equal(checkpoint_parse(span_str(text), &c, &err), 0);
	unit_span_is(c.origin, "log.example");
	assert_int_equal(c.size, 12);
	assert_int_equal(c.root[31], 31);
	assert_int_equal(c.extensions.n, 0);
	checkpoint_text(&c, &b);
	assert_string_equal(buf_cstr(&b), text);
	assert_int_equal(
		checkpoint_parse(SPAN_LIT("a b\n0\n" EMPTY "\n"), &c, &err), 0);
	assert_memory_equal(c.root, checkpoint_empty_root, HASH_LEN);
	assert_int_equal(
		checkpoint_parse(SPAN_LIT("o\n1\n" ROOT "\nx\ny\n"), &c, &err),
		0);
	unit_span_is(c.extensions, "x\ny\n");
	buf_free(&b);
}

static void test_refused(void **unused)
{
	static const char *const bad[] = {
		"",
		"\n12\n" ROOT "\n",
		"o\n",
		"o\n12\n",
		"o\n12\n" ROOT,
		"o\n012\n" ROOT "\n",
		"o\n+12\n" ROOT "\n",
		"o\n-1\n" ROOT "\n",
		"o\n\n" ROOT "\n",
		"o\n12 \n" ROOT "\n",
		"o\n0x1\n" ROOT "\n",
		"o\n18446744073709551615\n" ROOT "\n",
		"o\n18446744073709551617\n" ROOT "\n",
		"o\n4611686018427387905\n" ROOT "\n",
		"o\n12\nAAECAwQ=\n",
		"o\n12\n\n",
		"o\n12\n" ROOT "=\n",
		"o\n12\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
		"o\n12\n" ROOT "\n\n",
		"o\n12\n" ROOT "\nx",
		"o\n0\n" ROOT "\n", /* an empty log with a root of something */
		"o\n00\n" EMPTY "\n",
		"o\n 12\n" ROOT "\n",
		"o\n12\r\n" ROOT "\n",
		"o\n1 2\n" ROOT "\n",
		"o\n9223372036854775808\n" ROOT "\n",
		"o\n12\n" ROOT "\r\n",
		"o\n12\n " ROOT "\n",
		"o\n12\n" ROOT ROOT "\n",
		/* 31 bytes, 33, bits past the end, other letters, none */
		"o\n12\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n",
		"o\n12\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\n",
		"o\n12\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n",
		"o\n0\n47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=\n",
		"o\n12\n=\n",
		"o\n12\n====\n",
		"o\n12\n" ROOT "\nx\n\ny\n",
		"o\n12\n" ROOT "\n\nx\n",
	};
	struct checkpoint c;
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (!checkpoint_parse(span_str(bad[i]), &c, &err))
			fail_msg("taken: %zu", i);
	/* The form of an empty log of something, for witnesses. */
	assert_int_equal(
		checkpoint_form(SPAN_LIT("o\n0\n" ROOT "\n"), &c, &err), 0);
	assert_int_equal(c.root[31], 31);
	/* The largest size, and one more. */
	assert_int_equal(
		checkpoint_parse(SPAN_LIT("o\n4611686018427387904\n" ROOT "\n"),
			&c, &err),
		0);
	assert_true(c.size == LOG_SIZE_MAX);
	assert_int_equal(
		checkpoint_parse(
			SPAN_LIT("o\n18446744073709551615\n" ROOT "\n"), &c,
			&err),
		-1);
	assert_non_null(strstr(err.text, "2^62"));
}

static void test_origin(void **unused)
{
	(void)unused;
	assert_true(checkpoint_origin_ok(SPAN_LIT("git.example.org/sluice")));
	assert_false(checkpoint_origin_ok(SPAN_EMPTY));
	assert_false(checkpoint_origin_ok(SPAN_LIT("a b")));
	assert_false(checkpoint_origin_ok(SPAN_LIT("a+b")));
	assert_false(checkpoint_origin_ok(SPAN_LIT("a\nb")));
	assert_false(checkpoint_origin_ok(SPAN_LIT("\xc3\xa9")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_origin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "../../support/unit.h"

#include "parse/receipt.h"

#define SUM "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static int parse(const char *text, struct receipt *out)
{
	struct err err = ERR_INIT;

	return receipt_parse(span_str(text), out, &err);
}

static void again(const struct receipt *r, const char *text)
{
	struct buf b = BUF_INIT(RECEIPT_MAX);

	receipt_write(r, &b);
	unit_span_is(buf_all(&b), text);
	buf_free(&b);
}

static void test_good(void **unused)
{
	static const char ok[] = "ok 41 42 " SUM "\n";
	static const char busy[] = "busy\n";
	static const char status[] = "log 7 65534 name+01020304+AAA=\n";
	static const char fail[] = "fail 8 13\nno: room\ngive more\n";
	static const char bare[] = "fail 3 0\nno\n\n";
	struct receipt r;

	(void)unused;
	assert_int_equal(parse(ok, &r), 0);
	assert_int_equal(r.word, RECEIPT_OK);
	assert_int_equal(r.log.index, 41);
	assert_int_equal(r.log.size, 42);
	assert_string_equal(r.log.record, SUM);
	again(&r, ok);
	assert_int_equal(parse(busy, &r), 0);
	assert_int_equal(r.word, RECEIPT_BUSY);
	again(&r, busy);
	assert_int_equal(parse(status, &r), 0);
	assert_int_equal(r.word, RECEIPT_LOG);
	assert_int_equal(r.log.size, 7);
	assert_int_equal(r.uid, 65534);
	unit_span_is(r.vkey, "name+01020304+AAA=");
	again(&r, status);
	assert_int_equal(parse(fail, &r), 0);
	assert_int_equal(r.word, RECEIPT_FAIL);
	assert_int_equal(r.failure.code, ERR_LOG);
	assert_int_equal(r.failure.sys, 13);
	assert_string_equal(r.failure.text, "no: room");
	assert_string_equal(r.failure.hint, "give more");
	again(&r, fail);
	assert_int_equal(parse(bare, &r), 0);
	assert_string_equal(r.failure.hint, "");
	again(&r, bare);
}

static void test_bad(void **unused)
{
	static const char *const bad[] = {
		"",
		"\n",
		"ok",
		"ok\n",
		"ok 1 2\n",
		"ok 2 2 " SUM "\n",
		"ok 1 2 " SUM,
		"ok 1 2 " SUM " \n",
		"ok 1 2  " SUM "\n",
		"ok 1 2 " SUM "\nok\n",
		"ok 01 2 " SUM "\n",
		"ok -1 2 " SUM "\n",
		"ok 1 9223372036854775808 " SUM "\n",
		"OK 1 2 " SUM "\n",
		"ok 1 2 " SUM "0\n",
		"busy",
		"busy \n",
		"busy\nbusy\n",
		"log 1 2\n",
		"log 1 2 \n",
		"log 1 x k\n",
		"log 1 4294967296 k\n",
		"log 1 2 k\rl\n",
		"fail\n",
		"fail 0 0\nx\n\n",
		"fail 10 0\nx\n\n",
		"fail 8\nx\n\n",
		"fail 8 0 0\nx\n\n",
		"fail 8 0\nx\n",
		"fail 8 0\nx\ny",
		"fail 8 0\nx\n\nz\n",
		"fail 8 0\nx\ty\n\n",
	};
	struct buf b = BUF_INIT(2 * RECEIPT_MAX);
	struct receipt r;
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		if (!parse(bad[i], &r))
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(r.word, RECEIPT_NONE);
	}
	buf_str(&b, "fail 8 0\n");
	for (i = 0; i < ERR_TEXT_MAX; i++)
		buf_byte(&b, 'x');
	buf_str(&b, "\n\n");
	assert_int_equal(receipt_parse(buf_all(&b), &r, &err), -1);
	buf_reset(&b);
	buf_str(&b, "log 1 2 ");
	while (b.n < RECEIPT_MAX)
		buf_byte(&b, 'x');
	buf_byte(&b, '\n');
	assert_int_equal(receipt_parse(buf_all(&b), &r, &err), -1);
	buf_free(&b);
}

/* No part of an answer is one, and a bit more or less changes it. */
static void test_prefixes_and_bits(void **unused)
{
	static const char text[] = "ok 41 42 " SUM "\n";
	unsigned char b[sizeof(text)];
	struct receipt r;
	struct err err = ERR_INIT;
	size_t i, bit;

	(void)unused;
	memcpy(b, text, sizeof(b));
	for (i = 0; i < sizeof(text) - 1; i++) {
		assert_int_equal(receipt_parse(span_of(b, i), &r, &err), -1);
		for (bit = 0; bit < 8; bit++) {
			struct span s = span_of(b, sizeof(text) - 1);

			b[i] ^= (unsigned char)(1u << bit);
			if (!receipt_parse(s, &r, &err)) {
				struct buf w = BUF_INIT(RECEIPT_MAX);

				receipt_write(&r, &w);
				assert_true(span_eq(buf_all(&w), s));
				buf_free(&w);
			}
			b[i] ^= (unsigned char)(1u << bit);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_prefixes_and_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

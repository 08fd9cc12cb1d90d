#include "../../support/unit.h"

#include "parse/tlogproof.h"

#define HEAD "c2sp.org/tlog-proof@v1\n"
#define HASH "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
#define NOTE "o\n12\n" HASH "\nsignature\n"

static void test_good(void **unused)
{
	static const char text[] = HEAD "index 7\n" HASH HASH "\n" NOTE;
	struct buf b = BUF_INIT(4096);
	struct tlogproof p;
	struct err err = ERR_INIT;

	(void)unused;
	assert_int_equal(tlogproof_parse(span_str(text), &p, &err), 0);
	assert_int_equal(p.index, 7);
	assert_int_equal(p.path.n, 2);
	assert_int_equal(p.path.hash[1][31], 31);
	unit_span_is(p.checkpoint, NOTE);
	tlogproof_text(&p, &b);
	assert_string_equal(buf_cstr(&b), text);
	assert_int_equal(tlogproof_parse(SPAN_LIT(HEAD "extra aGk=\nindex 0\n"
						       "\n" NOTE),
				 &p, &err),
		0);
	assert_int_equal(p.path.n, 0);
	buf_free(&b);
}

static void test_refused(void **unused)
{
	static const char *const bad[] = {
		"",
		"c2sp.org/tlog-proof@v2\nindex 7\n\n" NOTE,
		HEAD,
		HEAD "index 7\n",
		HEAD "index 7\n\n",
		HEAD "index 07\n\n" NOTE,
		HEAD "index -7\n\n" NOTE,
		HEAD "index 18446744073709551616\n\n" NOTE,
		HEAD "index\n\n" NOTE,
		HEAD "extra !\nindex 7\n\n" NOTE,
		HEAD "extra aGk=\nextra aGk=\nindex 7\n\n" NOTE,
		HEAD "index 7\nextra aGk=\n\n" NOTE,
		HEAD "index 7\nAAEC\n\n" NOTE,
		HEAD "index 7\n" HASH,
		" " HEAD "index 7\n\n" NOTE,
		"c2sp.org/tlog-proof@v1\r\nindex 7\n\n" NOTE,
		"c2sp.org/tlog-proof@v1 \nindex 7\n\n" NOTE,
		HEAD "\nindex 7\n\n" NOTE,
		HEAD "index 18446744073709551615\n\n" NOTE,
		HEAD "index 4611686018427387905\n\n" NOTE,
		HEAD "index +7\n\n" NOTE,
		HEAD "index 7 \n\n" NOTE,
		HEAD "index  7\n\n" NOTE,
		HEAD "index \n\n" NOTE,
		HEAD "index 0x7\n\n" NOTE,
		HEAD "INDEX 7\n\n" NOTE,
		HEAD "index 7\nindex 7\n\n" NOTE,
		HEAD "extra aGk\nindex 7\n\n" NOTE,
		HEAD "extra aGl=\nindex 7\n\n" NOTE,
		HEAD "extra aGk=\n\n" NOTE,
		HEAD "more aGk=\nindex 7\n\n" NOTE,
		/* 31 bytes, 33, bits past the end, a space, half a proof */
		HEAD "index 7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n"
		     "\n" NOTE,
		HEAD "index 7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\n"
		     "\n" NOTE,
		HEAD "index 7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n"
		     "\n" NOTE,
		HEAD "index 7\n " HASH "\n" NOTE,
		HEAD "index 7\n" HASH " \n" NOTE,
		HEAD "index 7\n====\n\n" NOTE,
		HEAD "index 7\n" HASH "\n",
		HEAD "index 7",
	};
	struct buf b = BUF_INIT(65536);
	struct tlogproof p;
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (!tlogproof_parse(span_str(bad[i]), &p, &err))
			fail_msg("taken: %zu", i);
	buf_str(&b, HEAD "index 7\n");
	for (i = 0; i < PROOF_HASHES_MAX; i++)
		buf_str(&b, HASH);
	i = b.n;
	buf_str(&b, "\n" NOTE);
	assert_int_equal(tlogproof_parse(buf_all(&b), &p, &err), 0);
	assert_int_equal(p.path.n, PROOF_HASHES_MAX);
	b.n = i;
	buf_str(&b, HASH "\n" NOTE);
	assert_int_equal(tlogproof_parse(buf_all(&b), &p, &err), -1);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

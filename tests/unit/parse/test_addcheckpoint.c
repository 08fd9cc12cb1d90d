/* Requests to witnesses, and what witnesses sign. */
#include "../../support/unit.h"

#include "parse/addcheckpoint.h"
#include "parse/cosignature.h"

#define H "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static void test_good(void **unused)
{
	static const char *const texts[] = {
		"old 0\n\nnote",
		"old 7\n" H "\n" H "\n\nnote\n\nmore",
		"old 4611686018427387904\n" H "\n\n\n",
	};
	struct buf again = BUF_INIT(4096);
	struct addcheckpoint a;
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(
			addcheckpoint_parse(span_str(texts[i]), &a, &err), 0);
		buf_reset(&again);
		addcheckpoint_text(&a, &again);
		assert_string_equal(buf_cstr(&again), texts[i]);
	}
	assert_int_equal(addcheckpoint_parse(span_str(texts[1]), &a, &err), 0);
	assert_int_equal(a.old, 7);
	assert_int_equal(a.growth.n, 2);
	assert_int_equal(a.growth.hash[1][31], 31);
	unit_span_is(a.checkpoint, "note\n\nmore");
	buf_free(&again);
}

static void test_refused(void **unused)
{
	static const char *const bad[] = {
		"",
		"\n\nn",
		"old\n\nn",
		"old \n\nn",
		"old 01\n\nn",
		"old -1\n\nn",
		"old +1\n\nn",
		"old 1 \n\nn",
		"OLD 1\n\nn",
		" old 1\n\nn",
		"old 18446744073709551615\n\nn",
		"old 18446744073709551616\n\nn",
		"old 1",
		"old 1\n",
		"old 1\n" H,
		"old 1\n" H "\n",
		"old 1\n\n",
		"old 1\r\n\nn",
		"old 1\nAAEC\n\nn",
		"old 1\n" H "=\n\nn",
		"old 1\n " H "\n\nn",
		"old 1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n\nn",
		"old 1\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=\n\nn",
	};
	struct addcheckpoint a;
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (!addcheckpoint_parse(span_str(bad[i]), &a, &err))
			fail_msg("taken: %zu", i);
}

static void test_hashes(void **unused)
{
	struct buf text = BUF_INIT(1u << 16);
	struct addcheckpoint a;
	struct err err = ERR_INIT;
	unsigned i, n;

	(void)unused;
	for (n = PROOF_HASHES_MAX; n <= PROOF_HASHES_MAX + 1; n++) {
		buf_reset(&text);
		buf_str(&text, "old 1\n");
		for (i = 0; i < n; i++)
			buf_str(&text, H "\n");
		buf_str(&text, "\nnote");
		assert_int_equal(addcheckpoint_parse(buf_all(&text), &a, &err),
			n == PROOF_HASHES_MAX ? 0 : -1);
	}
	assert_non_null(strstr(err.text, "too many hashes"));
	buf_free(&text);
}

static void test_cosignature(void **unused)
{
	unsigned char bytes[COSIGNATURE_LEN] = {0, 0, 0, 0, 0x69, 0x27, 1, 2};
	struct buf out = BUF_INIT(4096);
	struct cosignature c;
	size_t i;

	(void)unused;
	for (i = 8; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	assert_true(cosignature_read(span_of(bytes, sizeof(bytes)), &c));
	assert_int_equal(c.time, 0x69270102);
	assert_int_equal(c.sig.n, COSIGNATURE_SIG_LEN);
	cosignature_write(&c, &out);
	assert_int_equal(out.n, sizeof(bytes));
	assert_memory_equal(out.p, bytes, sizeof(bytes));
	buf_reset(&out);
	cosignature_text(1679315147, SPAN_LIT("o\n1\nr\n"), &out);
	assert_string_equal(
		buf_cstr(&out), "cosignature/v1\ntime 1679315147\no\n1\nr\n");
	for (i = 0; i < sizeof(bytes); i++)
		assert_false(cosignature_read(span_of(bytes, i), &c));
	bytes[0] = 0x80;
	assert_false(cosignature_read(span_of(bytes, sizeof(bytes)), &c));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_cosignature),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "parse/lfspointer.h"

#include "../../support/unit.h"

#define V "version https://git-lfs.github.com/spec/v1\n"
#define D "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define GOOD V "oid sha256:" D "\nsize 12345\n"

static void good_and_cut(void **state)
{
	struct lfspointer p;
	size_t n;

	(void)state;
	assert_true(lfspointer_read(span_str(GOOD), &p));
	assert_int_equal(p.size, 12345);
	assert_int_equal(p.sha256[0], 0x01);
	assert_int_equal(p.sha256[31], 0xef);
	for (n = 0; n < strlen(GOOD); n++)
		assert_false(lfspointer_read(span_of(GOOD, n), &p));
}

static void bad(void **state)
{
	static const char *const t[] = {
		GOOD "x",
		GOOD "\n",
		"oid sha256:" D "\n" V "size 12345\n",
		"version https://git-lfs.github.com/spec/v2\noid sha256:" D
		"\nsize 1\n",
		V "ext-0-foo sha256:" D "\noid sha256:" D "\nsize 1\n",
		V "oid sha1:" D "\nsize 1\n",
		V "oid sha256:" D "0\nsize 1\n",
		V "oid sha256:" D "\nsize -1\n",
		V "oid sha256:" D "\nsize 01\n",
		V "oid sha256:" D "\r\nsize 1\n",
		V "oid sha256:" D "\nsize 9223372036854775808\n",
	};
	struct lfspointer p;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++)
		if (lfspointer_read(span_str(t[i]), &p))
			fail_msg("taken: %s", t[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_and_cut),
		cmocka_unit_test(bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "support/unit.h"

#include "parse/keytable.h"

#define KEYS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SUM "00000000000000000000000000000000000000000000000000000000000000ff"
#define ONE "00000000000000000000000000000000000000aa"
#define TWO "1000000000000000000000000000000000000000"
#define HEAD "sluice openpgp signers 1\nkeys " KEYS "\n"
#define TAIL "sum " SUM "\n"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(1u << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void test_read(void **state)
{
	static const char text[] = HEAD ONE " 0\n" TWO " 8589934591\n" TAIL;
	unsigned char sum[KEYTABLE_HASH];
	struct buf again = BUF_INIT(1024);
	const struct keytable_entry *e;
	struct err err = ERR_INIT;
	unsigned char id[PGP_FPR] = {0};
	struct keytable t;
	struct span summed;

	(void)state;
	if (keytable_read(SPAN_LIT(text), arena, &t, &summed, sum, &err))
		fail_msg("%s", err.text);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.keys[1], 0x23);
	assert_int_equal(sum[31], 0xff);
	assert_int_equal(t.v[0].expires, 0);
	assert_int_equal(t.v[1].expires, 8589934591);
	unit_span_is(summed, HEAD ONE " 0\n" TWO " 8589934591\n");
	keytable_write(&t, &again);
	keytable_sum(&again, sum);
	unit_span_is(buf_all(&again), text);
	buf_free(&again);
	id[PGP_FPR - 1] = 0xaa;
	e = keytable_find(&t, span_of(id, PGP_FPR));
	assert_ptr_equal(e, &t.v[0]);
	id[0] = 0x10;
	assert_null(keytable_find(&t, span_of(id, PGP_FPR)));
	id[PGP_FPR - 1] = 0;
	assert_ptr_equal(keytable_find(&t, span_of(id, PGP_FPR)), &t.v[1]);
	assert_null(keytable_find(&t, span_of(id, PGP_FPR - 1)));
	/* Nobody: a table all the same. */
	assert_int_equal(keytable_read(SPAN_LIT(HEAD TAIL), arena, &t, &summed,
				 sum, &err),
		0);
	assert_int_equal(t.n, 0);
	assert_null(keytable_find(&t, span_of(id, PGP_FPR)));
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"sluice openpgp signers 2\nkeys " KEYS "\n" TAIL,
		"sluice openpgp signers 1\n" TAIL,
		"sluice openpgp signers 1\nkeys 00\n" TAIL,
		HEAD,
		HEAD ONE " 0\n",
		HEAD ONE " 0",
		HEAD "sum " SUM,
		HEAD "sum 00\n",
		HEAD TAIL "\n",
		HEAD TAIL TAIL,
		HEAD ONE "\n" TAIL,
		HEAD ONE " \n" TAIL,
		HEAD ONE " -1\n" TAIL,
		HEAD ONE " 01\n" TAIL,
		HEAD ONE "  1\n" TAIL,
		HEAD ONE " 1 \n" TAIL,
		HEAD ONE " 1\r\n" TAIL,
		HEAD ONE " 8589934592\n" TAIL,
		HEAD "00" ONE " 0\n" TAIL,
		HEAD "A000000000000000000000000000000000000000 0\n" TAIL,
		/* twice, and not in order */
		HEAD ONE " 0\n" ONE " 1\n" TAIL,
		HEAD TWO " 0\n" ONE " 0\n" TAIL,
		HEAD "\n" TAIL,
	};
	unsigned char sum[KEYTABLE_HASH];
	struct keytable t;
	struct span summed;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		err_clear(&err);
		if (!keytable_read(
			    span_str(bad[i]), arena, &t, &summed, sum, &err))
			fail_msg("case %zu is taken", i);
		assert_int_equal(err.code, ERR_INPUT);
		assert_int_equal(t.n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* Keys of gpg's own making are read in tests/unit/gather/test_signatures.c. */
#include "support/unit.h"

#include "parse/pgpcert.h"
#include "parse/pgpkey.h"

#define TIME "\x65\x53\xf1\x00"
#define P256 "\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
#define ED25519 "\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01"
#define X8 "\x11\x22\x33\x44\x55\x66\x77\x88"
#define X32 X8 X8 X8 X8

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

static void test_curves(void **state)
{
	static const struct {
		struct span s;
		enum pgpkey_kind kind;
	} t[] = {
#define CASE(s, kind) {{(const unsigned char *)(s), sizeof(s) - 1}, kind}
		CASE("\x04" TIME "\x16" ED25519 "\x01\x07\x40" X32,
			PGPKEY_ED25519),
		CASE("\x04" TIME "\x13" P256 "\x02\x03\x04" X32 X32,
			PGPKEY_P256),
		/* the other's algorithm, a form that is not raw, an odd length,
		 * bytes behind, a curve nobody knows, version 3 */
		CASE("\x04" TIME "\x13" ED25519 "\x01\x07\x40" X32,
			PGPKEY_OTHER),
		CASE("\x04" TIME "\x16" P256 "\x02\x03\x04" X32 X32,
			PGPKEY_OTHER),
		CASE("\x04" TIME "\x12" P256 "\x02\x03\x04" X32 X32,
			PGPKEY_OTHER),
		CASE("\x04" TIME "\x16" ED25519 "\x01\x07\x41" X32,
			PGPKEY_OTHER),
		CASE("\x04" TIME "\x13" P256 "\x02\x02\x02" X32 X32,
			PGPKEY_OTHER),
		CASE("\x04" TIME "\x16" ED25519 "\x00\xff\x40" X32,
			PGPKEY_OTHER),
		CASE("\x04" TIME "\x16" ED25519 "\x01\x07\x40" X32 "\x00",
			PGPKEY_OTHER),
		CASE("\x04" TIME "\x13\x08\x2a\x86\x48\xce\x3d\x03\x01\x08"
		     "\x02\x03\x04" X32 X32,
			PGPKEY_OTHER),
		CASE("\x03" TIME "\x16" ED25519 "\x01\x07\x40" X32,
			PGPKEY_OTHER),
		CASE("\x04" TIME "\x16\xff\x2b", PGPKEY_OTHER),
		CASE("\x04" TIME "\x16", PGPKEY_OTHER),
#undef CASE
	};
	struct pgpkey k;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		pgpkey_read(t[i].s, &k);
		if (k.kind != t[i].kind)
			fail_msg("case %zu: %d", i, (int)k.kind);
	}
	pgpkey_read(t[0].s, &k);
	assert_int_equal(k.created, 0x6553f100);
	assert_int_equal(k.algorithm, 22);
	unit_span_is(k.point, X32);
	pgpkey_read(t[1].s, &k);
	assert_int_equal(k.point.n, 65);
}

/* An RSA key of ${bits} with the exponent ${e}. */
static enum pgpkey_kind rsa(
	unsigned algorithm, size_t bits, unsigned char last, struct span e)
{
	struct buf b = BUF_INIT(4096);
	size_t n = (bits + 7) / 8;
	unsigned char *p;
	struct pgpkey k;

	buf_add(&b, "\x04" TIME, 5);
	buf_byte(&b, (unsigned char)algorithm);
	buf_byte(&b, (unsigned char)(bits >> 8));
	buf_byte(&b, (unsigned char)bits);
	p = buf_room(&b, n);
	memset(p, 0x5a, n);
	p[0] = (unsigned char)(1 << (bits - 1) % 8);
	p[n - 1] = last;
	b.n += n;
	buf_span(&b, e);
	pgpkey_read(buf_all(&b), &k);
	if (k.kind == PGPKEY_RSA)
		assert_int_equal(k.n.n, n);
	buf_free(&b);
	return k.kind;
}

static void test_rsa(void **state)
{
	struct span e = SPAN_LIT("\x00\x11\x01\x00\x01");

	(void)state;
	assert_int_equal(rsa(1, 2048, 1, e), PGPKEY_RSA);
	assert_int_equal(rsa(1, 3072, 3, e), PGPKEY_RSA);
	assert_int_equal(rsa(1, 8192, 1, e), PGPKEY_RSA);
	assert_int_equal(rsa(1, 2048, 1, SPAN_LIT("\x00\x02\x03")), PGPKEY_RSA);
	assert_int_equal(rsa(3, 2048, 1, e), PGPKEY_OTHER);
	assert_int_equal(rsa(1, 2047, 1, e), PGPKEY_OTHER);
	assert_int_equal(rsa(1, 1024, 1, e), PGPKEY_OTHER);
	assert_int_equal(rsa(1, 8200, 1, e), PGPKEY_OTHER);
	assert_int_equal(rsa(1, 2048, 2, e), PGPKEY_OTHER);
	assert_int_equal(
		rsa(1, 2048, 1, SPAN_LIT("\x00\x01\x01")), PGPKEY_OTHER);
	assert_int_equal(
		rsa(1, 2048, 1, SPAN_LIT("\x00\x03\x04")), PGPKEY_OTHER);
	assert_int_equal(
		rsa(1, 2048, 1, SPAN_LIT("\x00\x21\x01\x00\x00\x00\x01")),
		PGPKEY_OTHER);
	assert_int_equal(rsa(1, 2048, 1, SPAN_LIT("\x00\x11\x01\x00\x01\x00")),
		PGPKEY_OTHER);
	assert_int_equal(rsa(1, 2048, 1, SPAN_EMPTY), PGPKEY_OTHER);
}

/* Packets: a key, a name, a subkey, a signature of type ${t} with ${hashed} and
 * ${plain} sub-packets. */
#define KEY "\x98\x02\x04\x01"
#define NAME "\xb4\x01n"
#define SUB "\xb8\x02\x04\x02"
#define SIG(n, t, hashed, plain) \
	"\x88" n "\x04" t "\x16\x08" hashed plain "\xaa\xbb\x00\x01\x01"
#define MADE "\x00\x06\x05\x02\x00\x00\x00\x10"
#define EMBEDS "\x00\x04\x03\x20\x0a\x0b"
#define NOTHING "\x00\x00"
#define SELF SIG("\x13", "\x13", MADE, NOTHING)
#define BINDS SIG("\x17", "\x18", MADE, EMBEDS)
#define BARE SIG("\x13", "\x18", MADE, NOTHING)

static void test_cert(void **state)
{
	struct span rest =
		SPAN_LIT(KEY NAME SELF SUB BINDS SUB BARE KEY NAME SELF);
	struct err err = ERR_INIT;
	struct pgpcert c;

	(void)state;
	if (pgpcert_next(&rest, arena, &c, &err))
		fail_msg("%s", err.text);
	assert_int_equal(c.nkey, 3);
	assert_int_equal(c.settled, 16);
	unit_span_is(c.key[0].body, "\x04\x01");
	unit_span_is(c.key[1].body, "\x04\x02");
	assert_int_equal(c.key[1].ncross, 1);
	assert_false(c.key[1].alone);
	unit_span_is(c.key[1].cross[0], "\x0a\x0b");
	assert_int_equal(c.key[2].ncross, 0);
	assert_true(c.key[2].alone);
	assert_int_equal(pgpcert_next(&rest, arena, &c, &err), 0);
	assert_int_equal(c.nkey, 1);
	assert_int_equal(rest.n, 0);
}

static void test_cert_doubts(void **state)
{
	static const struct {
		struct span s;
		bool alone, unsettled;
	} t[] = {
#define CASE(s, a, u) {{(const unsigned char *)(s), sizeof(s) - 1}, a, u}
		CASE(KEY SELF SUB BINDS, false, false),
		CASE(KEY SELF SUB, true, false),
		/* one binding of two says nothing; one is of version 3 */
		CASE(KEY SELF SUB BINDS BARE, true, false),
		CASE(KEY SELF SUB BARE BINDS, true, false),
		CASE(KEY SELF SUB BINDS "\x88\x06\x03\x18\0\0\0\0", true,
			false),
		/* another signature does not count as one */
		CASE(KEY SELF SUB SIG("\x17", "\x28", MADE, EMBEDS), true,
			false),
		/* it expires; what is not signed cannot say so */
		CASE(KEY SIG("\x13", "\x13", "\x00\x06\x05\x03\x00\x00\x00\x10",
			     NOTHING) SUB BINDS,
			false, true),
		CASE(KEY SIG("\x13", "\x13", "\x00\x06\x05\x83\x00\x00\x00\x10",
			     NOTHING) SUB BINDS,
			false, true),
		/* not understood: a length, a version, a time */
		CASE(KEY SIG("\x13", "\x13", "\x00\x06\x09\x02\x00\x00\x00\x10",
			     NOTHING) SUB BINDS,
			false, true),
		CASE(KEY "\x88\x06\x05\x13\0\0\0\0" SUB BINDS, false, true),
		CASE(KEY "\x88\x02\x04\x13" SUB BINDS, false, true),
		CASE(KEY SIG("\x10", "\x13", "\x00\x03\x02\x02\x00", NOTHING)
				SUB BINDS,
			false, true),
#undef CASE
	};
	struct err err = ERR_INIT;
	struct span rest;
	struct pgpcert c;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		rest = t[i].s;
		if (pgpcert_next(&rest, arena, &c, &err))
			fail_msg("case %zu: %s", i, err.text);
		assert_int_equal(rest.n, 0);
		assert_int_equal(c.nkey, 2);
		if (c.key[1].alone != t[i].alone ||
			(c.settled == INT64_MAX) != t[i].unsettled)
			fail_msg("case %zu: alone %d, settled %lld", i,
				c.key[1].alone, (long long)c.settled);
	}
	rest = SPAN_LIT(NAME);
	assert_int_equal(pgpcert_next(&rest, arena, &c, &err), -1);
	rest = SPAN_LIT(SUB);
	assert_int_equal(pgpcert_next(&rest, arena, &c, &err), -1);
	rest = SPAN_LIT(KEY "\x98\x09\x04");
	assert_int_equal(pgpcert_next(&rest, arena, &c, &err), -1);
	assert_int_equal(c.nkey, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_curves),
		cmocka_unit_test(test_rsa),
		cmocka_unit_test(test_cert),
		cmocka_unit_test(test_cert_doubts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

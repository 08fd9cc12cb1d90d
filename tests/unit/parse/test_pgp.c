#include "support/unit.h"

#include "base/text.h"
#include "parse/pgp.h"

#define KEYID "\x01\x02\x03\x04\x05\x06\x07\x08"
#define FPR "\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa\xfb" KEYID

/* version 4, type 0, EdDSA, SHA-256; created 16 s after 1970 and the issuer's
 * fingerprint in the signed part, the key id in the other; two bytes of the
 * hash; two numbers */
#define HASHED "\x05\x02\0\0\0\x10\x16\x21\x04" FPR
#define PLAIN "\x09\x10" KEYID
#define BODY                                               \
	"\x04\x00\x16\x08\x00\x1d" HASHED "\x00\x0a" PLAIN \
	"\xaa\xbb\x00\x01\x01\x00\x02\x03"
#define PACKET "\x88\x37" BODY

static void test_signature(void **state)
{
	struct err err = ERR_INIT;
	struct pgp_signature sig;

	(void)state;
	assert_int_equal(sizeof(BODY) - 1, 0x37);
	assert_int_equal(pgp_signature_read(SPAN_LIT(PACKET), &sig, &err), 0);
	assert_int_equal(sig.version, 4);
	assert_int_equal(sig.type, 0);
	assert_int_equal(sig.key_algorithm, 22);
	assert_int_equal(sig.hash, PGP_SHA256);
	assert_int_equal(sig.created, 16);
	unit_span_is(sig.issuer, FPR);
	assert_int_equal(sig.signed_head.n, 6 + 0x1d);
	unit_span_is(sig.hint, "\xaa\xbb");
	unit_span_is(sig.keyid, KEYID);
	assert_true(sig.common);
	unit_span_is(sig.number[0], "\x01");
	unit_span_is(sig.number[1], "\x03");
	/* The other packet formats: new, and old with a wider length. */
	assert_int_equal(
		pgp_signature_read(SPAN_LIT("\xc2\x37" BODY), &sig, &err), 0);
	unit_span_is(sig.keyid, KEYID);
	assert_int_equal(
		pgp_signature_read(SPAN_LIT("\x89\x00\x37" BODY), &sig, &err),
		0);
	assert_int_equal(pgp_signature_read(SPAN_LIT("\xc2\xff\0\0\0\x37" BODY),
				 &sig, &err),
		0);
}

static void test_signature_refused(void **state)
{
	static const struct {
		struct span s;
		const char *why;
	} t[] = {
#define CASE(s, w) {{(const unsigned char *)(s), sizeof(s) - 1}, w}
		CASE("", "not an OpenPGP packet"),
		CASE("\x08\x37" BODY, "not an OpenPGP packet"),
		CASE("\x8b" BODY, "not an OpenPGP packet"),
		CASE("\xc2\xe1" BODY, "not an OpenPGP packet"),
		CASE("\x88\x38" BODY, "not an OpenPGP packet"),
		CASE("\x88\x36" BODY, "more than one"),
		CASE(PACKET PACKET, "more than one"),
		CASE(PACKET "x", "more than one"),
		CASE("\xb4\x37" BODY, "not a detached"),
		CASE("\x88\x05\x04\0\x16\x08\0", "cut"),
		CASE("\x88\x09\x04\0\x16\x08\0\xff\0\0\0", "cut"),
		CASE("\x88\x0c\x04\0\x16\x08\0\x02\xff\xff\0\0\0\0", "cut"),
		CASE("\x88\x0c\x04\0\x16\x08\0\x02\x00\x02\0\0\0\0", "cut"),
		CASE("\x88\x08\x04\0\x16\x08\0\0\0\0", "cut"),
#undef CASE
	};
	struct pgp_signature sig;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		err_clear(&err);
		assert_int_equal(pgp_signature_read(t[i].s, &sig, &err), -1);
		if (!strstr(err.text, t[i].why))
			fail_msg("case %zu: '%s'", i, err.text);
	}
	err_clear(&err);
}

/* Of other versions no more than whose they claim to be. */
static void test_other_versions(void **state)
{
	struct pgp_signature sig;
	struct err err = ERR_INIT;
	unsigned char v;

	(void)state;
	for (v = 0; v < 8; v++) {
		unsigned char packet[] = "\x88\x19.\x05\x01\0\0\0\x10" KEYID
					 "\x11\x02\xaa\xbb\0\x01\x01"
					 "\0\x01\x01";

		packet[2] = v;
		if (v == 4)
			continue;
		assert_int_equal(
			pgp_signature_read(span_of(packet, sizeof(packet) - 1),
				&sig, &err),
			0);
		assert_int_equal(sig.version, v);
		assert_int_equal(sig.issuer.n, 0);
		assert_false(sig.common);
		if (v != 2 && v != 3) {
			assert_int_equal(sig.keyid.n, 0);
			continue;
		}
		unit_span_is(sig.keyid, KEYID);
		assert_int_equal(sig.type, 1);
		assert_int_equal(sig.created, 16);
		assert_int_equal(sig.key_algorithm, 17);
		assert_int_equal(sig.hash, PGP_SHA1);
	}
	/* Cut, and another length of what is hashed. */
	assert_int_equal(pgp_signature_read(
				 SPAN_LIT("\x88\x12\x03\x05\x01\0\0\0\x10" KEYID
					  "\x11\x02\xaa"),
				 &sig, &err),
		-1);
	assert_non_null(strstr(err.text, "cut"));
	err_clear(&err);
	assert_int_equal(pgp_signature_read(
				 SPAN_LIT("\x88\x13\x03\x06\x01\0\0\0\x10" KEYID
					  "\x11\x02\xaa\xbb"),
				 &sig, &err),
		-1);
	assert_non_null(strstr(err.text, "cut"));
}

/* Only what is surely understood in full is common. */
static void test_common(void **state)
{
#define MADE "\x05\x02\0\0\0\x10"
#define ISSUER "\x16\x21\x04" FPR
	static const struct {
		struct span hashed;
		bool common;
	} t[] = {
#define CASE(s, common) {{(const unsigned char *)(s), sizeof(s) - 1}, common}
		CASE(MADE, true),
		CASE(MADE ISSUER "\x09\x10" KEYID, true),
		CASE(ISSUER MADE "\x02\x1c"
				 "a\x03\x14xy",
			true),
		CASE("", false),
		CASE(ISSUER, false),
		CASE(MADE MADE, false),
		CASE(MADE ISSUER ISSUER, false),
		CASE(MADE "\x09\x10" KEYID "\x09\x10" KEYID, false),
		CASE("\x05\x82\0\0\0\x10", false),
		CASE(MADE "\x03\x94xy", false),
		CASE(MADE "\x16\xa1\x04" FPR, false),
		CASE(MADE "\x16\x21\x05" FPR, false),
		CASE(MADE "\x05\x03\0\0\0\x10", false),
		CASE(MADE "\x02\x1a"
			  "a",
			false),
		CASE(MADE "\x02\x18"
			  "a",
			false),
		CASE(MADE "\x02\x20"
			  "a",
			false),
		CASE(MADE "\x01\x7f", false),
#undef CASE
	};
	struct pgp_signature sig;
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT(256);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		buf_reset(&b);
		buf_add(&b, "\x04\x00\x16\x08\x00", 5);
		buf_byte(&b, (unsigned char)t[i].hashed.n);
		buf_span(&b, t[i].hashed);
		buf_add(&b, "\0\0\xaa\xbb\x00\x01\x01\x00\x02\x03", 10);
		if (pgp_signature_body(buf_all(&b), &sig, &err))
			fail_msg("case %zu: %s", i, err.text);
		if (sig.common != t[i].common)
			fail_msg("case %zu", i);
	}
	buf_free(&b);
#undef MADE
#undef ISSUER
}

/* The signed part names the key; the other part cannot say otherwise, nor say
 * anything else. */
static void test_unsigned_part(void **state)
{
#define ONE(second)                                                        \
	"\x88\x24\x04\x00\x16\x08\x00\x0a\x09\x10" KEYID "\x00\x0a" second \
	"\xaa\xbb\x00\x01\x01\x00\x02\x03"
	static const char same[] = ONE("\x09\x10" KEYID);
	static const char *const bad[] = {
		ONE("\x09\x10\xee\xee\xee\xee\xee\xee\xee\xee"),
		ONE("\x09\x90" KEYID),
		ONE("\x09\x50" KEYID),
		ONE("\x05\x02\x01\x01\x01\x01\x03\x19\x01\x01"),
		ONE("\x0a\x10" KEYID),
		ONE("\x08\x10" KEYID),
	};
	struct pgp_signature sig;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	assert_int_equal(pgp_signature_read(SPAN_LIT(same), &sig, &err), 0);
	unit_span_is(sig.keyid, KEYID);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		err_clear(&err);
		assert_int_equal(
			pgp_signature_read(
				span_of(bad[i], sizeof(same) - 1), &sig, &err),
			-1);
		assert_non_null(strstr(err.text, "unsigned part"));
	}
}

/* Each way to write the numbers otherwise. */
static void test_numbers(void **state)
{
#define NUMBERS(size, algorithm, n)                                      \
	CASE("\x88" size "\x04\x00" algorithm "\x08\x00\x00\x00\x00\xaa" \
	     "\xbb" n)
#define CASE(s)                                           \
	{                                                 \
		(const unsigned char *)(s), sizeof(s) - 1 \
	}
	static const struct span good[] = {
		NUMBERS("\x0d", "\x01", "\x00\x01\x01"),
		NUMBERS("\x10", "\x13", "\x00\x08\xff\x00\x02\x02"),
		NUMBERS("\x0e", "\x01", "\x00\x10\x00\x01"),
		NUMBERS("\x0d", "\x03", "\x00\x08\x7f"),
	};
	static const struct span bad[] = {
		NUMBERS("\x0d", "\x16", "\x00\x01\x01"),
		NUMBERS("\x10", "\x01", "\x00\x08\xff\x00\x02\x02"),
		NUMBERS("\x0d", "\x10", "\x00\x01\x01"),
		NUMBERS("\x0d", "\x63", "\x00\x01\x01"),
		NUMBERS("\x0d", "\x01", "\x00\x02\x01"),
		NUMBERS("\x0d", "\x01", "\x00\x01\x02"),
		NUMBERS("\x0d", "\x01", "\x00\x09\x01"),
		NUMBERS("\x0d", "\x01", "\x00\x00\x01"),
		NUMBERS("\x0e", "\x01", "\x00\x01\x01\x00"),
		NUMBERS("\x0e", "\x01", "\x00\x09\x00\x01"),
		NUMBERS("\x0e", "\x01", "\x00\x10\x00\x00"),
		NUMBERS("\x0d", "\x01", "\x00\x10\x01"),
		NUMBERS("\x0f", "\x01", "\x00\x10\x00\x01\x01"),
		NUMBERS("\x0d", "\x01", "\x00\x08\x00"),
		NUMBERS("\x10", "\x13", "\x00\x08\x7f\x00\x02\x02"),
		NUMBERS("\x10", "\x16", "\x00\x02\x02\x00\x08\x7f"),
	};
#undef CASE
	struct pgp_signature sig;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(good); i++)
		if (pgp_signature_read(good[i], &sig, &err))
			fail_msg("case %zu: %s", i, err.text);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		err_clear(&err);
		assert_int_equal(pgp_signature_read(bad[i], &sig, &err), -1);
		if (!strstr(err.text, "numbers"))
			fail_msg("case %zu: '%s'", i, err.text);
	}
}

static void test_hashes(void **state)
{
	static const unsigned strong[] = {
		PGP_SHA224, PGP_SHA256, PGP_SHA384, PGP_SHA512};
	unsigned n, i, found = 0;

	(void)state;
	for (n = 0; n < 256; n++) {
		bool is_strong = false;

		for (i = 0; i < ARRAY_LEN(strong); i++)
			if (strong[i] == n)
				is_strong = true;
		assert_int_equal(pgp_hash_weak(n), !is_strong);
		if (pgp_hash_name(n))
			found++;
	}
	assert_int_equal(found, 7);
}

#define KEY_ED "\x04\0\0\0\1\x16\x09\x2b\x06"
#define KEY_RSA "\x04\0\0\0\1\x01\x08\x00\xff"
#define KEY_RSA_SMALL "\x04\0\0\0\1\x01\x07\xff\xff"
#define KEY_DSA_SMALL "\x04\0\0\0\1\x11\x04\x00\xff"

static void test_keys(void **state)
{
	static const char file[] = "\x98\x09" KEY_ED "\xb4\x03"
				   "ada"
				   "\xb8\x09" KEY_RSA "\x98\x09" KEY_RSA_SMALL
				   "\xb8\x09" KEY_DSA_SMALL;
	struct arena *arena = arena_new(1 << 20);
	struct buf text = BUF_INIT(4096);
	struct err err = ERR_INIT;
	struct pgp_key *v;
	struct span bin;
	size_t n, round;

	(void)state;
	buf_str(&text, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n");
	text_base64(&text, span_of(file, sizeof(file) - 1));
	buf_str(&text, "\n-----END PGP PUBLIC KEY BLOCK-----\n");
	for (round = 0; round < 2; round++) {
		assert_int_equal(
			pgp_keys_read(round ? buf_all(&text)
					    : span_of(file, sizeof(file) - 1),
				arena, &v, &n, &bin, &err),
			0);
		assert_int_equal(n, 4);
		assert_true(v[0].primary);
		assert_false(v[1].primary);
		assert_true(v[2].primary);
		assert_null(pgp_key_weak(&v[0]));
		assert_null(pgp_key_weak(&v[1]));
		assert_int_equal(v[1].bits, 2048);
		assert_non_null(strstr(pgp_key_weak(&v[2]), "RSA"));
		assert_non_null(strstr(pgp_key_weak(&v[3]), "DSA"));
		assert_true(span_eq(bin, span_of(file, sizeof(file) - 1)));
	}
	/* Two blocks in one file: all keys of both. */
	buf_span(&text, arena_copy(arena, buf_all(&text)));
	assert_int_equal(
		pgp_keys_read(buf_all(&text), arena, &v, &n, &bin, &err), 0);
	assert_int_equal(n, 8);
	buf_free(&text);
	arena_free(arena);
}

static void test_keys_refused(void **state)
{
	static const struct {
		struct span s;
		const char *why;
	} t[] = {
#define CASE(s, w) {{(const unsigned char *)(s), sizeof(s) - 1}, w}
		CASE("", "no OpenPGP public key"),
		CASE("\xb4\x03"
		     "ada",
			"no OpenPGP public key"),
		CASE("\xb8\x09" KEY_ED, "no OpenPGP public key"),
		CASE("hello\n", "no 'PGP PUBLIC KEY BLOCK'"),
		CASE("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n", "no 'PGP"),
		CASE("\x98\x09" KEY_ED "\x98", "not a file"),
		CASE("\x94\x09" KEY_ED, "secret"),
		CASE("\x98\x09" KEY_ED "\x9c\x09" KEY_ED, "secret"),
		CASE("\x98\x09\x06"
		     "12345678",
			"version 4"),
		CASE("\x98\x03\x04"
		     "12",
			"version 4"),
#undef CASE
	};
	struct arena *arena = arena_new(1 << 20);
	struct pgp_key *v;
	struct span bin;
	size_t n, i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(
			pgp_keys_read(t[i].s, arena, &v, &n, &bin, &err), -1);
		if (!strstr(err.text, t[i].why))
			fail_msg("case %zu: '%s'", i, err.text);
		assert_int_equal(n, 0);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signature),
		cmocka_unit_test(test_signature_refused),
		cmocka_unit_test(test_other_versions),
		cmocka_unit_test(test_common),
		cmocka_unit_test(test_unsigned_part),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_hashes),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_keys_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

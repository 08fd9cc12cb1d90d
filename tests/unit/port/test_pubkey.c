/* Published vectors here; keys and signatures of other programs in
 * tests/unit/gather/test_signatures.c. */
#include "support/unit.h"

#include "base/text.h"
#include "port/pubkey.h"

struct bytes {
	unsigned char b[512];
	struct span s;
};

static struct span unhex(struct bytes *out, const char *hex)
{
	size_t n = strlen(hex) / 2;

	assert_true(text_hex_read(span_str(hex), out->b, n));
	out->s = span_of(out->b, n);
	return out->s;
}

static void test_digest(void **state)
{
	static const struct {
		enum pubkey_hash h;
		const char *hex;
	} t[] = {
		/* FIPS 180: "abc" */
		{PUBKEY_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{PUBKEY_SHA256,
			"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff"
			"61f20015ad"},
		{PUBKEY_SHA384,
			"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b60"
			"5a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
		{PUBKEY_SHA512,
			"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eee"
			"e64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643c"
			"e80e2a9ac94fa54ca49f"},
	};
	const struct span parts[] = {SPAN_LIT("a"), SPAN_EMPTY, SPAN_LIT("bc")};
	unsigned char out[PUBKEY_HASH_MAX];
	struct bytes want;
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		unhex(&want, t[i].hex);
		n = pubkey_digest(t[i].h, parts, ARRAY_LEN(parts), out);
		assert_int_equal(n, want.s.n);
		assert_memory_equal(out, want.b, n);
	}
}

/* RFC 8032 section 7.1, tests 1 and 3. */
static void test_ed25519(void **state)
{
	static const struct {
		const char *key, *text, *sig;
	} t[] = {
		{"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f7075"
		 "11a",
			"",
			"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e0"
			"6522490155"
			"5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141"
			"438e7a100b"},
		{"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908"
		 "025",
			"af82",
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680"
			"d7db5ac3ac"
			"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027be"
			"ceea1ec40a"},
	};
	struct bytes key, text, sig;
	size_t i, bit;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		unhex(&key, t[i].key);
		unhex(&text, t[i].text);
		unhex(&sig, t[i].sig);
		assert_int_equal(
			pubkey_ed25519(key.s, text.s, sig.s), PUBKEY_GOOD);
		for (bit = 0; bit < 512; bit++) {
			sig.b[bit / 8] ^= (unsigned char)(1 << bit % 8);
			assert_int_equal(pubkey_ed25519(key.s, text.s, sig.s),
				PUBKEY_BAD);
			sig.b[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
		for (bit = 0; bit < 256; bit++) {
			key.b[bit / 8] ^= (unsigned char)(1 << bit % 8);
			assert_int_equal(pubkey_ed25519(key.s, text.s, sig.s),
				PUBKEY_BAD);
			key.b[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
		assert_int_equal(
			pubkey_ed25519(key.s, text.s, span_sub(sig.s, 0, 63)),
			PUBKEY_BAD);
		assert_int_equal(
			pubkey_ed25519(span_sub(key.s, 0, 31), text.s, sig.s),
			PUBKEY_BAD);
		assert_int_equal(pubkey_ed25519(SPAN_EMPTY, text.s, SPAN_EMPTY),
			PUBKEY_BAD);
	}
}

static struct span hash(enum pubkey_hash h, struct span text)
{
	static unsigned char out[PUBKEY_HASH_MAX];

	return span_of(out, pubkey_digest(h, &text, 1, out));
}

/* RFC 6979 section A.2.5: P-256, SHA-256, "sample". */
static void test_ecdsa(void **state)
{
	struct bytes point, r, s, zero = {.b = {0}};
	struct span text = SPAN_LIT("sample");
	size_t bit;

	(void)state;
	unhex(&point,
		"04"
		"60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29f"
		"b6"
		"7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d44622"
		"99");
	unhex(&r,
		"efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf37"
		"16");
	unhex(&s,
		"f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acd"
		"a8");
	assert_int_equal(pubkey_ecdsa(PUBKEY_P256, point.s,
				 hash(PUBKEY_SHA256, text), r.s, s.s),
		PUBKEY_GOOD);
	assert_int_equal(pubkey_ecdsa(PUBKEY_P256, point.s,
				 hash(PUBKEY_SHA384, text), r.s, s.s),
		PUBKEY_BAD);
	assert_int_equal(pubkey_ecdsa(PUBKEY_P384, point.s,
				 hash(PUBKEY_SHA256, text), r.s, s.s),
		PUBKEY_BAD);
	for (bit = 0; bit < 256; bit++) {
		r.b[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_int_equal(pubkey_ecdsa(PUBKEY_P256, point.s,
					 hash(PUBKEY_SHA256, text), r.s, s.s),
			PUBKEY_BAD);
		r.b[bit / 8] ^= (unsigned char)(1 << bit % 8);
		/* Off the curve, which must not even be tried. */
		point.b[1 + bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_int_equal(pubkey_ecdsa(PUBKEY_P256, point.s,
					 hash(PUBKEY_SHA256, text), r.s, s.s),
			PUBKEY_BAD);
		point.b[1 + bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	/* Zeros: the mistake of ECDSA verifiers that forget the range. */
	assert_int_equal(
		pubkey_ecdsa(PUBKEY_P256, point.s, hash(PUBKEY_SHA256, text),
			span_of(zero.b, 1), span_of(zero.b, 1)),
		PUBKEY_BAD);
	assert_int_equal(pubkey_ecdsa(PUBKEY_P256, span_of("\0", 1),
				 hash(PUBKEY_SHA256, text), r.s, s.s),
		PUBKEY_BAD);
}

/* Good RSA signatures are those of ssh-keygen; these must never pass. */
static void test_rsa_refuses(void **state)
{
	unsigned char n[256], sig[257];
	struct span text = hash(PUBKEY_SHA256, SPAN_LIT("x")),
		    e = SPAN_LIT("\x01\x00\x01");

	(void)state;
	memset(n, 0xc3, sizeof(n));
	memset(sig, 0x11, sizeof(sig));
	assert_int_equal(pubkey_rsa(PUBKEY_SHA256, e, span_of(n, 256), text,
				 span_of(sig, 256)),
		PUBKEY_BAD);
	assert_int_equal(pubkey_rsa(PUBKEY_SHA256, e, span_of(n, 256), text,
				 span_of(sig, 257)),
		PUBKEY_BAD);
	assert_int_equal(
		pubkey_rsa(PUBKEY_SHA256, e, span_of(n, 256), text, SPAN_EMPTY),
		PUBKEY_BAD);
	assert_int_equal(
		pubkey_rsa(PUBKEY_SHA256, e, SPAN_EMPTY, text, SPAN_EMPTY),
		PUBKEY_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_ed25519),
		cmocka_unit_test(test_ecdsa),
		cmocka_unit_test(test_rsa_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

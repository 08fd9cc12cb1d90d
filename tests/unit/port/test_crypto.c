#include "../../support/unit.h"

#include "base/text.h"
#include "port/crypto.h"
#include "port/sodium.h"

static void unhex(const char *hex, unsigned char *out, size_t n)
{
	assert_true(text_hex_read(span_str(hex), out, n));
}

static void is_hex(const unsigned char *p, size_t n, const char *hex)
{
	struct buf b = BUF_INIT(256);

	text_hex(&b, span_of(p, n));
	assert_string_equal(buf_cstr(&b), hex);
	buf_free(&b);
}

/* FIPS 180-2, appendix B. */
static void test_sha256(void **unused)
{
	static const char two[] =
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	unsigned char sum[SHA256_LEN];
	char hex[SHA256_HEX + 1];
	struct sha256 *h;
	size_t i;

	(void)unused;
	assert_string_equal(sha256_hex(SPAN_LIT("abc"), hex),
		"ba7816bf8f01cfea414140de5dae2223"
		"b00361a396177a9cb410ff61f20015ad");
	assert_string_equal(sha256_hex(SPAN_EMPTY, hex),
		"e3b0c44298fc1c149afbf4c8996fb924"
		"27ae41e4649b934ca495991b7852b855");
	h = sha256_new();
	for (i = 0; i < sizeof(two) - 1; i++)
		sha256_add(h, span_of(two + i, 1));
	sha256_end(h, sum);
	is_hex(sum, sizeof(sum),
		"248d6a61d20638b8e5c026930c3e6039"
		"a33ce45964ff2167f6ecedd419db06c1");
	sha256_free(sha256_new());
	sha256_free(NULL);
}

/* RFC 4231, test cases 2 and 6. */
static void test_hmac(void **unused)
{
	unsigned char key[131], sum[SHA256_LEN];

	(void)unused;
	hmac_sha256(SPAN_LIT("Jefe"), SPAN_LIT("what do ya want for nothing?"),
		sum);
	is_hex(sum, sizeof(sum),
		"5bdcc146bf60754e6a042426089575c7"
		"5a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	hmac_sha256(span_of(key, sizeof(key)),
		SPAN_LIT("Test Using Larger Than Block-Size Key - Hash Key "
			 "First"),
		sum);
	is_hex(sum, sizeof(sum),
		"60e431591ee0b67f0d8a26aacbf5b77f"
		"8e0bc6213728c5140546040f0ee37f54");
}

/* RFC 8032 section 7.1, tests 1 to 3. */
static void test_ed25519(void **unused)
{
	static const struct {
		const char *seed, *public, *message, *sig;
	} v[] = {
		{"9d61b19deffd5a60ba844af492ec2cc4"
		 "4449c5697b326919703bac031cae7f60",
			"d75a980182b10ab7d54bfed3c964073a"
			"0ee172f3daa62325af021a68f707511a",
			"",
			"e5564300c360ac729086e2cc806e828a"
			"84877f1eb8e5d974d873e06522490155"
			"5fb8821590a33bacc61e39701cf9b46b"
			"d25bf5f0595bbe24655141438e7a100b"},
		{"4ccd089b28ff96da9db6c346ec114e0f"
		 "5b8a319f35aba624da8cf6ed4fb8a6fb",
			"3d4017c3e843895a92b70aa74d1b7ebc"
			"9c982ccf2ec4968cc0cd55f12af4660c",
			"72",
			"92a009a9f0d4cab8720e820b5f642540"
			"a2b27b5416503f8fb3762223ebdb69da"
			"085ac1e43e15996e458f3613d0f11d8c"
			"387b2eaeb4302aeeb00d291612bb0c00"},
		{"c5aa8df43f9f837bedb7442f31dcb7b1"
		 "66d38535076f094b85ce3a2e0b4458f7",
			"fc51cd8e6218a1a38da47ed00230f058"
			"0816ed13ba3303ac5deb911548908025",
			"af82",
			"6291d657deec24024827e69c3abe01a3"
			"0ce548a284743a445e3680d7db5ac3ac"
			"18ff9b538d16f290ae67f760984dc659"
			"4a7c15e9716ed28dc027beceea1ec40a"},
	};
	unsigned char seed[32], public[32], message[8], sig[64], got[64];
	struct err err = ERR_INIT;
	size_t i, n, bit;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(v); i++) {
		n = strlen(v[i].message) / 2;
		unhex(v[i].seed, seed, 32);
		unhex(v[i].public, public, 32);
		unhex(v[i].message, message, n);
		unhex(v[i].sig, sig, 64);
		assert_int_equal(ed25519_public(seed, got, &err), 0);
		assert_memory_equal(got, public, 32);
		assert_int_equal(
			ed25519_sign(seed, span_of(message, n), got, &err), 0);
		assert_memory_equal(got, sig, 64);
		assert_int_equal(ed25519_verify(public, span_of(message, n),
					 span_of(sig, 64)),
			ED25519_GOOD);
		for (bit = 0; bit < 512; bit++) {
			sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
			assert_int_equal(
				ed25519_verify(public, span_of(message, n),
					span_of(sig, 64)),
				ED25519_BAD);
			sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
		assert_int_equal(ed25519_verify(public, span_of(message, n),
					 span_of(sig, 63)),
			ED25519_BAD);
		assert_int_equal(ed25519_verify(public, SPAN_LIT("other"),
					 span_of(sig, 64)),
			ED25519_BAD);
	}
}

static void test_random(void **unused)
{
	unsigned char a[32] = {0}, b[32] = {0};

	(void)unused;
	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sha256),
		cmocka_unit_test(test_hmac),
		cmocka_unit_test(test_ed25519),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Offline checks: right, wrong, out of date, cut, and every digit changed. */
#include "support/unit.h"

#include "scan/redact.h"
#include "scan/validate.h"

/* In place of the clock. */
#define NOW 2000

static const struct {
	enum validator validator;
	const char *secret;
	enum validity validity;
} cases[] = {
	{VALIDATOR_CRC32_BASE62, "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",
		VALIDITY_PROVEN},
	{VALIDATOR_CRC32_BASE62, "ghp_FAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKE",
		VALIDITY_BAD},
	{VALIDATOR_CRC32_BASE62, "ghp_12345", VALIDITY_BAD},
	{VALIDATOR_CRC32_BASE62, "", VALIDITY_BAD},
	{VALIDATOR_CRC32_HEX, "ATATT3FAKE=DCFD04EF", VALIDITY_PROVEN},
	{VALIDATOR_CRC32_HEX, "ATATT3FAKE=DCFD04EG", VALIDITY_BAD},
	{VALIDATOR_CRC32_HEX, "1234", VALIDITY_BAD},
	{VALIDATOR_BECH32,
		"AGE-SECRET-KEY-"
		"1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JNQEPTQ2",
		VALIDITY_PROVEN},
	{VALIDATOR_BECH32,
		"age-secret-key-"
		"1qpzry9x8gf2tvdw0s3jn54khce6mua7lqpzry9x8gf2tvdw0s3jnqeptq2",
		VALIDITY_PROVEN},
	{VALIDATOR_BECH32,
		"AGE-SECRET-KEY-"
		"1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JNQEPTQQ",
		VALIDITY_BAD},
	{VALIDATOR_BECH32, "AGE", VALIDITY_BAD},
	{VALIDATOR_BECH32, "", VALIDITY_BAD},
	{VALIDATOR_JWT, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJmYWtlIn0.FAKEFAKEFAKE",
		VALIDITY_FORM},
	{VALIDATOR_JWT, "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE5OTl9.FAKEFAKEFAKE",
		VALIDITY_BAD},
	{VALIDATOR_JWT, "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjIwMDF9.FAKEFAKEFAKE",
		VALIDITY_FORM},
	{VALIDATOR_JWT,
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0."
		"FAKEFAKEFAKE",
		VALIDITY_SAMPLE},
	{VALIDATOR_JWT, "eyJhbGciOiJub25lIn0.e30.FAKEFAKEFAKE", VALIDITY_BAD},
	{VALIDATOR_JWT, "eyJ0eXAiOiJKV1QifQ.e30.FAKEFAKEFAKE", VALIDITY_BAD},
	{VALIDATOR_JWT, "eyJ", VALIDITY_BAD},
	{VALIDATOR_JWT, "....", VALIDITY_BAD},
	{VALIDATOR_PEM,
		"-----BEGIN PRIVATE KEY-----\n"
		"MIIBLEZBS0UtUFJJVkFURS1LRVktRk9SLVRFU1RTLS1GQUtFLVBSSVZBVEUtS0"
		"VZ\n"
		"LUZPUi1URVNUUy0tRkFLRS1QUklWQVRFLUtFWS1GT1ItVEVTVFMtLUZBS0UtUF"
		"JJ\n"
		"VkFURS1LRVktRk9SLVRFU1RTLS1GQUtFLVBSSVZBVEUtS0VZLUZPUi1URVNUUy"
		"0t\n"
		"RkFLRS1QUklWQVRFLUtFWS1GT1ItVEVTVFMtLUZBS0UtUFJJVkFURS1LRVktRk"
		"9S\n"
		"LVRFU1RTLS1GQUtFLVBSSVZBVEUtS0VZLUZPUi1URVNUUy0tRkFLRS1QUklWQV"
		"RF\n"
		"LUtFWS1GT1ItVEVTVFMtLUZBS0UtUFJJVkFURS1LRVktRk9SLVRFU1RTLS1GQU"
		"tF\n"
		"LVBSSVZBVEUtS0VZLUZPUg==\n"
		"-----END PRIVATE KEY-----",
		VALIDITY_PROVEN},
	{VALIDATOR_PEM,
		"-----BEGIN PRIVATE "
		"KEY-----"
		"\\nMIIBLEZBS0UtUFJJVkFURS1LRVktRk9SLVRFU1RTLS1GQUtFLVBSSVZBVEU"
		"tS0VZ\\nLUZPUi1URVNUUy0tRkFLRS1QUklWQVRFLUtFWS1GT1ItVEVTVFMtLU"
		"ZBS0UtUFJJ\\nVkFURS1LRVktRk9SLVRFU1RTLS1GQUtFLVBSSVZBVEUtS0VZL"
		"UZPUi1URVNUUy0t\\nRkFLRS1QUklWQVRFLUtFWS1GT1ItVEVTVFMtLUZBS0Ut"
		"UFJJVkFURS1LRVktRk9S\\nLVRFU1RTLS1GQUtFLVBSSVZBVEUtS0VZLUZPUi1"
		"URVNUUy0tRkFLRS1QUklWQVRF\\nLUtFWS1GT1ItVEVTVFMtLUZBS0UtUFJJVk"
		"FURS1LRVktRk9SLVRFU1RTLS1GQUtF\\nLVBSSVZBVEUtS0VZLUZPUg==\\n--"
		"---END PRIVATE KEY-----",
		VALIDITY_PROVEN},
	{VALIDATOR_PEM,
		"-----BEGIN PRIVATE KEY-----\n"
		"MIIBLEZBS0UtUFJJVkFURS1LRVktRk9SLVRFU1RTLS1GQUtFLVBSSVZBVEUtS0"
		"VZ\n"
		"LUZPUi1URVNUUy0tRkFLRS1QUkl\n"
		"-----END",
		VALIDITY_BAD},
	{VALIDATOR_PEM,
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
		"MIIBLEZBS0UtUFJJVkFURS1LRVktRk9SLVRFU1RTLS1GQUtFLVBSSVZBVEUtS0"
		"VZ\n"
		"LUZPUi1URVNUUy0tRkFLRS1QUklWQVRFLUtFWS1GT1ItVEVTVFMtLUZBS0UtUF"
		"JJ\n"
		"VkFURS1LRVktRk9SLVRFU1RTLS1GQUtFLVBSSVZBVEUtS0VZLUZPUi1URVNUUy"
		"0t\n"
		"RkFLRS1QUklWQVRFLUtFWS1GT1ItVEVTVFMtLUZBS0UtUFJJVkFURS1LRVktRk"
		"9S\n"
		"LVRFU1RTLS1GQUtFLVBSSVZBVEUtS0VZLUZPUi1URVNUUy0tRkFLRS1QUklWQV"
		"RF\n"
		"LUtFWS1GT1ItVEVTVFMtLUZBS0UtUFJJVkFURS1LRVktRk9SLVRFU1RTLS1GQU"
		"tF\n"
		"LVBSSVZBVEUtS0VZLUZPUg==\n"
		"-----END ENCRYPTED PRIVATE KEY-----",
		VALIDITY_BAD},
	{VALIDATOR_PEM,
		"-----BEGIN OPENSSH PRIVATE KEY-----\n"
		"b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZUZBS0UtS0VZLUZPUi1URV"
		"NU\n"
		"U0ZBS0UtS0VZLUZPUi1URVNUU0ZBS0UtS0VZLUZPUi1URVNUU0ZBS0UtS0VZLU"
		"ZP\n"
		"Ui1URVNUUw==\n"
		"-----END OPENSSH PRIVATE KEY-----",
		VALIDITY_PROVEN},
	{VALIDATOR_PEM,
		"-----BEGIN OPENSSH PRIVATE KEY-----\n"
		"b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAEbm9uZUZBS0UtS0VZLU"
		"ZP\n"
		"Ui1URVNUU0ZBS0UtS0VZLUZPUi1URVNUU0ZBS0UtS0VZLUZPUi1URVNUU0ZBS0"
		"Ut\n"
		"S0VZLUZPUi1URVNUUw==\n"
		"-----END OPENSSH PRIVATE KEY-----",
		VALIDITY_BAD},
	{VALIDATOR_PEM, "-----BEGIN PRIVATE KEY-----anything-----END",
		VALIDITY_BAD},
	{VALIDATOR_PEM, "", VALIDITY_BAD},
	{VALIDATOR_PEM, "-----", VALIDITY_BAD},
	{VALIDATOR_PGP,
		"-----BEGIN PGP PRIVATE KEY BLOCK-----\n"
		"\n"
		"RkFLRSBQR1AgS0VZIEZPUiBURVNUUyBGQUtFIFBHUCBLRVkgRk9SIFRFU1RTIE"
		"ZB\n"
		"S0UgUEdQIEtFWSBGT1IgVEVTVFMgRkFLRSBQR1AgS0VZIEZPUiBURVNUUyBGQU"
		"tF\n"
		"IFBHUCBLRVkgRk9SIFRFU1RTIEZBS0UgUEdQIEtFWSBGT1IgVEVTVFMg\n"
		"=xqCI\n"
		"-----END PGP PRIVATE KEY BLOCK-----",
		VALIDITY_PROVEN},
	{VALIDATOR_PGP,
		"-----BEGIN PGP PRIVATE KEY BLOCK-----\n"
		"\n"
		"RkFLRSBQR1BgS0VZIEZPUiBURVNUUyBGQUtFIFBHUCBLRVkgRk9SIFRFU1RTIE"
		"ZB\n"
		"S0UgUEdQIEtFWSBGT1IgVEVTVFMgRkFLRSBQR1AgS0VZIEZPUiBURVNUUyBGQU"
		"tF\n"
		"IFBHUCBLRVkgRk9SIFRFU1RTIEZBS0UgUEdQIEtFWSBGT1IgVEVTVFMg\n"
		"=xqCI\n"
		"-----END PGP PRIVATE KEY BLOCK-----",
		VALIDITY_BAD},
	{VALIDATOR_PGP,
		"-----BEGIN PGP PRIVATE KEY BLOCK-----\n"
		"\n"
		"RkFLRSBQR1AgS0VZIEZPUiBURVNUUyBGQUtFIFBHUCBLRVkgRk9SIFRFU1RTIE"
		"ZB\n"
		"S0UgUEdQIEtFWSBGT1IgVEVTVFMgRkFLRSBQR1AgS0VZIEZPUiBURVNUUyBGQU"
		"tF\n"
		"IFBHUCBLRVkgRk9SIFRFU1RTIEZBS0UgUEdQIEtFWSBGT1IgVEVTVFMg\n"
		"-----END PGP PRIVATE KEY BLOCK-----",
		VALIDITY_FORM},
	{VALIDATOR_PGP, "", VALIDITY_BAD},
	{VALIDATOR_AWS_KEY_ID, "AKIAFAKE234567ABCDEF", VALIDITY_FORM},
	{VALIDATOR_AWS_KEY_ID, "AKIAFAKE012345678901", VALIDITY_BAD},
	{VALIDATOR_AWS_KEY_ID, "AKIA", VALIDITY_BAD},
	{VALIDATOR_BASIC_AUTH, "ZmFrZTpwYTU1NQ==", VALIDITY_FORM},
	{VALIDATOR_BASIC_AUTH, "ZmFrZXBhc3M=", VALIDITY_BAD},
	{VALIDATOR_BASIC_AUTH, "YToB", VALIDITY_BAD},
	{VALIDATOR_BASIC_AUTH, "!", VALIDITY_BAD},
	{VALIDATOR_NONE, "x", VALIDITY_UNKNOWN},
};

static void table(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		if (validate(cases[i].validator, span_str(cases[i].secret),
			    NOW) != cases[i].validity)
			fail_msg("case %zu: %s", i, cases[i].secret);
	}
}

/* A checksum that lets a changed token pass proves nothing; those of a CRC are
 * in test_validate_crc.c. */
static void changed_digits(void **state)
{
	static const char others[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz-_";
	size_t i, at, c;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct buf text = BUF_INIT(1u << 16);

		buf_str(&text, cases[i].secret);
		for (at = 0; cases[i].validator == VALIDATOR_BECH32 &&
			cases[i].validity == VALIDITY_PROVEN && at < text.n;
			at++) {
			unsigned char was = text.p[at];

			for (c = 0; others[c]; c++) {
				text.p[at] = (unsigned char)others[c];
				assert_int_equal(validate(cases[i].validator,
							 buf_all(&text), NOW),
					text.p[at] == was ? VALIDITY_PROVEN
							  : VALIDITY_BAD);
			}
			text.p[at] = was;
		}
		buf_free(&text);
	}
}

static void any_cut(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		struct span s = span_str(cases[i].secret);

		/* Of OpenSSH's form only the head says anything. */
		if (strstr(cases[i].secret, "OPENSSH"))
			continue;
		/* The trailing line of armour may go; nothing else. */
		for (n = 0; n + 40 < s.n; n++)
			assert_int_not_equal(validate(cases[i].validator,
						     span_sub(s, 0, n), NOW),
				VALIDITY_PROVEN);
	}
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(validity_name(VALIDITY_UNKNOWN), "unknown");
	assert_string_equal(validity_name(VALIDITY_BAD), "bad");
	assert_string_equal(validity_name(VALIDITY_SAMPLE), "sample");
	assert_string_equal(validity_name(VALIDITY_FORM), "well-formed");
	assert_string_equal(validity_name(VALIDITY_PROVEN), "proven");
	assert_string_equal(validity_name(VALIDITY_OTHER), "other");
	assert_string_equal(validity_note(VALIDITY_UNKNOWN), "");
	assert_string_equal(validity_note(VALIDITY_OTHER), "");
	assert_string_equal(
		validity_note(VALIDITY_BAD), ", which fails its own check");
	assert_string_equal(
		validity_note(VALIDITY_SAMPLE), ", which reads like a sample");
	assert_string_equal(
		validity_note(VALIDITY_FORM), ", which is well formed");
	assert_string_equal(
		validity_note(VALIDITY_PROVEN), ", which passes its own check");
}

static void redaction(void **state)
{
	static const struct {
		const char *secret, *shown;
	} rows[] = {
		{"", "\u2026"},
		{"abc", "\u2026"},
		{"abcd", "a\u2026"},
		{"abcdefgh", "ab\u2026"},
		{"abcdefghijkl", "ab\u2026l"},
		{"abcdefghijklmnopqrstuvwx", "abcd\u2026wx"},
		{"abcdefghijklmnopqrstuvwxabcdefghijklmnopqrstuvwx",
			"abcd\u2026wx"},
		{"\033[1mefghijklmnopqrst\n\xff\x9b\xc3", "?[1m\u2026??"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = BUF_INIT(REDACT_MAX);

		redact(span_str(rows[i].secret), &out);
		if (strcmp(buf_cstr(&out), rows[i].shown))
			fail_msg("%zu: %s", i, buf_cstr(&out));
		buf_free(&out);
	}
}

static void entropy(void **state)
{
	(void)state;
	assert_true(entropy_of(SPAN_EMPTY) < 0.001);
	assert_true(entropy_of(SPAN_LIT("aaaa")) < 0.001);
	assert_true(entropy_of(SPAN_LIT("abab")) > 0.999);
	assert_true(entropy_of(SPAN_LIT("abab")) < 1.001);
	assert_true(entropy_of(SPAN_LIT("0123456789abcdef")) > 3.999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(changed_digits),
		cmocka_unit_test(any_cut),
		cmocka_unit_test(names),
		cmocka_unit_test(redaction),
		cmocka_unit_test(entropy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

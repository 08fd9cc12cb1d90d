/*
 * Tokens with a CRC-32 at the end, made here with another library's sum: right
 * as they are, wrong with any one character changed, and wrong when cut.
 */
#include "support/unit.h"

#include <libdeflate.h>

#include "scan/validate.h"
#include "scan/validators.h"

#define D36 "0123456789abcdefghijklmnopqrstuvwxyz"
#define D62                                                            \
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx" \
	"yz"

struct form {
	enum validator validator;
	const char *prefix, *body, *mark; /* ${mark} before the digits */
	bool prefixed;                    /* the sum covers the prefix */
	bool marked;                      /* … and the mark */
	bool little;                      /* lowest byte first */
	const char *digits;
	size_t width;
};

static const struct form forms[] = {
	{VALIDATOR_CRC32_BASE62, "ghp_", "FAKEFAKEFAKEFAKEFAKEFAKEFAKEFA", "",
		.digits = D62, .width = 6},
	{VALIDATOR_CRC32_BASE62, "npm_", "FAKEfakeFAKEfakeFAKEfakeFAKEfa", "",
		.digits = D62, .width = 6},
	{VALIDATOR_CRC32_BASE62, "vcp_",
		"FAKE0123456789FAKE0123456789FAKE0123456789FAKE0123", "",
		.digits = D62, .width = 6},
	{VALIDATOR_CRC32_BASE36, "glpat-", "RkFLRS1GQUtFLUZBS0UtRkFLRS1GQUtF",
		".0w", .prefixed = true, .marked = true, .digits = D36,
		.width = 7},
	{VALIDATOR_CRC32_BASE36, "glrt-t1_",
		"RkFLRS1GQUtFLUZBS0UtRkFLRS1GQUtFRkFLRQ", ".01.12",
		.prefixed = true, .marked = true, .digits = D36, .width = 7},
	{VALIDATOR_CRC32_HEX, "ATATT3xFf", "FAKEFAKE_FAKE-FAKEFAKE", "=",
		.prefixed = true, .marked = true, .digits = "0123456789ABCDEF",
		.width = 8},
	{VALIDATOR_CRC32_HEX_BODY, "zpka_", "fake0123456789fake0123456789fake",
		"_", .digits = D36, .width = 8},
	{VALIDATOR_CRC32_HEX_LITTLE, "glsa_",
		"FAKE0123456789FAKEfake0123456789", "_", .prefixed = true,
		.little = true, .digits = D36, .width = 8},
};

static unsigned base_of(const struct form *f)
{
	return f->width == 8 ? 16 : (unsigned)strlen(f->digits);
}

/* ${salt} makes other tokens of the same form. */
static void make(const struct form *f, char salt, char *out, size_t max)
{
	char summed[256], digits[16] = {0};
	uint32_t v;
	size_t i;

	snprintf(summed, sizeof(summed), "%s%s%c%s",
		f->prefixed ? f->prefix : "", f->body, salt,
		f->marked ? f->mark : "");
	v = libdeflate_crc32(0, summed, strlen(summed));
	if (f->little)
		v = __builtin_bswap32(v);
	for (i = f->width; i; i--, v /= base_of(f))
		digits[i - 1] = f->digits[v % base_of(f)];
	snprintf(out, max, "%s%s%c%s%s", f->prefix, f->body, salt, f->mark,
		digits);
}

static enum validity ask(const struct form *f, const char *token)
{
	return validate(f->validator, span_str(token), 0);
}

static void right(void **state)
{
	char token[256];
	size_t i, salt;

	(void)state;
	for (i = 0; i < ARRAY_LEN(forms); i++) {
		/* Enough for sums with leading zeros of base 36 and 62. */
		for (salt = 0; salt < 62; salt++) {
			make(&forms[i], D62[salt], token, sizeof(token));
			if (ask(&forms[i], token) != VALIDITY_PROVEN)
				fail_msg("%s", token);
		}
	}
}

static void any_change(void **state)
{
	static const char others[] = D62 "_-.=";
	char token[256];
	size_t i, at, c;

	(void)state;
	for (i = 0; i < ARRAY_LEN(forms); i++) {
		make(&forms[i], 'a', token, sizeof(token));
		/* What the sum leaves out, the rule's expression fixes. */
		at = forms[i].prefixed ? 0 : strlen(forms[i].prefix);
		for (; token[at]; at++) {
			char was = token[at];

			for (c = 0; others[c]; c++) {
				token[at] = others[c];
				if (others[c] != was &&
					ask(&forms[i], token) != VALIDITY_BAD)
					fail_msg("%s at %zu", token, at);
			}
			token[at] = was;
		}
	}
}

static void any_cut(void **state)
{
	char token[256];
	size_t i, n, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(forms); i++) {
		make(&forms[i], 'a', token, sizeof(token));
		n = strlen(token);
		for (k = 0; k < n; k++) {
			assert_int_equal(validate(forms[i].validator,
						 span_of(token, k), 0),
				VALIDITY_BAD);
			/* From the front, the prefix counts. */
			if (k > strlen(forms[i].prefix))
				assert_int_equal(
					validate(forms[i].validator,
						span_of(token + k, n - k), 0),
					VALIDITY_BAD);
		}
	}
}

static void sum(void **state)
{
	unsigned char bytes[256];
	size_t i;

	(void)state;
	assert_int_equal(crc32_of(SPAN_LIT("123456789")), 0xcbf43926);
	assert_int_equal(crc32_of(SPAN_EMPTY), 0);
	for (i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (unsigned char)(i * 37 + 11);
		assert_int_equal(crc32_of(span_of(bytes, i + 1)),
			libdeflate_crc32(0, bytes, i + 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right),
		cmocka_unit_test(any_change),
		cmocka_unit_test(any_cut),
		cmocka_unit_test(sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

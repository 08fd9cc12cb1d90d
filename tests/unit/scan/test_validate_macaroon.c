/* Macaroons, built field by field: whole, cut, with too much, and changed. */
#include "support/unit.h"

#include "base/text.h"
#include "scan/validate.h"

static void field(
	struct buf *out, unsigned char kind, const char *text, size_t n)
{
	buf_byte(out, kind);
	/* The lengths here are below 128 but for one. */
	if (n >= 128)
		buf_byte(out, (unsigned char)(0x80 | (n & 0x7f)));
	buf_byte(out, (unsigned char)(n >= 128 ? n >> 7 : n));
	while (n--)
		buf_byte(out, (unsigned char)(text ? *text++ : 'F'));
}

static void text(struct buf *out, unsigned char kind, const char *s)
{
	field(out, kind, s, strlen(s));
}

/* ${signature} bytes at the end. */
static void v2(struct buf *out, size_t signature)
{
	buf_byte(out, 2);
	text(out, 1, "fake.test");
	text(out, 2, "FAKE-IDENTIFIER");
	buf_byte(out, 0);
	text(out, 2, "{\"version\": 1, \"permissions\": \"user\"}");
	buf_byte(out, 0);
	text(out, 1, "other.test");
	field(out, 2, NULL, 200);
	text(out, 4, "FAKE-VID");
	buf_byte(out, 0);
	buf_byte(out, 0);
	field(out, 6, NULL, signature);
}

static enum validity ask(
	enum validator validator, const char *prefix, struct span bytes)
{
	struct buf token = BUF_INIT(4096);
	enum validity v;

	buf_str(&token, prefix);
	text_base64(&token, bytes);
	v = validate(validator, buf_all(&token), 0);
	buf_free(&token);
	return v;
}

static enum validity ask_v2(struct span bytes)
{
	return ask(VALIDATOR_MACAROON_V2, "pypi-", bytes);
}

static void whole(void **state)
{
	struct buf bytes = BUF_INIT(4096), least = BUF_INIT(4096);

	(void)state;
	v2(&bytes, 32);
	assert_int_equal(ask_v2(buf_all(&bytes)), VALIDITY_FORM);
	buf_str(&least, "\002");
	text(&least, 2, "FAKE");
	buf_byte(&least, 0);
	buf_byte(&least, 0);
	field(&least, 6, NULL, 32);
	assert_int_equal(ask_v2(buf_all(&least)), VALIDITY_FORM);
	buf_free(&least);
	buf_free(&bytes);
}

static void any_cut(void **state)
{
	struct buf bytes = BUF_INIT(4096);
	size_t n;

	(void)state;
	v2(&bytes, 32);
	for (n = 0; n < bytes.n; n++)
		assert_int_equal(
			ask_v2(span_sub(buf_all(&bytes), 0, n)), VALIDITY_BAD);
	buf_byte(&bytes, 0);
	assert_int_equal(ask_v2(buf_all(&bytes)), VALIDITY_BAD);
	buf_free(&bytes);
	v2(&bytes, 31);
	assert_int_equal(ask_v2(buf_all(&bytes)), VALIDITY_BAD);
	buf_free(&bytes);
	v2(&bytes, 33);
	assert_int_equal(ask_v2(buf_all(&bytes)), VALIDITY_BAD);
	buf_free(&bytes);
	assert_int_equal(
		validate(VALIDATOR_MACAROON_V2, SPAN_EMPTY, 0), VALIDITY_BAD);
}

/* A length with no end, and one beyond what an integer holds. */
static void long_numbers(void **state)
{
	(void)state;
	assert_int_equal(ask_v2(SPAN_LIT("\002\002\xff\xff\xff\xff\xff\xff\xff"
					 "\xff\xff\xff\xff\xff")),
		VALIDITY_BAD);
	assert_int_equal(ask_v2(SPAN_LIT("\002\002\xff\xff\xff\xff\xff\xff\xff"
					 "\xff\x7f")),
		VALIDITY_BAD);
}

static void fly(void **state)
{
	/* An array of 4: the nonce (3: key id, 16 bytes, a bool), "FAKE" … */
	const struct span good =
		SPAN_LIT("\x94\x93\xc4\x04KEYS\xc4\x10RANDOMRANDOMRAND\xc2\xa4"
			 "FAKE\x90\xc4\x04TAIL");
	size_t n;

	(void)state;
	assert_int_equal(
		ask(VALIDATOR_MACAROON_FLY, "fm2_", good), VALIDITY_FORM);
	assert_int_equal(ask(VALIDATOR_MACAROON_FLY, "FlyV1 fm1r_", good),
		VALIDITY_FORM);
	for (n = 0; n < 26; n++)
		assert_int_equal(ask(VALIDATOR_MACAROON_FLY, "fm2_",
					 span_sub(good, 0, n)),
			VALIDITY_BAD);
	for (n = 0; n < 10; n++) {
		unsigned char bytes[64];

		if (n > 3 && n < 8)
			continue; /* the key id may be anything */
		memcpy(bytes, good.p, good.n);
		bytes[n] ^= 0x20;
		assert_int_equal(ask(VALIDATOR_MACAROON_FLY, "fm2_",
					 span_of(bytes, good.n)),
			VALIDITY_BAD);
	}
	assert_int_equal(validate(VALIDATOR_MACAROON_FLY,
				 SPAN_LIT("fo1_FAKEFAKEFAKE"), 0),
		VALIDITY_UNKNOWN);
	assert_int_equal(
		validate(VALIDATOR_MACAROON_FLY, SPAN_EMPTY, 0), VALIDITY_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(any_cut),
		cmocka_unit_test(long_numbers),
		cmocka_unit_test(fly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Ids inside tokens, made from the ids. */
#include "support/unit.h"

#include <inttypes.h>

#include "base/text.h"
#include "scan/validate.h"

#define B32 "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

/* Of an account: the mark, 40 bits, and 39 of chance. */
static void aws(uint64_t account, bool marked, char out[21])
{
	unsigned char bits[80] = {0};
	size_t i;

	bits[0] = marked;
	for (i = 0; i < 40; i++)
		bits[1 + i] = account >> (39 - i) & 1;
	for (i = 41; i < 80; i++)
		bits[i] = i % 3 == 0;
	memcpy(out, "AKIA", 4);
	for (i = 0; i < 16; i++)
		out[4 + i] = B32[bits[5 * i] << 4 | bits[5 * i + 1] << 3 |
			bits[5 * i + 2] << 2 | bits[5 * i + 3] << 1 |
			bits[5 * i + 4]];
	out[20] = 0;
}

static enum validity ask_aws(uint64_t account, bool marked)
{
	char key[21];

	aws(account, marked, key);
	return validate(VALIDATOR_AWS_KEY_ID, span_str(key), 0);
}

static void accounts(void **state)
{
	const uint64_t all = UINT64_C(1000000000000);
	char key[21];
	size_t i;

	(void)state;
	assert_int_equal(ask_aws(0, true), VALIDITY_FORM);
	assert_int_equal(ask_aws(UINT64_C(123456789012), true), VALIDITY_FORM);
	assert_int_equal(ask_aws(all - 1, true), VALIDITY_FORM);
	assert_int_equal(ask_aws(all, true), VALIDITY_BAD);
	assert_int_equal(ask_aws(UINT64_C(0xffffffffff), true), VALIDITY_BAD);
	assert_int_equal(ask_aws(all, false), VALIDITY_FORM);
	aws(1, true, key);
	for (i = 4; i < 20; i++) {
		char was = key[i];

		key[i] = '1';
		assert_int_equal(
			validate(VALIDATOR_AWS_KEY_ID, span_str(key), 0),
			VALIDITY_BAD);
		key[i] = was;
		assert_int_equal(
			validate(VALIDATOR_AWS_KEY_ID, span_of(key, i), 0),
			VALIDITY_BAD);
	}
}

static enum validity ask_discord(const char *id, int64_t now)
{
	struct buf token = BUF_INIT(256);
	enum validity v;

	text_base64(&token, span_str(id));
	while (token.n && token.p[token.n - 1] == '=')
		token.n--;
	buf_str(&token, ".FAKE01.FAKE0123456789abcdefghijklmno");
	v = validate(VALIDATOR_DISCORD, buf_all(&token), now);
	buf_free(&token);
	return v;
}

static void discord(void **state)
{
	const int64_t epoch = 1420070400, now = epoch + 300000000;
	char id[32];

	(void)state;
	snprintf(id, sizeof(id), "%" PRIu64,
		(uint64_t)(now - epoch) * 1000 << 22);
	assert_int_equal(ask_discord(id, now), VALIDITY_FORM);
	assert_int_equal(ask_discord(id, now - 86400), VALIDITY_FORM);
	assert_int_equal(ask_discord(id, now - 86402), VALIDITY_BAD);
	assert_int_equal(ask_discord(id, -1), VALIDITY_BAD);
	assert_int_equal(ask_discord("1234567890123456", now), VALIDITY_BAD);
	assert_int_equal(ask_discord("12345678901234567", now), VALIDITY_FORM);
	assert_int_equal(
		ask_discord("99999999999999999999", now), VALIDITY_BAD);
	assert_int_equal(ask_discord("12345678901234567x", now), VALIDITY_BAD);
	assert_int_equal(ask_discord("", now), VALIDITY_BAD);
	assert_int_equal(
		validate(VALIDATOR_DISCORD, SPAN_EMPTY, now), VALIDITY_BAD);
	assert_int_equal(validate(VALIDATOR_DISCORD, SPAN_LIT("!.x.y"), now),
		VALIDITY_BAD);
}

static enum validity ask_bedrock(const char *prefix, const char *text)
{
	struct buf token = BUF_INIT(256);
	enum validity v;

	buf_str(&token, prefix);
	text_base64(&token, span_str(text));
	v = validate(VALIDATOR_AWS_BEDROCK, buf_all(&token), 0);
	buf_free(&token);
	return v;
}

static void bedrock(void **state)
{
	(void)state;
	assert_int_equal(
		ask_bedrock("ABSK", "BedrockAPIKey-FAKE"), VALIDITY_FORM);
	assert_int_equal(ask_bedrock("ABSK", "BedrockAPIKey"), VALIDITY_BAD);
	assert_int_equal(
		ask_bedrock("ABSK", "bedrockAPIKey-FAKE"), VALIDITY_BAD);
	assert_int_equal(ask_bedrock("ABS", ""), VALIDITY_BAD);
}

static void luhn(void **state)
{
	/* Without a name: the last digit makes the sum a multiple of ten. */
	static const char *const good[] = {"0000000000000",
		"4000-0000-0000-0002", "4000 0000 0000 0002",
		"79927398713000000", "1234567890123456785"};
	static const char *const bad[] = {"", "0", "000000000000",
		"00000000000000000000", "4000-0000-0000-0003",
		"4000/0000/0000/0002", "400000000000000x"};
	char digits[20];
	size_t i, at;
	char c;

	(void)state;
	for (i = 0; i < ARRAY_LEN(good); i++)
		if (validate(VALIDATOR_LUHN, span_str(good[i]), 0) !=
			VALIDITY_FORM)
			fail_msg("%s", good[i]);
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (validate(VALIDATOR_LUHN, span_str(bad[i]), 0) !=
			VALIDITY_OTHER)
			fail_msg("%s", bad[i]);
	snprintf(digits, sizeof(digits), "%s", "1234567890123456785");
	for (at = 0; digits[at]; at++) {
		char was = digits[at];

		for (c = '0'; c <= '9'; c++) {
			digits[at] = c;
			assert_int_equal(
				validate(VALIDATOR_LUHN, span_str(digits), 0),
				c == was ? VALIDITY_FORM : VALIDITY_OTHER);
		}
		digits[at] = was;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts),
		cmocka_unit_test(discord),
		cmocka_unit_test(bedrock),
		cmocka_unit_test(luhn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

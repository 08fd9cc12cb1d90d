#include "scan/loose64.h"
#include "scan/validators.h"

static int digit32(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	return -1;
}

#define ACCOUNTS UINT64_C(1000000000000)

enum validity validate_aws_key_id(struct span s)
{
	uint64_t head = 0;
	size_t i;

	if (s.n != 20)
		return VALIDITY_BAD;
	for (i = 4; i < s.n; i++) {
		int v = digit32(s.p[i]);

		if (v < 0)
			return VALIDITY_BAD;
		if (i < 13)
			head = head << 5 | (unsigned)v;
	}
	/* 45 bits: the mark, the account, four more. */
	if (head >> 44 && (head >> 4 & 0xffffffffff) >= ACCOUNTS)
		return VALIDITY_BAD;
	return VALIDITY_FORM;
}

enum validity validate_aws_bedrock(struct span s)
{
	struct buf text = BUF_INIT(LOOSE64_MAX);
	bool yes;

	yes = loose64(span_from(s, 4), &text) &&
		span_starts(buf_all(&text), SPAN_LIT("BedrockAPIKey-"));
	buf_wipe(&text);
	return yes ? VALIDITY_FORM : VALIDITY_BAD;
}

#define SNOWFLAKE_EPOCH UINT64_C(1420070400) /* 2015-01-01 */
#define CLOCK_ERROR 86400

/* An id of 17 to 19 digits that was given out before ${now}. */
static bool snowflake(struct span s, int64_t now)
{
	uint64_t id = 0, when;
	size_t i;

	if (s.n < 17 || s.n > 19)
		return false;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		id = id * 10 + (uint64_t)(s.p[i] - '0');
	}
	when = (id >> 22) / 1000 + SNOWFLAKE_EPOCH;
	return now >= 0 && when <= (uint64_t)now + CLOCK_ERROR;
}

enum validity validate_discord(struct span s, int64_t now)
{
	struct buf id = BUF_INIT(LOOSE64_MAX);
	size_t dot = span_find(s, '.');
	bool yes;

	yes = dot != SIZE_MAX && loose64(span_sub(s, 0, dot), &id) &&
		snowflake(buf_all(&id), now);
	buf_wipe(&id);
	return yes ? VALIDITY_FORM : VALIDITY_BAD;
}

enum validity validate_basic_auth(struct span s)
{
	struct buf text = BUF_INIT(LOOSE64_MAX);
	enum validity v = VALIDITY_BAD;
	size_t i;

	if (loose64(s, &text) && span_find(buf_all(&text), ':') != SIZE_MAX) {
		for (i = 0; i < text.n; i++) {
			if (text.p[i] < ' ' || text.p[i] == 0x7f)
				break;
		}
		if (i == text.n)
			v = VALIDITY_FORM;
		if (v == VALIDITY_FORM &&
			validate_login(buf_all(&text)) == VALIDITY_SAMPLE)
			v = VALIDITY_SAMPLE;
	}
	buf_wipe(&text);
	return v;
}

enum validity validate_luhn(struct span s)
{
	unsigned sum = 0, n = 0;
	size_t i;

	for (i = s.n; i; i--) {
		unsigned char c = s.p[i - 1];
		unsigned v = (unsigned)(c - '0');

		if (c == ' ' || c == '-')
			continue;
		if (c < '0' || c > '9')
			return VALIDITY_OTHER;
		if (n++ % 2)
			v = v > 4 ? 2 * v - 9 : 2 * v;
		sum += v;
	}
	return n >= 13 && n <= 19 && sum % 10 == 0 ? VALIDITY_FORM
						   : VALIDITY_OTHER;
}

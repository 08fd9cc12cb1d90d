#include "scan/validators.h"

uint32_t crc32_of(struct span s)
{
	uint32_t crc = 0xffffffff;
	size_t i;
	int bit;

	for (i = 0; i < s.n; i++) {
		crc ^= s.p[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* The digits of zero to 36 and, in another order of cases, to 62. */
static const char base36[] = "0123456789abcdefghijklmnopqrstuvwxyz";
static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz";

/* Whether ${s} is ${v}, most significant digit first, with leading zeros. */
static enum validity is_number(
	struct span s, uint32_t v, const char *digits, unsigned base)
{
	size_t i;

	for (i = s.n; i; i--, v /= base) {
		if (s.p[i - 1] != (unsigned char)digits[v % base])
			return VALIDITY_BAD;
	}
	return v ? VALIDITY_BAD : VALIDITY_PROVEN;
}

/* What follows the first underscore, or nothing. */
static struct span after_prefix(struct span s)
{
	size_t at = span_find(s, '_');

	return at == SIZE_MAX ? SPAN_EMPTY : span_from(s, at + 1);
}

enum validity validate_crc_base62(struct span s)
{
	struct span body = after_prefix(s);

	if (body.n < 7)
		return VALIDITY_BAD;
	return is_number(span_from(body, body.n - 6),
		crc32_of(span_sub(body, 0, body.n - 6)), base62, 62);
}

enum validity validate_crc_base36(struct span s)
{
	if (s.n < 8)
		return VALIDITY_BAD;
	return is_number(span_from(s, s.n - 7),
		crc32_of(span_sub(s, 0, s.n - 7)), base36, 36);
}

static enum validity is_hex(struct span s, uint32_t v)
{
	return is_number(s, v, base36, 16);
}

enum validity validate_crc_hex_upper(struct span s)
{
	char want[9];

	if (s.n < 9)
		return VALIDITY_BAD;
	snprintf(want, sizeof(want), "%08X", crc32_of(span_sub(s, 0, s.n - 8)));
	return span_is(span_from(s, s.n - 8), want) ? VALIDITY_PROVEN
						    : VALIDITY_BAD;
}

enum validity validate_crc_hex_body(struct span s)
{
	struct span body = after_prefix(s);

	if (body.n < 10 || body.p[body.n - 9] != '_')
		return VALIDITY_BAD;
	return is_hex(span_from(body, body.n - 8),
		crc32_of(span_sub(body, 0, body.n - 9)));
}

static uint32_t swapped(uint32_t v)
{
	return v >> 24 | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) | v << 24;
}

enum validity validate_crc_hex_little(struct span s)
{
	if (s.n < 10 || s.p[s.n - 9] != '_')
		return VALIDITY_BAD;
	return is_hex(span_from(s, s.n - 8),
		swapped(crc32_of(span_sub(s, 0, s.n - 9))));
}

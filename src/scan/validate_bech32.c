#include "base/text.h"
#include "scan/validators.h"

/* BIP 173: the checksum over the human-readable part and the data is 1. */
static uint32_t bech32_step(uint32_t sum, unsigned v)
{
	static const uint32_t gen[5] = {
		0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
	uint32_t top = sum >> 25;
	int i;

	sum = (sum & 0x1ffffff) << 5 ^ v;
	for (i = 0; i < 5; i++)
		sum ^= top >> i & 1 ? gen[i] : 0;
	return sum;
}

/* Small and capital letters mixed are no bech32. */
static bool one_case(struct span s)
{
	bool lower = false, upper = false;
	size_t i;

	for (i = 0; i < s.n; i++) {
		lower |= s.p[i] >= 'a' && s.p[i] <= 'z';
		upper |= s.p[i] >= 'A' && s.p[i] <= 'Z';
	}
	return !lower || !upper;
}

enum validity validate_bech32(struct span s)
{
	const struct span digits = SPAN_LIT("qpzry9x8gf2tvdw0s3jn54khce6mua7l");
	uint32_t sum = 1;
	size_t i, one = SIZE_MAX;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '1')
			one = i;
	}
	if (one == SIZE_MAX || s.n - one < 7 || !one_case(s))
		return VALIDITY_BAD;
	for (i = 0; i < one; i++)
		sum = bech32_step(sum, text_lower(s.p[i]) >> 5);
	sum = bech32_step(sum, 0);
	for (i = 0; i < one; i++)
		sum = bech32_step(sum, text_lower(s.p[i]) & 31);
	for (i = one + 1; i < s.n; i++) {
		size_t v = span_find(digits, text_lower(s.p[i]));

		if (v == SIZE_MAX)
			return VALIDITY_BAD;
		sum = bech32_step(sum, (unsigned)v);
	}
	return sum == 1 ? VALIDITY_PROVEN : VALIDITY_BAD;
}

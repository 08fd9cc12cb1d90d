/*
 * The first byte picks the check, the rest is the token. A token that is proven
 * by check digits is not any more with its last character changed.
 */
#include "base/buf.h"
#include "scan/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool by_digits(enum validator v)
{
	return v >= VALIDATOR_CRC32_BASE62 && v <= VALIDATOR_BECH32;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const int64_t now = 1700000000;
	struct buf token = BUF_INIT((size_t)1 << 24);
	enum validator which;

	if (!n)
		return 0;
	which = (enum validator)(data[0] % (VALIDATOR_CHANCE + 1));
	buf_add(&token, data + 1, n - 1);
	if (validate(which, buf_all(&token), now) == VALIDITY_PROVEN &&
		by_digits(which)) {
		token.p[token.n - 1] ^= 1;
		if (validate(which, buf_all(&token), now) == VALIDITY_PROVEN)
			abort();
	}
	buf_free(&token);
	return 0;
}

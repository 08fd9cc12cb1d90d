/*
 * The functions that stand apart from libcrypto's providers: looking up the
 * first algorithm there takes 1 ms, and having them in the program at all costs
 * as much again in relocations; every push would pay that twice.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "port/crypto.h"

#include <openssl/sha.h>

struct sha256 {
	SHA256_CTX ctx;
};

struct sha256 *sha256_new(void)
{
	struct sha256 *h = calloc(1, sizeof(*h));

	if (!h)
		die("out of memory");
	if (SHA256_Init(&h->ctx) != 1)
		die("libcrypto: SHA-256 cannot start");
	return h;
}

void sha256_add(struct sha256 *h, struct span s)
{
	if (s.n && SHA256_Update(&h->ctx, s.p, s.n) != 1)
		die("libcrypto: SHA-256 failed");
}

void sha256_end(struct sha256 *h, unsigned char out[SHA256_LEN])
{
	if (SHA256_Final(out, &h->ctx) != 1)
		die("libcrypto: SHA-256 failed");
	sha256_free(h);
}

void sha256_free(struct sha256 *h)
{
	free(h);
}

void sha256_of(struct span s, unsigned char out[SHA256_LEN])
{
	SHA256_CTX ctx;

	if (SHA256_Init(&ctx) != 1 ||
		(s.n && SHA256_Update(&ctx, s.p, s.n) != 1) ||
		SHA256_Final(out, &ctx) != 1)
		die("libcrypto: SHA-256 failed");
}

char *sha256_hex(struct span s, char out[SHA256_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char sum[SHA256_LEN];
	size_t i;

	sha256_of(s, sum);
	for (i = 0; i < SHA256_LEN; i++) {
		out[2 * i] = digits[sum[i] >> 4];
		out[2 * i + 1] = digits[sum[i] & 15];
	}
	out[2 * i] = '\0';
	return out;
}

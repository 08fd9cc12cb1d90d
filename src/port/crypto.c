/*
 * The digest functions that stand apart from libcrypto's providers: looking up
 * the first algorithm there takes 1 ms, which three processes of every push
 * would pay.
 */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "port/crypto.h"

#include <pthread.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

struct sha256 {
	SHA256_CTX ctx;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void lib_start(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG |
			OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
		NULL);
}

static void lib_once(void)
{
	if (pthread_once(&once, lib_start))
		die("libcrypto: cannot start");
}

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
	unsigned char sum[SHA256_LEN];
	size_t i;

	sha256_of(s, sum);
	for (i = 0; i < SHA256_LEN; i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
	return out;
}

void hmac_sha256(struct span key, struct span s, unsigned char out[SHA256_LEN])
{
	char digest[] = "SHA256";
	OSSL_PARAM params[2] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac;
	EVP_MAC_CTX *ctx = NULL;
	size_t n = 0;

	lib_once();
	mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (mac)
		ctx = EVP_MAC_CTX_new(mac);
	if (!ctx ||
		EVP_MAC_init(ctx, key.n ? key.p : (const unsigned char *)"",
			key.n, params) != 1 ||
		(s.n && EVP_MAC_update(ctx, s.p, s.n) != 1) ||
		EVP_MAC_final(ctx, out, &n, SHA256_LEN) != 1 || n != SHA256_LEN)
		die("libcrypto: HMAC-SHA-256 failed");
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
}

int crypto_random(unsigned char *out, size_t n, struct err *err)
{
	lib_once();
	if (n > INT32_MAX || RAND_priv_bytes(out, (int)n) != 1)
		return err_set(
			err, ERR_CRYPTO, "libcrypto gives no random bytes");
	return 0;
}

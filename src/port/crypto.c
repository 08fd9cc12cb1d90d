#include "port/crypto.h"

#include <pthread.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

struct sha256 {
	EVP_MD_CTX *ctx;
};

/* Looking an algorithm up by name costs more than hashing a tree node. */
static EVP_MD *md;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void lib_start(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG |
			OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
		NULL);
	md = EVP_MD_fetch(NULL, "SHA256", NULL);
	if (!md)
		die("libcrypto: no SHA-256");
}

static void lib_once(void)
{
	if (pthread_once(&once, lib_start))
		die("libcrypto: cannot start");
}

struct sha256 *sha256_new(void)
{
	struct sha256 *h = calloc(1, sizeof(*h));

	lib_once();
	if (!h)
		die("out of memory");
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx || EVP_DigestInit_ex2(h->ctx, md, NULL) != 1)
		die("libcrypto: SHA-256 cannot start");
	return h;
}

void sha256_add(struct sha256 *h, struct span s)
{
	if (s.n && EVP_DigestUpdate(h->ctx, s.p, s.n) != 1)
		die("libcrypto: SHA-256 failed");
}

void sha256_end(struct sha256 *h, unsigned char out[SHA256_LEN])
{
	unsigned n = 0;

	if (EVP_DigestFinal_ex(h->ctx, out, &n) != 1 || n != SHA256_LEN)
		die("libcrypto: SHA-256 failed");
	sha256_free(h);
}

void sha256_free(struct sha256 *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void sha256_of(struct span s, unsigned char out[SHA256_LEN])
{
	unsigned n = 0;

	lib_once();
	if (EVP_Digest(s.n ? s.p : (const void *)"", s.n, out, &n, md, NULL) !=
			1 ||
		n != SHA256_LEN)
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

int ed25519_public(const unsigned char seed[ED25519_SEED],
	unsigned char out[ED25519_PUBLIC], struct err *err)
{
	size_t n = ED25519_PUBLIC;
	EVP_PKEY *key;
	int ret = -1;

	memset(out, 0, ED25519_PUBLIC);
	lib_once();
	key = EVP_PKEY_new_raw_private_key(
		EVP_PKEY_ED25519, NULL, seed, ED25519_SEED);
	if (!key || EVP_PKEY_get_raw_public_key(key, out, &n) != 1 ||
		n != ED25519_PUBLIC) {
		err_set(err, ERR_CRYPTO,
			"libcrypto cannot make an Ed25519 key");
		goto out;
	}
	ret = 0;
out:
	EVP_PKEY_free(key);
	return ret;
}

int ed25519_sign(const unsigned char seed[ED25519_SEED], struct span s,
	unsigned char out[ED25519_SIG], struct err *err)
{
	size_t n = ED25519_SIG;
	EVP_MD_CTX *ctx = NULL;
	EVP_PKEY *key;
	int ret = -1;

	memset(out, 0, ED25519_SIG);
	lib_once();
	key = EVP_PKEY_new_raw_private_key(
		EVP_PKEY_ED25519, NULL, seed, ED25519_SEED);
	if (key)
		ctx = EVP_MD_CTX_new();
	if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
		EVP_DigestSign(ctx, out, &n, s.p, s.n) != 1 ||
		n != ED25519_SIG) {
		err_set(err, ERR_CRYPTO, "libcrypto cannot sign with Ed25519");
		goto out;
	}
	ret = 0;
out:
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ret;
}

enum ed25519_verdict ed25519_verify(
	const unsigned char key[ED25519_PUBLIC], struct span s, struct span sig)
{
	enum ed25519_verdict verdict = ED25519_BAD;
	EVP_MD_CTX *ctx = NULL;
	EVP_PKEY *pkey = NULL;

	if (sig.n != ED25519_SIG)
		return ED25519_BAD;
	lib_once();
	pkey = EVP_PKEY_new_raw_public_key(
		EVP_PKEY_ED25519, NULL, key, ED25519_PUBLIC);
	if (pkey)
		ctx = EVP_MD_CTX_new();
	if (ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
		EVP_DigestVerify(ctx, sig.p, sig.n, s.p, s.n) == 1)
		verdict = ED25519_GOOD;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return verdict;
}

int crypto_random(unsigned char *out, size_t n, struct err *err)
{
	lib_once();
	if (n > INT32_MAX || RAND_priv_bytes(out, (int)n) != 1)
		return err_set(
			err, ERR_CRYPTO, "libcrypto gives no random bytes");
	return 0;
}

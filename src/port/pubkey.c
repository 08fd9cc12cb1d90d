#define OPENSSL_SUPPRESS_DEPRECATED

#include "port/pubkey.h"

#include <pthread.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "port/sodium.h"

#define RSA_BYTES_MAX 2048

static const char *const hash_names[] = {
	[PUBKEY_SHA1] = "SHA1",
	[PUBKEY_SHA224] = "SHA224",
	[PUBKEY_SHA256] = "SHA256",
	[PUBKEY_SHA384] = "SHA384",
	[PUBKEY_SHA512] = "SHA512",
};

/* Looked up once: a look-up costs more than hashing a small object. */
static EVP_MD *md[ARRAY_LEN(hash_names)];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* No configuration file: no variable may load a module into the judge. */
static void lib_start(void)
{
	size_t i;

	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG |
			OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
		NULL);
	for (i = 0; i < ARRAY_LEN(md); i++) {
		md[i] = EVP_MD_fetch(NULL, hash_names[i], NULL);
		if (!md[i])
			die("libcrypto: no %s", hash_names[i]);
	}
}

static void lib_once(void)
{
	if (pthread_once(&once, lib_start))
		die("libcrypto: cannot start");
}

/* Past the providers, as in crypto.c. SHA-224 is SHA-256 from another start
 * and cut short, SHA-384 likewise; their contexts are the same. */
#define DIGEST(name, ctx)                                            \
	do {                                                         \
		ok = name##_Init(&ctx) == 1;                         \
		for (i = 0; ok && i < n; i++)                        \
			if (parts[i].n)                              \
				ok = name##_Update(&ctx, parts[i].p, \
					     parts[i].n) == 1;       \
		ok = ok && name##_Final(out, &ctx) == 1;             \
		len = name##_DIGEST_LENGTH;                          \
	} while (0)
#define SHA1_DIGEST_LENGTH SHA_DIGEST_LENGTH

size_t pubkey_digest(enum pubkey_hash h, const struct span *parts, size_t n,
	unsigned char out[PUBKEY_HASH_MAX])
{
	union {
		SHA_CTX sha1;
		SHA256_CTX sha256;
		SHA512_CTX sha512;
	} c;
	bool ok = false;
	size_t i, len = 0;

	switch (h) {
	case PUBKEY_SHA1:
		DIGEST(SHA1, c.sha1);
		break;
	case PUBKEY_SHA224:
		DIGEST(SHA224, c.sha256);
		break;
	case PUBKEY_SHA256:
		DIGEST(SHA256, c.sha256);
		break;
	case PUBKEY_SHA384:
		DIGEST(SHA384, c.sha512);
		break;
	case PUBKEY_SHA512:
		DIGEST(SHA512, c.sha512);
		break;
	}
	if (!ok)
		die("libcrypto: %s failed", hash_names[h]);
	return len;
}

enum pubkey_verdict pubkey_ed25519(
	struct span point, struct span data, struct span sig)
{
	if (point.n != ED25519_PUBLIC ||
		ed25519_verify(point.p, data, sig) != ED25519_GOOD)
		return PUBKEY_BAD;
	return PUBKEY_GOOD;
}

static EVP_PKEY *key_from(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* ${h}: what RSA's padding names; NULL for the curves, which do not care. */
static enum pubkey_verdict verify(EVP_PKEY *key, const EVP_MD *h,
	struct span digest, const unsigned char *sig, size_t nsig)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	enum pubkey_verdict verdict = PUBKEY_BAD;

	if (!ctx)
		die("out of memory");
	if (EVP_PKEY_verify_init(ctx) == 1 &&
		(!h ||
			(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) ==
					1 &&
				EVP_PKEY_CTX_set_signature_md(ctx, h) == 1)) &&
		EVP_PKEY_verify(ctx, sig, nsig, digest.p, digest.n) == 1)
		verdict = PUBKEY_GOOD;
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return verdict;
}

enum pubkey_verdict pubkey_ecdsa(enum pubkey_curve curve, struct span point,
	struct span digest, struct span r, struct span s)
{
	static const char *const group[] = {
		[PUBKEY_P256] = "prime256v1",
		[PUBKEY_P384] = "secp384r1",
		[PUBKEY_P521] = "secp521r1",
	};
	enum pubkey_verdict verdict = PUBKEY_BAD;
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *br = BN_bin2bn(r.p, (int)r.n, NULL);
	BIGNUM *bs = BN_bin2bn(s.p, (int)s.n, NULL);
	EVP_PKEY *key = NULL;
	unsigned char *der = NULL;
	int nder;

	lib_once();
	if (!bld || !sig || !br || !bs)
		die("out of memory");
	ECDSA_SIG_set0(sig, br, bs);
	if (OSSL_PARAM_BLD_push_utf8_string(
		    bld, OSSL_PKEY_PARAM_GROUP_NAME, group[curve], 0) != 1 ||
		OSSL_PARAM_BLD_push_octet_string(
			bld, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n) != 1)
		goto out;
	params = OSSL_PARAM_BLD_to_param(bld);
	key = params ? key_from("EC", params) : NULL;
	nder = i2d_ECDSA_SIG(sig, &der);
	if (key && nder > 0)
		verdict = verify(key, NULL, digest, der, (size_t)nder);
out:
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	ECDSA_SIG_free(sig);
	ERR_clear_error();
	return verdict;
}

enum pubkey_verdict pubkey_rsa(enum pubkey_hash h, struct span e, struct span n,
	struct span digest, struct span sig)
{
	enum pubkey_verdict verdict = PUBKEY_BAD;
	unsigned char padded[RSA_BYTES_MAX] = {0};
	OSSL_PARAM_BLD *bld;
	OSSL_PARAM *params = NULL;
	BIGNUM *be, *bn;
	EVP_PKEY *key = NULL;

	if (n.n > sizeof(padded) || sig.n > n.n)
		return PUBKEY_BAD;
	if (sig.n)
		memcpy(padded + (n.n - sig.n), sig.p, sig.n);
	lib_once();
	bld = OSSL_PARAM_BLD_new();
	be = BN_bin2bn(e.p, (int)e.n, NULL);
	bn = BN_bin2bn(n.p, (int)n.n, NULL);
	if (!bld || !be || !bn)
		die("out of memory");
	if (OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, bn) != 1 ||
		OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, be) != 1)
		goto out;
	params = OSSL_PARAM_BLD_to_param(bld);
	key = params ? key_from("RSA", params) : NULL;
	if (key)
		verdict = verify(key, md[h], digest, padded, n.n);
out:
	EVP_PKEY_free(key);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	BN_free(be);
	BN_free(bn);
	ERR_clear_error();
	return verdict;
}

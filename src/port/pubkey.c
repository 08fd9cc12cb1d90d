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

/*
 * Keys that were made ready before: in a push of thousands of commits the same
 * few come again and again, and to make one takes longer than to verify with
 * it. Found by the digest of all that makes the key; one that comes to a place
 * puts out what was there.
 */
#define READY_MAX 64
#define NAME_BYTES 32

struct ready {
	unsigned char name[NAME_BYTES];
	EVP_PKEY *key;
};

static struct ready ready[READY_MAX];
static pthread_mutex_t ready_lock = PTHREAD_MUTEX_INITIALIZER;

static void key_name(const char *kind, struct span one, struct span two,
	unsigned char out[PUBKEY_HASH_MAX])
{
	const uint64_t n = one.n;
	const struct span parts[] = {span_of(kind, strlen(kind) + 1),
		span_of(&n, sizeof(n)), one, two};

	pubkey_digest(PUBKEY_SHA256, parts, ARRAY_LEN(parts), out);
}

static EVP_PKEY *ready_find(const unsigned char *name)
{
	struct ready *r = &ready[name[0] % READY_MAX];
	EVP_PKEY *key = NULL;

	pthread_mutex_lock(&ready_lock);
	if (r->key && !memcmp(r->name, name, NAME_BYTES) &&
		EVP_PKEY_up_ref(r->key) == 1)
		key = r->key;
	pthread_mutex_unlock(&ready_lock);
	return key;
}

static void ready_keep(const unsigned char *name, EVP_PKEY *key)
{
	struct ready *r = &ready[name[0] % READY_MAX];

	if (EVP_PKEY_up_ref(key) != 1)
		return;
	pthread_mutex_lock(&ready_lock);
	EVP_PKEY_free(r->key);
	memcpy(r->name, name, NAME_BYTES);
	r->key = key;
	pthread_mutex_unlock(&ready_lock);
}

static EVP_PKEY *key_from(const char *type, OSSL_PARAM_BLD *bld)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (!params || !ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

static EVP_PKEY *curve_key(const char *group, struct span point)
{
	unsigned char name[PUBKEY_HASH_MAX];
	OSSL_PARAM_BLD *bld;
	EVP_PKEY *key;

	key_name(group, point, SPAN_EMPTY, name);
	key = ready_find(name);
	if (key)
		return key;
	bld = OSSL_PARAM_BLD_new();
	if (!bld)
		die("out of memory");
	if (OSSL_PARAM_BLD_push_utf8_string(
		    bld, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
		OSSL_PARAM_BLD_push_octet_string(
			bld, OSSL_PKEY_PARAM_PUB_KEY, point.p, point.n) == 1)
		key = key_from("EC", bld);
	if (key)
		ready_keep(name, key);
	OSSL_PARAM_BLD_free(bld);
	return key;
}

static EVP_PKEY *rsa_key(struct span e, struct span n)
{
	unsigned char name[PUBKEY_HASH_MAX];
	OSSL_PARAM_BLD *bld;
	BIGNUM *be, *bn;
	EVP_PKEY *key;

	key_name("RSA", e, n, name);
	key = ready_find(name);
	if (key)
		return key;
	bld = OSSL_PARAM_BLD_new();
	be = BN_bin2bn(e.p, (int)e.n, NULL);
	bn = BN_bin2bn(n.p, (int)n.n, NULL);
	if (!bld || !be || !bn)
		die("out of memory");
	if (OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, bn) == 1 &&
		OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, be) == 1)
		key = key_from("RSA", bld);
	if (key)
		ready_keep(name, key);
	OSSL_PARAM_BLD_free(bld);
	BN_free(be);
	BN_free(bn);
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
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *br = BN_bin2bn(r.p, (int)r.n, NULL);
	BIGNUM *bs = BN_bin2bn(s.p, (int)s.n, NULL);
	EVP_PKEY *key;
	unsigned char *der = NULL;
	int nder;

	lib_once();
	if (!sig || !br || !bs)
		die("out of memory");
	ECDSA_SIG_set0(sig, br, bs);
	key = curve_key(group[curve], point);
	nder = i2d_ECDSA_SIG(sig, &der);
	if (key && nder > 0)
		verdict = verify(key, NULL, digest, der, (size_t)nder);
	OPENSSL_free(der);
	EVP_PKEY_free(key);
	ECDSA_SIG_free(sig);
	ERR_clear_error();
	return verdict;
}

enum pubkey_verdict pubkey_rsa(enum pubkey_hash h, struct span e, struct span n,
	struct span digest, struct span sig)
{
	enum pubkey_verdict verdict = PUBKEY_BAD;
	unsigned char padded[RSA_BYTES_MAX] = {0};
	EVP_PKEY *key;

	if (n.n > sizeof(padded) || sig.n > n.n)
		return PUBKEY_BAD;
	if (sig.n)
		memcpy(padded + (n.n - sig.n), sig.p, sig.n);
	lib_once();
	key = rsa_key(e, n);
	if (key)
		verdict = verify(key, md[h], digest, padded, n.n);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return verdict;
}

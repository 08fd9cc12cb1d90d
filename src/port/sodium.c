#include "port/sodium.h"

#include <sodium.h>

/* The library's secret key is the seed and the public key. */
static int pair(const unsigned char seed[ED25519_SEED],
	unsigned char public[ED25519_PUBLIC],
	unsigned char secret[crypto_sign_SECRETKEYBYTES], struct err *err)
{
	if (sodium_init() < 0 || crypto_sign_seed_keypair(public, secret, seed))
		return err_set(err, ERR_CRYPTO,
			"libsodium cannot make an Ed25519 key");
	return 0;
}

int ed25519_public(const unsigned char seed[ED25519_SEED],
	unsigned char out[ED25519_PUBLIC], struct err *err)
{
	unsigned char secret[crypto_sign_SECRETKEYBYTES];
	int ret;

	memset(out, 0, ED25519_PUBLIC);
	ret = pair(seed, out, secret, err);
	explicit_bzero(secret, sizeof(secret));
	return ret;
}

int ed25519_sign(const unsigned char seed[ED25519_SEED], struct span s,
	unsigned char out[ED25519_SIG], struct err *err)
{
	unsigned char public[ED25519_PUBLIC];
	unsigned char secret[crypto_sign_SECRETKEYBYTES];
	int ret = -1;

	memset(out, 0, ED25519_SIG);
	if (pair(seed, public, secret, err))
		goto out;
	if (crypto_sign_detached(out, NULL, s.p, s.n, secret)) {
		err_set(err, ERR_CRYPTO, "libsodium cannot sign with Ed25519");
		goto out;
	}
	ret = 0;
out:
	explicit_bzero(secret, sizeof(secret));
	return ret;
}

enum ed25519_verdict ed25519_verify(
	const unsigned char key[ED25519_PUBLIC], struct span s, struct span sig)
{
	if (sig.n != ED25519_SIG || sodium_init() < 0)
		return ED25519_BAD;
	if (crypto_sign_verify_detached(sig.p, s.p, s.n, key))
		return ED25519_BAD;
	return ED25519_GOOD;
}

static int seal_key(const struct seal *s,
	unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES],
	struct err *err)
{
	if (sodium_init() < 0 ||
		crypto_pwhash(key, crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
			(const char *)s->passphrase.p, s->passphrase.n, s->salt,
			s->passes, (size_t)s->kib * 1024,
			crypto_pwhash_ALG_ARGON2ID13))
		return err_set(err, ERR_CRYPTO,
			"Argon2id failed: there may be no %llu KiB of memory "
			"for it",
			(unsigned long long)s->kib);
	return 0;
}

int seal_close(const struct seal *s, const unsigned char *secret, size_t n,
	unsigned char *sealed, struct err *err)
{
	unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
	int ret = seal_key(s, key, err);

	if (!ret &&
		crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, secret,
			n, s->head.p, s->head.n, NULL, s->nonce, key))
		ret = err_set(err, ERR_CRYPTO, "libsodium cannot encrypt");
	sodium_memzero(key, sizeof(key));
	return ret;
}

int seal_open(const struct seal *s, const unsigned char *sealed,
	unsigned char *secret, size_t n, struct err *err)
{
	unsigned char key[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
	int ret = seal_key(s, key, err);

	if (!ret &&
		crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL,
			sealed, n + SEAL_LEN, s->head.p, s->head.n, s->nonce,
			key))
		ret = err_set(err, ERR_CRYPTO,
			"the passphrase is another, or it was changed");
	if (ret)
		sodium_memzero(secret, n);
	sodium_memzero(key, sizeof(key));
	return ret;
}

void hmac_sha256(struct span key, struct span s, unsigned char out[HMAC_LEN])
{
	crypto_auth_hmacsha256_state st;

	if (crypto_auth_hmacsha256_init(&st, key.p, key.n) ||
		crypto_auth_hmacsha256_update(&st, s.p, s.n) ||
		crypto_auth_hmacsha256_final(&st, out))
		die("libsodium: HMAC-SHA-256 failed");
	sodium_memzero(&st, sizeof(st));
}

void random_bytes(unsigned char *out, size_t n)
{
	if (sodium_init() < 0)
		die("libsodium: no random bytes");
	randombytes_buf(out, n);
}

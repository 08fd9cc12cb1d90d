/*
 * Hashes and the log's signature, from libcrypto: SHA-256, HMAC-SHA-256,
 * Ed25519 (RFC 8032, pure) and random bytes. libcrypto's configuration file is
 * not read, so that no environment variable loads a module into a process that
 * holds a key.
 */
#ifndef PORT_CRYPTO_H
#define PORT_CRYPTO_H

#include "base/err.h"
#include "base/span.h"

#define SHA256_LEN 32
#define SHA256_HEX 64

/* sha256_of(s, out): of all the bytes at once. A library that cannot hash is a
 * broken installation: it dies. */
void sha256_of(struct span s, unsigned char out[SHA256_LEN]);
/* sha256_hex(s, out): the same as 64 lower-case digits and a NUL. */
char *sha256_hex(struct span s, char out[SHA256_HEX + 1]);

/* The same for bytes that come in pieces. sha256_end also frees. */
struct sha256;
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *h, struct span s);
void sha256_end(struct sha256 *h, unsigned char out[SHA256_LEN]);
void sha256_free(struct sha256 *h); /* abandoned half-way; NULL is fine */

void hmac_sha256(struct span key, struct span s, unsigned char out[SHA256_LEN]);

#define ED25519_SEED 32
#define ED25519_PUBLIC 32
#define ED25519_SIG 64

/* The secret half is the 32-byte seed of RFC 8032; callers wipe it. */
MUST_USE int ed25519_public(const unsigned char seed[ED25519_SEED],
	unsigned char out[ED25519_PUBLIC], struct err *err);
MUST_USE int ed25519_sign(const unsigned char seed[ED25519_SEED], struct span s,
	unsigned char out[ED25519_SIG], struct err *err);

/* Zero refuses. */
enum ed25519_verdict {
	ED25519_BAD,
	ED25519_GOOD,
};
/* ed25519_verify(public, s, sig): BAD also when it could not be checked. */
MUST_USE enum ed25519_verdict ed25519_verify(
	const unsigned char key[ED25519_PUBLIC], struct span s,
	struct span sig);

/* crypto_random(out, n, err): from the library's generator, for secrets. */
MUST_USE int crypto_random(unsigned char *out, size_t n, struct err *err);

#endif

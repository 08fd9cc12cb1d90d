/*
 * What is done with keys of the gate's own, from libsodium: Ed25519 (RFC 8032,
 * pure), which is SSH's as well; HMAC-SHA-256 (RFC 2104); a key under a
 * passphrase (Argon2id, XChaCha20-Poly1305); random bytes. It is
 * ready at once, where libcrypto takes 1.7 ms to find its own Ed25519; and it
 * refuses what RFC 8032 lets verifiers accept: keys and R of small order,
 * encodings that are not canonical.
 */
#ifndef PORT_SODIUM_H
#define PORT_SODIUM_H

#include "base/err.h"
#include "base/span.h"

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

/*
 * A secret of ${n} bytes under a passphrase: Argon2id of so many passes over so
 * many KiB, with a salt of 16 bytes, makes the key of XChaCha20-Poly1305, whose
 * nonce has 24 bytes; ${head} is authenticated as well.
 * seal_close writes n + SEAL_LEN bytes to ${sealed}. seal_open: -1 (ERR_CRYPTO)
 * also when the passphrase is another or anything was changed; ${secret} is
 * wiped then.
 */
#define SEAL_SALT 16
#define SEAL_NONCE 24
#define SEAL_LEN 16
struct seal {
	struct span passphrase, head;
	uint64_t passes, kib;
	const unsigned char *salt, *nonce;
};
MUST_USE int seal_close(const struct seal *s, const unsigned char *secret,
	size_t n, unsigned char *sealed, struct err *err);
MUST_USE int seal_open(const struct seal *s, const unsigned char *sealed,
	unsigned char *secret, size_t n, struct err *err);

#define HMAC_LEN 32
void hmac_sha256(struct span key, struct span s, unsigned char out[HMAC_LEN]);

/* random_bytes(out, n): from the system's generator, for secrets; dies without
 * one. */
void random_bytes(unsigned char *out, size_t n);

#endif

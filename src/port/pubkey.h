/*
 * Verifying with a public key of SSH's and OpenPGP's common kinds: Ed25519
 * (port/sodium.h), and from libcrypto ECDSA on the NIST curves and RSA (PKCS #1
 * version 1.5); and the hashes these need.
 * Numbers are big-endian without leading zeros. Nothing here decides whether a
 * key or a hash is good enough.
 */
#ifndef PORT_PUBKEY_H
#define PORT_PUBKEY_H

#include "base/err.h"
#include "base/span.h"

enum pubkey_hash {
	PUBKEY_SHA1, /* names of OpenPGP keys; nothing else */
	PUBKEY_SHA224,
	PUBKEY_SHA256,
	PUBKEY_SHA384,
	PUBKEY_SHA512,
};
#define PUBKEY_HASH_MAX 64

/* pubkey_digest(h, parts, n, out): over ${n} spans in a row; the length. A
 * library that cannot hash is a broken installation: it dies. */
size_t pubkey_digest(enum pubkey_hash h, const struct span *parts, size_t n,
	unsigned char out[PUBKEY_HASH_MAX]);

/* Zero refuses. A key or a signature that the library does not take is bad. */
enum pubkey_verdict {
	PUBKEY_BAD,
	PUBKEY_GOOD,
};

/* It hashes ${data} by itself; the others are given the hash. */
MUST_USE enum pubkey_verdict pubkey_ed25519(
	struct span point, struct span data, struct span sig);

enum pubkey_curve {
	PUBKEY_P256,
	PUBKEY_P384,
	PUBKEY_P521,
};
/* ${point}: uncompressed; it is checked to lie on the curve. Of a ${digest}
 * longer than the curve's order the first bits count. */
MUST_USE enum pubkey_verdict pubkey_ecdsa(enum pubkey_curve curve,
	struct span point, struct span digest, struct span r, struct span s);

/* ${digest}: of ${h}, which the signature names too. ${sig}: at most as long as
 * ${n}; shorter ones get zeros in front. */
MUST_USE enum pubkey_verdict pubkey_rsa(enum pubkey_hash h, struct span e,
	struct span n, struct span digest, struct span sig);

#endif

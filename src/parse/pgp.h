/*
 * OpenPGP packets, as far as the gate must know them before it hands bytes to
 * GnuPG: which key a signature claims and with which algorithms, and the names
 * (fingerprints) of the keys in a key file. RFC 4880; version 4 packets.
 */
#ifndef PARSE_PGP_H
#define PARSE_PGP_H

#include "base/arena.h"
#include "base/err.h"

#define PGP_FPR 20
#define PGP_KEYID 8 /* the last bytes of the fingerprint */

enum pgp_hash {
	PGP_MD5 = 1,
	PGP_SHA1 = 2,
	PGP_RIPEMD160 = 3,
	PGP_SHA256 = 8,
	PGP_SHA384 = 9,
	PGP_SHA512 = 10,
	PGP_SHA224 = 11,
};
/* pgp_hash_name(n): "SHA-1" …; NULL for a number that has no name here. */
const char *pgp_hash_name(unsigned n);
/* pgp_hash_weak(n): whether collisions are at hand, or nothing is known. */
bool pgp_hash_weak(unsigned n);

struct pgp_signature {
	unsigned version;
	unsigned type; /* 0: of bytes as they stand; 1: of text */
	unsigned key_algorithm, hash;
	struct span issuer;      /* fingerprint, or empty */
	struct span keyid;       /* empty when it names none */
	int64_t created;         /* 0 when it does not say */
	struct span signed_head; /* of the packet: what is hashed after the
				  * text, before the trailer */
	struct span hint;        /* the first two bytes of that hash */
};

/* The trailer of what is hashed (section 5.2.4). */
#define PGP_TRAILER 6
void pgp_trailer(
	const struct pgp_signature *sig, unsigned char out[PGP_TRAILER]);

/*
 * pgp_signature_read(s, out, err):
 * ${s} is exactly one signature packet; several, or any other packet before or
 * after it, is ERR_INPUT. Of a version other than 4 only the version is read.
 * The part of the packet that is not signed may only name the key, and only as
 * the signed part does; numbers must be in their shortest form and as many as
 * the algorithm has. So no bit of a good signature is without meaning.
 */
MUST_USE int pgp_signature_read(
	struct span s, struct pgp_signature *out, struct err *err);

/* A public key or subkey of a key file. */
struct pgp_key {
	bool primary;
	struct span body; /* of its packet: SHA-1 over 0x99, two bytes of
			   * length and this is the fingerprint */
	unsigned algorithm;
	unsigned bits; /* of the modulus for RSA and DSA, else 0 */
};

/*
 * pgp_keys_read(s, arena, out, n, err):
 * The keys in a sequence of certificates, armoured (one block or several) or
 * binary. A secret key, or a key that is not of version 4, is ERR_INPUT: the
 * first has no place in a policy, the second would silently never match. Other
 * packets are left to GnuPG. *${binary} gets the bytes without armour.
 */
MUST_USE int pgp_keys_read(struct span s, struct arena *arena,
	struct pgp_key **out, size_t *n, struct span *binary, struct err *err);

/* pgp_key_weak(k): too small a key for what it is, in words, or NULL. */
const char *pgp_key_weak(const struct pgp_key *k);

#endif

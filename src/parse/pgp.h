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
	bool common;             /* the signed part holds when it was made and
				  * by which key, each once, perhaps who the
				  * signer says to be and remarks; nothing
				  * critical, nothing that ends it */
	struct span number[2];   /* the signature proper, big-endian without
				  * zeros in front; RSA has one */
	size_t padded;           /* bytes that one had with zeros in front; 0:
				  * it was in its shortest form */
};

/* The trailer of what is hashed (section 5.2.4). */
#define PGP_TRAILER 6
void pgp_trailer(
	const struct pgp_signature *sig, unsigned char out[PGP_TRAILER]);

/*
 * pgp_signature_read(s, out, err):
 * ${s} is exactly one signature packet; several, or any other packet before or
 * after it, is ERR_INPUT. Of versions 2 and 3 it is read by what key they claim
 * to be and when, of others than these and 4 the version only.
 * The part of the packet that is not signed may only name the key, and only as
 * the signed part does; numbers must be in their shortest form (RSA's may be
 * ${padded}, and whoever knows the key says how far) and as many as the
 * algorithm has. So no bit of a good signature is without meaning.
 */
MUST_USE int pgp_signature_read(
	struct span s, struct pgp_signature *out, struct err *err);
/* pgp_signature_body(body, out, err): the same for what is in the packet. */
MUST_USE int pgp_signature_body(
	struct span body, struct pgp_signature *out, struct err *err);

/*
 * One packet, or one sub-packet of a signature, taken off ${s}. False when it
 * is cut or of a length that is not told: *${s} is undefined then.
 */
enum pgp_tag {
	PGP_TAG_SIGNATURE = 2,
	PGP_TAG_SECRET_KEY = 5,
	PGP_TAG_PUBLIC_KEY = 6,
	PGP_TAG_SECRET_SUBKEY = 7,
	PGP_TAG_PUBLIC_SUBKEY = 14,
};
enum pgp_sub {
	PGP_SUB_CREATED = 2,
	PGP_SUB_EXPIRES = 3,
	PGP_SUB_REVOKER = 12,
	PGP_SUB_KEYID = 16,
	PGP_SUB_NOTATION = 20,
	PGP_SUB_SIGNER = 28,
	PGP_SUB_REASON = 29,
	PGP_SUB_EMBEDDED = 32,
	PGP_SUB_ISSUER = 33,
};
struct pgp_subpacket {
	unsigned type;
	bool critical;
	struct span value;
};
MUST_USE bool pgp_packet_take(struct span *s, unsigned *tag, struct span *body);
MUST_USE bool pgp_subpacket_take(struct span *s, struct pgp_subpacket *out);
/* pgp_areas_take(rest, hashed, plain): the two rows of sub-packets, of which
 * the first is signed; ${rest} starts after the fourth byte of the packet. */
MUST_USE bool pgp_areas_take(
	struct span *rest, struct span *hashed, struct span *plain);
/* pgp_mpi_take(s, out): a number in its shortest form, not zero: its bytes. */
MUST_USE bool pgp_mpi_take(struct span *s, struct span *out);
/* pgp_number(p, n): ${n} bytes, at most 4, big-endian. */
uint32_t pgp_number(const unsigned char *p, size_t n);

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

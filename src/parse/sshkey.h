/*
 * SSH public keys in wire form (RFC 4253 section 6.6, RFC 5656, RFC 8709; of
 * security keys OpenSSH's PROTOCOL.u2f).
 */
#ifndef PARSE_SSHKEY_H
#define PARSE_SSHKEY_H

#include "base/err.h"
#include "base/span.h"
#include "parse/sshwire.h"

enum sshkey_type {
	SSHKEY_UNSUPPORTED,
	SSHKEY_ED25519,
	SSHKEY_P256, /* ECDSA on the NIST curves */
	SSHKEY_P384,
	SSHKEY_P521,
	SSHKEY_RSA,
	SSHKEY_SK_ED25519, /* in a security key, a FIDO token */
	SSHKEY_SK_P256,
};

struct sshkey {
	enum sshkey_type type;
	struct span name; /* "ssh-ed25519" … as it stands in the blob */
	struct span blob; /* the whole wire form; equal keys, equal bytes */
	struct span
		point;    /* Ed25519: 32 bytes; ECDSA: the uncompressed point */
	struct span e, n; /* RSA, without leading zeros */
	unsigned bits;    /* of an RSA modulus, else 0 */
	struct span application; /* of a security key, "ssh:" mostly; else
				  * empty */
};

#define SSHKEY_BLOB_MAX (16u * 1024)

/*
 * sshkey_read(blob, out, err):
 * Spans point into ${blob}. Keys of a kind that is not known here pass as
 * SSHKEY_UNSUPPORTED without being looked into; those that are known must be
 * whole, with nothing after them. RSA: 512 to 16,384 bits.
 */
MUST_USE int sshkey_read(struct span blob, struct sshkey *out, struct err *err);

/* sshkey_fields(w, name, out): what stands behind the name in the wire form of
 * a key of that kind, taken off ${w}; out->name is ${name} and out->blob empty.
 * False: unknown or damaged. */
MUST_USE bool sshkey_fields(
	struct sshwire *w, struct span name, struct sshkey *out);

/* sshkey_type_known(name): whether keys of that name are supported. */
bool sshkey_type_known(struct span name);

static inline bool sshkey_is_sk(const struct sshkey *key)
{
	return key->type == SSHKEY_SK_ED25519 || key->type == SSHKEY_SK_P256;
}

#endif

/*
 * SSH public keys: the wire format (RFC 4253 section 6.6, RFC 5656, RFC 8709)
 * and the lines of .pub and authorized_keys files.
 */
#ifndef PARSE_SSHKEY_H
#define PARSE_SSHKEY_H

#include "base/arena.h"
#include "base/err.h"

enum sshkey_type {
	SSHKEY_UNSUPPORTED, /* security keys, certificates, others */
	SSHKEY_ED25519,
	SSHKEY_P256, /* ECDSA on the NIST curves */
	SSHKEY_P384,
	SSHKEY_P521,
	SSHKEY_RSA,
};

struct sshkey {
	enum sshkey_type type;
	struct span name; /* "ssh-ed25519" … as it stands in the blob */
	struct span blob; /* the whole wire form; equal keys, equal bytes */
	struct span
		point;    /* Ed25519: 32 bytes; ECDSA: the uncompressed point */
	struct span e, n; /* RSA, without leading zeros */
	unsigned bits;    /* of an RSA modulus, else 0 */
	struct span comment; /* from a line; not signed by anybody */
};

#define SSHKEY_BLOB_MAX (16u * 1024)

/*
 * sshkey_read(blob, out, err):
 * Spans point into ${blob}. Keys of a kind that is not known here pass as
 * SSHKEY_UNSUPPORTED without being looked into; those that are known must be
 * whole, with nothing after them. RSA: 512 to 16,384 bits.
 */
MUST_USE int sshkey_read(struct span blob, struct sshkey *out, struct err *err);

/*
 * sshkey_file(text, arena, out, n, err):
 * Lines "type base64 comment"; empty lines and lines that start with '#' are
 * passed over. Options in front of the type (from authorized_keys or
 * allowed_signers) are refused: ignoring "valid-before" would widen trust. So
 * are a secret key, a type that is not the blob's, and a file without keys.
 */
MUST_USE int sshkey_file(struct span text, struct arena *arena,
	struct sshkey **out, size_t *n, struct err *err);

#endif

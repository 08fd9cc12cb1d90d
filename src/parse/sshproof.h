/*
 * A signature as SSH writes it (RFC 4253 section 6.6, RFC 5656, RFC 8332, RFC
 * 8709; of security keys OpenSSH's PROTOCOL.u2f): the name of its kind and its
 * numbers. It stands in what ssh-keygen -Y signs.
 */
#ifndef PARSE_SSHPROOF_H
#define PARSE_SSHPROOF_H

#include "parse/sshkey.h"

enum ssh_hash {
	SSH_HASH_NONE, /* Ed25519 hashes by itself */
	SSH_SHA1,      /* only ever of an RSA signature; refused as weak */
	SSH_SHA256,
	SSH_SHA384,
	SSH_SHA512,
};

struct sshproof {
	enum ssh_hash hash; /* of what is signed */
	struct span sig;    /* Ed25519: 64 bytes; RSA */
	struct span r, s;   /* ECDSA, without leading zeros */
	bool webauthn;      /* a browser's, over something else: unsupported */
	/* What a security key puts beside the message and signs. */
	unsigned char flags;
	uint32_t counter;
};

#define SSHPROOF_TOUCHED 1u  /* flags: somebody touched it */
#define SSHPROOF_VERIFIED 4u /* and showed who they are, by PIN or finger */

/* sshproof_read(blob, key, out): whether ${blob} is whole and of a kind that
 * ${key}, which is supported, can have made. Spans point into it. One with
 * ->webauthn has no numbers. */
MUST_USE bool sshproof_read(
	struct span blob, const struct sshkey *key, struct sshproof *out);

#endif

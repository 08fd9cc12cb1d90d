/*
 * OpenSSH signatures (PROTOCOL.sshsig): "SSHSIG", version 1, the signer's
 * public key, a namespace, a reserved string, the hash of the message and the
 * signature, which covers all of these but the key.
 */
#ifndef PARSE_SSHSIG_H
#define PARSE_SSHSIG_H

#include "base/buf.h"
#include "parse/sshcert.h"

struct sshsig {
	struct sshkey key;   /* that signed; see sshcert.h for its blob if */
	bool certified;      /* a certificate stands in the place of the key */
	struct sshcert cert; /* then */
	struct span space;   /* the namespace */
	enum ssh_hash message_hash; /* SHA-256 or SHA-512 */
	struct sshproof proof;
};

/*
 * sshsig_read(blob, out, err):
 * The decoded blob; spans point into it. Refused as ERR_INPUT: another version,
 * an empty namespace, a reserved string that is not empty (nothing is defined
 * for it and it is not signed), another message hash, a signature that does not
 * fit the key, a damaged certificate, anything left over. Keys of an
 * unsupported type pass with nothing but the key and the namespace.
 */
MUST_USE int sshsig_read(struct span blob, struct sshsig *out, struct err *err);

/* sshsig_signed(sig, hash, out): the bytes that the signature covers, for a
 * message of which ${hash} is the hash by sig->message_hash. */
void sshsig_signed(const struct sshsig *sig, struct span hash, struct buf *out);

#endif

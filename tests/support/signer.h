/*
 * A signer that is not gpg and not ssh-keygen: key, public key file and
 * signatures are put together here with libcrypto's arithmetic. Tens of
 * thousands of signatures take seconds, and what no tool makes any more, or not
 * yet, can be made too. The secret half is made when it runs and kept nowhere.
 */
#ifndef SUPPORT_SIGNER_H
#define SUPPORT_SIGNER_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/change.h"

enum signer_key {
	SIGNER_ED25519,
	SIGNER_RSA2048,
	SIGNER_P256,
};

struct signer {
	enum signature_kind kind; /* SIGNATURE_OPENPGP or SIGNATURE_SSH */
	enum signer_key type;
	void *secret;           /* an EVP_PKEY */
	struct span public;     /* OpenPGP: body of the key's packet; SSH:
				    * the key in wire form */
	unsigned char name[20]; /* OpenPGP: fingerprint */
	int64_t made;           /* seconds since 1970 */
};

void signer_make(struct signer *s, enum signature_kind kind,
	enum signer_key type, int64_t made, struct arena *arena);
void signer_free(struct signer *s);

/* signer_file(s, who, out): a policy's key file: an armoured certificate with
 * one name that the key signed, or a line "type base64 who". */
void signer_file(const struct signer *s, const char *who, struct buf *out);

/* signer_sign(s, text, at, out): adds the armoured signature that git puts into
 * an object, made at ${at}, of version 4 and with the sub-packets that GnuPG
 * 2.2 writes, or for the namespace "git". */
void signer_sign(
	const struct signer *s, struct span text, int64_t at, struct buf *out);

/* signer_sign_old(s, text, at, out): the same of version 3, as PGP 2 made and
 * GnuPG 2.2 still verifies; for OpenPGP and RSA. */
void signer_sign_old(
	const struct signer *s, struct span text, int64_t at, struct buf *out);

#endif

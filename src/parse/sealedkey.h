/*
 * A log's secret key under a passphrase. Five lines:
 *
 *	sluice encrypted key v1
 *	<verifier key>
 *	argon2id <passes> <KiB of memory>
 *	<base64 salt, 16 bytes>
 *	<base64 of a nonce of 24 bytes and what is sealed: the seed>
 *
 * Argon2id (RFC 9106, version 1.3, one lane) makes a key of 32 bytes from the
 * passphrase; XChaCha20-Poly1305 seals the seed with it. The four lines before
 * are authenticated with it.
 */
#ifndef PARSE_SEALEDKEY_H
#define PARSE_SEALEDKEY_H

#include "parse/note.h"

#define SEALEDKEY_MAX 1024u
#define SEALEDKEY_SALT 16
#define SEALEDKEY_NONCE 24
#define SEALEDKEY_SEALED 48 /* a seed of 32 bytes and 16 of the seal */
/* What one is asked to spend on opening it is bounded. */
#define SEALEDKEY_PASSES_MAX 64u
#define SEALEDKEY_KIB_MIN 8192u
#define SEALEDKEY_KIB_MAX 1048576u

struct sealedkey {
	struct note_key public; /* its id is not checked */
	uint64_t passes, kib;
	unsigned char salt[SEALEDKEY_SALT], nonce[SEALEDKEY_NONCE];
	unsigned char sealed[SEALEDKEY_SEALED];
};

/* sealedkey_is(text): whether it says that it is one, good or bad. */
MUST_USE bool sealedkey_is(struct span text);
MUST_USE int sealedkey_parse(
	struct span text, struct sealedkey *out, struct err *err);

/* sealedkey_head(k, out): the lines before the last. sealedkey_text: all. */
void sealedkey_head(const struct sealedkey *k, struct buf *out);
void sealedkey_text(const struct sealedkey *k, struct buf *out);

#endif

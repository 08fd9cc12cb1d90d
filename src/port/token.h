/*
 * Keys in PKCS#11 tokens: Ed25519, through the library that comes with the
 * token, which runs in this process. Not for one that forks while it is open.
 */
#ifndef PORT_TOKEN_H
#define PORT_TOKEN_H

#include "base/err.h"
#include "base/span.h"

struct token;

/*
 * token_open(module, label, pin, out, err):
 * The token of that label, logged in to. The library must belong to root and be
 * writable by no one else, in a place that is as safe (trustfile_place). A
 * token that would be locked by one more wrong PIN is not tried. ERR_CRYPTO
 * says what the token answered.
 */
MUST_USE int token_open(const char *module, const char *label, struct span pin,
	struct token **out, struct err *err);
void token_close(struct token *t); /* NULL is fine */

/* token_public(t, id, out, err): the public key of that id.
 * token_sign(t, id, s, sig, err): by the private key of that id. */
MUST_USE int token_public(struct token *t, struct span id,
	unsigned char out[32], struct err *err);
MUST_USE int token_sign(struct token *t, struct span id, struct span s,
	unsigned char sig[64], struct err *err);

#endif

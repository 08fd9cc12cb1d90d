/*
 * A log's secret key that is in a PKCS#11 token: where, in place of the key.
 *
 *	sluice token key v1
 *	<verifier key>
 *	module <absolute path of the token's library>
 *	token <label>
 *	id <CKA_ID of the private key, hex>
 */
#ifndef PARSE_TOKENKEY_H
#define PARSE_TOKENKEY_H

#include "parse/note.h"

#define TOKENKEY_MAX 1024u
#define TOKENKEY_MODULE_MAX 255
#define TOKENKEY_LABEL_MAX 32 /* bytes, of PKCS#11 */
#define TOKENKEY_ID_MAX 32

struct tokenkey {
	struct note_key public; /* its id is not checked */
	char module[TOKENKEY_MODULE_MAX + 1];
	char label[TOKENKEY_LABEL_MAX + 1]; /* no space at its end */
	unsigned char id[TOKENKEY_ID_MAX];
	size_t nid; /* at least 1 */
};

/* tokenkey_is(text): whether it says that it is one, good or bad. */
MUST_USE bool tokenkey_is(struct span text);
MUST_USE int tokenkey_parse(
	struct span text, struct tokenkey *out, struct err *err);
void tokenkey_text(const struct tokenkey *k, struct buf *out);

/* tokenkey_place(module, label, id, out, err): the same of words that people
 * gave; the key is still to come. */
MUST_USE int tokenkey_place(struct span module, struct span label,
	struct span id, struct tokenkey *out, struct err *err);

#endif

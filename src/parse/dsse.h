/* Signed envelopes around documents (DSSE v1.0.2), to write. */
#ifndef PARSE_DSSE_H
#define PARSE_DSSE_H

#include "base/buf.h"

#define DSSE_INTOTO "application/vnd.in-toto+json"

/* dsse_pae(type, body, out): the bytes that a signature is over. */
void dsse_pae(const char *type, struct span body, struct buf *out);
/* dsse_write(type, body, keyid, sig, out): the envelope, a line of JSON. */
void dsse_write(const char *type, struct span body, const char *keyid,
	struct span sig, struct buf *out);

#endif

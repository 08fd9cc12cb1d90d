/*
 * What a witness signs and how it stands in a note's signature line (C2SP
 * tlog-cosignature, Ed25519, key type 0x04): the bytes behind the key id are
 * the time in seconds, 64 bits big endian, and the signature of
 *
 *	cosignature/v1
 *	time <seconds>
 *	<the whole text of the note>
 */
#ifndef PARSE_COSIGNATURE_H
#define PARSE_COSIGNATURE_H

#include "base/buf.h"

#define COSIGNATURE_SIG_LEN 64
#define COSIGNATURE_LEN (8 + COSIGNATURE_SIG_LEN)

struct cosignature {
	uint64_t time; /* seconds since 1970 */
	struct span sig;
};

/* cosignature_read(bytes, out): false when the length is another or the time is
 * past what a signed 64-bit number holds. */
MUST_USE bool cosignature_read(struct span bytes, struct cosignature *out);
/* cosignature_write(c, out): what cosignature_read takes. */
void cosignature_write(const struct cosignature *c, struct buf *out);
/* cosignature_text(time, text, out): what is signed. */
void cosignature_text(uint64_t time, struct span text, struct buf *out);

#endif

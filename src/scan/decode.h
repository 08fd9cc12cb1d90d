/*
 * Text that is written in another way: where it stands, what it says, and where
 * each byte of what it says came from.
 *
 * A finder tells pieces: stretches of encoded bytes that decode to something
 * that looks like text. What is found at a place depends on the run of bytes
 * around it alone (decode_piece.run), wherever the search began: so a search
 * near what is new finds there what a search of everything finds there.
 */
#ifndef SCAN_DECODE_H
#define SCAN_DECODE_H

#include "base/buf.h"
#include "base/err.h"

enum encoding {
	ENCODING_BASE64, /* RFC 4648, both alphabets, padded or not, over
			  * several lines */
	ENCODING_HEX,
	ENCODING_PERCENT, /* RFC 3986 2.1 */
	ENCODING_ESCAPES, /* \u0041, \u{41}, \U00000041, \x41, \101, \/ */
	ENCODING_UTF16LE, /* with or without a byte order mark */
	ENCODING_UTF16BE,
	ENCODING_UTF32LE,
	ENCODING_UTF32BE,
};

/* encoding_name(e): "base64", "utf-16le" … */
const char *encoding_name(enum encoding e);

#define DECODE_MIN 15 /* bytes of text in a piece of base64, hex or UTF */

struct decode_piece {
	enum encoding encoding;
	size_t at, n;      /* the encoded bytes */
	size_t skip, text; /* base64 and hex: of what they say the bytes
			    * [skip, skip + text) */
	size_t run, nrun;  /* what the piece was found by */
};

/* What a search goes by: the bytes, where to look, and whom to tell. */
struct decode_search {
	struct span bytes;
	size_t lo, hi; /* runs that touch [lo, hi) are found, whole, and maybe
			* some beside them; lo is not before done */
	size_t done;   /* those before it were told. Set to where the next
			* search, further on, may begin */
	struct buf *work;
	int (*found)(void *ctx, const struct decode_piece *p, struct err *err);
	void *ctx;
};

/*
 * decode_dense, decode_sparse, decode_utf (s, err):
 * The pieces of base64 and hex; of percent-encoding and of escapes; of UTF-16
 * and UTF-32. -1 only when found() said so. With a byte order mark at the start
 * all of the bytes are one piece (decode_has_mark).
 */
MUST_USE int decode_dense(struct decode_search *s, struct err *err);
MUST_USE int decode_sparse(struct decode_search *s, struct err *err);
MUST_USE int decode_utf(struct decode_search *s, struct err *err);

/* decode_has_mark(bytes, e): whether they start with a byte order mark of
 * UTF-16 or UTF-32 and go on as such text does. ${e} may be NULL. */
bool decode_has_mark(struct span bytes, enum encoding *e);

/* decode_text(bytes, p, out): what the piece says, added to ${out}, as UTF-8
 * where it is UTF. */
void decode_text(
	struct span bytes, const struct decode_piece *p, struct buf *out);

/* Places in a piece that were passed on the way to others, so that the way is
 * not gone again from its start. Zero it for each piece; v is kept. */
struct decode_trail {
	struct decode_mark {
		size_t k, at;
	} * v;
	size_t n, cap;
};

/* decode_place(bytes, p, k, trail, from, to): the bytes [*from, *to) that byte
 * ${k} of what the piece says came from. ${trail} may be NULL. */
void decode_place(struct span bytes, const struct decode_piece *p, size_t k,
	struct decode_trail *trail, size_t *from, size_t *to);

#endif

/* Inside the decoders: what they share. */
#ifndef SCAN_DECODESTEP_H
#define SCAN_DECODESTEP_H

#include "scan/decode.h"

/* Classes of bytes, by bit. */
enum {
	IS_DENSE = 1, /* of an alphabet of base64; hex digits are, too */
	IS_SOFT = 2,  /* of such, or what may stand where a line is wrapped */
	IS_HEX = 4,
	IS_TEXT = 8,   /* what a decoded byte has to be: printable ASCII, tab,
			* CR, LF, or NUL as part of a character of UTF-16 */
	IS_ALNUM = 16, /* letters and digits */
	IS_URL = 32,   /* printable, but space, quotes, < and > */
	IS_LINE = 64,  /* printable or tab, but quotes */
};
extern const unsigned char decode_class[256];

static inline bool is_a(unsigned char c, unsigned of)
{
	return (decode_class[c] & of) != 0;
}

/* decode_hex_digit(c): 0 to 15, of a hex digit. */
static inline unsigned decode_hex_digit(unsigned char c)
{
	return c <= '9' ? c - (unsigned)'0' : (c | 0x20u) - 'a' + 10u;
}

/* A run of dense characters. */
struct dense_run {
	size_t at, n;      /* in the bytes, wraps between its lines included */
	struct span chars; /* without wraps */
};

/* decode_wrap(bytes, at): how long what parts two lines of a run at ${at} is,
 * a line break or its escape with the blanks around it; 0 when no dense
 * character follows. */
size_t decode_wrap(struct span bytes, size_t at);

/* decode_base64_run, decode_hex_run (s, run, err): the pieces of a run.
 * decode_base64_byte, decode_hex_byte (chars, k): the byte ${k} that they
 * say. */
MUST_USE int decode_base64_run(
	struct decode_search *s, const struct dense_run *run, struct err *err);
MUST_USE int decode_hex_run(
	struct decode_search *s, const struct dense_run *run, struct err *err);

/* decode_stretches(s, run, encoding, from, to, err): the pieces that the
 * characters [from, to) of a run make when they are read from ${from} on. */
MUST_USE int decode_stretches(struct decode_search *s,
	const struct dense_run *run, enum encoding encoding, size_t from,
	size_t to, struct err *err);

/* decode_dense_text, decode_dense_place: decode_text and decode_place for
 * ${s}, the bytes of a piece of base64 or hex alone. */
void decode_dense_text(
	struct span s, const struct decode_piece *p, struct buf *out);
void decode_dense_place(struct span s, const struct decode_piece *p, size_t k,
	struct decode_trail *trail, size_t *from, size_t *to);

/* trail_find(t, k): the last mark not behind ${k}, or the start.
 * trail_note(t, m): ${m} was passed; kept when it is far from the last one.
 * ${t} may be NULL. */
struct decode_mark trail_find(const struct decode_trail *t, size_t k);
void trail_note(struct decode_trail *t, struct decode_mark m);

/* What the first bytes of some encoded text say. */
struct decode_step {
	size_t in; /* bytes they are; at least 1 */
	unsigned char out[4];
	size_t n;
	bool hit; /* they are encoded, of a character that need not be */
};

/* One step; ${s} is not empty. */
struct decode_step decode_percent_step(struct span s);
struct decode_step decode_escape_step(struct span s);
struct decode_step decode_utf_step(struct span s, enum encoding e);

/* decode_utf8(c, out): a character as UTF-8; how long it is. What is no
 * character becomes U+FFFD. */
size_t decode_utf8(uint32_t c, unsigned char out[4]);

/* decode_percent_first, decode_escape_first (s): where in ${s}, which is not
 * empty, the first character is that is encoded and need not be; or
 * SIZE_MAX. */
size_t decode_percent_first(struct span s);
size_t decode_escape_first(struct span s);

#endif

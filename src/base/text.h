/* Text and its encodings: numbers, hex, base64, and what a terminal may see. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"

/* text_to_u64(s, max, out): plain decimal, no sign, no leading zero but "0",
 * at most ${max}. False otherwise. */
MUST_USE bool text_to_u64(struct span s, uint64_t max, uint64_t *out);

/* Lower-case hex. text_hex_write writes 2*bytes.n digits and no NUL;
 * text_hex_read accepts lower case only and exactly 2*n digits; it writes ${n}
 * bytes. */
void text_hex(struct buf *out, struct span bytes);
void text_hex_write(char *out, struct span bytes);
MUST_USE bool text_hex_read(struct span hex, unsigned char *out, size_t n);
/* text_is_hex(s): nothing but such digits; of nothing too. */
MUST_USE bool text_is_hex(struct span s);

/* Standard base64 with padding (RFC 4648 section 4). Reading is strict: no
 * white space, canonical padding and spare bits zero. */
void text_base64(struct buf *out, struct span bytes);
MUST_USE bool text_base64_read(struct span text, struct buf *out);

/* text_is_utf8(s): well-formed UTF-8 (no overlongs, no surrogates). */
bool text_is_utf8(struct span s);

/* text_has_control(s): any of C0 or DEL. */
bool text_has_control(struct span s);

/*
 * text_printable(out, s, max):
 * At most ${max} bytes of ${s} as text that is safe on a terminal and valid in
 * JSON: well-formed printable UTF-8 passes; control characters (C0, DEL, C1),
 * bidirectional overrides and bytes that are not UTF-8 become \xNN; a backslash
 * becomes \\. What was cut is marked by "…".
 */
void text_printable(struct buf *out, struct span s, size_t max);

/* text_still_printable(out, s, max): the same of what was made of parts that
 * are printable already: their backslashes stay. */
void text_still_printable(struct buf *out, struct span s, size_t max);

/* text_unprintable(out, s): the bytes of which text_printable made ${s}, if
 * none were cut. What it cannot have made passes as it stands. */
void text_unprintable(struct buf *out, struct span s);

/*
 * text_glob(pattern, s):
 * Whether the whole of ${s} matches. One star is any run without '/', two stars
 * any run, '?' one byte but '/'; two stars between slashes also stand for no
 * folder at all. No classes, no escapes. The time is that of reading ${s} once
 * for every place in the pattern, whatever either holds, so there is no length
 * of path past which a rule stops to apply. A pattern of more than GLOB_MAX
 * bytes matches nothing; who takes patterns from people refuses those.
 */
#define GLOB_MAX 1023
bool text_glob(struct span pattern, struct span s);

/* text_lower(c): ASCII only. */
static inline unsigned char text_lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

/* text_same(a, b): equal but for ASCII case. */
bool text_same(struct span a, struct span b);

#endif

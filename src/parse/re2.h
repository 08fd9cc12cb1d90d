/*
 * Regular expressions as RE2 and Go write them
 * (github.com/google/re2/wiki/Syntax), put into the dialect of port/pattern.h.
 *
 * Both take the leftmost match and prefer the earlier branch, so the matches
 * are the same where the words mean the same. What does not is rewritten: \s
 * (without VT), \v, octal escapes, "{" that starts no repetition, names of
 * groups, characters outside ASCII. What RE2 has not (lookaround,
 * back-references, possessive repetition, \K, \Z …) is refused, as it does.
 * Refused as well, since the dialect works on bytes: \p{…}, ranges and negated
 * classes with characters outside ASCII, and such characters under (?i).
 * What remains different: outside ASCII '.' and [^a] are one byte, so that a
 * bounded repetition of them counts bytes; and the dialect passes over matches
 * of nothing, so that "x*|y" finds y.
 */
#ifndef PARSE_RE2_H
#define PARSE_RE2_H

#include "base/buf.h"

#define RE2_DEPTH_MAX 200
#define RE2_REPEAT_MAX 1000

/*
 * re2_translate(text, out, groups, err):
 * Add the expression to ${out}; *${groups} (may be NULL) is how many groups
 * capture. The error (ERR_INPUT) names the byte, from 0. ${text} is UTF-8.
 */
MUST_USE int re2_translate(
	struct span text, struct buf *out, unsigned *groups, struct err *err);

#endif

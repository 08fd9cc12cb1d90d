/*
 * Trailers: the "Key: value" lines of the last paragraph of a message.
 *
 * git-interpret-trailers weighs whether a paragraph is "mostly" trailers. Here
 * every line of that form counts and other lines are passed over, so a
 * co-author cannot be hidden by prose beside the line. A message of a single
 * paragraph may consist of trailers.
 */
#ifndef PARSE_TRAILER_H
#define PARSE_TRAILER_H

#include "base/arena.h"
#include "model/change.h"

#define TRAILERS_MAX 1000

/*
 * trailers_parse(message, arena, out, n):
 * Keys are letters, digits and '-'; white space may stand before the colon.
 * Values are trimmed; continuation lines (starting with white space) are joined
 * with one space. False if there are more than TRAILERS_MAX: some were left
 * out, so that the message cannot be relied on.
 */
MUST_USE bool trailers_parse(struct span message, struct arena *arena,
	struct trailer **out, size_t *n);

/* trailer_line(line, out): whether one line alone is "Key: value". */
MUST_USE bool trailer_line(struct span line, struct trailer *out);

/* trailer_find(t, n, key, value): the value of the only trailer with that key
 * (ASCII case ignored). False when there is none or more than one. */
MUST_USE bool trailer_find(
	const struct trailer *t, size_t n, const char *key, struct span *value);

#endif

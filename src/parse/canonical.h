/*
 * Canonical JSON (parse/doc.h) held against a table of shapes without making a
 * tree of it: in place, in one pass, allocating nothing. For who reads a
 * million of our own documents.
 *
 * True means that doc_parse takes the text, that it is canonical, and that
 * shape_check accepts it. False means nothing: the text may still be all that,
 * and is for doc_parse to judge, which also has the words for what is wrong.
 * Left to it are texts with \u, counts of more than 18 digits, and texts that
 * are within their size only because of what escapes stand for.
 */
#ifndef PARSE_CANONICAL_H
#define PARSE_CANONICAL_H

#include "base/arena.h"
#include "parse/shape.h"

#define CANONICAL_KEYS_MAX 64 /* of a table */

/* canonical_take(rest, word): take exactly those bytes off ${rest}. */
MUST_USE bool canonical_take(struct span *rest, struct span word);

/*
 * canonical_object(rest, keys, value):
 * Take an object off ${rest}, which is of no use after false. If ${value} is
 * not NULL, it gets for each row of the table the value as it is written, or
 * nothing.
 */
MUST_USE bool canonical_object(
	struct span *rest, const struct shape *keys, struct span *value);

/* canonical_value(rest, s, value): the same for one value as ${s} wants it. */
MUST_USE bool canonical_value(
	struct span *rest, const struct shape *s, struct span *value);

/* canonical_get(keys, value, key): what canonical_object put there for that
 * key; nothing too where the table has no such row. */
struct span canonical_get(
	const struct shape *keys, const struct span *value, const char *key);

/* canonical_row(keys, key): the number of that row; it must be there. */
size_t canonical_row(const struct shape *keys, const char *key);

/*
 * Of values that were taken with the functions above:
 * canonical_begin(list): the inside of an array, for canonical_more.
 * canonical_more(items): whether an item is left; it stands at the begin.
 * canonical_inside(value): of a text, without quotes, escapes as they stand.
 * canonical_text(value, a): of a text, what it says, copied into ${a}.
 * canonical_number(value): of a count.
 * canonical_member(items, key): the key of the next member of an object's
 *	inside, taken off with its colon.
 */
struct span canonical_begin(struct span list);
bool canonical_more(struct span *items);
struct span canonical_inside(struct span value);
struct span canonical_text(struct span value, struct arena *a);
uint64_t canonical_number(struct span value);
struct span canonical_member(struct span *items);

#endif

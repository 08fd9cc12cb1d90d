/*
 * The text of a log's checkpoint (C2SP tlog-checkpoint): origin, size, root
 * hash, a line each, and extension lines, which are kept out of our own.
 */
#ifndef PARSE_CHECKPOINT_H
#define PARSE_CHECKPOINT_H

#include "base/buf.h"

#define HASH_LEN 32
/* Sizes fit a signed 64-bit number everywhere: JSON, SQLite, arithmetic. */
#define LOG_SIZE_MAX ((uint64_t)1 << 62)
#define CHECKPOINT_MAX 100000u /* with all its signatures */

struct checkpoint {
	struct span origin;
	uint64_t size;
	unsigned char root[HASH_LEN];
	struct span extensions; /* whole lines, or empty */
};

/* The root of a tree without leaves: SHA-256 of nothing. */
extern const unsigned char checkpoint_empty_root[HASH_LEN];

/*
 * checkpoint_parse(text, out, err):
 * The note's text. Spans point into it. A size of 0 with another root than
 * that of the empty tree is refused. checkpoint_form: that is not looked at,
 * for those who have an answer of their own to it.
 */
MUST_USE int checkpoint_parse(
	struct span text, struct checkpoint *out, struct err *err);
MUST_USE int checkpoint_form(
	struct span text, struct checkpoint *out, struct err *err);

/* checkpoint_text(c, out): what is signed, ends in LF; without extensions. */
void checkpoint_text(const struct checkpoint *c, struct buf *out);

/* checkpoint_origin_ok(origin): what a log of ours may be called: the rules
 * of a key name, printable ASCII only. */
bool checkpoint_origin_ok(struct span origin);

#endif

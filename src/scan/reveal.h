/*
 * Secrets in text that is written in another way: pieces that decode
 * (scan/decode.h) are scanned as what they say, and pieces in those, to a
 * depth. Places are those of the bytes that were given.
 */
#ifndef SCAN_REVEAL_H
#define SCAN_REVEAL_H

#include "scan/scanner.h"

#define REVEAL_DEPTH_MAX 5

struct reveal;

/* reveal_new(s, depth): ${s} is borrowed; depth 0 finds nothing. */
struct reveal *reveal_new(struct scanner *s, unsigned depth);
void reveal_free(struct reveal *rv); /* NULL is fine; wipes what it decoded */

/* What a blob's encoded text leaves for blobs made from it, beside its
 * scan_carry. Mostly less than 100 bytes. */
struct reveal_trace;
struct reveal_trace *reveal_trace_new(void);
void reveal_trace_free(struct reveal_trace *t);
void reveal_trace_old(struct reveal_trace *t); /* as scan_carry_old */
/* as scan_carry_join */
void reveal_trace_join(struct reveal_trace *t, const struct reveal_trace *with);

/*
 * reveal_open(rv, bytes, base, trace, arena, out, err):
 * Add to ${out}, the open result of scanning ${bytes} as they are, the hits of
 * what is encoded in them. Hits stay in order of place; of one rule's hits at
 * one place the least encoded stays. ${base} may be NULL, and tells which hits
 * are known; ${trace} is overwritten and may be NULL. A limit makes the
 * result one that is not done.
 */
MUST_USE int reveal_open(struct reveal *rv, struct span bytes,
	const struct reveal_trace *base, struct reveal_trace *trace,
	struct arena *arena, struct scan_result *out, struct err *err);

/* reveal_fresh(rv, bytes, copy, ncopy, base, trace, arena, out, err): the same,
 * knowing what of ${bytes} was copied (scanner_scan_new) from a blob that left
 * ${base}: what lies in copies and told nothing there is not decoded. */
MUST_USE int reveal_fresh(struct reveal *rv, struct span bytes,
	const struct scan_copy *copy, size_t ncopy,
	const struct reveal_trace *base, struct reveal_trace *trace,
	struct arena *arena, struct scan_result *out, struct err *err);

#endif

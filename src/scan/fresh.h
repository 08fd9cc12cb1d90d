/* Which stretches of a blob made by a delta have to be read. */
#ifndef SCAN_FRESH_H
#define SCAN_FRESH_H

#include "base/err.h"
#include "scan/scanner.h"

/* What a match's edge may look at past itself (\b, ^, $ at the very end or
 * before the last LF): two bytes; rounded up. */
#define FRESH_CONTEXT 8

struct window {
	size_t at, n;
};
struct fresh_window {
	size_t at, n;
	size_t first, to; /* what is new in it, from the first byte or join on
			   * and up to the last */
};
struct fresh {
	struct fresh_window *v;
	size_t n, cap;
	size_t bytes; /* in all */
};

/* How far a match may lie from what it depends on: ${near} bytes whatever they
 * are, and ${far} bytes if no more than ${lines} of them are line feeds (and
 * one more, the last). */
struct fresh_reach {
	size_t near, far, lines;
};

/*
 * fresh_windows(copy, ncopy, base, bytes, reach, out, err):
 * Of a blob, made from one of ${base} bytes: each new byte and each join of
 * pieces that were not neighbours, with what is in reach on both sides and
 * FRESH_CONTEXT twice, ascending and disjoint. An end of the blob that is not
 * the end of the base is a join. ${out} is reused; fresh_free gives it back.
 */
MUST_USE int fresh_windows(const struct scan_copy *copy, size_t ncopy,
	size_t base, struct span bytes, const struct fresh_reach *reach,
	struct fresh *out, struct err *err);
void fresh_free(struct fresh *f);

#endif

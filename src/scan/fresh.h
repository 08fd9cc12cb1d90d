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
struct fresh {
	struct window *v;
	size_t n, cap;
	size_t bytes; /* in all */
};

/*
 * fresh_windows(copy, ncopy, base, n, pad, out, err):
 * Of a blob of ${n} bytes, made from one of ${base} bytes: each new byte and
 * each join of pieces that were not neighbours, with ${pad} bytes on both
 * sides, ascending and disjoint. An end of the blob that is not the end of the
 * base is a join. ${out} is reused; fresh_free gives it back.
 */
MUST_USE int fresh_windows(const struct scan_copy *copy, size_t ncopy,
	size_t base, size_t n, size_t pad, struct fresh *out, struct err *err);
void fresh_free(struct fresh *f);

#endif

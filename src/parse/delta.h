/*
 * Deltas (gitformat-pack(5)): how long the base and the result are, then what
 * the result is put together of, from left to right: runs of the base and new
 * bytes.
 */
#ifndef PARSE_DELTA_H
#define PARSE_DELTA_H

#include "base/err.h"
#include "base/span.h"

struct delta {
	uint64_t from, to; /* bytes of the base and of the result */
	uint64_t made;     /* of the result so far */
	struct span rest;  /* steps not yet read */
};

/* delta_open(raw, out, err): reads both lengths. */
MUST_USE int delta_open(struct span raw, struct delta *out, struct err *err);

struct delta_step {
	const unsigned char *new; /* ${n} new bytes, or NULL: ${n} bytes */
	size_t at, n;             /* of the base from ${at}; n > 0 */
};

/*
 * delta_next(d, out, err):
 * 1: a step that stays within the base and the result. 0: there is none left
 * and the result is complete. -1: damaged.
 */
MUST_USE int delta_next(
	struct delta *d, struct delta_step *out, struct err *err);

#endif

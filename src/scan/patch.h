/* Deltas put to work, and what they copied. */
#ifndef SCAN_PATCH_H
#define SCAN_PATCH_H

#include "parse/delta.h"
#include "scan/copy.h"

/* Shorter ones are not noted: they count as new bytes, and so the list stays
 * smaller than the object. */
#define PATCH_COPY_MIN 32

/* The copies of one delta, as they come; runs that go on where the last one
 * ended, here and in the base, are one. Zero it first; used again and again. */
struct patch {
	struct scan_copy *copy;
	size_t n, cap;
};

/*
 * patch_apply(d, base, out, patch, err):
 * Carry out what is left of ${d}, just opened: ${out} has room for d->to bytes.
 * ${patch}, if not NULL, gets the copies. ERR_INPUT when the base has another
 * length or the delta is damaged.
 */
MUST_USE int patch_apply(struct delta *d, struct span base, unsigned char *out,
	struct patch *patch, struct err *err);
void patch_free(struct patch *p);

#endif

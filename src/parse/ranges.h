/*
 * A list of numbers as text: "0-3,7,5", in their order, none twice; "" for
 * none. Of a push of many commits that go to one ref, a few bytes.
 */
#ifndef PARSE_RANGES_H
#define PARSE_RANGES_H

#include "base/arena.h"
#include "base/buf.h"

/* ranges_put(out, v, n): no number may be there twice. */
void ranges_put(struct buf *out, const size_t *v, size_t n);

/* ranges_read(text, max, a, out, n): exactly what ranges_put writes, of numbers
 * below ${max}; false for anything else. */
MUST_USE bool ranges_read(
	struct span text, size_t max, struct arena *a, size_t **out, size_t *n);

/* Where numbers ascend, and may be many: as ranges, not one by one. */
struct range {
	uint64_t from, to; /* ${to} is the last */
};

/* ranges_add(out, r): one more, that is not next to the one before. */
void ranges_add(struct buf *out, struct range r);

/* ranges_ascending(text, max, a, out, n): exactly what ranges_add writes of
 * numbers below ${max}, at least one; false for anything else. */
MUST_USE bool ranges_ascending(struct span text, uint64_t max, struct arena *a,
	struct range **out, size_t *n);

#endif

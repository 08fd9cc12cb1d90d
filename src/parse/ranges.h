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

#endif

/* Entry bundles (C2SP tlog-tiles): for each entry its length, 16 bits, big
 * end first, and its bytes; up to 256 of them. */
#ifndef PARSE_BUNDLE_H
#define PARSE_BUNDLE_H

#include "base/buf.h"
#include "parse/tilepath.h"

#define ENTRY_MAX 65535u
#define BUNDLE_MAX (TILE_WIDTH * (size_t)(ENTRY_MAX + 2))

struct bundle {
	struct span entry[TILE_WIDTH]; /* point into what was read */
	unsigned n;
};

/* bundle_read(in, want, out, err): exactly ${want} entries and nothing after
 * them. */
MUST_USE int bundle_read(
	struct span in, unsigned want, struct bundle *out, struct err *err);

/* bundle_add(out, entry): append one of at most ENTRY_MAX bytes. */
void bundle_add(struct buf *out, struct span entry);

#endif

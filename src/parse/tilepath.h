/* Where tiles and entry bundles stand (C2SP tlog-tiles): "tile/0/x001/234",
 * "tile/entries/000.p/5". */
#ifndef PARSE_TILEPATH_H
#define PARSE_TILEPATH_H

#include "base/buf.h"

#define TILE_WIDTH 256u
#define TILE_LEVEL_MAX 63u

struct tilepath {
	bool entries;   /* a bundle of entries, not hashes */
	unsigned level; /* 0 for entries */
	uint64_t n;
	unsigned width; /* 1 to 256; below 256 the tile is partial */
};

#define TILEPATH_MAX 64

/* tilepath_text(t, out): into ${out}, NUL-ended; answers it. */
const char *tilepath_text(const struct tilepath *t, char out[TILEPATH_MAX]);
/* tilepath_read(s, out): exactly what tilepath_text writes; else false. */
MUST_USE bool tilepath_read(struct span s, struct tilepath *out);

/* tile_width(level, n, size): how much of that tile a log of ${size} entries
 * has: 0 (none) to 256. */
unsigned tile_width(unsigned level, uint64_t n, uint64_t size);

#endif

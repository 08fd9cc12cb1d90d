/* Hash tiles and entry bundles of a log of known size, out of a source. A few
 * tiles are kept; none is believed until a proof with them checks. */
#ifndef LOG_TILES_H
#define LOG_TILES_H

#include "log/source.h"
#include "log/tree.h"
#include "parse/bundle.h"

struct tiles;

/* tiles_new(src, size): ${src} is borrowed. */
struct tiles *tiles_new(struct log_source *src, uint64_t size);
void tiles_free(struct tiles *t); /* NULL is fine */

/*
 * tiles_file(src, t, out, err):
 * A tile or bundle as it stands. Where the partial one is gone the full one,
 * which begins with it, does as well: *${whole} says that came.
 */
MUST_USE int tiles_file(struct log_source *src, const struct tilepath *t,
	struct buf *out, bool *whole, struct err *err);

/* tiles_hashes(t, level, n, out, width, err): its hashes; good until the next
 * call. */
MUST_USE int tiles_hashes(struct tiles *t, unsigned level, uint64_t n,
	const struct hash **out, unsigned *width, struct err *err);

/* tiles_bundle(t, n, room, out, err): the entries of bundle ${n}, pointing
 * into ${room}. */
MUST_USE int tiles_bundle(struct tiles *t, uint64_t n, struct buf *room,
	struct bundle *out, struct err *err);

/* tiles_nodes(t): the tree's nodes, for log/tree.h. */
struct tree_nodes tiles_nodes(struct tiles *t);

#endif

/*
 * The places that an index of packs names, of any version, and nothing else of
 * it. libgit2 believes them: one outside its pack makes it read what is not the
 * pack's, so they are looked at before it is asked for anything.
 */
#ifndef PARSE_PACKPLACES_H
#define PARSE_PACKPLACES_H

#include "base/err.h"
#include "base/span.h"

/*
 * packplaces_index(raw, size, err):
 * That all places in an index, version 1 or 2, are in a pack of ${size} bytes.
 * ERR_INPUT otherwise, and when it is cut short.
 */
MUST_USE int packplaces_index(struct span raw, uint64_t size, struct err *err);

/*
 * packplaces_multi(raw, size_of, ctx, err):
 * The same for a multi-pack-index. ${size_of} is asked for the bytes of the
 * pack whose index has a name, 0 when there is none: nothing can be read there.
 */
MUST_USE int packplaces_multi(struct span raw,
	uint64_t (*size_of)(void *ctx, struct span name), void *ctx,
	struct err *err);

#endif

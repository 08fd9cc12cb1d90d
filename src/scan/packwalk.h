/*
 * All objects of a pack, each inflated once, in several threads.
 *
 * A delta is carried out on its base while that is still at hand: roots first,
 * in the order of the pack, and from each of them depth first. What an object
 * still needs for its children is kept; past a budget every second one of those
 * is let go of and made again from the nearest that is left. There is no
 * recursion, and no depth or size of a chain makes memory grow past
 *
 *	workers x (PACKWALK_LIVE + twice PACKWALK_BIG)
 *	+ twice the largest object
 *
 * Objects larger than PACKWALK_BIG are worked on by one thread at a time.
 */
#ifndef SCAN_PACKWALK_H
#define SCAN_PACKWALK_H

#include "base/buf.h"
#include "scan/copy.h"
#include "scan/packmap.h"

#define PACKWALK_LIVE ((size_t)24 << 20)
#define PACKWALK_BIG ((size_t)8 << 20)
#define PACKWALK_WORKERS_MAX 64u

struct packwalk_object {
	const struct packmap *pack;
	const struct oid *id;
	uint32_t number; /* in the pack */
	enum object_type type;
	/* Its bytes, good during the call. NULL when they are not given: it is
	 * larger than the limit or made from one that is, or it is damaged;
	 * ${why} tells. */
	const unsigned char *bytes;
	size_t n;
	const char *why;
	/* Made from another object of the pack: that one's bytes and what was
	 * set as its mark, and what was copied from it. Not for children of an
	 * object outside the pack. */
	bool has_base;
	struct span base;
	uint64_t base_mark;
	const struct scan_copy *copy;
	size_t ncopy;
	/* To be set for those made from this one; NULL when there are none.
	 * 0 at first. */
	uint64_t *mark;
};

struct packwalk {
	unsigned types;   /* 1u << enum object_type, or'd; 0: all. Objects
			   * without a type are told always */
	unsigned workers; /* threads, the caller's own included; 0: one */
	uint64_t max;     /* larger objects are not inflated; 0: no limit */
	size_t live; /* bytes kept for children by a thread; 0: PACKWALK_LIVE */
	/*
	 * object(ctx, worker, o, err): called for each object once, ${worker}
	 * counts from 0; calls with the same number never overlap. -1 stops the
	 * walk.
	 */
	int (*object)(void *ctx, unsigned worker,
		const struct packwalk_object *o, struct err *err);
	/* drop(ctx, worker, mark): a mark that is not 0 is needed no longer.
	 * May be NULL. */
	void (*drop)(void *ctx, unsigned worker, uint64_t mark);
	/*
	 * fetch(ctx, id, max, type, out, err):
	 * A base outside the pack: its bytes are added to ${out}; -1 when there
	 * is none. Called by one thread at a time. May be NULL.
	 */
	int (*fetch)(void *ctx, const struct oid *id, uint64_t max,
		enum object_type *type, struct buf *out, struct err *err);
	/*
	 * have(ctx, id): the bytes of an object that the caller has already,
	 * so that it need not be inflated, good until the walk is over; none
	 * where it has not. Asked by any thread, of objects that nothing in the
	 * pack is made from or by. May be NULL.
	 */
	struct span (*have)(void *ctx, const struct oid *id);
	void *ctx;
};

/* packwalk_run(w, p, err): -1 when a call of object failed. Types of objects
 * whose base is outside the pack are noted in ${p}. */
MUST_USE int packwalk_run(
	const struct packwalk *w, struct packmap *p, struct err *err);

#endif

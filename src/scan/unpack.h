/*
 * What is in an archive, asked of sluice-unpack: a child of one's own that is
 * started with the first archive, serves one after the other, and is taken for
 * what it is, a program that hostile bytes have been through. It is killed when
 * it takes too long or answers out of order; the next archive gets a new one.
 */
#ifndef SCAN_UNPACK_H
#define SCAN_UNPACK_H

#include "parse/unpackframe.h"

#define UNPACK_DEPTH 2                       /* by default */
#define UNPACK_TOTAL ((uint64_t)256 << 20)   /* by default */
#define UNPACK_TOTAL_MAX ((uint64_t)2 << 30) /* that may be asked for */
#define UNPACK_MEMBERS 100000                /* in one archive, all depths */
#define UNPACK_WAIT_MS 60000                 /* for the child, an archive */
/* An archive may grow so many times when it is unpacked, and always to
 * UNPACK_SMALL. */
#define UNPACK_RATIO 250
#define UNPACK_SMALL ((uint64_t)64 << 20)

struct unpack_setup {
	unsigned depth;  /* archives in each other; 0: UNPACK_DEPTH */
	uint64_t total;  /* bytes that one archive may unpack to, all depths;
			  * 0: UNPACK_TOTAL */
	uint64_t member; /* bytes of one member, and of the archive; 0: 1 GiB */
	uint32_t members;    /* in one archive, all depths; 0: UNPACK_MEMBERS */
	unsigned wait_ms;    /* for the child, an archive; 0: UNPACK_WAIT_MS */
	const char *program; /* NULL: the one of this installation. Must stay */
};

struct unpacker; /* for one thread at a time */
struct unpacker *unpacker_new(const struct unpack_setup *setup);
void unpacker_free(struct unpacker *u); /* NULL is fine; ends the child */
/* unpacker_setup(u): with the defaults filled in. */
const struct unpack_setup *unpacker_setup(const struct unpacker *u);

/* Who is told. What they get is good during the call only, and no more to be
 * trusted than a pushed file. */
struct unpack_visitor {
	/* Every member, in order; depth and name as in parse/unpackframe.h.
	 * *${stop} set: that is enough. -1 fails unpacker_run. */
	int (*member)(void *ctx, unsigned depth, struct span name,
		struct span bytes, bool *stop, struct err *err);
	/* The last member of that depth could not be unpacked, at depth 0 the
	 * archive. */
	void (*refused)(void *ctx, unsigned depth, enum unpack_reason why);
	void *ctx;
};

#define UNPACK_WHY_MAX 160

/*
 * unpacker_run(u, bytes, visitor, why, err):
 * All members of an archive. ${why}: "" when they were all told, those that
 * were refused apart, or when the visitor stopped; else why there may be more
 * ("sluice-unpack took longer than 60 s"). -1 when the visitor failed only.
 */
MUST_USE int unpacker_run(struct unpacker *u, struct span bytes,
	const struct unpack_visitor *visitor, char why[UNPACK_WHY_MAX],
	struct err *err);

#endif

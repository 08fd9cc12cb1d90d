/*
 * What the members of an archive hold, as hits of the blob that the archive is.
 * A secret that stands in the archive as it does in a member (a tar packs
 * nothing) is told once, where it is easier to find.
 */
#ifndef SCAN_MEMBERS_H
#define SCAN_MEMBERS_H

#include "scan/scanner.h"
#include "scan/unpack.h"

/* Whoever looks at one member. */
struct members_eyes {
	struct unpacker *unpacker;
	/* All that ${bytes} hold, in ${arena}: settled for ${path}, open when
	 * its p is NULL. */
	int (*content)(void *ctx, struct span bytes, struct span path,
		struct arena *arena, struct scan_result *out, struct err *err);
	/* What the name alone tells. */
	int (*name)(void *ctx, struct span path, struct arena *arena,
		struct scan_result *out, struct err *err);
	void *ctx;
};

/* members_are_in(bytes): whether they look like an archive; in constant
 * time. */
bool members_are_in(struct span bytes);

/*
 * members_add(eyes, bytes, arena, r, err):
 * ${r}: what was found in the archive's own bytes. The hits of its members are
 * added behind them, with member, member_path and part set, in the order of the
 * archive. What could not be looked into makes ${r} SCAN_NOT_DONE, with the
 * first such thing as the reason. The hits found are bounded, in all, by
 * SCAN_HITS_MAX, and the time for reading members as that of rules is
 * (docs/scanning.md).
 */
MUST_USE int members_add(const struct members_eyes *eyes, struct span bytes,
	struct arena *arena, struct scan_result *r, struct err *err);

#endif

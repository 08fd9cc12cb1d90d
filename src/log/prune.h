/*
 * Old records taken out of the vault. What is going to go is told in the log
 * first, in an entry of the kind "pruned" that anybody can read; then it goes.
 * Entries and tiles stay, so the log verifies as before.
 *
 * What never goes: the records of what stands (of each ref the newest push or
 * adoption that gave it what it has, with its outcome, and what was let in
 * since), so that a proof of it can be made; what the disk may not have yet;
 * a record that is not there, or damaged: that is a loss, and stays one.
 */
#ifndef LOG_PRUNE_H
#define LOG_PRUNE_H

#include "base/err.h"
#include "base/span.h"

struct prune_ask {
	int64_t before; /* seconds since 1970: records older than that */
	const char *repository; /* of that one; NULL: of all */
	bool dry;               /* tell, and change nothing */
	/*
	 * Put into the log that the records of those entries (ranges, see
	 * parse/ranges.h) are pruned, ${count} of them; *${entry} is its
	 * number. Not called when dry.
	 */
	int (*tell)(void *ctx, struct span entries, uint64_t count,
		uint64_t *entry, struct err *err);
	void *ctx;
};

struct prune_result {
	uint64_t pruned;      /* records: that were told of now */
	uint64_t first, last; /* entries that they are of */
	uint64_t told;        /* entries that tell so */
	uint64_t entry;       /* the last of these */
	uint64_t standing;    /* old ones that are kept: what stands */
	uint64_t lost;        /* old ones that are not there, or damaged */
	uint64_t removed;     /* that are not in the vault any more */
};

/* prune_run(state, ask, out, err): ERR_LOG where a logd keeps the log. Cut
 * short after it was told, the next run removes the rest. */
MUST_USE int prune_run(const char *state, const struct prune_ask *ask,
	struct prune_result *out, struct err *err);

#endif

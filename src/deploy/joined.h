/*
 * Whether the moves of a ref that the log has join: each starts where another
 * one ended. One that starts elsewhere shows that the ref was moved outside the
 * gate before it, though it may stand where the log left it by now.
 */
#ifndef DEPLOY_JOINED_H
#define DEPLOY_JOINED_H

#include "log/index.h"

struct unjoined {
	uint64_t entry;    /* the move that starts elsewhere */
	uint64_t previous; /* the one before it, or ENTRY_NONE */
	struct oid found;  /* where it starts */
	struct oid left;   /* where the one before had ended */
};

/*
 * steps_unjoined(steps, n, seen, nseen, since, a, out):
 * The steps of one ref and where audits saw it, each the newest first; what is
 * before entry ${since}, the newest adoption of its repository, does not
 * count. False when all join, or an entry of an audit explains what does not.
 *
 * Pure, and without regard to the order: outcomes are logged after refs moved,
 * and decisions before, so two moves may stand in the other order. What has to
 * hold is that a value is left no more often than it was reached. A decision
 * without an outcome counts as carried out where that explains another.
 */
MUST_USE bool steps_unjoined(const struct index_step *steps, size_t n,
	const struct index_step *seen, size_t nseen, uint64_t since,
	struct arena *a, struct unjoined *out);

#endif

/*
 * Who moved a ref, and when, as far as the repository itself tells. Whoever
 * moved a ref without the gate could have written this too: a trace to follow,
 * no evidence.
 */
#ifndef DEPLOY_MOVEDBY_H
#define DEPLOY_MOVEDBY_H

#include "base/arena.h"
#include "model/oid.h"

enum movedby_source {
	MOVEDBY_NOTHING,
	MOVEDBY_REFLOG, /* git's own, where core.logAllRefUpdates keeps one */
	MOVEDBY_FILE,   /* owner and time of the ref's file */
};

struct movedby {
	enum movedby_source source;
	const char *who; /* "name <mail>", or an account */
	const char *why; /* as the reflog says; "" */
	int64_t when;    /* seconds since 1970 */
};

/* movedby(git, ref, at, a, out): of the ref in the git directory ${git} that
 * stands at ${at}. */
void movedby(const char *git, struct span ref, const struct oid *at,
	struct arena *a, struct movedby *out);

#endif

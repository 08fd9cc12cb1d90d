/*
 * Moves that a reflog has and the log has not: of a ref that was taken
 * elsewhere and put back, nothing else is left. Only where git keeps reflogs
 * (core.logAllRefUpdates), and as good as whoever moved the ref left them.
 */
#ifndef DEPLOY_STRAYED_H
#define DEPLOY_STRAYED_H

#include "deploy/movedby.h"
#include "log/index.h"

struct strayed {
	size_t n;            /* such moves */
	struct oid old, new; /* of the newest of them */
	struct movedby by;
};

/* strayed_kept(git, ref, a): whether there is a reflog of it. */
bool strayed_kept(const char *git, struct span ref, struct arena *a);

/*
 * strayed(ix, repo, git, ref, since, at, a, out, err):
 * Of the ref in the git directory ${git}: moves after ${since} (seconds) that
 * no push was let make, that no audit put into the log, and that do not lead
 * to ${at}, which is told already (zero: nothing is). It has a reflog.
 */
MUST_USE int strayed(struct index *ix, struct span repo, const char *git,
	struct span ref, int64_t since, const struct oid *at, struct arena *a,
	struct strayed *out, struct err *err);

#endif

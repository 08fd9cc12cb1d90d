/*
 * A push that a closed gate refuses and that changes nothing where the gate is
 * open: the deletion of a ref that never was, under a name that nobody else
 * uses and that no push may touch.
 *
 * git receive-pack runs pre-receive for it as for any other push. Whatever the
 * answer, there is no object, no quarantine, no ref, no lock and no reflog of
 * it; git runs no post-receive for a ref that did not exist, and is told not to
 * collect garbage after it. What remains is the entry in the log by which
 * whoever asks can tell that it was this gate that answered.
 */
#ifndef DEPLOY_PROBE_H
#define DEPLOY_PROBE_H

#include "deploy/gitdir.h"
#include "parse/pushreport.h"

struct probe {
	enum pushreport answer;
	const char *ref;
	const char *reason; /* git's, or "" */
	const char *said;   /* the first line of what the hooks said, or "" */
};

/*
 * probe_ref(a): a name to ask for.
 * probe_push(path, ref, a, out, err): as the account that this process runs
 * under, which must be the one that pushes work under. -1 when git could not be
 * run.
 */
const char *probe_ref(struct arena *a);
MUST_USE int probe_push(const char *path, const char *ref, struct arena *a,
	struct probe *out, struct err *err);

#endif

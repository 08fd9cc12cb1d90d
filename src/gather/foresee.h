/*
 * What only a server knows of a push, for those who ask before it: taken from
 * the remote's refs and from what the user says. Each of these says less than
 * the server's own word, and 'sluice check' tells so.
 */
#ifndef GATHER_FORESEE_H
#define GATHER_FORESEE_H

#include "gather/gather.h"

/*
 * foresee_log(g, policy, push, ref, n, err):
 * For the log: what stands on ${ref}, the remote's refs, came through the gate.
 * Where the policy only observes it did not pass; what waivers that lie there
 * are about was let in by them if it stands on the ref they are for.
 */
MUST_USE int foresee_log(struct gather *g, const struct policy *policy,
	struct push *push, const struct repo_ref *ref, size_t n,
	struct err *err);

/*
 * foresee_pusher(policy, name, email, arena, out):
 * For who the server says is pushing: the person of that account, name or, if
 * ${name} is NULL, address. NULL, and nobody at all in ${out}, if there is
 * none.
 */
const struct person *foresee_pusher(const struct policy *policy,
	const char *name, const char *email, struct arena *arena,
	struct pusher *out);

/* foresee_certificate(f, who): for what git will make of a signed push: it is
 * in order and ${who} signed it. */
void foresee_certificate(struct facts *f, const struct person *who);

/* foresee_secrets(f): no fingerprint that is made here is that of the server,
 * whose key is its own. */
void foresee_secrets(struct facts *f);

#endif

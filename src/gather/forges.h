/*
 * Asking forges what was said of the requests that a push may be about. Runs in
 * a process of its own, which knows the policy and the tokens and looks at no
 * object of a push; the network itself is sluice-http's.
 */
#ifndef GATHER_FORGES_H
#define GATHER_FORGES_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/policy.h"

struct forges {
	const struct policy *policy;
	const char *beside;  /* the server's policy file, beside which tokens
			      * are, wherever the policy in force stands */
	const char *program; /* sluice-http; NULL: that of this installation */
};

/*
 * forges_ask(with, question, arena, out, err):
 * Answer a question (parse/reviewask.h) with a bundle (parse/reviewbundle.h):
 * all that is needed to judge every open request whose head is one of the
 * commits. One deadline, policy->forge_timeout, holds for everything together.
 * -1 when any forge does not answer in time, answers anything but 200, or in a
 * form that is not understood: then nothing is known, and that is no "no".
 */
MUST_USE int forges_ask(const struct forges *with, struct span question,
	struct arena *arena, struct buf *out, struct err *err);

/*
 * forge_check(with, f, err):
 * For doctor: whether its files can be used. Sends nothing.
 *
 * forge_reach(with, f, repository, arena, err):
 * Whether it answers for a repository, as it should: the first page of what is
 * open there.
 */
MUST_USE int forge_check(
	const struct forges *with, const struct forge *f, struct err *err);
MUST_USE int forge_reach(const struct forges *with, const struct forge *f,
	const char *repository, struct arena *arena, struct err *err);

#endif

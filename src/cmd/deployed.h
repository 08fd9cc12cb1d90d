/* The parts of sluice deployed. */
#ifndef CMD_DEPLOYED_H
#define CMD_DEPLOYED_H

#include "cmd/cmd.h"
#include "deploy/match.h"

/*
 * deployed_keys(run, answer, n, a, doubts, err):
 * Hold gated answers, of this host's log, against the keys of the policy in
 * force: what a compromised key let in is in doubt, unless waivers cleared it.
 * -1: it could not be looked at, and no answer was touched but for its keys.
 */
MUST_USE int deployed_keys(const struct run *run, struct deploy_answer *answer,
	size_t n, struct arena *a, size_t *doubts, struct err *err);

#endif

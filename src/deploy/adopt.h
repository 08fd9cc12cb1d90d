/*
 * Adoption: what a repository held before the gate stood there goes into the
 * log once, named as such, so that later it is told apart from what came
 * through the gate and from what went round it.
 */
#ifndef DEPLOY_ADOPT_H
#define DEPLOY_ADOPT_H

#include <stdint.h>

#include "base/err.h"

struct adopted {
	size_t refs, commits;
	uint64_t entry; /* number in the log */
};

/*
 * adopt(dir, name, state, out, err):
 * Append an "adopt" record of all refs of the repository at ${dir}, with every
 * commit reachable from them, under ${name} to the log of ${state}.
 */
MUST_USE int adopt(const char *dir, const char *name, const char *state,
	struct adopted *out, struct err *err);

#endif

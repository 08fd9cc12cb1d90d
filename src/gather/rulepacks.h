/* The rules for secrets that a policy names: the built-in ones, or files. */
#ifndef GATHER_RULEPACKS_H
#define GATHER_RULEPACKS_H

#include "gather/policysource.h"
#include "model/policy.h"
#include "scan/pack.h"

/*
 * rulepack_load(from, name, arena, out, err):
 * A pack decides what is let through, so its file comes from where the policy
 * does, and what it extends too.
 */
MUST_USE int rulepack_load(const struct policy_source *from, const char *name,
	struct arena *arena, struct pack *out, struct err *err);

/* rulepacks_check(from, p, arena, err): every pack that the policy names can be
 * loaded. */
MUST_USE int rulepacks_check(const struct policy_source *from,
	const struct policy *p, struct arena *arena, struct err *err);

#endif

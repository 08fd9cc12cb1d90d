/* Who the owners in a CODEOWNERS file are. */
#ifndef MODEL_OWNER_H
#define MODEL_OWNER_H

#include "base/arena.h"
#include "model/policy.h"

/*
 * owner_people(p, rule, owner):
 * The people that an owner stands for: what ${rule} says of it; the person with
 * the address; for "@name" the person with that account or name, or else the
 * group; for "@org/team" the group of that name, or else of the last part of
 * it. Gitea writes them without '@' as well. Nobody if none of these is there.
 */
struct people owner_people(const struct policy *p,
	const struct rule_codeowners *rule, struct span owner,
	struct arena *arena);

#endif

/*
 * Whom the CODEOWNERS file of an update's ref asks about what it brings. It is
 * never that of the push, and never one that nobody had to approve: that of the
 * ref's value before, if the log has admitted it, or else of what it admitted
 * there last; for a new ref that of the default branch, where CODEOWNERS is in
 * force as well.
 */
#ifndef GATHER_OWNERS_H
#define GATHER_OWNERS_H

#include "gather/gather.h"

/* owners_come_from(g, f, u, ref): whether for update ${u} it is that of this
 * ref, so that what came there was approved by the same owners. */
bool owners_come_from(
	struct gather *g, const struct facts *f, size_t u, struct span ref);

/* gather_owners(g, f, err): update[].owner, where the rules ask for it.
 * ERR_LIMIT where an expression or the file costs too much to match. */
MUST_USE int gather_owners(struct gather *g, struct facts *f, struct err *err);

#endif

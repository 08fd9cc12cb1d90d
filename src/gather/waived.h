/*
 * Commits that came to another ref by a waiver, and now come to one where it
 * could not have been made: they stand behind a tip that the log accepted, and
 * yet were not let in by its rules.
 */
#ifndef GATHER_WAIVED_H
#define GATHER_WAIVED_H

#include "gather/gather.h"

/*
 * waived_commits(g, f, u, tip, own, nown, out, n, err):
 * Those of them that ${tip} reaches and that are not behind the ref's own old
 * values ${own}; in the arena. A step of a ref whose waivers are covered by
 * those of the update's rules (waivers_cover) is left out.
 */
MUST_USE int waived_commits(struct gather *g, const struct facts *f, size_t u,
	const struct oid *tip, const struct oid *own, size_t nown,
	struct oid **out, size_t *n, struct err *err);

#endif

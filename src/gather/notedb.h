/*
 * Changes of Gerrit, from the repository that it serves or that is a mirror of
 * one: without asking anybody. Whoever can write refs/changes there can approve
 * anything, so these have to be refs that nobody pushes to but the server.
 */
#ifndef GATHER_NOTEDB_H
#define GATHER_NOTEDB_H

#include "model/review.h"
#include "port/repo.h"

#define NOTEDB_REFS_MAX 5000000      /* below refs/changes */
#define NOTEDB_CHANGES_MAX 200       /* that are about what is asked */
#define NOTEDB_BYTES_MAX (64u << 20) /* of their events in all */

/*
 * notedb_changes(r, commit, ncommit, highest, arena, out, n, err):
 * Every change whose newest patch set is one of the commits, in the order of
 * their numbers; parse/notedb.h says what is read and what ${highest} is. Only
 * refs that are there count, not those of a push. ERR_LIMIT past a limit above,
 * and -1 where a change that may be about one of them cannot be read: then
 * nothing is known.
 */
MUST_USE int notedb_changes(struct repo *r, const struct oid *commit,
	size_t ncommit, unsigned highest, struct arena *arena,
	struct review_request **out, size_t *n, struct err *err);

#endif

/*
 * Commits that were approved and then squashed: which new commit does at once
 * what a whole approved series does.
 */
#ifndef GATHER_SQUASHED_H
#define GATHER_SQUASHED_H

#include "gather/rebased.h"

struct squashed;

#define SQUASHED_NEW_MAX 20       /* commits of an update that may be one */
#define SQUASHED_READ_MAX 100000  /* commits read in search of series */
#define SQUASHED_COMPARE_MAX 1000 /* series compared */

/*
 * squashed_open(g, f, out, err):
 * For the updates of the push whose rules bind approvals to patches; *${out} is
 * NULL where there are none.
 */
MUST_USE int squashed_open(struct gather *g, const struct facts *f,
	struct squashed **out, struct err *err);
void squashed_close(struct squashed *s); /* NULL is fine */

/*
 * squashed_look(s, head, err):
 * Search the updates for what ${head} became, once for all approvals that name
 * it. The series is what it reaches and the ref does not, as it is before the
 * push, with any merges; at most REBASED_COMMITS_MAX. A commit of one parent is
 * its squash if from that parent it does what the series does from its base,
 * which is the one best common ancestor of ${head} and the ref; and if its
 * author's address is that of an author of the series. Its message and its date
 * may be any.
 *
 * None on a new ref, nor where two commits of the update would be it, nor once
 * the ref or the update has something of the series in whatever form: an
 * approval is not good twice. Past the limits above nothing more is found,
 * which refuses. ${s} may be NULL.
 */
MUST_USE int squashed_look(
	struct squashed *s, const struct oid *head, struct err *err);

/* squashed_has(s, commit): ${commit} is of a series that was found. */
bool squashed_has(const struct squashed *s, const struct oid *commit);

/* squashed_find(s, u, head, out): what an approval of ${head} covers of update
 * ${u}, of what was looked for. */
void squashed_find(const struct squashed *s, size_t u, const struct oid *head,
	struct rebased_cover *out);

/* squashed_from(s, u, commit): commits of the update into which ${commit}, of
 * any place in the series, was squashed; NULL: none. */
uint64_t *squashed_from(
	const struct squashed *s, size_t u, const struct oid *commit);

#endif

/*
 * Commits that were approved and then rebased: which new commits are the same
 * patches, in the same order, with the same authors and messages.
 */
#ifndef GATHER_REBASED_H
#define GATHER_REBASED_H

#include "gather/gather.h"

struct rebased;

#define REBASED_COMMITS_MAX 200 /* of one series */
#define REBASED_LANDED_MAX 5000 /* commits that came to the ref meanwhile */

/* rebased_text(c): a name for what a rebase leaves as it is: author, date and
 * message. */
struct oid rebased_text(const struct commit *c);

/* Commits found by a walk, up to a limit; in the arena. */
struct rebased_walk {
	struct oid *v;
	size_t n, max;
	bool past; /* there are more */
};
/* rebased_reach(g, from, hide, max, w, err): what ${from} reaches and ${hide}
 * (NULL: nothing) does not, newest first as far as dates allow. */
MUST_USE int rebased_reach(struct gather *g, const struct oid *from,
	const struct oid *hide, size_t max, struct rebased_walk *w,
	struct err *err);

/*
 * rebased_open(g, f, out, err):
 * For the updates of the push whose rules bind approvals to patches; *${out} is
 * NULL where there are none.
 */
MUST_USE int rebased_open(struct gather *g, const struct facts *f,
	struct rebased **out, struct err *err);
void rebased_close(struct rebased *r); /* NULL is fine */

/* rebased_may(r, commit, out, err): whether it is worth asking rebased_find: it
 * costs reading that commit. ${r} may be NULL. */
MUST_USE int rebased_may(struct rebased *r, const struct oid *commit, bool *out,
	struct err *err);

/* What an approval of a commit covers in an update that does not bring it. */
struct rebased_cover {
	uint64_t *covers;   /* bits, as in an approval; NULL: nothing */
	struct change *was; /* the commits that were approved, unsigned yet */
	size_t nwas;
};

/*
 * rebased_find(r, u, commit, out, err):
 * What is approved is the series of commits that ${commit} reaches and the ref
 * of update ${u} does not, as it is before the push. It covers commits of the
 * update when they stand in one line in the same order, each with the same
 * patch, author, date and message: all of them or none. None with a merge among
 * them, none on a new ref, and none once a commit of the series has come to the
 * ref in whatever form since it left it: an approval is not good twice.
 */
MUST_USE int rebased_find(struct rebased *r, size_t u, const struct oid *commit,
	struct rebased_cover *out, struct err *err);

/* rebased_alike(r, u, commit, out, err): commits of the update with the author,
 * date and message of ${commit}, whatever became of their patch; NULL: none. */
MUST_USE int rebased_alike(struct rebased *r, size_t u,
	const struct oid *commit, uint64_t **out, struct err *err);

#endif

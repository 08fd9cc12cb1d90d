/* Inside gather_changes: what commits do to files. */
#ifndef GATHER_PATHS_H
#define GATHER_PATHS_H

#include "gather/gather.h"

/* err_in_update(f, u, err): puts "<ref>: " before the cause; returns -1. */
int err_in_update(const struct facts *f, size_t u, struct err *err);

/* gather_commit(g, id, out, err): one commit, read and taken apart. */
MUST_USE int gather_commit(struct gather *g, const struct oid *id,
	struct commit *out, struct err *err);

/* gather_paths(g, f, err): the paths of each change under a rule that looks at
 * them, and of their sizes and contents what rules of this push ask for. */
MUST_USE int gather_paths(struct gather *g, struct facts *f, struct err *err);

/*
 * gather_folders(g, f, tip, change_at, err):
 * For updates whose rules look for paths that differ in case only: the folders
 * of the tree at the new tip that have names which were not there before. That
 * is, not in the tree of the old tip, or for a new ref of the commit that its
 * new commits start from. ${tip} has what each update names at last,
 * ${change_at} the index of each new commit in f->change.
 */
MUST_USE int gather_folders(struct gather *g, struct facts *f,
	const struct oid *tip, const struct oid_set *change_at,
	struct err *err);

#endif

/*
 * A Git worktree that something runs from: which commit it is at, and whether
 * its files are that commit's. The index is not asked, because its flags
 * (assume-unchanged, skip-worktree) and its stat data can hide an edit: every
 * file is hashed and compared with the commit's tree, byte for byte. Two things
 * are undone: where the commit's own .gitattributes say eol=crlf, the CR before
 * each LF; and where the commit holds a Git LFS pointer, the file it points to
 * is right as well. Other filters are not.
 */
#ifndef PORT_WORKTREE_H
#define PORT_WORKTREE_H

#include "base/arena.h"
#include "base/err.h"
#include "model/oid.h"

#define WORKTREE_NAMED_MAX 3

struct worktree {
	struct oid head;
	uint64_t files;     /* of the commit, compared */
	uint64_t changed;   /* other bytes, another type or mode */
	uint64_t missing;   /* in the commit, not on disk */
	uint64_t untracked; /* on disk, neither in the commit nor ignored */
	uint64_t ignored; /* on disk and ignored: not compared with anything */
	bool ignores_outside; /* some ignore rules are not the commit's own:
			       * .git/info/exclude or a configured file */
	const char
		*named[WORKTREE_NAMED_MAX]; /* "changed 'a/b'" …, printable */
	size_t nnamed;
};

/*
 * worktree_look(dir, a, out, err):
 * ${dir} is the top of a worktree: it holds .git, as a folder or as a file
 * that points to one. Submodules that are checked out are looked at as well:
 * one that is at another commit than the tree says counts as changed.
 * ERR_REPO when it cannot be told: not a worktree, bare, without a commit,
 * owned by another account (libgit2 keeps to Git's safe.directory), with its
 * files elsewhere (core.worktree), unreadable, moving while it is read.
 */
MUST_USE int worktree_look(const char *dir, struct arena *a,
	struct worktree *out, struct err *err);

#endif

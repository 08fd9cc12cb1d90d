/*
 * Where a policy, and the files that it names, are read from: files beside it,
 * or the tree of a commit.
 */
#ifndef GATHER_POLICYSOURCE_H
#define GATHER_POLICYSOURCE_H

#include "base/arena.h"
#include "base/buf.h"
#include "port/repo.h"

struct policy_source {
	/* read(ctx, name, out, err): the bytes of a file as the policy names
	 * it, up to the buffer's maximum; NULL is the policy itself. */
	int (*read)(
		void *ctx, const char *name, struct buf *out, struct err *err);
	void *ctx;
	const char *called; /* the policy, in messages */
};

/* policysource_beside(out, policy, file): where a file that the policy names
 * is: beside it unless its name is absolute. NULL is the policy itself. */
void policysource_beside(struct buf *out, const char *policy, const char *file);

/*
 * policysource_trusted(path), policysource_plain(path):
 * The file ${path} and those beside it, which live as long as the result. Each
 * is held to what port/trustfile.h asks, or is read whoever owns it: for those
 * who only want to know what a policy says.
 */
struct policy_source policysource_trusted(const char *path);
struct policy_source policysource_plain(const char *path);

/*
 * policysource_tree(t):
 * "policy.json" in a tree, and files by policytree_path. Nothing but regular
 * files is read: no links, no submodules.
 */
struct policy_tree {
	struct repo *repo;
	struct oid commit;
	const char *called;
};
struct policy_source policysource_tree(struct policy_tree *t);

/*
 * policytree_path(name, out):
 * Where a file that the policy calls ${name} stands in a tree: under that path
 * where it is one (relative, no empty part, no "." or "..", not ".git"), and
 * under "elsewhere/" and the SHA-256 of the name where it is not. False in that
 * second case.
 */
bool policytree_path(const char *name, struct buf *out);

/* policytree_name(t, a, out, err): what the policy calls the repository, from
 * the file POLICYTREE_NAME. */
#define POLICYTREE_NAME "repository"
MUST_USE int policytree_name(struct policy_tree *t, struct arena *a,
	const char **out, struct err *err);

/* What was read from another source, file by file, each once. */
struct policy_file {
	const char *name; /* NULL: the policy */
	struct span data;
};
struct policy_files {
	struct policy_source from;
	struct arena *arena;
	struct policy_file *v;
	size_t n, cap;
};
struct policy_source policysource_noting(struct policy_files *files);

#endif

/*
 * What commits do, computed here: the change between two trees as one number,
 * and a merge done again. Reads a repository's objects, and neither its
 * configuration nor its attributes, which would make the answer depend on more
 * than the objects. Nothing is written but to memory.
 */
#ifndef PORT_REPODIFF_H
#define PORT_REPODIFF_H

#include "port/crypto.h"
#include "port/repo.h"

struct repodiff;

/* repodiff_open(r, out, err): ${r} must outlive it. */
MUST_USE int repodiff_open(
	struct repo *r, struct repodiff **out, struct err *err);
void repodiff_close(struct repodiff *d); /* NULL is fine */

#define REPODIFF_FILE_MAX (1 << 20) /* bytes; larger ones count as binary */
#define REPODIFF_FILES_MAX 50000    /* that differ */
#define REPODIFF_TEXT_MAX (UINT64_C(256) << 20) /* bytes of a patch */

struct patch_id {
	bool known; /* false: too large to be compared */
	unsigned char sha256[SHA256_LEN];
};
/*
 * repodiff_patch(d, commit, out, err):
 * A number for what a commit does to the tree of its only parent: two have the
 * same exactly when "git patch-id --verbatim" calls their patches the same,
 * made without renames; but for what git leaves out there. White space counts,
 * since it may mean something; a file that is binary counts with the names of
 * both its blobs, since its patch says nothing; so do modes. As with git, line
 * numbers do not count, and three lines around a change do.
 * Not git's own number: that is a sum over files, which can be steered.
 * Unknown for a commit that has not exactly one parent.
 */
MUST_USE int repodiff_patch(struct repodiff *d, const struct commit *commit,
	struct patch_id *out, struct err *err);

/* What lies between the trees of two commits. */
struct repodiff_step {
	struct oid from, to;
};
/*
 * repodiff_equal(d, was, is, out, err):
 * Whether the two do the same: their patches have the same number, are not
 * empty, and each file of the second is what merging gives that of the first
 * into what was there, so that no hunk stands at another place that only reads
 * the same. What is too large to be compared is not the same.
 */
MUST_USE int repodiff_equal(struct repodiff *d, const struct repodiff_step *was,
	const struct repodiff_step *is, bool *out, struct err *err);

/* repodiff_first(d, step, arena, out, err): the first path, in git's order, at
 * which the trees differ; NULL: none. */
MUST_USE int repodiff_first(struct repodiff *d,
	const struct repodiff_step *step, struct arena *arena, const char **out,
	struct err *err);

/* repodiff_base(d, a, b, out, one, err): the best common ancestor of two
 * commits; *${one}: there is exactly one such. */
MUST_USE int repodiff_base(struct repodiff *d, const struct oid *a,
	const struct oid *b, struct oid *out, bool *one, struct err *err);

/*
 * repodiff_merge(d, commit, out, why, err):
 * Whether the tree of a merge commit is that which merging its two parents
 * gives, with renames looked for and a merge base made where there are several.
 * ${*why} says why it is not. libgit2 and git's own "ort" agree where neither
 * finds a conflict, but for some renames (folders, and files in very many),
 * merge drivers and line ends set by attributes: what git merged otherwise is
 * not clean here.
 */
MUST_USE int repodiff_merge(struct repodiff *d, const struct commit *commit,
	enum merge_result *out, const char **why, struct err *err);

#endif

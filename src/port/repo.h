/*
 * A bare or plain Git repository, through libgit2: objects, refs, history.
 * Replace refs and grafts are never obeyed. SHA-256 repositories are refused
 * with one clear error.
 */
#ifndef PORT_REPO_H
#define PORT_REPO_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/change.h"

struct repo;

/*
 * repo_open(path, quarantine, out, err):
 * Open the repository at ${path} (a git directory, or a work tree). When
 * ${quarantine} is not NULL it is an objects folder that is looked into as
 * well (GIT_QUARANTINE_PATH or GIT_OBJECT_DIRECTORY of a hook). A path that
 * holds ':' works. The environment is not read.
 */
MUST_USE int repo_open(const char *path, const char *quarantine,
	struct repo **out, struct err *err);
void repo_close(struct repo *r);

/* repo_strict(r): from now on hold each object that is read against its name,
 * in all repositories of this process: for what nobody else has hashed. */
void repo_strict(struct repo *r);

/* repo_dir(r): its git directory, ends in '/'. */
const char *repo_dir(const struct repo *r);

/* repo_is_shallow(r): whether its history was cut off when it was cloned. */
bool repo_is_shallow(struct repo *r);

/* repo_objects(r, out): its objects folder, in ${out}, reset first; that of the
 * main work tree when it is a linked one. */
void repo_objects(const struct repo *r, struct buf *out);

/* repo_quarantine(r): what repo_open was given, or NULL. */
const char *repo_quarantine(const struct repo *r);

/* repo_type(r, o): what the object is, OBJECT_NONE if it is not there; reads
 * only its header. ${size} (may be NULL) gets its length in bytes. */
enum object_type repo_type(struct repo *r, const struct oid *o, uint64_t *size);

/* An object read whole. Free with repo_object_free; zero it first. */
struct repo_object {
	enum object_type type;
	struct span data;
	void *held; /* the library's */
};
/*
 * repo_read(r, o, max, out, err):
 * ERR_REPO when it is missing or damaged, ERR_LIMIT when it is larger than
 * ${max} bytes (found out before it is inflated).
 */
MUST_USE int repo_read(struct repo *r, const struct oid *o, uint64_t max,
	struct repo_object *out, struct err *err);
void repo_object_free(struct repo_object *obj);

/* repo_ordered(r): from now on repo_walk gives children before parents whatever
 * the dates say. */
void repo_ordered(struct repo *r);
/*
 * repo_walk(r, from, nfrom, hide, nhide, each, ctx, err):
 * Commits reachable from ${from} and not from ${hide}, children before parents
 * as far as dates allow. Tags are peeled; things that are not commits are
 * passed over; hidden ones that are missing too.
 */
MUST_USE int repo_walk(struct repo *r, const struct oid *from, size_t nfrom,
	const struct oid *hide, size_t nhide,
	int (*each)(void *ctx, const struct oid *o, struct err *err), void *ctx,
	struct err *err);

/* repo_is_ancestor(r, a, b, out, err): whether ${a} is reachable from ${b}
 * (a commit is its own ancestor). */
MUST_USE int repo_is_ancestor(struct repo *r, const struct oid *a,
	const struct oid *b, bool *out, struct err *err);

/* repo_peel(r, o, out, type): follow tags to what they name at last. False if
 * something on the way is missing. */
MUST_USE bool repo_peel(struct repo *r, const struct oid *o, struct oid *out,
	enum object_type *type);

/* A ref: full name and value (symbolic refs are passed over). */
struct repo_ref {
	struct span name;
	struct oid oid;
};
/* repo_refs(r, glob, a, out, n, err): all refs, or those matching the glob
 * ("refs/sluice/approvals/" followed by a star), sorted by name. */
MUST_USE int repo_refs(struct repo *r, const char *glob, struct arena *a,
	struct repo_ref **out, size_t *n, struct err *err);
/* repo_refs_each(r, glob, each, ctx, err): the same one after the other, in any
 * order, where there may be very many. The name lives until ${each} returns;
 * what it returns but 0 ends it, with -1. */
MUST_USE int repo_refs_each(struct repo *r, const char *glob,
	int (*each)(void *ctx, struct span name, const struct oid *o,
		struct err *err),
	void *ctx, struct err *err);
/* repo_ref_symbolic(r, name, a, target, err): the ref that writing to this one
 * would move in its place; empty when it is not symbolic or not there. */
MUST_USE int repo_ref_symbolic(struct repo *r, const char *name,
	struct arena *a, struct span *target, struct err *err);
/* repo_ref_value(r, name, out): false when there is no such ref. */
MUST_USE bool repo_ref_value(struct repo *r, const char *name, struct oid *out);

/* repo_limit_paths(r, max): how many files and folders repo_new_paths and
 * repo_lost_paths may look at in all, past which they fail with ERR_LIMIT. */
void repo_limit_paths(struct repo *r, uint64_t max);

/*
 * repo_new_paths(r, commit, parents, nparents, each, ctx, err):
 * Paths whose entry in the commit's tree differs from that in every parent's
 * (or is there when there are no parents): what this commit itself brings, for
 * merges too. Deletions are not told. Submodule entries have type
 * OBJECT_COMMIT, symbolic links OBJECT_BLOB with mode 0120000.
 */
struct repo_path {
	struct span path; /* good during the call only */
	struct oid oid;
	enum object_type type;
	unsigned mode;
};
MUST_USE int repo_new_paths(struct repo *r, const struct oid *tree,
	const struct oid *parents, size_t nparents,
	int (*each)(void *ctx, const struct repo_path *p, struct err *err),
	void *ctx, struct err *err);

/*
 * repo_lost_paths(r, tree, parents, nparents, each, ctx, err):
 * Paths that every parent has and the commit's tree does not: what this commit
 * itself takes away. ${p->oid} is what the first parent has there. A tree that
 * cannot be read is an error. Nothing without parents.
 */
MUST_USE int repo_lost_paths(struct repo *r, const struct oid *tree,
	const struct oid *parents, size_t nparents,
	int (*each)(void *ctx, const struct repo_path *p, struct err *err),
	void *ctx, struct err *err);

/* repo_at_path(r, commit, path, out): what blob stands at ${path} in a commit's
 * tree. False: none, or it cannot be found out. */
MUST_USE bool repo_at_path(struct repo *r, const struct oid *commit,
	struct span path, struct oid *out);
/* repo_file_at: the same, and not a symbolic link. */
MUST_USE bool repo_file_at(struct repo *r, const struct oid *commit,
	struct span path, struct oid *out);

/* repo_entry_at(r, commit, path, out, err): what stands at ${path}, ended by a
 * NUL, in a commit's tree; OBJECT_NONE for nothing. out->path is ${path}. */
MUST_USE int repo_entry_at(struct repo *r, const struct oid *commit,
	const char *path, struct repo_path *out, struct err *err);

/*
 * repo_config(r, key, a, out, err):
 * A value of the repository's own configuration ("sluice.name"); *${out} is
 * NULL when it is not set. repo_config_set writes one; NULL removes it.
 */
MUST_USE int repo_config(struct repo *r, const char *key, struct arena *a,
	const char **out, struct err *err);
MUST_USE int repo_config_set(
	struct repo *r, const char *key, const char *value, struct err *err);

#endif

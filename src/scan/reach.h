/*
 * Where trees stand: each at which paths, and since which commit. Trees are
 * entered commit by commit, so that the first one to come upon something is the
 * one that brought it.
 */
#ifndef SCAN_REACH_H
#define SCAN_REACH_H

#include "base/buf.h"
#include "scan/treebook.h"

#define REACH_NONE UINT32_MAX
#define REACH_DEPTH_MAX 256
/* A few folders that hold each other many times make more paths than anybody
 * can look at. */
#define REACH_VISITS_MAX (UINT32_C(1) << 24) /* folders */
#define REACH_PATHS_MAX (UINT32_C(1) << 24)

/* A tree at a path. */
struct reach_visit {
	uint32_t prefix; /* the folder's path: a number */
	uint32_t commit; /* the first, in the caller's count */
	uint32_t next;   /* the same tree at another path, or REACH_NONE */
};

struct reach_prefix {
	uint32_t up, name;
};

struct reach {
	const struct treebook *book;
	uint32_t *first; /* [ntree] a visit */
	uint32_t ntree;
	struct reach_visit *visit;
	uint32_t nvisit, visitcap;
	struct pairmap at;       /* tree, prefix */
	struct pairmap prefixes; /* up, name */
	struct reach_prefix *prefix;
	uint32_t nprefix, prefixcap;
	struct pairmap lists, paths; /* seen: list, prefix; name, prefix */
	/* A path that was not there before: in tree number ${tree}, which is
	 * at ${prefix}, a name. */
	int (*path)(void *ctx, uint32_t tree, uint32_t prefix, uint32_t name,
		struct err *err);
	/* read(ctx, tree, err): a tree that is not in the book: 0 when it is
	 * now. */
	int (*read)(void *ctx, uint32_t tree, struct err *err);
	void *ctx;
};

/* reach_open(r): with book and calls set. */
void reach_open(struct reach *r);
void reach_close(struct reach *r);

/* reach_enter(r, tree, commit, err): the tree of the next commit. */
MUST_USE int reach_enter(
	struct reach *r, uint32_t tree, uint32_t commit, struct err *err);

/* reach_visits(r, tree): its first visit, REACH_NONE when it was not met. */
uint32_t reach_visits(const struct reach *r, uint32_t tree);

/* reach_path(r, prefix, name, out): the path as text, added to ${out}. */
void reach_path(
	const struct reach *r, uint32_t prefix, uint32_t name, struct buf *out);

#endif

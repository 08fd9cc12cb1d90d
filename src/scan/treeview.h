/* One tree, as numbers. What it shares with the tree it was made from is taken
 * over without being read. */
#ifndef SCAN_TREEVIEW_H
#define SCAN_TREEVIEW_H

#include "scan/census.h"
#include "scan/copy.h"

struct treeview {
	uint32_t n;
	uint32_t *at;     /* [n + 1] where each entry starts, and the end */
	uint32_t *object; /* [n] its number; UINT32_MAX for a submodule */
	uint32_t *name;   /* [n] its number, TREEBOOK_FOLDER for a folder */
	uint32_t list, kids, worker; /* the treebook's */
};

struct treeview_cached {
	struct oid id;
	uint32_t number;
};
#define TREEVIEW_CACHE 65536u

/* A thread's working memory. */
struct treeview_scratch {
	struct census *census;
	uint32_t (*number)(void *ctx, struct span name);
	void *ctx;
	uint32_t *at, *object, *name;
	size_t cap;
	struct treeview_cached *cache; /* [TREEVIEW_CACHE] */
};

/* number(ctx, name): gives equal numbers to equal names. */
void treeview_scratch_open(struct treeview_scratch *s, struct census *c,
	uint32_t (*number)(void *ctx, struct span name), void *ctx);
void treeview_scratch_close(struct treeview_scratch *s);

/*
 * treeview_read(s, bytes, base, out, err):
 * ${out} points into the scratch memory. ERR_INPUT when the bytes are no tree.
 */
struct treeview_base {
	const struct treeview *view; /* what they were made from, or NULL */
	struct span bytes;           /* its own */
	const struct scan_copy *copy;
	size_t ncopy;
};
MUST_USE int treeview_read(struct treeview_scratch *s, struct span bytes,
	const struct treeview_base *base, struct treeview *out,
	struct err *err);

/* treeview_keep(v): a copy, in one piece for free(). */
struct treeview *treeview_keep(const struct treeview *v);

bool treeview_same_names(const struct treeview *a, const struct treeview *b);
/* For two with the same names: the same folders stand there. */
bool treeview_same_folders(const struct treeview *a, const struct treeview *b);

#endif

/*
 * All trees of a repository in a form small enough to keep: which names a
 * folder has (most versions of a folder have the same), which folders stand in
 * it, and where the objects somebody asks about stand.
 */
#ifndef SCAN_TREEBOOK_H
#define SCAN_TREEBOOK_H

#include "scan/census.h"
#include "scan/pairmap.h"

#define TREEBOOK_NONE UINT32_MAX
#define TREEBOOK_FOLDER (UINT32_C(1) << 31) /* of a name's number */

/* The names in a folder, in its order: numbers, with TREEBOOK_FOLDER. Behind
 * them, without it, those of its folders once more: they are few. */
struct treebook_list {
	uint32_t at, n, nfolder;
};

struct treebook_tree {
	uint32_t list; /* TREEBOOK_NONE: not read (yet) */
	uint32_t kids; /* where the numbers of its folders start, in fours */
	unsigned char worker; /* and in whose `kids` */
};

/* An object stands under a name in the trees [first, last] of those that a
 * thread saw, in the order it saw them. */
struct treebook_run {
	uint32_t object, name;
	uint32_t first, last;
};

struct treebook_sight {
	uint32_t *tree; /* in the order seen */
	uint32_t n, cap;
	struct treebook_run *run;
	uint32_t nrun, runcap;
	struct pairmap last; /* object and name: its last run */
	uint32_t *kids;
	size_t nkids, kidscap;
};

struct treebook {
	struct census *census;
	unsigned char *asked; /* a bit for each object in a pack */
	pthread_mutex_t lock; /* for all below but tree[] of packed ones */
	struct treebook_tree *tree; /* by number */
	uint32_t ntree;
	/* names */
	unsigned char *text;
	size_t textn, textcap;
	uint32_t *name; /* [nname + 1] where each starts in text */
	uint32_t nname, namecap;
	struct pairmap name_of;
	/* lists */
	uint32_t *item;
	size_t nitem, itemcap;
	struct treebook_list *list;
	uint32_t nlist, listcap;
	struct pairmap list_of;
	struct treebook_sight *sight; /* [workers] */
	unsigned workers;
};

void treebook_open(struct treebook *b, struct census *c, unsigned workers);
void treebook_close(struct treebook *b);

/* treebook_ask(b, number): note where that object stands. Those in no pack are
 * asked for anyway. Before trees are read. */
void treebook_ask(struct treebook *b, uint32_t number);

/* treebook_walk(b, p, err): the trees of one of the census's packs. */
MUST_USE int treebook_walk(
	struct treebook *b, struct packmap *p, struct err *err);

/* treebook_add(b, number, bytes, err): a tree from elsewhere, by one thread.
 * ERR_INPUT when it is damaged. */
MUST_USE int treebook_add(struct treebook *b, uint32_t number,
	struct span bytes, struct err *err);

/* treebook_tree(b, number): NULL when it was not read. */
const struct treebook_tree *treebook_tree(
	const struct treebook *b, uint32_t number);

/* treebook_kid(b, t, i): the number of its ${i}th folder. */
static inline uint32_t treebook_kid(
	const struct treebook *b, const struct treebook_tree *t, uint32_t i)
{
	return b->sight[t->worker].kids[(size_t)t->kids * 4 + i];
}

/* treebook_name(b, name): the bytes of a name. */
struct span treebook_name(const struct treebook *b, uint32_t name);

#endif

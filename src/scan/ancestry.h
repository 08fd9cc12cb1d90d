/* The commits of a repository, by number: their trees and parents, and an
 * order in which parents come first. */
#ifndef SCAN_ANCESTRY_H
#define SCAN_ANCESTRY_H

#include "scan/census.h"

struct ancestor {
	uint32_t commit, tree;
	uint32_t parents, nparents; /* where in `parent` */
	int64_t time;
	unsigned char state;
};

/* What one thread has seen. */
struct ancestry_part {
	struct ancestor *v;
	size_t n, cap;
	uint32_t *parent;
	size_t nparent, parentcap;
};

/* ancestry_note(p, c, number, bytes, err): a commit. ERR_INPUT when it does not
 * start as a commit does. */
MUST_USE int ancestry_note(struct ancestry_part *p, struct census *c,
	uint32_t number, struct span bytes, struct err *err);
void ancestry_part_free(struct ancestry_part *p);

struct ancestry {
	struct ancestor *v; /* ascending by number of the commit */
	size_t n;
	uint32_t *parent;
	size_t nparent;
};

/* ancestry_join(a, part, n): all parts in one; they are freed. */
void ancestry_join(struct ancestry *a, struct ancestry_part *part, size_t n);
void ancestry_free(struct ancestry *a);

/* ancestry_find(a, number): the place of a commit in a->v, or SIZE_MAX. */
size_t ancestry_find(const struct ancestry *a, uint32_t number);

/*
 * ancestry_order(a, tips, ntips, order, n, missing):
 * The commits that lead to the tips, as places in a->v: parents first, and
 * among those that are free to choose the older one first. *${order} is to be
 * freed. False when one of them was not noted: *${missing} is its number.
 */
MUST_USE bool ancestry_order(struct ancestry *a, const uint32_t *tips,
	size_t ntips, uint32_t **order, size_t *n, uint32_t *missing);

#endif

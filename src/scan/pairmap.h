/* Numbers for pairs of numbers; grows, never shrinks. Zero it first. */
#ifndef SCAN_PAIRMAP_H
#define SCAN_PAIRMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"

#define PAIRMAP_NONE UINT32_MAX

struct pairmap {
	uint64_t *key;   /* 1 more than the pair; 0 is empty */
	uint32_t *value; /* owned, as key */
	uint32_t n, cap;
};

/*
 * pairmap_at(m, a, b):
 * Where the value of a pair is kept, to be read and set until the next call. A
 * pair that was not there is added with PAIRMAP_NONE. Not both may be
 * UINT32_MAX.
 */
uint32_t *pairmap_at(struct pairmap *m, uint32_t a, uint32_t b);

/* pairmap_get(m, a, b): its value, PAIRMAP_NONE when it is not there. */
uint32_t pairmap_get(const struct pairmap *m, uint32_t a, uint32_t b);
void pairmap_free(struct pairmap *m);

#endif

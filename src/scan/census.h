/*
 * A number for every object of a repository: for those in packs the place in
 * their index (of the first pack that has it), behind them those that were
 * asked for and are in none.
 */
#ifndef SCAN_CENSUS_H
#define SCAN_CENSUS_H

#include <pthread.h>

#include "scan/packmap.h"

struct census {
	const struct packmap *pack;
	size_t npacks;
	uint32_t *first;  /* [npacks + 1] the number of its first object */
	uint32_t npacked; /* numbers below it are in packs */
	pthread_mutex_t lock;
	struct oid_set others;
	struct oid *other;
	size_t nother, othercap;
	uint32_t zero; /* the zero name's, which no set holds; 0: none yet */
};

/* census_open(c, packs, n, err): the packs must outlive it. ERR_LIMIT past 2^31
 * objects. */
MUST_USE int census_open(struct census *c, const struct packmap *packs,
	size_t npacks, struct err *err);
void census_close(struct census *c); /* fine when zero */

/* census_number(c, id): by any thread. A name in no pack gets the next
 * number. */
uint32_t census_number(struct census *c, const struct oid *id);

/* census_in_pack(c, pack, i): the number of object ${i} of a pack. */
uint32_t census_in_pack(
	struct census *c, const struct packmap *pack, uint32_t i);

/* census_id(c, number, out): the name; not while others call census_number. */
void census_id(const struct census *c, uint32_t number, struct oid *out);

#endif

/*
 * The commits that arrived in packs, taken apart: for a push of many, where
 * reading one after the other through the library takes longer than the rest.
 */
#ifndef GATHER_COMMITBOOK_H
#define GATHER_COMMITBOOK_H

#include "gather/arrived.h"
#include "model/change.h"
#include "scan/packlist.h"

struct commitbook;

/*
 * commitbook_read(packs, arrived, workers, max):
 * Those in ${packs}, which are those of ${arrived}, that are new, by that many
 * threads. Left out are commits larger than ${max} bytes and what cannot be
 * read or taken apart: who asks for such a one has to read it, and will be told
 * what is wrong.
 */
struct commitbook *commitbook_read(struct packlist *packs,
	const struct arrived *arrived, unsigned workers, uint64_t max);
void commitbook_free(struct commitbook *b); /* NULL is fine */

/* commitbook_find(b, id): lives as long as the book. NULL when it is not in
 * it, or ${b} is NULL. */
const struct commit *commitbook_find(
	const struct commitbook *b, const struct oid *id);

/* commitbook_bytes(b, id): the object itself, where what was taken apart is all
 * of it: where it has no signature. Else nothing. */
struct span commitbook_bytes(const struct commitbook *b, const struct oid *id);

/*
 * commitbook_walk(b, from, n, hidden, each, ctx, whole, err):
 * The commits that lead to those in ${from}, each once, in no order to count
 * on. What is in ${hidden} is not told nor looked behind.
 * *${whole} turns false, and the walk ends, when it comes to a commit that is
 * neither there nor in the book. -1 when ${each} returns it.
 */
MUST_USE int commitbook_walk(const struct commitbook *b, const struct oid *from,
	size_t n, const struct oid_set *hidden,
	int (*each)(void *ctx, const struct oid *id, struct err *err),
	void *ctx, bool *whole, struct err *err);

#endif

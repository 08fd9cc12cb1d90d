/* What a push brought: the objects in its quarantine that the repository did
 * not have before. */
#ifndef GATHER_ARRIVED_H
#define GATHER_ARRIVED_H

#include "model/oid.h"
#include "scan/packlist.h"

/* Zeroed: nothing. Those in packs are told by the packs' indexes. */
struct arrived {
	const struct packlist *packs;
	struct oid_set again; /* in the packs, but there before as well */
	struct oid_set loose; /* new, and in no pack that is open */
};

/* arrived_has(a, id): safe from several threads. */
bool arrived_has(const struct arrived *a, const struct oid *id);

/* arrived_packed(a, id): the same for what is known to lie in the packs. */
bool arrived_packed(const struct arrived *a, const struct oid *id);

void arrived_free(struct arrived *a);

#endif

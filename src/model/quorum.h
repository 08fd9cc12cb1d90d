/* Whether enough people stand behind several demands at once. */
#ifndef MODEL_QUORUM_H
#define MODEL_QUORUM_H

#include "base/span.h"

#define QUORUM_MAX 6 /* demands */

/* A set of demands that asks for more people than there are for it. */
struct quorum_gap {
	unsigned set; /* bit i: demand i */
	unsigned want, have;
};

/*
 * quorum_short(count, n, mask, nmask, shared, out):
 * Demand i of ${n} (at most QUORUM_MAX) asks for count[i] people. Each of
 * ${nmask} people has in its mask the demands that it may serve, and serves one
 * of them; with ${shared}, all of them. True when that cannot be, with the
 * smallest set of demands that shows it; which one does not depend on the order
 * of the people. Demand 0 by itself is left to the
 * caller, and where it is short, so are the sets with it.
 */
MUST_USE bool quorum_short(const unsigned *count, size_t n,
	const unsigned *mask, size_t nmask, bool shared,
	struct quorum_gap *out);

#endif

/* Which merge commits add nothing to their parents. */
#ifndef GATHER_MERGES_H
#define GATHER_MERGES_H

#include "gather/gather.h"

#define MERGES_MAX 100 /* done again in one push; each costs a whole tree */

/* gather_merges(g, f, err): change[].merge and unclean, where a rule or who
 * signed asks for it. One that cannot be done again is not clean. */
MUST_USE int gather_merges(struct gather *g, struct facts *f, struct err *err);

#endif

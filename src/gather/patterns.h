/* The policy's regular expressions, matched against messages and ref names. */
#ifndef GATHER_PATTERNS_H
#define GATHER_PATTERNS_H

#include "gather/gather.h"

/* gather_patterns: the `matches` bits of every change and update. A pattern
 * that passes a matching limit is an error: it could not be told. */
MUST_USE int gather_patterns(
	struct gather *g, struct facts *f, struct err *err);

#endif

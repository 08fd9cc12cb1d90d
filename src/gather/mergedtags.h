/* Signed tags in the headers of merges ("mergetag"): whose they are. */
#ifndef GATHER_MERGEDTAGS_H
#define GATHER_MERGEDTAGS_H

#include "gather/gather.h"

/*
 * mergedtags_gather(g, f, err):
 * change[].merged of the commits of updates whose rules ask for them, judged at
 * the time of the push as tags are. One that is no tag at all is malformed.
 */
MUST_USE int mergedtags_gather(
	struct gather *g, struct facts *f, struct err *err);

#endif

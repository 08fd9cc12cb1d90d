/*
 * Secrets that a push only repeats. Where an object came as a delta the scanner
 * knows which bytes are old. Small pushes come as whole objects, and then it is
 * what stood at the same path in the commit's parents that tells.
 */
#ifndef GATHER_REPEAT_H
#define GATHER_REPEAT_H

#include "gather/gather.h"
#include "scan/history.h"

struct repeat;

/* repeat_new(g, in, max): ${in} is the inspector that finds hits; blobs of
 * parents that are larger than ${max} are not looked into. */
struct repeat *repeat_new(
	struct gather *g, const struct inspector *in, uint64_t max);
void repeat_free(struct repeat *r); /* NULL is fine */

/*
 * repeat_is(r, hit, out, err):
 * Whether a parent of hit->commit, which was there before this push, has the
 * same secret under the same rule at the same path; or came with this push and
 * only repeats it there. Hits of one path have to come parents first. What
 * cannot be found out, or would take too long, is no: then it counts as new. -1
 * only when the machinery fails.
 */
MUST_USE int repeat_is(struct repeat *r, const struct history_hit *hit,
	bool *out, struct err *err);

#endif

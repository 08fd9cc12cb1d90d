/*
 * The end of the log, read backwards without the index: what a push asks for
 * right after its own decision was appended.
 */
#ifndef LOG_RECENT_H
#define LOG_RECENT_H

#include "base/arena.h"
#include "base/err.h"
#include "model/push.h"

#define RECENT_LOOKED_AT 8 /* entries; other pushes may come in between */

/*
 * recent_decisions(state, repository, up, n, a, decision, all, err):
 * For each update the newest admitted decision of that repository with exactly
 * that update, among the last RECENT_LOOKED_AT entries, or UINT64_MAX. *${all}
 * tells whether every one was found; where not, the index has to be asked.
 */
MUST_USE int recent_decisions(const char *state, struct span repository,
	const struct ref_update *up, size_t n, struct arena *a,
	uint64_t *decision, bool *all, struct err *err);

#endif

/* Entries for a test's log, written the way the gate writes them: through the
 * key holder. All are of one update. */
#ifndef SUPPORT_LOGBOOK_H
#define SUPPORT_LOGBOOK_H

#include "base/span.h"

struct logbook {
	const char *state; /* made with store_create */
	const char *repository;
	const char *ref;
};

#define LOGBOOK_ZEROS "0000000000000000000000000000000000000000"

/* Each answers the number of its entry, or dies. Object names are 40 digits;
 * ${verdict} is "accept", "reject" …; the decision's commit is its new tip. */
uint64_t logbook_adopt(const struct logbook *b, const char *tip,
	const char *const *commits, size_t ncommits);
uint64_t logbook_decide(const struct logbook *b, const char *verdict,
	const char *old, const char *new);
uint64_t logbook_outcome(const struct logbook *b, uint64_t decision,
	const char *old, const char *new);

#endif

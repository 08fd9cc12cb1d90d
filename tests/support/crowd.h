/* Processes that append to one log at the same time. */
#ifndef SUPPORT_CROWD_H
#define SUPPORT_CROWD_H

#include <sys/types.h>

#include "base/span.h"
#include "parse/receipt.h"

struct crowd_one {
	pid_t pid;
	int answer; /* the receipt comes here */
};

/* crowd_start(c, state, record): a process that appends it. */
void crowd_start(struct crowd_one *c, const char *state, struct span record);
/* crowd_waits(state, n): return when ${n} records wait in the queue. */
void crowd_waits(const char *state, size_t n);
/* crowd_waiting(state): how many do. */
size_t crowd_waiting(const char *state);
/* crowd_end(c, out): when it ended; true when its record was acknowledged. */
bool crowd_end(struct crowd_one *c, struct log_receipt *out);

/* crowd_count(state, record, last): of how many entries it is the record, and
 * the number of the last of them. */
unsigned crowd_count(const char *state, struct span record, uint64_t *last);
/* crowd_once(state, record, r): it is that one entry; or the test fails. */
void crowd_once(
	const char *state, struct span record, const struct log_receipt *r);

#endif

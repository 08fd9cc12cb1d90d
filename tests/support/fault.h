/*
 * A function run in a child of which one system call fails, or which is killed
 * as it enters one.
 */
#ifndef SUPPORT_FAULT_H
#define SUPPORT_FAULT_H

#include <stdbool.h>

/* What happens at the call; all but the first only where fault_possible(). */
enum fault {
	FAULT_KILL,
	FAULT_IO,
	FAULT_FULL,
	FAULT_SIGNAL, /* it was interrupted */
	FAULT_SHORT,  /* of a write, half is done */
	FAULTS
};

struct fault_end {
	bool traced; /* or nothing was run: tracing is not allowed here */
	bool struck; /* the call was of a kind that can end so, and did */
	long nr;     /* of the call; -1: there were not so many */
	int status;  /* what ${run} answered; 1 when it did not come so far */
};

/* fault_run(run, ctx, at, f): with ${f} at call number ${at}, from 1. */
struct fault_end fault_run(
	int (*run)(void *ctx), void *ctx, int at, enum fault f);

/* fault_possible(f): whether this machine's calls can be made to end so. */
bool fault_possible(enum fault f);

/* fault_is_sync(nr): fsync or fdatasync. */
bool fault_is_sync(long nr);

#endif

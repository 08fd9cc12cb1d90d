/*
 * The jobs that a timer does, and when each last ran on a log: so that doctor
 * can tell one that stopped running or began to fail, whoever starts it.
 */
#ifndef LOG_RUNS_H
#define LOG_RUNS_H

#include "parse/lastrun.h"

enum run_job {
	RUN_AUDIT, /* with --record */
	RUN_PACK,
	RUN_PRUNE,
	RUN_JOBS,
};

/* runs_name(job): "audit", "pack", "prune". */
const char *runs_name(enum run_job job);

/*
 * runs_begin(state, job, err), runs_end(state, job, status, err):
 * Note that it begins, that it ends with that exit status. What cannot be noted
 * should stop no job.
 */
MUST_USE int runs_begin(const char *state, enum run_job job, struct err *err);
MUST_USE int runs_end(
	const char *state, enum run_job job, unsigned status, struct err *err);

/* runs_read(state, job, out, found, err): not found: it never ran. */
MUST_USE int runs_read(const char *state, enum run_job job, struct lastrun *out,
	bool *found, struct err *err);

#endif

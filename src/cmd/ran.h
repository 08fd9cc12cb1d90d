/* Commands that are jobs of a timer: that they ran is noted (log/runs.h). Where
 * it cannot be, that is said, and the job goes on. */
#ifndef CMD_RAN_H
#define CMD_RAN_H

#include "cmd/cmd.h"
#include "log/runs.h"

void ran_begin(const struct run *run, enum run_job job);
/* ran_end(run, job, status): answers ${status}. */
enum exit_code ran_end(
	const struct run *run, enum run_job job, enum exit_code status);

#endif

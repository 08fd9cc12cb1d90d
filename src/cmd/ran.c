#include "cmd/ran.h"

void ran_begin(const struct run *run, enum run_job job)
{
	struct err err = ERR_INIT;

	if (runs_begin(run->state, job, &err))
		cmd_fail(&err);
}

enum exit_code ran_end(
	const struct run *run, enum run_job job, enum exit_code status)
{
	struct err err = ERR_INIT;

	if (runs_end(run->state, job, (unsigned)status, &err))
		cmd_fail(&err);
	return status;
}

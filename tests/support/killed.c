#include "killed.h"

#include "fault.h"
#include "unit.h"

int killed_at(int (*run)(void *ctx), void *ctx, int at)
{
	struct fault_end o = fault_run(run, ctx, at, FAULT_KILL);

	if (o.traced && !o.struck)
		assert_int_equal(o.status, 0);
	return !o.traced ? -1 : o.struck;
}

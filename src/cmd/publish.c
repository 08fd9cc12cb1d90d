#include "cmd/publish.h"

#include "cmd/inforce.h"
#include "cmd/owner.h"
#include "deploy/publish.h"

#define ARENA_MAX ((size_t)512 << 20)

enum exit_code policy_publish(struct run *run, int n, char **repositories)
{
	struct inforce policy = {0};
	struct arena *a = arena_new(ARENA_MAX);
	struct published what = {0};
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;
	bool changed;
	int i;

	if (owner_become(run->state, run->quiet, &err) ||
		inforce_open(&policy, run, a, &err) ||
		published_read(&policy.source, a, &what, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	for (i = 0; i < n; i++) {
		err_clear(&err);
		if (published_write(&what, repositories[i], a, &changed, &err))
			status = cmd_fail(&err);
		else if (!run->quiet)
			printf("%s: the policy is %s as " PUBLISHED_REF "\n",
				repositories[i],
				changed ? "published" : "already published");
	}
out:
	arena_free(a);
	inforce_close(&policy);
	return status;
}

#include "cmd/publish.h"

#include "cmd/inforce.h"
#include "cmd/owner.h"
#include "deploy/publish.h"
#include "deploy/repositories.h"

#define ARENA_MAX ((size_t)512 << 20)

static enum exit_code put(const struct run *run, const struct published *what,
	const char *repository, struct arena *a)
{
	struct err err = ERR_INIT;
	bool changed;

	if (published_write(what, repository, a, &changed, &err))
		return cmd_fail(&err);
	if (!run->quiet)
		printf("%s: the policy is %s as " PUBLISHED_REF "\n",
			repository,
			changed ? "published" : "already published");
	return EXIT_YES;
}

static enum exit_code renew(
	const struct run *run, const struct published *what, struct arena *a)
{
	enum exit_code status = EXIT_YES;
	struct gated_repository *r;
	struct err err = ERR_INIT;
	enum published_state is;
	size_t i, n;

	if (repositories_read(run->state, a, &r, &n, &err))
		return cmd_fail(&err);
	for (i = 0; i < n; i++) {
		err_clear(&err);
		if (published_look(what, r[i].path, a, &is, &err))
			status = cmd_fail(&err);
		else if (is == PUBLISHED_OLD &&
			put(run, what, r[i].path, a) != EXIT_YES)
			status = EXIT_UNKNOWN;
	}
	return status;
}

enum exit_code policy_publish(struct run *run, int n, char **repositories)
{
	struct inforce policy = {0};
	struct arena *a = arena_new(ARENA_MAX);
	struct published what = {0};
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;
	int i;

	if (owner_become(run->state, run->quiet, &err) ||
		inforce_open(&policy, run, a, &err) ||
		published_read(&policy.source, a, &what, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	if (!n)
		status = renew(run, &what, a);
	for (i = 0; i < n; i++)
		if (put(run, &what, repositories[i], a) != EXIT_YES)
			status = EXIT_UNKNOWN;
out:
	arena_free(a);
	inforce_close(&policy);
	return status;
}

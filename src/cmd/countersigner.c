/* sluice-repo countersign: make checkpoint.asc, see countersign.h. */
#include "base/io.h"
#include "cmd/cmd.h"
#include "gather/gather.h"
#include "log/store.h"
#include "parse/checkpoint.h"
#include "port/openpgp.h"

#define ARENA_MAX ((size_t)256 << 20)
#define ASC_MAX 65536

/* Under the log's lock, so that of two pushes the later checkpoint's signature
 * stays. */
static int sign(const struct run *run, const char *key, struct err *err)
{
	struct buf path = PATH_BUF_INIT, note = BUF_INIT(CHECKPOINT_MAX);
	struct buf asc = BUF_INIT(ASC_MAX);
	int lock = -1, ret = -1;

	if (store_lock(run->state, &lock, err) ||
		io_read_file(store_path(&path, run->state, STORE_CHECKPOINT),
			&note, err) ||
		openpgp_sign_detached(NULL, key, buf_all(&note), &asc, err))
		goto out;
	ret = io_replace(store_path(&path, run->state, STORE_CHECKPOINT ".asc"),
		buf_all(&asc), 0644, err);
out:
	io_close(lock);
	buf_free(&asc);
	buf_free(&note);
	buf_free(&path);
	return ret;
}

enum exit_code cmd_countersign(struct run *run, int argc, char **argv)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct buf path = PATH_BUF_INIT;
	struct policy *policy;
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;

	if (options_read(run, NULL, 0, argc, argv, &err) != 0) {
		if (err.code == ERR_NONE)
			err_set(&err, ERR_USAGE, "countersign takes no names");
		status = cmd_fail(&err);
	} else if (policy_load(
			   run_policy_path(run, &path), arena, &policy, &err) ||
		(policy->log_openpgp && sign(run, policy->log_openpgp, &err))) {
		err_in(&err, "checkpoint.asc");
		status = cmd_fail(&err);
	}
	buf_free(&path);
	arena_free(arena);
	return status;
}

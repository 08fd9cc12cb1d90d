/* sluice-repo countersign: make checkpoint.asc, see countersign.h. */
#include "base/io.h"
#include "cmd/cmd.h"
#include "gather/gather.h"
#include "log/store.h"
#include "parse/checkpoint.h"
#include "port/openpgp.h"

#define ARENA_MAX ((size_t)256 << 20)
#define ASC_MAX 65536

static int read_checkpoint(
	const struct run *run, struct buf *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret = io_read_file(
		store_path(&path, run->state, STORE_CHECKPOINT), out, err);

	buf_free(&path);
	return ret;
}

/*
 * Nobody waits for who signs, which may be a card. What was signed is put in
 * place, under the log's lock, if it is still the checkpoint: so that of two
 * pushes the later one's signature stays. Who changed it signs it.
 */
static int sign(const struct run *run, const char *key, struct err *err)
{
	struct buf path = PATH_BUF_INIT, note = BUF_INIT(CHECKPOINT_MAX);
	struct buf now = BUF_INIT(CHECKPOINT_MAX), asc = BUF_INIT(ASC_MAX);
	int lock = -1, ret = -1;

	if (read_checkpoint(run, &note, err) ||
		openpgp_sign_detached(NULL, key, buf_all(&note), &asc, err) ||
		store_lock(run->state, &lock, err) ||
		read_checkpoint(run, &now, err))
		goto out;
	ret = 0;
	if (span_eq(buf_all(&note), buf_all(&now)))
		ret = io_replace(
			store_path(&path, run->state, STORE_CHECKPOINT ".asc"),
			buf_all(&asc), 0644, err);
out:
	io_close(lock);
	buf_free(&asc);
	buf_free(&note);
	buf_free(&now);
	buf_free(&path);
	return ret;
}

/* By the policy, unless one is given. */
static int key_of(const struct run *run, struct arena *arena, const char **key,
	struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	struct policy *policy;
	int ret = 0;

	if (!*key) {
		ret = policy_load(
			run_policy_path(run, &path), arena, &policy, err);
		*key = ret ? NULL : policy->log_openpgp;
	}
	buf_free(&path);
	return ret;
}

enum exit_code cmd_countersign(struct run *run, int argc, char **argv)
{
	const char *key = NULL;
	const struct option_def defs[] = {
		{"--key", OPTION_TEXT, &key, "by this OpenPGP key"},
	};
	struct arena *arena = arena_new(ARENA_MAX);
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;

	if (options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err) != 0) {
		if (err.code == ERR_NONE)
			err_set(&err, ERR_USAGE, "countersign takes no names");
		status = cmd_fail(&err);
	} else if (key_of(run, arena, &key, &err) ||
		(key && sign(run, key, &err))) {
		err_in(&err, "checkpoint.asc");
		status = cmd_fail(&err);
	}
	arena_free(arena);
	return status;
}

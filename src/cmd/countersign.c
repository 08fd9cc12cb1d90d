#include "cmd/countersign.h"

#include "base/io.h"
#include "base/proc.h"
#include "base/program.h"
#include "log/store.h"
#include "parse/policy.h"

#define TIMEOUT_MS 20000u
#define TALK_MAX 4096

/* Whether the policy may name a key: sluice-repo reads it properly. */
static bool named(const struct run *run)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(POLICY_FILE_MAX);
	struct err ignored = ERR_INIT;
	bool found;

	found = !io_read_file(run_policy_path(run, &path), &text, &ignored) &&
		span_search(buf_all(&text), SPAN_LIT("openpgp_key")) !=
			SIZE_MAX;
	buf_free(&text);
	buf_free(&path);
	return found;
}

/* By the policy's key, or ${key}. */
static int start(const struct run *run, const char *program, const char *key,
	struct err *err)
{
	const char *argv[] = {program, "countersign", "--state", run->state,
		key                   ? "--key"
			: run->policy ? "--policy"
				      : NULL,
		key ? key : run->policy, NULL};
	struct buf talk = BUF_INIT(TALK_MAX);
	struct proc p = {.argv = argv, .talk = &talk, .timeout_ms = TIMEOUT_MS};
	struct proc_end end;
	struct span rest, line = SPAN_EMPTY;
	int ret = -1;

	if (proc_run(&p, &end, err))
		goto out;
	rest = buf_all(&talk);
	if (!end.signal && end.status == 0)
		ret = 0;
	else if (span_line(&rest, &line, NULL))
		err_set(err, ERR_LOG, "%.*s", SPAN_FMT(line));
	else
		err_set(err, ERR_LOG, "checkpoint.asc was not made");
out:
	buf_free(&talk);
	return ret;
}

int countersign(const struct run *run, struct err *err)
{
	struct buf program = PATH_BUF_INIT;
	int ret = -1;

	/* The checkpoint is logd's, who has no OpenPGP key. */
	if (store_elsewhere(run->state) || !named(run))
		return 0;
	if (!program_find(PROGRAM_REPO, &program, err))
		ret = start(run, buf_cstr(&program), NULL, err);
	buf_free(&program);
	return ret;
}

int countersign_by(const struct run *run, const char *key, struct err *err)
{
	struct buf program = PATH_BUF_INIT;
	int ret = -1;

	if (!program_find(PROGRAM_REPO, &program, err))
		ret = start(run, buf_cstr(&program), key, err);
	buf_free(&program);
	return ret;
}

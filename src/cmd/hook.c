/* sluice hook: what the wrappers in hooks/ run. */
#include "cmd/hook.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "cmd/countersign.h"
#include "deploy/repositories.h"
#include "log/logkey.h"

#define INPUT_MAX (64u << 20)
#define ARENA_MAX (1u << 30)

extern char **environ;

static const char *const closed[] = {
	"GIT_DIR",
	"GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES",
	"GIT_QUARANTINE_PATH",
	"GIT_NAMESPACE",
	"GIT_CONFIG_PARAMETERS",
	"GIT_CONFIG_COUNT",
};
static char *kept[ARRAY_LEN(closed)];

void hook_environment_close(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(closed); i++) {
		const char *v = getenv(closed[i]);

		if (!v)
			continue;
		kept[i] = strdup(v);
		if (!kept[i])
			die("out of memory");
		unsetenv(closed[i]);
	}
}

void hook_environment_restore(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(closed); i++) {
		if (!kept[i])
			continue;
		setenv(closed[i], kept[i], 1);
		free(kept[i]);
		kept[i] = NULL;
	}
}

static int repository_name(struct hook_call *call, struct err *err)
{
	struct gated_repository *v;
	size_t n, i;

	if (repositories_read(call->run->state, call->arena, &v, &n, err))
		return -1;
	for (i = 0; i < n; i++) {
		if (!strcmp(v[i].path, call->directory)) {
			call->repository = v[i].name;
			return 0;
		}
	}
	err_set(err, ERR_REPO, "'%s' does not gate the repository '%s'",
		call->run->state, call->directory);
	return err_hint(err, "run: sluice --state %s install %s",
		call->run->state, call->directory);
}

/* The objects folder of this push: GitLab tells only the second. Outside a
 * push GIT_OBJECT_DIRECTORY may be the repository's own. */
static const char *quarantine(struct hook_call *call)
{
	const char *q = getenv("GIT_QUARANTINE_PATH");
	char full[PATH_MAX], own[PATH_MAX];

	if (!q || !*q)
		q = getenv("GIT_OBJECT_DIRECTORY");
	if (!q || !*q || !realpath(q, full))
		return NULL;
	if (realpath("objects", own) && !strcmp(own, full))
		return NULL;
	return arena_str(call->arena, span_str(full));
}

int hook_call_place(struct hook_call *call, struct err *err)
{
	const char *space = getenv("GIT_NAMESPACE");
	char full[PATH_MAX];

	/* The ref that would move is not the one that git names to hooks. */
	if (space && *space)
		return err_set(err, ERR_REPO,
			"pushes to a Git namespace cannot be judged");

	if (!realpath(".", full)) /* git runs hooks in the repository */
		return err_sys(err, "cannot tell the current folder");
	call->directory = arena_str(call->arena, span_str(full));
	call->quarantine = quarantine(call);
	return repository_name(call, err);
}

int hook_call_input(struct hook_call *call, struct err *err)
{
	call->input = (struct buf)BUF_INIT(INPUT_MAX);
	if (io_read(0, &call->input, err))
		return err_in(err, "standard input");
	return 0;
}

/* Standard input again, from the start, as the previous hook expects it. */
static int replay(struct span input, struct err *err)
{
	int fd = memfd_create("push", 0), ret = -1;

	if (fd < 0)
		return err_sys(err, "cannot keep the input");
	if (io_write(fd, input, err))
		goto out;
	if (lseek(fd, 0, SEEK_SET) < 0 || dup2(fd, 0) < 0) {
		err_sys(err, "cannot hand the input on");
		goto out;
	}
	ret = 0;
out:
	io_close(fd);
	return ret;
}

void hook_countersign(const struct hook_call *call)
{
	struct err err = ERR_INIT;

	if (countersign(call->run, &err))
		cmd_fail(&err);
}

enum exit_code hook_chain(const struct hook_call *call, const char *name)
{
	char *argv[] = {(char *)(uintptr_t)call->chain,
		(char *)(uintptr_t)call->chain_argument[0],
		(char *)(uintptr_t)call->chain_argument[1], NULL};
	struct err err = ERR_INIT;

	hook_environment_restore();
	if (replay(buf_all(&call->input), &err))
		return cmd_fail(&err);
	signal(SIGPIPE, SIG_DFL);
	execv(call->chain, argv);
	err_sys(&err, "cannot run the previous %s hook '%s'", name,
		call->chain);
	return cmd_fail(&err);
}

enum exit_code cmd_hook(struct run *run, int argc, char **argv)
{
	struct hook_call call = {.run = run};
	const struct option_def defs[] = {
		{"--chain", OPTION_TEXT, &call.chain,
			"the hook that was there before, run afterwards"},
	};
	struct err err = ERR_INIT;
	enum exit_code status;
	int n;

	n = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (n < 0)
		return cmd_fail(&err);
	if (run->help)
		return cmd_usage("hook", "pre-receive | post-receive", defs,
			ARRAY_LEN(defs));
	call.arena = arena_new(ARENA_MAX);
	logkey_foreign();
	if (n == 1 && !strcmp(argv[1], "pre-receive")) {
		status = hook_pre_receive(&call);
	} else if (n == 1 && !strcmp(argv[1], "post-receive")) {
		status = hook_post_receive(&call);
	} else {
		err_set(&err, ERR_USAGE,
			"hook needs one of pre-receive, post-receive");
		status = cmd_fail(&err);
	}
	buf_free(&call.input);
	arena_free(call.arena);
	return status;
}

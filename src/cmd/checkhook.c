/* sluice check --install-hook: the pre-push hook of a clone. */
#include <limits.h>
#include <stdlib.h>

#include "base/io.h"
#include "cmd/check.h"
#include "cmd/signtag.h"
#include "deploy/hookfile.h"

#define ARENA_MAX (16u << 20)

/* Hooks that another tool or the whole machine has a folder for are not this
 * clone's to change. */
static int find(struct arena *a, struct hookfile *out, struct err *err)
{
	const char *set[] = {"git", "config", "--get", "core.hooksPath", NULL};
	const char *where[] = {"git", "rev-parse", "--path-format=absolute",
		"--git-path", "hooks", NULL};
	struct gitdir g = {0};
	const char *line;

	if (signtag_line(where, a, &g.hooks, err) ||
		signtag_line(set, a, &line, err))
		return -1;
	if (!g.hooks)
		return err_set(err, ERR_USAGE, "this folder is in no clone");
	if (line) {
		err_set(err, ERR_REPO,
			"core.hooksPath is set: hooks come from '%s', which "
			"others use too",
			line);
		return err_hint(err,
			"have its pre-push run: sluice check --pre-push -- "
			"\"$1\" \"$2\"");
	}
	g.path = g.hooks;
	return hookfile_find(&g, HOOK_PRE_PUSH, false, a, out, err);
}

static int place(const struct run *run, const struct hookfile *f,
	struct arena *a, struct err *err)
{
	struct hook_line line = {.program = run->program};
	char state[PATH_MAX], policy[PATH_MAX];
	bool made;

	if (io_mkdirs(run->state, 0700, err))
		return -1;
	if (!realpath(run->state, state))
		return err_sys(err, "'%s'", run->state);
	line.state = state;
	if (run->policy && !realpath(run->policy, policy))
		return err_sys(err, "'%s'", run->policy);
	line.policy = run->policy ? policy : NULL;
	return hookfile_place(f, &line, a, &made, err);
}

enum exit_code check_hook(struct run *run, bool install)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;
	struct hookfile f;

	if (find(a, &f, &err) ||
		(install ? place(run, &f, a, &err)
			 : hookfile_remove(&f, &err))) {
		status = cmd_fail(&err);
	} else if (!run->quiet) {
		printf("%s: %s\n", f.path,
			install ? "every push is checked before it is made"
				: "taken away");
		if (install && f.state == HOOKFILE_FOREIGN)
			printf("%s: what was there before; it runs "
			       "afterwards\n",
				f.previous);
	}
	arena_free(a);
	return status;
}

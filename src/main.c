/* sluice: a policy gate for Git servers. The table of subcommands. */
#include <errno.h>
#include <unistd.h>

#include "base/io.h"
#include "cmd/cmd.h"

#ifndef SLUICE_VERSION
#define SLUICE_VERSION "unknown"
#endif

static const struct cmd cmds[] = {
	{"init", "--origin NAME", "make a log, its key and a policy to fill in",
		cmd_init},
	{"install", "REPO.git…", "wire the hooks, adopt the history",
		cmd_install},
	{"uninstall", "REPO.git…", "put back the hooks that were there before",
		cmd_uninstall},
	{"doctor", "[REPO.git…]", "is every gate really closed?", cmd_doctor},
	{"approve", "COMMIT --for REF", "sign that a commit may go to a ref",
		cmd_approve},
	{"deployed", "--inventory FILE | …", "did what runs pass a gate?",
		cmd_deployed},
	{"audit", "[REPO.git…]", "was the gate ever walked round?", cmd_audit},
	{"hook", "pre-receive|post-receive", "what the hooks run", cmd_hook},
	{"policy", "check|show|explain|diff", "say what a policy file means",
		cmd_policy},
	{"scan", "PATH… | --git REPO [RANGE]", "look for secrets", cmd_scan},
	{"log", "show|list|verify …", "what the gate recorded", cmd_log},
	{"verify", "PROOF --vkey KEY", "what a proof shows, offline",
		cmd_verify},
	{NULL, NULL, NULL, NULL},
};

static enum exit_code usage(FILE *to, enum exit_code status)
{
	const struct cmd *c;

	fprintf(to,
		"usage: sluice [--state DIR] [--policy FILE] COMMAND …\n\n");
	for (c = cmds; c->name; c++)
		fprintf(to, "  %-10s %-24s %s\n", c->name, c->args, c->help);
	fprintf(to, "\n'sluice COMMAND --help' and sluice(1) say more.\n");
	return status;
}

/* /var/lib/sluice for root and for whoever may enter it; a plain user's own
 * state folder otherwise. */
static const char *default_state(struct buf *out)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (geteuid() == 0 || !access("/var/lib/sluice", X_OK))
		return "/var/lib/sluice";
	if (xdg && xdg[0] == '/')
		buf_fmt(out, "%s/sluice", xdg);
	else if (home && home[0] == '/')
		buf_fmt(out, "%s/.local/state/sluice", home);
	else
		return "/var/lib/sluice";
	return buf_cstr(out);
}

static const char *own_path(struct buf *out)
{
	char path[PATH_BUF_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		return "sluice";
	buf_add(out, path, (size_t)n);
	return buf_cstr(out);
}

/* Global options may stand before the subcommand as well as after it. */
static int leading_options(
	struct run *run, int *argc, char ***argv, struct err *err)
{
	while (*argc > 1 && (*argv)[1][0] == '-') {
		const char *arg = (*argv)[1];
		bool takes =
			!strcmp(arg, "--state") || !strcmp(arg, "--policy");
		char *part[3] = {(*argv)[0], (*argv)[1], NULL};
		int n = 2;

		if (takes && *argc > 2) {
			part[2] = (*argv)[2];
			n = 3;
		}
		if (options_read(run, NULL, 0, n, part, err) < 0)
			return -1;
		*argv += n - 1;
		*argc -= n - 1;
	}
	return 0;
}

/* A full disk behind stdout must not look like success. */
static enum exit_code flushed(enum exit_code status)
{
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "sluice: cannot write to standard output: %s\n",
			strerror(errno));
		return status == EXIT_YES ? EXIT_UNKNOWN : status;
	}
	return status;
}

int main(int argc, char **argv)
{
	struct buf state = PATH_BUF_INIT, program = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	struct run run = {0};
	const struct cmd *c;
	enum exit_code status = EXIT_BAD_USE;

	run.state = default_state(&state);
	run.program = own_path(&program);
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		printf("sluice %s\n", SLUICE_VERSION);
		status = EXIT_YES;
		goto out;
	}
	if (leading_options(&run, &argc, &argv, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	if (argc < 2) {
		status = run.help ? usage(stdout, EXIT_YES)
				  : usage(stderr, EXIT_BAD_USE);
		goto out;
	}
	if (!strcmp(argv[1], "help")) {
		status = usage(stdout, EXIT_YES);
		goto out;
	}
	for (c = cmds; c->name; c++) {
		if (!strcmp(argv[1], c->name)) {
			status = c->run(&run, argc - 1, argv + 1);
			goto out;
		}
	}
	fprintf(stderr, "sluice: unknown command '%s'\n", argv[1]);
	fprintf(stderr, "hint: 'sluice --help' lists them\n");
out:
	status = flushed(status);
	buf_free(&state);
	buf_free(&program);
	return (int)status;
}

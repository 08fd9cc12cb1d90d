#include "cmd/dispatch.h"

#include <errno.h>
#include <unistd.h>

#include "base/io.h"
#include "base/program.h"

static enum exit_code usage(
	const struct cmd *table, FILE *to, enum exit_code status)
{
	const struct cmd *c;

	fprintf(to,
		"usage: sluice [--state DIR] [--policy FILE] COMMAND …\n\n");
	for (c = table; c->name; c++)
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

enum exit_code dispatch_repo(const struct run *run)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	enum exit_code status;

	if (!program_find(PROGRAM_REPO, &path, &err)) {
		execv(buf_cstr(&path), run->whole);
		err_sys(&err, "cannot run '%s'", buf_cstr(&path));
	}
	status = cmd_fail(&err);
	buf_free(&path);
	return status;
}

static enum exit_code subcommand(
	const struct cmd *table, struct run *run, int argc, char **argv)
{
	const struct cmd *c;

	for (c = table; c->name; c++)
		if (!strcmp(argv[1], c->name))
			return c->run ? c->run(run, argc - 1, argv + 1)
				      : dispatch_repo(run);
	fprintf(stderr, "sluice: unknown command '%s'\n", argv[1]);
	fprintf(stderr, "hint: 'sluice --help' lists them\n");
	return EXIT_BAD_USE;
}

enum exit_code dispatch(const struct cmd *table, int argc, char **argv)
{
	struct buf state = PATH_BUF_INIT, program = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	struct run run = {.whole = argv};
	enum exit_code status;

	run.state = default_state(&state);
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		printf("sluice %s\n", SLUICE_VERSION);
		status = EXIT_YES;
	} else if (program_find(PROGRAM_SLUICE, &program, &err) ||
		leading_options(&run, &argc, &argv, &err)) {
		status = cmd_fail(&err);
	} else if (run.help || (argc > 1 && !strcmp(argv[1], "help"))) {
		status = usage(table, stdout, EXIT_YES);
	} else if (argc < 2) {
		status = usage(table, stderr, EXIT_BAD_USE);
	} else {
		run.program = buf_cstr(&program);
		status = subcommand(table, &run, argc, argv);
	}
	status = flushed(status);
	buf_free(&state);
	buf_free(&program);
	return status;
}

/* What every subcommand shares: the table row, global settings, exit codes. */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "base/buf.h"

/* The exit status of every subcommand. */
enum exit_code {
	EXIT_YES = 0,      /* what was asked holds, or was done */
	EXIT_NO = 1,       /* judged: it does not hold */
	EXIT_UNKNOWN = 2,  /* could not tell */
	EXIT_BAD_USE = 64, /* the command line */
};

/* Settings that any subcommand may be given. */
struct run {
	const char *state;  /* state folder, never NULL */
	const char *policy; /* policy file, or NULL: <state>/policy.json */
	bool json, quiet, help;
	const char *program; /* path of sluice itself, for hooks */
	char **whole;        /* the command line as it came */
};

/* One row of the table in main.c. */
struct cmd {
	const char *name;
	const char *args; /* for usage: "REPO.git…" */
	const char *help; /* one line, lower case */
	/* NULL: sluice-repo has it */
	enum exit_code (*run)(struct run *run, int argc, char **argv);
};

/* An option of a subcommand. Long form only; "--name VALUE" or "--name=VALUE".
 * An option given twice is a usage error unless it is OPTION_MANY. */
enum option_kind {
	OPTION_FLAG, /* to: bool * */
	OPTION_TEXT, /* to: const char ** */
	OPTION_MANY, /* to: struct option_list * */
};
struct option_list {
	const char **v; /* room for argc entries, from the caller's arena */
	size_t n, max;
};
struct option_def {
	const char *name; /* with its dashes */
	enum option_kind kind;
	void *to;
	const char *help;
};

/*
 * options_read(run, defs, ndefs, argc, argv, err):
 * Take the options out of argv[1…], wherever they stand, with the global ones
 * of struct run; "--" ends them. What is left is moved to argv[1…]; returns how
 * many that are, or -1 (ERR_USAGE). A lone "-" is not an option.
 */
MUST_USE int options_read(struct run *run, const struct option_def *defs,
	size_t ndefs, int argc, char **argv, struct err *err);

/*
 * cmd_usage(name, args, defs, ndefs):
 * Print the usage of a subcommand on stdout and answer EXIT_YES. A subcommand
 * calls it when run->help is set after options_read.
 */
enum exit_code cmd_usage(const char *name, const char *args,
	const struct option_def *defs, size_t ndefs);

/*
 * cmd_fail(err):
 * Say "sluice: <text>" and "hint: <hint>" on stderr. Answers EXIT_BAD_USE for
 * ERR_USAGE, EXIT_UNKNOWN for the rest.
 */
enum exit_code cmd_fail(const struct err *err);

/* run_policy_path(run, out): the policy file in force, in ${out}. */
const char *run_policy_path(const struct run *run, struct buf *out);

/* The subcommands, one file each. */
enum exit_code cmd_log(struct run *run, int argc, char **argv);
enum exit_code cmd_logd(struct run *run, int argc, char **argv);
enum exit_code cmd_log_recheck(struct run *run, int argc, char **argv);
enum exit_code cmd_log_repo(struct run *run, int argc, char **argv);
enum exit_code cmd_verify(struct run *run, int argc, char **argv);
enum exit_code cmd_verify_keys(struct run *run, int argc, char **argv);
enum exit_code cmd_witness(struct run *run, int argc, char **argv);
enum exit_code cmd_init(struct run *run, int argc, char **argv);
enum exit_code cmd_install(struct run *run, int argc, char **argv);
enum exit_code cmd_uninstall(struct run *run, int argc, char **argv);
enum exit_code cmd_doctor(struct run *run, int argc, char **argv);
enum exit_code cmd_hook(struct run *run, int argc, char **argv);
enum exit_code cmd_policy(struct run *run, int argc, char **argv);
enum exit_code cmd_scan(struct run *run, int argc, char **argv);
enum exit_code cmd_approve(struct run *run, int argc, char **argv);
enum exit_code cmd_waive(struct run *run, int argc, char **argv);
enum exit_code cmd_audit(struct run *run, int argc, char **argv);
enum exit_code cmd_countersign(struct run *run, int argc, char **argv);
enum exit_code cmd_reviews(struct run *run, int argc, char **argv);
enum exit_code cmd_judge(struct run *run, int argc, char **argv);
enum exit_code cmd_check(struct run *run, int argc, char **argv);
enum exit_code cmd_deployed(struct run *run, int argc, char **argv);

#endif

/* sluice log: what the gate recorded. */
#include "cmd/log.h"

#include "base/text.h"
#include "cmd/dispatch.h"
#include "log/logkey.h"
#include "log/store.h"

/* For the two that take global options alone: -1 with ${status} set when there
 * is nothing more to do. */
static int no_arguments(struct run *run, const char *name, int argc,
	char **argv, enum exit_code *status)
{
	struct err err = ERR_INIT;
	int left = options_read(run, NULL, 0, argc, argv, &err);

	if (left >= 0 && run->help) {
		*status = cmd_usage(name, "", NULL, 0);
		return -1;
	}
	if (left > 0)
		left = err_set(&err, ERR_USAGE, "%s takes no arguments", name);
	if (left < 0)
		*status = cmd_fail(&err);
	return left;
}

static enum exit_code cmd_log_checkpoint(struct run *run, int argc, char **argv)
{
	struct log_reader *log = NULL;
	struct err err = ERR_INIT;
	enum exit_code status = EXIT_YES;
	struct span note;

	if (no_arguments(run, "log checkpoint", argc, argv, &status))
		return status;
	if (log_open_state(run->state, &log, &err)) {
		status = cmd_fail(&err);
	} else {
		note = log_checkpoint(log);
		fwrite(note.p, note.n, 1, stdout);
	}
	log_close(log);
	return status;
}

static int number(
	const char *option, const char *text, uint64_t *out, struct err *err)
{
	if (text && !text_to_u64(span_str(text), INT64_MAX, out))
		return err_set(err, ERR_USAGE, "%s takes a number", option);
	return 0;
}

static int verdict_read(const char *text, enum verdict *out)
{
	static const enum verdict all[] = {
		VERDICT_ACCEPT, VERDICT_REJECT, VERDICT_UNDECIDED};
	size_t i;

	for (i = 0; i < ARRAY_LEN(all); i++) {
		if (!strcmp(text, verdict_name(all[i]))) {
			*out = all[i];
			return 0;
		}
	}
	return -1;
}

static enum exit_code cmd_log_list(struct run *run, int argc, char **argv)
{
	const char *repository = NULL, *ref = NULL, *kind = NULL;
	const char *verdict = NULL, *since = NULL, *last = NULL;
	const struct option_def defs[] = {
		{"--repository", OPTION_TEXT, &repository, "of that one"},
		{"--ref", OPTION_TEXT, &ref, "that name this ref"},
		{"--kind", OPTION_TEXT, &kind, "adopt, decision, outcome …"},
		{"--verdict", OPTION_TEXT, &verdict,
			"accept, reject or undecided"},
		{"--since", OPTION_TEXT, &since, "from entry N on"},
		{"--last", OPTION_TEXT, &last, "the newest N"},
	};
	struct arena *a = arena_new(LOG_ARENA);
	struct index_filter f = {.since = 0};
	struct index_rows rows;
	struct index *ix = NULL;
	struct err err = ERR_INIT;
	enum record_kind k;
	enum verdict v;
	enum exit_code status = EXIT_YES;
	uint64_t count = 0;
	size_t i;
	int left;

	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help) {
		status = cmd_usage(
			"log list", "[OPTIONS]", defs, ARRAY_LEN(defs));
		goto out;
	}
	if (left > 0)
		err_set(&err, ERR_USAGE, "log list takes no arguments");
	if (left || number("--since", since, &f.since, &err) ||
		number("--last", last, &count, &err))
		goto fail;
	if (kind && !record_kind_read(span_str(kind), &k)) {
		err_set(&err, ERR_USAGE,
			"--kind takes adopt, decision, outcome, observed or "
			"key");
		goto fail;
	}
	if (verdict && verdict_read(verdict, &v)) {
		err_set(&err, ERR_USAGE,
			"--verdict takes accept, reject or undecided");
		goto fail;
	}
	f.repository = span_str(repository);
	f.ref = span_str(ref);
	f.kind = kind ? &k : NULL;
	f.verdict = verdict ? &v : NULL;
	f.last = (size_t)count;
	if (index_open(run->state, &ix, &err) ||
		index_list(ix, &f, a, &rows, &err))
		goto fail;
	for (i = 0; i < rows.n; i++)
		log_row(&rows.v[i], run->json, NULL);
	goto out;
fail:
	status = cmd_fail(&err);
out:
	index_close(ix);
	arena_free(a);
	return status;
}

static const struct cmd cmds[] = {
	{"show", "N", "an entry and its record", NULL},
	{"list", "[OPTIONS]", "the entries, one a line", cmd_log_list},
	{"find", "COMMIT", "the entries that name a commit or tag", NULL},
	{"verify", "[--dir DIR --vkey KEY]", "recompute everything",
		cmd_log_verify},
	{"recheck", "[REPO.git…]", "what compromised keys signed of it", NULL},
	{"prove", "N|COMMIT", "a proof to hand out, for 'sluice verify'",
		cmd_log_prove},
	{"pack", "", "records together, in less room", cmd_log_pack},
	{"prune", "--before TIME", "old records out, and the log told",
		cmd_log_prune},
	{"publish", "[REPO.git…]", "proofs into the repositories themselves",
		cmd_log_publish},
	{"export", "[OPTIONS] DIR", "a part that others can check alone",
		cmd_log_export},
	{"checkpoint", "", "the signed checkpoint", cmd_log_checkpoint},
	{"witness", "[OPTIONS]", "have witnesses sign it", cmd_log_witness},
	{"mirror", "FROM TO --vkey KEY", "keep a verified copy",
		cmd_log_mirror},
	{"monitor", "FROM --vkey KEY", "follow a log, tell what is wrong",
		cmd_log_monitor},
	{"recover", "[--mirror FROM]", "go on after an old backup",
		cmd_log_recover},
	{"key", "[--chain]", "the log's verifier key", cmd_log_key},
	{"rotate-key", "[--key FILE]", "go over to another key",
		cmd_log_rotate_key},
	{"countersign", "--key KEY", "checkpoint.asc, where logd keeps the log",
		cmd_log_countersign},
	{"token-key", "[OPTIONS] FILE", "a key of a token, for rotate-key",
		cmd_log_token_key},
	{NULL, NULL, NULL, NULL},
};

static void usage(FILE *to)
{
	const struct cmd *c;

	fprintf(to, "usage: sluice log COMMAND …\n\n");
	for (c = cmds; c->name; c++)
		fprintf(to, "  %-11s %-23s %s\n", c->name, c->args, c->help);
	fprintf(to, "\nSee sluice(1) and sluice-log(5).\n");
}

enum exit_code cmd_log(struct run *run, int argc, char **argv)
{
	struct err err = ERR_INIT;
	const struct cmd *c;
	int at = log_name_at(run, argc, argv, &err);

	if (at < 0)
		return cmd_fail(&err);
	if (at >= argc) {
		usage(run->help ? stdout : stderr);
		return run->help ? EXIT_YES : EXIT_BAD_USE;
	}
	/* This environment is a service manager's, or a shell's. */
	logkey_credentials(getenv("CREDENTIALS_DIRECTORY"));
	for (c = cmds; c->name; c++)
		if (!strcmp(argv[at], c->name))
			return c->run ? c->run(run, argc - at, argv + at)
				      : dispatch_repo(run);
	err_set(&err, ERR_USAGE, "unknown command 'log %s'", argv[at]);
	err_hint(&err, "'sluice log --help' lists them");
	return cmd_fail(&err);
}

/* sluice deployed: did what is running come through the gate? */
#include <unistd.h>

#include "base/io.h"
#include "cmd/deployed.h"
#include "deploy/collect.h"
#include "deploy/report.h"
#include "deploy/worktrees.h"
#include "log/source_http.h"
#include "log/store.h"
#include "parse/inventory.h"
#include "parse/revlist.h"

#define ARENA_MAX ((size_t)4 << 30)
#define OUTPUT_MAX ((size_t)1 << 30)

struct ask {
	const char *inventory, *revisions;
	struct option_list worktree;
	const char *log, *vkey, *ca_file, *proxy;
	const char *repository, *ref;
	bool allow_adopted;
};

static int read_input(const char *path, struct buf *out, struct err *err)
{
	if (strcmp(path, "-"))
		return io_read_file(path, out, err);
	if (io_read(STDIN_FILENO, out, err))
		return err_in(err, "standard input");
	return 0;
}

/* The inventory comes first: its objects are matched by position. */
static int gather_items(const struct ask *ask, struct deployed_list *items,
	struct doc **objects, struct err *err)
{
	struct buf text = BUF_INIT(INVENTORY_MAX);
	int ret = -1;
	size_t i;

	if (ask->inventory &&
		(read_input(ask->inventory, &text, err) ||
			inventory_parse(buf_all(&text), items, objects, err))) {
		err_in(err, "inventory '%s'", ask->inventory);
		goto out;
	}
	buf_free(&text);
	if (ask->revisions &&
		(read_input(ask->revisions, &text, err) ||
			revlist_parse(buf_all(&text), items, err))) {
		err_in(err, "revisions '%s'", ask->revisions);
		goto out;
	}
	for (i = 0; i < ask->worktree.n; i++)
		worktrees_add(ask->worktree.v[i], items);
	if (!items->n) {
		err_set(err, ERR_INPUT, "nothing to check: no item was given");
		goto out;
	}
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

static bool is_web(const char *s)
{
	return !strncmp(s, "https://", 8) || !strncmp(s, "http://", 7);
}

/* A key stands on the command line or in a file. */
static int read_vkey(const char *text, struct buf *out, struct err *err)
{
	if (strchr(text, '+'))
		buf_str(out, text);
	else if (io_read_file(text, out, err))
		return err_in(err, "--vkey");
	return buf_check(out, "verifier key", err);
}

static int open_other(
	const struct ask *ask, struct log_reader **out, struct err *err)
{
	const struct log_http how = {
		.url = ask->log, .ca_file = ask->ca_file, .proxy = ask->proxy};
	struct buf key = BUF_INIT(KEYCHAIN_TEXT_MAX);
	struct log_source *src;
	int ret = -1;

	if (read_vkey(ask->vkey, &key, err))
		goto out;
	if (is_web(ask->log) ? log_source_http(&how, &src, err)
			     : log_source_dir(ask->log, &src, err))
		goto out;
	ret = log_open(src, buf_all(&key), out, err);
out:
	buf_free(&key);
	return ret;
}

static void say_log(const struct run *run, const struct log_reader *log)
{
	if (!run->quiet)
		fprintf(stderr, "log: %s, %llu entries, checkpoint verified\n",
			log_origin(log), (unsigned long long)log_size(log));
}

/* The log of this host, by its index; where that cannot be written (another
 * account's state folder), by reading all of it. */
static int collect_own(const struct run *run, const struct deployed_list *items,
	struct arena *a, struct history *out, struct err *err)
{
	struct log_reader *log = NULL;
	struct index *ix = NULL;
	struct err no_index = ERR_INIT;
	int ret = -1;

	if (!index_open(run->state, &ix, &no_index)) {
		say_log(run, index_log(ix));
		ret = collect_indexed(ix, items, a, out, err);
		goto out;
	}
	if (log_open_state(run->state, &log, err))
		goto out;
	say_log(run, log);
	ret = collect_all(log, items, a, out, err);
out:
	index_close(ix);
	log_close(log);
	return ret;
}

static int collect(const struct run *run, const struct ask *ask,
	const struct deployed_list *items, struct arena *a, struct history *out,
	struct err *err)
{
	struct log_reader *log;
	int ret;

	if (!ask->log)
		return collect_own(run, items, a, out, err);
	if (open_other(ask, &log, err))
		return err_in(err, "log '%s'", ask->log);
	say_log(run, log);
	ret = collect_all(log, items, a, out, err);
	if (ret)
		err_in(err, "log '%s'", ask->log);
	log_close(log);
	return ret;
}

static enum exit_code conclusion(
	const struct ask *ask, const struct deploy_answer *answers, size_t n)
{
	enum exit_code worst = EXIT_YES;
	size_t i;

	for (i = 0; i < n; i++) {
		if (deploy_fine(answers[i].verdict, ask->allow_adopted))
			continue;
		if (answers[i].verdict != DEPLOY_NOT_EVALUABLE)
			return EXIT_NO;
		worst = EXIT_UNKNOWN;
	}
	return worst;
}

/* By the keys of this host's policy, if it is this host's log. */
static void look_at_keys(const struct run *run, const struct ask *ask,
	struct deploy_answer *answers, size_t n, struct arena *a)
{
	const char *why = "a log from elsewhere does not say which these are";
	struct err err = ERR_INIT;
	size_t doubts = 0, i;

	if (!ask->log && !deployed_keys(run, answers, n, a, &doubts, &err)) {
		if (doubts && !run->quiet)
			fprintf(stderr,
				"hint: 'sluice log recheck' lists all that is "
				"in doubt, and how to clear it\n");
		return;
	}
	for (i = 0; i < n; i++)
		if (answers[i].verdict == DEPLOY_GATED)
			answers[i].keys = DEPLOY_KEYS_UNTOLD;
	if (!run->quiet)
		fprintf(stderr,
			"note: not looked at: whether keys that signed are "
			"compromised now: %s\n",
			ask->log ? why : err.text);
}

static int print(const struct run *run, const struct ask *ask,
	const struct deployed_list *items, const struct doc *objects,
	const struct deploy_answer *answers, struct err *err)
{
	struct buf out = BUF_INIT(OUTPUT_MAX), counts = BUF_INIT(1024);
	struct doc *j;
	int ret = -1;

	if (run->json) {
		j = deploy_json(items, objects, answers);
		doc_pretty(j, &out);
		doc_free(j);
	} else {
		deploy_text(
			items, answers, run->quiet, ask->allow_adopted, &out);
	}
	if (buf_check(&out, "output", err))
		goto out;
	fwrite(out.p, 1, out.n, stdout);
	deploy_counts(answers, items->n, &counts);
	if (!run->quiet)
		fprintf(stderr, "%zu checked: %s\n", items->n,
			buf_cstr(&counts));
	ret = 0;
out:
	buf_free(&counts);
	buf_free(&out);
	return ret;
}

static enum exit_code answer(const struct run *run, const struct ask *ask)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct deployed_list items = {.arena = a};
	const struct deploy_wish wish = {
		span_str(ask->repository), span_str(ask->ref)};
	struct deploy_answer *answers;
	enum exit_code ret;
	struct doc *objects = NULL;
	struct err err = ERR_INIT;
	struct history history;
	size_t i;

	if (gather_items(ask, &items, &objects, &err) ||
		collect(run, ask, &items, a, &history, &err)) {
		ret = cmd_fail(&err);
		goto out;
	}
	answers = arena_get(a, items.n, sizeof(*answers));
	for (i = 0; i < items.n; i++)
		deploy_match(&history, &wish, &items.v[i], a, &answers[i]);
	look_at_keys(run, ask, answers, items.n, a);
	if (print(run, ask, &items, objects, answers, &err))
		ret = cmd_fail(&err);
	else
		ret = conclusion(ask, answers, items.n);
out:
	doc_free(objects);
	arena_free(a);
	return ret;
}

static int check_use(const struct ask *ask, int left, struct err *err)
{
	if (left)
		return err_set(
			err, ERR_USAGE, "'sluice deployed' takes options only");
	if (!ask->inventory && !ask->revisions && !ask->worktree.n) {
		err_set(err, ERR_USAGE, "say what is running");
		return err_hint(err,
			"--inventory FILE, --revisions FILE or "
			"--worktree DIR");
	}
	if (ask->inventory && ask->revisions && !strcmp(ask->inventory, "-") &&
		!strcmp(ask->revisions, "-"))
		return err_set(
			err, ERR_USAGE, "standard input can be read once only");
	if (ask->log && !ask->vkey) {
		err_set(err, ERR_USAGE, "a log from elsewhere needs --vkey");
		return err_hint(err,
			"'sluice log key' prints it where the "
			"log is written; get it from there, not "
			"from the log's server");
	}
	if (ask->vkey && !ask->log)
		return err_set(err, ERR_USAGE,
			"--vkey goes with --log: this host's log is checked "
			"with its own key");
	if (ask->ref && strncmp(ask->ref, "refs/", 5) && ask->ref[0] != '*') {
		err_set(err, ERR_USAGE, "--ref takes whole names of refs");
		return err_hint(err, "perhaps: --ref refs/heads/%s", ask->ref);
	}
	return 0;
}

enum exit_code cmd_deployed(struct run *run, int argc, char **argv)
{
	struct ask ask = {.inventory = NULL};
	const struct option_def defs[] = {
		{"--inventory", OPTION_TEXT, &ask.inventory,
			"JSON: [{\"name\", \"repository\", \"revision\"}]; "
			"- for stdin"},
		{"--revisions", OPTION_TEXT, &ask.revisions,
			"a line each: NAME REVISION; - for stdin"},
		{"--worktree", OPTION_MANY, &ask.worktree,
			"a checkout on this host; may be repeated"},
		{"--log", OPTION_TEXT, &ask.log,
			"a log's folder or web address (default: this host's)"},
		{"--vkey", OPTION_TEXT, &ask.vkey,
			"the key of that log, or a file that holds it"},
		{"--repository", OPTION_TEXT, &ask.repository,
			"only what this repository's gate accepted"},
		{"--ref", OPTION_TEXT, &ask.ref,
			"only what came on such a ref: refs/heads/main"},
		{"--allow-adopted", OPTION_FLAG, &ask.allow_adopted,
			"history from before the gate is fine"},
		{"--ca-file", OPTION_TEXT, &ask.ca_file,
			"certificate authorities for --log https://…"},
		{"--proxy", OPTION_TEXT, &ask.proxy,
			"proxy for --log https://…; none by default"},
	};
	const char **worktrees = calloc((size_t)argc, sizeof(*worktrees));
	struct err err = ERR_INIT;
	enum exit_code ret;
	int left;

	if (!worktrees)
		die("out of memory");
	ask.worktree.v = worktrees;
	ask.worktree.max = (size_t)argc;
	left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);
	if (left >= 0 && run->help)
		ret = cmd_usage("deployed", "[OPTION…]", defs, ARRAY_LEN(defs));
	else if (left < 0 || check_use(&ask, left, &err))
		ret = cmd_fail(&err);
	else
		ret = answer(run, &ask);
	free(worktrees);
	return ret;
}

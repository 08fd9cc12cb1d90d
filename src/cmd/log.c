/* sluice log: what the gate recorded. */
#include "cmd/log.h"

#include "base/io.h"
#include "base/text.h"
#include "cmd/dispatch.h"
#include "cmd/print.h"
#include "log/logkey.h"
#include "log/store.h"
#include "parse/doc.h"

#define SHORT 12 /* digits of an object name in a line */

bool log_is_number(const char *text, uint64_t *out)
{
	struct span s = span_str(text);

	if (s.n && s.p[0] == '#')
		return text_to_u64(span_from(s, 1), INT64_MAX, out);
	return s.n <= 6 && text_to_u64(s, INT64_MAX, out);
}

int log_object(struct index *ix, const char *text, struct arena *a,
	struct oid *out, struct err *err)
{
	struct oid *v;
	char hex[OID_HEX + 1];
	size_t n;

	if (oid_read(span_str(text), out))
		return 0;
	if (strlen(text) < 7) {
		err_set(err, ERR_USAGE, "not an object name: '%s'", text);
		return err_hint(err, "give at least 7 hex digits");
	}
	if (index_abbreviated(ix, span_str(text), 2, a, &v, &n, err))
		return -1;
	if (!n)
		return 1;
	if (n > 1) {
		err_set(err, ERR_INPUT, "'%s' begins more than one name", text);
		return err_hint(err, "%s is one of them", oid_hex(&v[0], hex));
	}
	*out = v[0];
	return 0;
}

static void set_span(struct doc *j, const char *key, struct span s)
{
	if (s.n)
		doc_set(j, key, doc_of_text(s));
}

static struct doc *row_doc(const struct index_row *r)
{
	struct doc *j = doc_object(), *updates = doc_array();
	char hex[OID_HEX + 1];
	size_t i;

	doc_set(j, "entry", doc_of_int((int64_t)r->entry));
	doc_set(j, "kind", doc_of_str(record_kind_name(r->kind)));
	set_span(j, "repository", r->repository);
	set_span(j, "time", r->time);
	if (r->kind == RECORD_DECISION) {
		doc_set(j, "verdict", doc_of_str(verdict_name(r->verdict)));
		doc_set(j, "mode",
			doc_of_str(r->observe ? "observe" : "enforce"));
		doc_set(j, "admitted", doc_of_bool(r->admitted));
		doc_set(j, "waived", doc_of_bool(r->waived));
		set_span(j, "pusher", r->pusher);
		if (r->outcome != ENTRY_NONE)
			doc_set(j, "outcome", doc_of_int((int64_t)r->outcome));
	}
	if (r->decision != ENTRY_NONE)
		doc_set(j, "decision", doc_of_int((int64_t)r->decision));
	else if (r->kind < RECORD_OBSERVED)
		doc_set(j, "applied", doc_of_bool(r->applied));
	for (i = 0; i < r->nupdate; i++) {
		const struct index_update *u = &r->update[i];
		struct doc *d = doc_object();

		set_span(d, "ref", u->ref);
		doc_set(d, "old", doc_of_str(oid_hex(&u->old, hex)));
		doc_set(d, "new", doc_of_str(oid_hex(&u->new, hex)));
		if (r->kind < RECORD_OUTCOME)
			doc_set(d, "applied", doc_of_bool(u->applied));
		doc_add(updates, d);
	}
	doc_set(j, "updates", updates);
	doc_set(j, "record", doc_of_str(r->record));
	return j;
}

static const char *row_word(const struct index_row *r)
{
	if (r->kind == RECORD_ADOPT)
		return "adopted";
	if (r->kind == RECORD_OUTCOME)
		return "outcome";
	if (r->kind == RECORD_OBSERVED || r->kind == RECORD_PRUNED ||
		r->kind == RECORD_KEY)
		return record_kind_name(r->kind);
	if (r->verdict == VERDICT_ACCEPT)
		return r->applied ? "accept" : "accept, not applied";
	if (r->admitted)
		return r->verdict == VERDICT_REJECT ? "reject, observed"
						    : "undecided, observed";
	return verdict_name(r->verdict);
}

void log_row(const struct index_row *r, bool json)
{
	struct buf line = BUF_INIT((size_t)256 << 20);
	char old[OID_HEX + 1], new[OID_HEX + 1];
	struct doc *j;

	if (json) {
		j = row_doc(r);
		doc_canonical(j, &line);
		printf("%s\n", buf_cstr(&line));
		doc_free(j);
		buf_free(&line);
		return;
	}
	printf("%6llu  ", (unsigned long long)r->entry);
	print_text(r->time);
	printf("  %-10s", row_word(r));
	if (r->decision != ENTRY_NONE)
		printf(" of %llu", (unsigned long long)r->decision);
	printf("  ");
	print_text(r->repository);
	if (r->pusher.n) {
		printf("  ");
		print_text(r->pusher);
	}
	if (r->nupdate) {
		printf("  ");
		print_text(r->update[0].ref);
		printf(" %.*s..%.*s", SHORT, oid_hex(&r->update[0].old, old),
			SHORT, oid_hex(&r->update[0].new, new));
	}
	if (r->nupdate > 1)
		printf(" and %zu more", r->nupdate - 1);
	if (r->waived)
		printf("  (by a waiver)");
	putchar('\n');
}

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
		log_row(&rows.v[i], run->json);
	goto out;
fail:
	status = cmd_fail(&err);
out:
	index_close(ix);
	arena_free(a);
	return status;
}

static enum exit_code cmd_log_find(struct run *run, int argc, char **argv)
{
	struct arena *a = arena_new(LOG_ARENA);
	struct index_rows rows = {0};
	struct index *ix = NULL;
	struct err err = ERR_INIT;
	enum exit_code status;
	struct oid oid;
	size_t i;
	int left, r;

	left = options_read(run, NULL, 0, argc, argv, &err);
	if (left >= 0 && run->help) {
		status = cmd_usage("log find", "COMMIT", NULL, 0);
		goto out;
	}
	if (left >= 0 && left != 1)
		err_set(&err, ERR_USAGE, "log find takes one object name");
	if (left != 1 || index_open(run->state, &ix, &err)) {
		status = cmd_fail(&err);
		goto out;
	}
	r = log_object(ix, argv[1], a, &oid, &err);
	if (r < 0 || (!r && index_commit(ix, &oid, a, &rows, &err))) {
		status = cmd_fail(&err);
		goto out;
	}
	for (i = 0; i < rows.n; i++)
		log_row(&rows.v[i], run->json);
	status = rows.n ? EXIT_YES : EXIT_NO;
	if (!rows.n && !run->quiet)
		fprintf(stderr, "sluice: no entry of the log names '%s'\n",
			argv[1]);
out:
	index_close(ix);
	arena_free(a);
	return status;
}

static const struct cmd cmds[] = {
	{"show", "N", "an entry and its record", cmd_log_show},
	{"list", "[OPTIONS]", "the entries, one a line", cmd_log_list},
	{"find", "COMMIT", "the entries that name a commit or tag",
		cmd_log_find},
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

/* "--state X" and the like may stand before the name. */
static int name_at(struct run *run, int argc, char **argv, struct err *err)
{
	int at = 1;

	while (at < argc && argv[at][0] == '-') {
		bool value = !strcmp(argv[at], "--state") ||
			!strcmp(argv[at], "--policy");
		int n = value && at + 1 < argc ? 2 : 1;
		char *part[4] = {
			argv[0], argv[at], n > 1 ? argv[at + 1] : NULL, NULL};

		if (options_read(run, NULL, 0, n + 1, part, err) < 0)
			return -1;
		at += n;
	}
	return at;
}

enum exit_code cmd_log(struct run *run, int argc, char **argv)
{
	struct err err = ERR_INIT;
	const struct cmd *c;
	int at = name_at(run, argc, argv, &err);

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

/* sluice log prune: old records taken out of the vault, and the log told. */
#include <pwd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "cmd/log.h"
#include "cmd/owner.h"
#include "cmd/print.h"
#include "cmd/ran.h"
#include "gate/gate.h"
#include "log/keyholder.h"
#include "log/prune.h"
#include "log/store.h"
#include "parse/retention.h"
#include "port/trustfile.h"

#define RETENTION_ARENA ((size_t)1 << 20)

struct telling {
	const struct run *run;
	const struct prune_ask *ask;
	const char *by;
};

static int tell(void *ctx, struct span entries, uint64_t count, uint64_t *entry,
	struct err *err)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	const struct telling *t = ctx;
	struct log_receipt receipt;
	struct doc *j = evidence_pruned(t->ask->repository, clock_now(),
		t->ask->before, t->by, entries, count);
	int ret = -1;

	doc_canonical(j, &text);
	doc_free(j);
	if (!buf_check(&text, "the record of what is pruned", err))
		ret = keyholder_append(
			t->run->state, buf_all(&text), &receipt, err);
	if (!ret)
		*entry = receipt.index;
	buf_free(&text);
	return ret;
}

/* The account that asks; of root, that which asked sudo. */
static const char *who(void)
{
	const char *sudo = getenv("SUDO_USER");
	struct passwd *pw;

	if (!getuid() && sudo && *sudo)
		return sudo;
	pw = getpwuid(getuid());
	return pw ? pw->pw_name : "unknown";
}

static void say_json(const struct prune_result *r, bool dry)
{
	struct buf out = BUF_INIT(4096);
	struct doc *j = doc_object();

	doc_set(j, "dryRun", doc_of_bool(dry));
	doc_set(j, "pruned", doc_of_int((int64_t)r->pruned));
	if (r->pruned) {
		doc_set(j, "first", doc_of_int((int64_t)r->first));
		doc_set(j, "last", doc_of_int((int64_t)r->last));
	}
	if (r->told)
		doc_set(j, "entry", doc_of_int((int64_t)r->entry));
	doc_set(j, "standing", doc_of_int((int64_t)r->standing));
	doc_set(j, "lost", doc_of_int((int64_t)r->lost));
	doc_set(j, "removed", doc_of_int((int64_t)r->removed));
	doc_canonical(j, &out);
	printf("%s\n", buf_cstr(&out));
	doc_free(j);
	buf_free(&out);
}

static void say(const struct prune_result *r, bool dry)
{
	if (r->pruned)
		printf("%llu records of entries %llu to %llu %s pruned",
			(unsigned long long)r->pruned,
			(unsigned long long)r->first,
			(unsigned long long)r->last, dry ? "would be" : "are");
	else
		printf("nothing to prune");
	if (r->told)
		printf(", as entry %llu tells", (unsigned long long)r->entry);
	if (r->removed > r->pruned)
		printf("; %llu of before removed",
			(unsigned long long)(r->removed - r->pruned));
	if (r->standing)
		printf("; %llu stay, which tell of what stands",
			(unsigned long long)r->standing);
	putchar('\n');
}

/* What the state folder says, for want of an option. */
static int retained(const char *state, int64_t *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(RETENTION_FILE_MAX);
	struct arena *a = arena_new(RETENTION_ARENA);
	struct retention r;
	int ret = -1;

	store_path(&path, state, STORE_RETENTION);
	if (!io_exists(buf_cstr(&path))) {
		err_set(err, ERR_USAGE,
			"log prune takes one of --before and --older-than, or "
			"'" STORE_RETENTION "' in the state folder");
		err_hint(err, "such as {\"keep_days\": 400}");
	} else if (trustfile_read(buf_cstr(&path), &text, err) ||
		retention_parse(buf_all(&text), a, &r, err)) {
		err_in(err, "'%s'", buf_cstr(&path));
	} else {
		*out = clock_now() - (int64_t)r.keep_days * 86400;
		ret = 0;
	}
	arena_free(a);
	buf_free(&text);
	buf_free(&path);
	return ret;
}

/* "--before T" or "--older-than 400d", or neither. */
static int cutoff(const char *state, const char *before, const char *age,
	int64_t *out, struct err *err)
{
	int64_t seconds;

	if (before && age)
		return err_set(err, ERR_USAGE,
			"log prune takes one of --before and --older-than");
	if (!before && !age)
		return retained(state, out, err);
	if (age) {
		if (log_duration("--older-than", age, &seconds, err))
			return -1;
		*out = clock_now() - seconds;
		return 0;
	}
	if (clock_read(span_str(before), out))
		return 0;
	err_set(err, ERR_USAGE, "--before: '%s' is no date or time", before);
	return err_hint(err, "such as 2026-11-23 or 2026-11-23T08:00:00Z");
}

/* It ended, or was told to change nothing, which is no run. */
static enum exit_code ended(const struct run *run, const struct prune_ask *ask,
	enum exit_code status)
{
	return ask->dry ? status : ran_end(run, RUN_PRUNE, status);
}

enum exit_code cmd_log_prune(struct run *run, int argc, char **argv)
{
	const char *before = NULL, *age = NULL;
	struct prune_ask ask = {.tell = tell};
	struct telling telling = {run, &ask, who()};
	const struct option_def defs[] = {
		{"--before", OPTION_TEXT, &before, "records older than that"},
		{"--older-than", OPTION_TEXT, &age, "the same, such as 400d"},
		{"--repository", OPTION_TEXT, &ask.repository,
			"only of that one"},
		{"--dry-run", OPTION_FLAG, &ask.dry,
			"say what would go, and change nothing"},
	};
	struct prune_result r;
	struct err err = ERR_INIT;
	int left = options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err);

	ask.ctx = &telling;
	if (left >= 0 && run->help)
		return cmd_usage("log prune",
			"[--before TIME|--older-than AGE]", defs,
			ARRAY_LEN(defs));
	if (left > 0)
		left = err_set(&err, ERR_USAGE, "log prune takes no arguments");
	if (left < 0 || owner_become(run->state, run->quiet, &err))
		return cmd_fail(&err);
	left = cutoff(run->state, before, age, &ask.before, &err);
	if (left && err.code == ERR_USAGE)
		return cmd_fail(&err);
	if (!ask.dry)
		ran_begin(run, RUN_PRUNE);
	if (left || prune_run(run->state, &ask, &r, &err))
		return ended(run, &ask, cmd_fail(&err));
	if (run->json)
		say_json(&r, ask.dry);
	else if (!run->quiet)
		say(&r, ask.dry);
	if (!r.lost)
		return ended(run, &ask, EXIT_YES);
	fprintf(stderr,
		"sluice: %llu old records are missing or damaged, and were not "
		"pruned\nhint: 'sluice log verify' names them\n",
		(unsigned long long)r.lost);
	return ended(run, &ask, EXIT_NO);
}

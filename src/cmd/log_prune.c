/* sluice log prune: old records taken out of the vault, and the log told. */
#include <pwd.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/log.h"
#include "cmd/owner.h"
#include "cmd/print.h"
#include "gate/gate.h"
#include "log/keyholder.h"
#include "log/prune.h"

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

/* "--before T" or "--older-than 400d". */
static int cutoff(
	const char *before, const char *age, int64_t *out, struct err *err)
{
	int64_t seconds;

	if (!before == !age)
		return err_set(err, ERR_USAGE,
			"log prune takes one of --before and --older-than");
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
		return cmd_usage("log prune", "--before TIME|--older-than AGE",
			defs, ARRAY_LEN(defs));
	if (left > 0)
		left = err_set(&err, ERR_USAGE, "log prune takes no arguments");
	if (left < 0 || cutoff(before, age, &ask.before, &err) ||
		owner_become(run->state, run->quiet, &err) ||
		prune_run(run->state, &ask, &r, &err))
		return cmd_fail(&err);
	if (run->json)
		say_json(&r, ask.dry);
	else if (!run->quiet)
		say(&r, ask.dry);
	if (!r.lost)
		return EXIT_YES;
	fprintf(stderr,
		"sluice: %llu old records are missing or damaged, and were not "
		"pruned\nhint: 'sluice log verify' names them\n",
		(unsigned long long)r.lost);
	return EXIT_NO;
}

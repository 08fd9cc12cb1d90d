/* pre-receive: whether the log's witnesses are so far behind that the policy
 * wants no more pushes, or wants that told. */
#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/program.h"
#include "cmd/hook.h"
#include "log/witnessed.h"
#include "parse/bundle.h"
#include "parse/doc.h"
#include "parse/entry.h"
#include "parse/policy.h"

#define WAIT_MS 30000

struct wanted {
	enum unwitnessed what;
	int64_t seconds;
};

/* As hookproof.c: what is no policy the judge refuses. */
static struct wanted wanted(const struct run *run)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(POLICY_FILE_MAX);
	struct wanted w = {.what = UNWITNESSED_ALLOW};
	struct err ignored = ERR_INIT;
	const struct doc *log, *hours;
	struct doc *j = NULL;
	struct span word;
	size_t i;

	if (io_read_file(run_policy_path(run, &path), &text, &ignored) ||
		span_search(buf_all(&text), SPAN_LIT("\"unwitnessed\"")) ==
			SIZE_MAX ||
		doc_parse(buf_all(&text), &j, &ignored))
		goto out;
	log = doc_get(j, "log");
	word = doc_get_text(log, "unwitnessed");
	for (i = 0; i < ARRAY_LEN(unwitnessed_names); i++)
		if (span_is(word, unwitnessed_names[i]))
			w.what = (enum unwitnessed)i;
	hours = doc_get(log, "unwitnessed_hours");
	w.seconds = 3600 *
		(hours ? doc_get_int(log, "unwitnessed_hours")
		       : UNWITNESSED_HOURS);
out:
	doc_free(j);
	buf_free(&text);
	buf_free(&path);
	return w;
}

/* How many entries a quorum has signed. That none has is an answer as well. */
static int signed_size(
	const char *state, struct arena *a, uint64_t *out, struct err *err)
{
	struct log_reader *log = NULL;
	struct tlogpolicy policy;
	struct witnessed by;
	struct note note;
	int ret = -1;

	*out = 0;
	if (witnessed_policy(arena_fmt(a, "%s/" WITNESSED_POLICY, state), a,
		    &policy, err))
		return -1;
	if (!io_exists(arena_fmt(a, "%s/" WITNESSED_CHECKPOINT, state)))
		return 0;
	if (!log_open_witnessed(state, &log, err) &&
		!note_parse(log_checkpoint(log), a, &note, err) &&
		!witnessed_by(&policy, &note, &by, err)) {
		*out = by.quorum ? log_size(log) : 0;
		ret = 0;
	}
	log_close(log);
	return ret;
}

/* The oldest entry that none of it covers; its time is 0 if there is none. */
static int oldest(const char *state, struct arena *a, uint64_t *n,
	int64_t *when, struct err *err)
{
	struct buf text = BUF_INIT(ENTRY_MAX);
	struct log_reader *log = NULL;
	struct entry e;
	int ret = -1;

	*when = 0;
	if (signed_size(state, a, n, err) || log_open_state(state, &log, err))
		goto out;
	if (*n < log_size(log) &&
		(log_entry(log, *n, &text, err) ||
			entry_parse(buf_all(&text), a, &e, err)))
		goto out;
	if (*n < log_size(log) && !clock_read(e.time, when)) {
		err_set(err, ERR_LOG, "entry %llu has no time",
			(unsigned long long)*n);
		goto out;
	}
	ret = 0;
out:
	log_close(log);
	buf_free(&text);
	return ret;
}

static int look(const struct hook_call *call, int64_t before, struct err *err)
{
	const char *state = call->run->state;
	char since[CLOCK_TEXT_MAX];
	uint64_t n;
	int64_t when;

	if (oldest(state, call->arena, &n, &when, err))
		return err_in(err, "the log's witnesses");
	if (!when || when >= before)
		return 0;
	clock_text(when, since);
	err_set(err, ERR_LOG,
		"no quorum of the log's witnesses signed entry %llu of %s, nor "
		"what came after it",
		(unsigned long long)n, since);
	return err_hint(
		err, "ask the administrator to run: sluice log witness");
}

/* What comes of it is seen by looking again. */
static void ask(const struct hook_call *call)
{
	struct buf program = PATH_BUF_INIT, out = BUF_INIT(65536);
	struct buf talk = BUF_INIT(65536);
	struct err ignored = ERR_INIT;
	struct proc_end end;

	if (!program_find(PROGRAM_SLUICE, &program, &ignored)) {
		const char *argv[] = {buf_cstr(&program), "--state",
			call->run->state, "--quiet", "log", "witness", NULL};
		const struct proc p = {.argv = argv,
			.out = &out,
			.talk = &talk,
			.timeout_ms = WAIT_MS};

		if (proc_run(&p, &end, &ignored))
			err_clear(&ignored);
	}
	buf_free(&talk);
	buf_free(&out);
	buf_free(&program);
}

int hook_witnesses(const struct hook_call *call, int64_t now,
	struct buf *warning, struct err *err)
{
	struct wanted w = wanted(call->run);

	if (w.what == UNWITNESSED_ALLOW || !look(call, now - w.seconds, err))
		return 0;
	if (w.what == UNWITNESSED_WAIT) {
		err_clear(err);
		ask(call);
		return look(call, now - w.seconds, err);
	}
	if (w.what == UNWITNESSED_BLOCK)
		return -1;
	buf_fmt(warning, "sluice: warning: %s\n", err->text);
	err_clear(err);
	return 0;
}

/*
 * pre-receive: judge the push in a child, put the decision into the log, and
 * only then let git move the refs. Whatever goes wrong refuses.
 */
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "cmd/hook.h"
#include "gate/gate.h"
#include "gather/gather.h"
#include "log/index.h"
#include "log/keyholder.h"
#include "parse/pusher.h"
#include "parse/record.h"
#include "parse/refline.h"
#include "port/sandbox.h"

#define MESSAGE_MAX (256u << 10)
#define JUDGE_MEMORY (UINT64_C(4) << 30)
#define JUDGE_SECONDS 3600
#define JUDGE_FILE (UINT64_C(256) << 20)

/* One push on its way through this file. */
struct passage {
	struct hook_call *call;
	struct push push;
	struct policy *policy;
	struct stages stages;
	struct buf record;
};

static const char *unix_user(struct arena *arena)
{
	struct passwd *pw = getpwuid(getuid());

	return pw ? arena_str(arena, span_str(pw->pw_name))
		  : arena_fmt(arena, "uid %lu", (unsigned long)getuid());
}

static const char *from_environment(const char *name)
{
	return getenv(name);
}

/* What the log knows of this repository: which old values and which tips came
 * through the gate. */
static int ask_log(struct passage *p, struct err *err)
{
	struct push *push = &p->push;
	struct index *index = NULL;
	struct span repository = span_str(push->repository);
	struct arena *arena = p->call->arena;
	struct index_tips tips;
	uint64_t entry;
	size_t i;
	int ret = -1;

	if (index_open(p->call->run->state, &index, err))
		return -1;
	push->old_gated =
		arena_get(arena, push->nup + 1, sizeof(*push->old_gated));
	for (i = 0; i < push->nup; i++) {
		if (oid_is_zero(&push->up[i].old))
			continue;
		if (index_was_admitted(index, repository, push->up[i].ref,
			    &push->up[i].old, &entry, err))
			goto out;
		push->old_gated[i] = entry != ENTRY_NONE;
	}
	if (index_tips(index, repository, arena, &tips, err))
		goto out;
	push->gated = arena_get(arena, tips.n + 1, sizeof(*push->gated));
	for (i = 0; i < tips.n; i++)
		push->gated[push->ngated++] =
			(struct gated_tip){tips.v[i].ref, tips.v[i].oid};
	ret = 0;
out:
	index_close(index);
	return ret;
}

/* Everything the parent learns by itself; it looks at no object. */
static int prepare(struct passage *p, struct err *err)
{
	struct push *push = &p->push;
	struct buf path = PATH_BUF_INIT;
	int ret = -1;

	push->repository = p->call->repository;
	pusher_read(from_environment, unix_user(p->call->arena), p->call->arena,
		&push->pusher);
	push_options_read(from_environment, p->call->arena, &push->option,
		&push->noption);
	if (refline_parse(buf_all(&p->call->input), p->call->arena, &push->up,
		    &push->nup, err))
		goto out;
	if (policy_load(run_policy_path(p->call->run, &path), p->call->arena,
		    &p->policy, err))
		goto out;
	stages_mark(&p->stages, "policy");
	if (ask_log(p, err))
		goto out;
	stages_mark(&p->stages, "index");
	ret = 0;
out:
	buf_free(&path);
	return ret;
}

static int judge(struct passage *p, struct buf *out, struct err *err)
{
	const struct sandbox_limits limits = {
		.memory = JUDGE_MEMORY,
		.seconds = JUDGE_SECONDS,
		.file = JUDGE_FILE,
	};
	struct facts facts = {.push = &p->push, .policy = p->policy};
	struct stages *s = &p->stages;
	struct doc *record = NULL;
	struct judgement j;
	struct gather g;
	int ret = -1;

	if (sandbox_enter(&limits, err))
		return -1;
	stages_start(s);
	if (gather_open(&g, p->call->directory, p->call->quarantine,
		    p->call->run->state, p->call->arena, err))
		return -1;
	stages_mark(s, "open");
	if (gather_changes(&g, &facts, err))
		goto out;
	stages_mark(s, "changes");
	if (gather_signatures(&g, &facts, err))
		goto out;
	stages_mark(s, "signatures");
	if (gather_approvals(&g, &facts, err))
		goto out;
	stages_mark(s, "approvals");
	if (gather_secrets(&g, &facts, err))
		goto out;
	stages_mark(s, "secrets");
	gate_judge(&facts, p->call->arena, &j);
	stages_mark(s, "judge");
	record = evidence_decision(&facts, &j, s);
	doc_canonical(record, out);
	ret = buf_check(out, "the record of this push", err);
out:
	doc_free(record);
	gather_close(&g);
	return ret;
}

/* The child: exit status 0 with a record, 1 with the cause as a document. */
static int judge_process(void *ctx, int in_fd, int out_fd)
{
	struct passage *p = ctx;
	struct buf out = BUF_INIT(RECORD_MAX);
	struct err err = ERR_INIT, ignored = ERR_INIT;
	int status = 0;

	io_close(in_fd);
	signal(SIGXFSZ, SIG_IGN); /* EFBIG instead */
	if (judge(p, &out, &err)) {
		struct doc *cause = doc_object();

		doc_set(cause, "text", doc_of_str(err.text));
		doc_set(cause, "hint", doc_of_str(err.hint));
		buf_reset(&out);
		doc_canonical(cause, &out);
		doc_free(cause);
		status = 1;
	}
	if (io_write(out_fd, buf_all(&out), &ignored))
		status = 2;
	buf_free(&out);
	return status;
}

static int judge_cause(const struct buf *answer, struct err *err)
{
	struct doc *cause = NULL;
	struct err ignored = ERR_INIT;
	struct span text, hint;

	if (doc_parse(buf_all(answer), &cause, &ignored))
		return err_set(err, ERR_SYS, "the judge gave no cause");
	text = doc_get_text(cause, "text");
	hint = doc_get_text(cause, "hint");
	err_set(err, ERR_INPUT, "%.*s", SPAN_FMT(text));
	if (hint.n)
		err_hint(err, "%.*s", SPAN_FMT(hint));
	doc_free(cause);
	return -1;
}

static int ask_judge(struct passage *p, struct err *err)
{
	struct proc_end end = {-1, 0};
	char how[80];

	if (proc_fork(judge_process, p, SPAN_EMPTY, &p->record, 0, &end, err)) {
		err_in(err, "the judge");
		return -1;
	}
	if (!end.signal && end.status == 0)
		return 0;
	if (!end.signal && end.status == 1)
		return judge_cause(&p->record, err);
	proc_end_text(end, how, sizeof(how));
	err_set(err, ERR_SYS, "the judge died: %s", how);
	return err_hint(err,
		"the push may be too large for the gate's limits; ask the "
		"administrator");
}

/* The verdict that counts is read back from the bytes that are logged. Only
 * the parent's own policy can let a refused push through. */
static enum verdict verdict_of(
	const struct doc *record, const struct policy *policy, bool *admitted)
{
	const struct doc *p = doc_get(record, "predicate");
	struct span verdict = doc_get_text(p, "verdict");

	*admitted = false;
	if (span_is(verdict, "accept")) {
		*admitted = doc_get_bool(p, "admitted");
		return VERDICT_ACCEPT;
	}
	if (span_is(verdict, "reject")) {
		*admitted = policy && policy->observe &&
			doc_get_bool(p, "admitted");
		return VERDICT_REJECT;
	}
	return VERDICT_UNDECIDED;
}

static void say(const struct buf *text)
{
	struct err ignored = ERR_INIT;

	/* A client that is gone does not change the decision. */
	if (io_write(2, buf_all(text), &ignored))
		return;
}

static int make_record(struct passage *p, struct doc **record, struct err *err)
{
	struct err cause = ERR_INIT;

	if (!prepare(p, &cause) && !ask_judge(p, &cause))
		return doc_parse(buf_all(&p->record), record, err);
	*record = evidence_undecided(&p->push, p->policy, &cause);
	buf_reset(&p->record);
	doc_canonical(*record, &p->record);
	return buf_check(&p->record, "the record of this push", err);
}

enum exit_code hook_pre_receive(struct hook_call *call)
{
	struct passage p = {.call = call, .record = BUF_INIT(RECORD_MAX)};
	struct buf message = BUF_INIT(MESSAGE_MAX);
	struct doc *record = NULL;
	struct log_receipt receipt;
	struct err err = ERR_INIT;
	enum verdict verdict = VERDICT_UNDECIDED;
	enum exit_code status = EXIT_UNKNOWN;
	bool admitted = false;

	signal(SIGPIPE, SIG_IGN);
	p.push.time = clock_now();
	stages_start(&p.stages);
	if (hook_call_read(call, &err))
		goto out;
	hook_environment_close();
	if (make_record(&p, &record, &err))
		goto out;
	verdict = verdict_of(record, p.policy, &admitted);
	if (keyholder_append(
		    call->run->state, buf_all(&p.record), &receipt, &err)) {
		err_in(&err, "the evidence log");
		admitted = false;
		verdict = VERDICT_UNDECIDED;
		goto out;
	}
	message_write(record, receipt.index, &message);
	if (admitted)
		status = EXIT_YES;
	else
		status = verdict == VERDICT_REJECT ? EXIT_NO : EXIT_UNKNOWN;
out:
	if (err.code != ERR_NONE)
		message_failure(&err, &message);
	if (!call->run->quiet || status != EXIT_YES)
		say(&message);
	doc_free(record);
	buf_free(&message);
	buf_free(&p.record);
	if (status == EXIT_YES && call->chain)
		status = hook_chain(call, "pre-receive");
	return status;
}

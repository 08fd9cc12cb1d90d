/*
 * pre-receive: have the push judged by another program, put the decision into
 * the log, and only then let git move the refs. Whatever goes wrong refuses.
 */
#include <pwd.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/program.h"
#include "cmd/hook.h"
#include "cmd/policyname.h"
#include "gate/gate.h"
#include "log/index.h"
#include "log/keyholder.h"
#include "parse/pusher.h"
#include "parse/record.h"
#include "parse/refline.h"
#include "parse/request.h"
#include "parse/reviewask.h"
#include "parse/reviewbundle.h"
#include "scan/pseudonym.h"

/* That of the policy, at most, and some to start and to read. */
#define REVIEWS_MS_MAX 90000
#define MESSAGE_MAX (256u << 10)
#define JUDGE_ARGS_MAX 12
/* Signed pushes to one repository while a nonce may still be used: some days of
 * very many. */
#define CERTIFICATES_ASKED 2000
#define WAIVED_MAX 1000 /* steps of refs that waivers let in */
/* Adopted tips; what only others reach is judged where a key is compromised. */
#define ADOPTED_MAX 1000
/* Longer than any policy lets a waiver live, with a leap second to spare. */
#define WAIVER_LIFE_MAX (367 * INT64_C(86400))

/* One push on its way through this file. */
struct passage {
	struct hook_call *call;
	struct push push;
	struct buf program; /* the judge's */
	const char *argv[JUDGE_ARGS_MAX];
	struct proc_job judge;
	struct buf request, record, answers;
	struct buf warning; /* before what is said of the push */
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

/* Which tips of the policy's own ref the log admitted, where the policy is in a
 * repository. What was there when the repository was adopted nobody has judged.
 */
static int ask_policy(struct passage *p, struct index *index, struct err *err)
{
	struct push *push = &p->push;
	struct arena *arena = p->call->arena;
	struct index_tips tips;
	struct index_row row;
	size_t i;

	if (policyname_read(p->call->run->state, arena, &push->policy_of, err))
		return -1;
	if (!push->policy_of)
		return 0;
	if (index_tips(index, span_str(push->policy_of), arena, &tips, err))
		return -1;
	push->policy_tip =
		arena_get(arena, tips.n + 1, sizeof(*push->policy_tip));
	for (i = 0; i < tips.n; i++) {
		if (!span_is(tips.v[i].ref, POLICY_REF))
			continue;
		if (index_entry(index, tips.v[i].entry, arena, &row, err))
			return -1;
		if (row.kind == RECORD_DECISION)
			push->policy_tip[push->npolicy_tip++] = tips.v[i].oid;
	}
	return 0;
}

/* What the log knows of this repository: which old values and which tips came
 * through the gate. */
static int ask_log(struct passage *p, struct err *err)
{
	struct push *push = &p->push;
	struct index *index = NULL;
	struct span repository = span_str(push->repository);
	struct arena *arena = p->call->arena;
	char since[CLOCK_TEXT_MAX];
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
	if (push->sign.given &&
		index_certificates(index, repository, CERTIFICATES_ASKED, arena,
			&push->sign.used, &push->sign.nused, err))
		goto out;
	if (index_tips(index, repository, arena, &tips, err))
		goto out;
	push->gated = arena_get(arena, tips.n + 1, sizeof(*push->gated));
	for (i = 0; i < tips.n; i++)
		push->gated[push->ngated++] = (struct gated_tip){
			tips.v[i].ref, tips.v[i].oid, tips.v[i].accepted};
	if (index_adopted(index, repository, ADOPTED_MAX, arena, &push->adopted,
		    &push->nadopted, err))
		goto out;
	clock_text(push->time - WAIVER_LIFE_MAX, since);
	if (ask_policy(p, index, err))
		goto out;
	if (index_waivers(index, repository, since, arena, &push->past, err))
		goto out;
	if (push->past.nwaived > WAIVED_MAX) {
		/* Too many to go through: then no ref stands in for another. */
		push->past.nwaived = 0;
		for (i = 0; i < push->ngated; i++)
			push->gated[i].accepted = false;
	}
	ret = 0;
out:
	index_close(index);
	return ret;
}

/* Everything the hook learns by itself; it looks at no object. */
static int read_push(struct passage *p, struct err *err)
{
	struct push *push = &p->push;
	struct arena *arena = p->call->arena;

	push->repository = p->call->repository;
	pusher_read(from_environment, unix_user(arena), arena, &push->pusher);
	push_options_read(
		from_environment, arena, &push->option, &push->noption);
	push_signed_read(from_environment, arena, &push->sign);
	return refline_parse(
		buf_all(&p->call->input), arena, &push->up, &push->nup, err);
}

static struct proc judge_proc(struct passage *p)
{
	return (struct proc){
		.argv = p->argv, .in = buf_all(&p->request), .out = &p->record};
}

/* Early: what the judge loads and opens by itself takes longer than what is
 * left to do here. */
static int start_judge(struct passage *p, struct err *err)
{
	const struct hook_call *call = p->call;
	struct proc judge;
	size_t n = 0;

	if (program_find(PROGRAM_REPO, &p->program, err))
		return -1;
	p->argv[n++] = buf_cstr(&p->program);
	p->argv[n++] = "judge";
	p->argv[n++] = "--state";
	p->argv[n++] = call->run->state;
	if (call->run->policy) {
		p->argv[n++] = "--policy";
		p->argv[n++] = call->run->policy;
	}
	p->argv[n++] = "--directory";
	p->argv[n++] = call->directory;
	if (call->quarantine) {
		p->argv[n++] = "--quarantine";
		p->argv[n++] = call->quarantine;
	}
	judge = judge_proc(p);
	return proc_start(&judge, &p->judge, err);
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

/* Why there is no record: the judge's own words, or how it ended. */
static int no_record(
	struct passage *p, const struct proc *judge, struct err *err)
{
	struct proc_end end = {-1, 0};
	char how[80];

	if (proc_reap(judge, &p->judge, &end, err))
		return err_in(err, "the judge");
	if (!end.signal && end.status == 1)
		return judge_cause(&p->record, err);
	proc_end_text(end, how, sizeof(how));
	err_set(err, ERR_SYS, "the judge died: %s", how);
	return err_hint(err,
		"the push may be too large for the gate's limits; ask the "
		"administrator");
}

/* Why forges did not answer, in the words of who asked them. */
static void reviews_fault(
	struct passage *p, const struct proc_end *end, const struct err *err)
{
	struct push_reviews *r = &p->push.reviews;
	struct span rest = buf_all(&p->answers), text, hint;
	struct arena *arena = p->call->arena;
	char how[80];

	r->hint = "";
	if (err->code != ERR_NONE) {
		r->fault = arena_str(arena, span_str(err->text));
	} else if (!end->signal && end->status == EXIT_NO &&
		span_line(&rest, &text, NULL) && text.n &&
		span_line(&rest, &hint, NULL)) {
		r->fault = arena_str(arena, text);
		r->hint = arena_str(arena, hint);
	} else {
		proc_end_text(*end, how, sizeof(how));
		r->fault = arena_fmt(arena, "who asks them died: %s", how);
	}
}

/* What the judge asks of forges is asked by a process that has no part in the
 * judging. That they do not answer is for the judge to weigh. */
static void ask_forges(struct passage *p)
{
	const struct run *run = p->call->run;
	const char *argv[] = {buf_cstr(&p->program), "reviews", "--state",
		run->state, run->policy ? "--policy" : NULL, run->policy, NULL};
	const struct proc asking = {.argv = argv,
		.in = buf_all(&p->record),
		.out = &p->answers,
		.timeout_ms = REVIEWS_MS_MAX};
	struct push_reviews *r = &p->push.reviews;
	struct proc_end end = {-1, 0};
	struct err err = ERR_INIT;

	r->asked = true;
	if (proc_run(&asking, &end, &err) || end.signal ||
		end.status != EXIT_YES)
		reviews_fault(p, &end, &err);
	else
		r->answers = buf_all(&p->answers);
}

/* Tell it the push, and take what it answers. */
static int hear_judge(struct passage *p, struct err *err)
{
	struct proc judge;

	buf_reset(&p->request);
	buf_reset(&p->record);
	request_write(&p->push, &p->request);
	if (buf_check(&p->request, "the push", err))
		return -1;
	judge = judge_proc(p);
	if (proc_collect(&judge, &p->judge, err))
		return err_in(err, "the judge");
	return 0;
}

/* It wants to know what was said at forges: another one judges with that. */
static int judge_again(struct passage *p, struct err *err)
{
	const struct proc judge = judge_proc(p);
	struct proc_end end;

	if (proc_reap(&judge, &p->judge, &end, err))
		return err_in(err, "the judge");
	ask_forges(p);
	if (start_judge(p, err))
		return -1;
	return hear_judge(p, err);
}

/* A record is whole or it is none; how long the judge then takes to give back
 * its memory is nothing to wait for. */
static int ask_judge(struct passage *p, struct doc **record, struct err *err)
{
	struct err ignored = ERR_INIT;
	struct proc judge;

	if (hear_judge(p, err))
		return -1;
	if (reviewask_is(buf_all(&p->record)) && judge_again(p, err))
		return -1;
	if (!record_outline(buf_all(&p->record), record, &ignored) &&
		doc_get(*record, "predicate"))
		return 0;
	doc_free(*record);
	*record = NULL;
	judge = judge_proc(p);
	return no_record(p, &judge, err);
}

/* The verdict that counts is read back from the bytes that are logged; that
 * they are not at odds with themselves is checked by the key holder. */
static enum verdict verdict_of(const struct doc *record, bool *admitted)
{
	const struct doc *p = doc_get(record, "predicate");
	struct span verdict = doc_get_text(p, "verdict");

	*admitted = false;
	if (span_is(verdict, "accept")) {
		*admitted = doc_get_bool(p, "admitted");
		return VERDICT_ACCEPT;
	}
	if (span_is(verdict, "reject")) {
		*admitted = span_is(doc_get_text(p, "mode"), "observe") &&
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

/* Without a judge nobody has read the policy: as the last one that was read
 * wanted it. */
static void name_pusher(struct passage *p)
{
	struct pusher *who = &p->push.pusher;
	struct err ignored = ERR_INIT;

	if (pseudonym_remembered(p->call->run->state) &&
		pseudonym_of(p->call->run->state, who->name, p->call->arena,
			&who->pseudonym, &ignored))
		who->pseudonym = PSEUDONYM_NOBODY;
}

static int make_record(struct passage *p, struct doc **record, struct err *err)
{
	struct err cause = ERR_INIT;

	if (!read_push(p, &cause) &&
		!hook_witnesses(p->call, p->push.time, &p->warning, &cause) &&
		!ask_log(p, &cause) && !ask_judge(p, record, &cause))
		return 0;
	name_pusher(p);
	*record = evidence_undecided(&p->push, NULL, &cause);
	buf_reset(&p->record);
	doc_canonical(*record, &p->record);
	return buf_check(&p->record, "the record of this push", err);
}

enum exit_code hook_pre_receive(struct hook_call *call)
{
	struct passage p = {
		.call = call,
		.program = PATH_BUF_INIT,
		.judge = PROC_JOB_NONE,
		.request = BUF_INIT(REQUEST_MAX),
		.record = BUF_INIT(RECORD_MAX),
		.answers = BUF_INIT(REVIEWBUNDLE_MAX),
		.warning = BUF_INIT(MESSAGE_MAX),
	};
	struct buf message = BUF_INIT(MESSAGE_MAX);
	struct doc *record = NULL;
	struct log_receipt receipt;
	struct err err = ERR_INIT;
	enum verdict verdict;
	enum exit_code status = EXIT_UNKNOWN;
	bool admitted = false;

	signal(SIGPIPE, SIG_IGN);
	p.push.time = clock_now();
	if (hook_call_place(call, &err) || start_judge(&p, &err) ||
		hook_call_input(call, &err))
		goto out;
	hook_environment_close();
	if (make_record(&p, &record, &err))
		goto out;
	verdict = verdict_of(record, &admitted);
	if (keyholder_append(
		    call->run->state, buf_all(&p.record), &receipt, &err)) {
		err_in(&err, "the evidence log");
		goto out;
	}
	hook_countersign(call);
	message_write(record, receipt.index, &message);
	if (admitted)
		status = EXIT_YES;
	else if (verdict == VERDICT_REJECT)
		status = EXIT_NO;
out:
	proc_abandon(&p.judge);
	if (err.code != ERR_NONE)
		message_failure(&err, &message);
	if (p.warning.n)
		say(&p.warning);
	if (!call->run->quiet || status != EXIT_YES)
		say(&message);
	doc_free(record);
	buf_free(&message);
	buf_free(&p.program);
	buf_free(&p.request);
	buf_free(&p.record);
	buf_free(&p.answers);
	buf_free(&p.warning);
	if (status == EXIT_YES && call->chain)
		status = hook_chain(call, "pre-receive");
	return status;
}

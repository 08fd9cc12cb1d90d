/*
 * post-receive: which of the decided updates git really made. It needs only
 * the ref lines and the log. The refs have moved: what fails here is said, and
 * `sluice audit` finds it again.
 */
#include <signal.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/program.h"
#include "cmd/hook.h"
#include "gate/gate.h"
#include "log/index.h"
#include "log/keyholder.h"
#include "log/recent.h"
#include "parse/record.h"
#include "parse/refline.h"

/* The decision behind each update; of one push they normally share one, which
 * is among the last of the log. */
static int decisions(struct hook_call *call, const struct ref_update *up,
	size_t n, uint64_t *decision, struct err *err)
{
	struct span repository = span_str(call->repository);
	struct index *index = NULL;
	bool all;
	size_t i;
	int ret = -1;

	if (recent_decisions(call->run->state, repository, up, n, call->arena,
		    decision, &all, err))
		return -1;
	if (all)
		return 0;
	if (index_open(call->run->state, &index, err))
		return -1;
	for (i = 0; i < n; i++)
		if (index_decision(index, repository, up[i].ref, &up[i].old,
			    &up[i].new, &decision[i], err))
			goto out;
	ret = 0;
out:
	index_close(index);
	return ret;
}

static int append_outcome(struct hook_call *call, const struct ref_update *up,
	size_t n, uint64_t decision, struct hook_outcome *out, struct err *err)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt receipt = {.index = 0};
	size_t i;
	struct doc *record;
	int ret = -1;

	record = evidence_outcome(
		call->repository, clock_now(), up, n, decision);
	doc_canonical(record, &text);
	doc_free(record);
	if (!buf_check(&text, "the record of the outcome", err))
		ret = keyholder_append(
			call->run->state, buf_all(&text), &receipt, err);
	buf_free(&text);
	*out = (struct hook_outcome){.decision = decision,
		.outcome = receipt.index,
		.tip = arena_get(call->arena, n, sizeof(struct oid))};
	for (i = 0; i < n; i++)
		if (!oid_is_zero(&up[i].new))
			out->tip[out->ntip++] = up[i].new;
	return ret;
}

/* One outcome for each decision among the updates. */
static int append_outcomes(struct hook_call *call, const struct ref_update *up,
	size_t n, uint64_t *decision, struct hook_outcome **out, size_t *nout,
	struct err *err)
{
	struct ref_update *part = arena_get(call->arena, n + 1, sizeof(*part));
	size_t i, k, m;

	*out = arena_get(call->arena, n + 1, sizeof(**out));
	*nout = 0;
	for (i = 0; i < n; i++) {
		uint64_t which = decision[i];

		if (which == ENTRY_NONE)
			continue;
		for (k = i, m = 0; k < n; k++) {
			if (decision[k] != which)
				continue;
			part[m++] = up[k];
			decision[k] = ENTRY_NONE;
		}
		if (append_outcome(call, part, m, which, &(*out)[*nout], err))
			return -1;
		++*nout;
	}
	return 0;
}

#define PUBLISH_TIMEOUT_MS 60000
#define TALK_MAX 65536

/* Where the policy is kept in a repository, it has changed: what is published
 * of it is out of date. */
static int publish(const struct hook_call *call, struct err *err)
{
	struct buf program = PATH_BUF_INIT, talk = BUF_INIT(TALK_MAX);
	const char *argv[] = {NULL, "--state", call->run->state, "--quiet",
		"policy", "publish", NULL};
	const struct proc p = {
		.argv = argv, .talk = &talk, .timeout_ms = PUBLISH_TIMEOUT_MS};
	struct span line, rest;
	struct proc_end end;
	int ret = -1;

	if (program_find(PROGRAM_REPO, &program, err))
		goto out;
	argv[0] = buf_cstr(&program);
	if (proc_run(&p, &end, err))
		goto out;
	rest = buf_all(&talk);
	if (end.signal || end.status) {
		err_set(err, ERR_REPO, "the new policy is not published: %.*s",
			span_line(&rest, &line, NULL) ? (int)line.n : 0,
			(const char *)line.p);
		err_hint(err, "'sluice policy publish' does it");
		goto out;
	}
	ret = 0;
out:
	buf_free(&program);
	buf_free(&talk);
	return ret;
}

static bool changes_policy(const struct ref_update *up, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (span_is(up[i].ref, POLICY_REF) && !oid_is_zero(&up[i].new))
			return true;
	return false;
}

static int outcome(struct hook_call *call, struct err *err)
{
	struct err not_published = ERR_INIT;
	size_t n, i, undecided = 0, made;
	struct hook_outcome *outcomes;
	struct ref_update *up;
	uint64_t *decision;

	if (hook_call_place(call, err) || hook_call_input(call, err))
		return -1;
	hook_environment_close();
	if (refline_parse(buf_all(&call->input), call->arena, &up, &n, err))
		return -1;
	decision = arena_get(call->arena, n + 1, sizeof(*decision));
	if (decisions(call, up, n, decision, err))
		return -1;
	for (i = 0; i < n; i++)
		undecided += decision[i] == ENTRY_NONE;
	if (append_outcomes(call, up, n, decision, &outcomes, &made, err))
		return -1;
	hook_countersign(call);
	if (!undecided && changes_policy(up, n) &&
		publish(call, &not_published))
		cmd_fail(&not_published);
	hook_publish(call, outcomes, made);
	if (undecided)
		return err_set(err, ERR_LOG,
			"%zu of %zu ref updates were never let through",
			undecided, n);
	return 0;
}

enum exit_code hook_post_receive(struct hook_call *call)
{
	enum exit_code status = EXIT_YES;
	struct err err = ERR_INIT;

	signal(SIGPIPE, SIG_IGN);
	if (outcome(call, &err)) {
		err_in(&err,
			"the refs have moved, but the outcome is not in "
			"the log");
		err_hint(&err, "tell the administrator to run: sluice audit");
		status = cmd_fail(&err);
	}
	/* The previous hook runs all the same: the push is done. */
	if (call->chain) {
		enum exit_code chained = hook_chain(call, "post-receive");

		status = status == EXIT_YES ? chained : status;
	}
	return status;
}

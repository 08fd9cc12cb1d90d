/*
 * post-receive: which of the decided updates git really made. It needs only
 * the ref lines and the log. The refs have moved: what fails here is said, and
 * `sluice audit` finds it again.
 */
#include <signal.h>

#include "base/clock.h"
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
	size_t n, uint64_t decision, struct err *err)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt receipt;
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
	return ret;
}

/* One outcome for each decision among the updates. */
static int append_outcomes(struct hook_call *call, const struct ref_update *up,
	size_t n, uint64_t *decision, struct err *err)
{
	struct ref_update *part = arena_get(call->arena, n + 1, sizeof(*part));
	size_t i, k, m;

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
		if (append_outcome(call, part, m, which, err))
			return -1;
	}
	return 0;
}

static int outcome(struct hook_call *call, struct err *err)
{
	size_t n, i, undecided = 0;
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
	if (append_outcomes(call, up, n, decision, err))
		return -1;
	hook_countersign(call);
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

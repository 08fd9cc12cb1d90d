/* post-receive: the proof of what was just pushed, where the repository's
 * clones find it. Not sluice-repo's work: it takes the log and a git. */
#include "base/io.h"
#include "cmd/hook.h"
#include "deploy/proofref.h"
#include "log/prooffile.h"
#include "parse/policy.h"

/* Reading the policy properly would take as long as all the rest; a push was
 * judged by it just now. */
static bool wanted(const struct run *run)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(POLICY_FILE_MAX);
	struct err ignored = ERR_INIT;
	struct doc *j = NULL;
	bool on;

	on = !io_read_file(run_policy_path(run, &path), &text, &ignored) &&
		span_search(buf_all(&text), SPAN_LIT("\"proofs\"")) !=
			SIZE_MAX &&
		!doc_parse(buf_all(&text), &j, &ignored) &&
		doc_get_bool(doc_get(j, "log"), "proofs");
	doc_free(j);
	buf_free(&text);
	buf_free(&path);
	return on;
}

static int publish(const struct hook_call *call, const struct hook_outcome *v,
	size_t n, struct err *err)
{
	struct proofref_push *push =
		arena_get(call->arena, n, sizeof(struct proofref_push));
	struct buf text = BUF_INIT(PROOF_BATCH_MAX);
	struct log_reader *log = NULL;
	size_t i, k = 0, *end = arena_get(call->arena, n, sizeof(size_t));
	int ret = -1;

	if (log_open_state(call->run->state, &log, err))
		goto out;
	for (i = 0; i < n; i++) {
		const uint64_t entry[] = {v[i].decision, v[i].outcome};

		if (!v[i].ntip)
			continue;
		if (proof_file_short(log, entry, ARRAY_LEN(entry), &text, err))
			goto out;
		if (text.n - (k ? end[k - 1] : 0) > PROOF_SHORT_MAX) {
			err_set(err, ERR_LIMIT, "the proof is too large");
			goto out;
		}
		end[k] = text.n;
		push[k++] = (struct proofref_push){.decision = v[i].decision,
			.tip = v[i].tip,
			.ntip = v[i].ntip};
	}
	for (i = 0; i < k; i++)
		push[i].proof = span_sub(buf_all(&text), i ? end[i - 1] : 0,
			end[i] - (i ? end[i - 1] : 0));
	ret = k ? proofref_write(call->directory, push, k, err) : 0;
out:
	log_close(log);
	buf_free(&text);
	return ret;
}

void hook_publish(
	const struct hook_call *call, const struct hook_outcome *v, size_t n)
{
	struct err err = ERR_INIT;

	if (!n || !wanted(call->run) || !publish(call, v, n, &err))
		return;
	err_in(&err,
		"the push is in the log, but its proof is not in the "
		"repository");
	err_hint(&err, "the administrator can add it: sluice log publish");
	cmd_fail(&err);
}

/*
 * sluice-repo judge: the role that meets hostile objects. Started by the hook
 * early, so that what it loads and opens is ready when the push is known; under
 * limits before it looks at anything; without the log, the key or the network.
 */
#include <signal.h>
#include <unistd.h>

#include "base/io.h"
#include "cmd/cmd.h"
#include "cmd/inforce.h"
#include "gate/gate.h"
#include "gather/gather.h"
#include "parse/request.h"
#include "port/sandbox.h"
#include "scan/pseudonym.h"

#define ARENA_MAX ((size_t)2 << 30)
#define RECORD_ROOM ((size_t)64 << 20)

static const struct sandbox_limits limits = {
	.memory = UINT64_C(4) << 30,
	.seconds = 3600,
	.file = UINT64_C(256) << 20, /* caches it may make */
};

struct judge {
	struct run *run;
	const char *directory, *quarantine;
	struct arena *arena;
	struct stages stages;
	struct buf request;
	struct push push;
	struct inforce policy;
	struct gather g;
};

/* All that does not need the push; meanwhile the hook asks the log. */
static int prepare(struct judge *j, struct err *err)
{
	if (inforce_open(&j->policy, j->run, j->arena, err))
		return -1;
	stages_mark(&j->stages, "policy");
	if (gather_open(&j->g, j->directory, j->quarantine, j->run->state,
		    j->arena, err))
		return -1;
	j->g.source = &j->policy.source;
	stages_mark(&j->stages, "open");
	return 0;
}

/* Whatever becomes of the push, by the name that the policy wants. */
static int name_pusher(struct judge *j, struct err *err)
{
	bool redact = j->policy.policy->redact;

	if (pseudonym_remember(j->run->state, redact, err))
		return -1;
	return redact ? pseudonym_of(j->run->state, j->push.pusher.name,
				j->arena, &j->push.pusher.pseudonym, err)
		      : 0;
}

static int listen(struct judge *j, struct err *err)
{
	if (io_read(0, &j->request, err))
		return err_in(err, "the judge's request");
	stages_mark(&j->stages, "wait");
	if (request_parse(buf_all(&j->request), j->arena, &j->push, err) ||
		name_pusher(j, err))
		return -1;
	return inforce_confirm(&j->policy, &j->push, err);
}

static int decide(struct judge *j, struct buf *out, struct err *err)
{
	struct facts facts = {.push = &j->push, .policy = j->policy.policy};
	struct judgement judgement;

	if (gather_changes(&j->g, &facts, err) ||
		reviews_question(&j->g, &facts, out, err))
		return -1;
	if (out->n)
		return 0;
	stages_mark(&j->stages, "changes");
	if (gather_signatures(&j->g, &facts, err) ||
		gather_certificate(&j->g, &facts, err))
		return -1;
	stages_mark(&j->stages, "signatures");
	if (gather_approvals(&j->g, &facts, err) ||
		gather_policy_change(&j->g, j->policy.root, &facts, err))
		return -1;
	gather_reviews(&j->g, &facts);
	stages_mark(&j->stages, "approvals");
	if (gather_waivers(&j->g, &facts, err))
		return -1;
	stages_mark(&j->stages, "waivers");
	if (gather_secrets(&j->g, &facts, err))
		return -1;
	stages_mark(&j->stages, "secrets");
	gather_sections(&facts, j->arena);
	gate_judge(&facts, j->arena, &judgement);
	stages_mark(&j->stages, "judge");
	return evidence_decision(&facts, &judgement, &j->stages, out, err);
}

static void write_cause(const struct err *err, struct buf *out)
{
	struct doc *cause = doc_object();

	doc_set(cause, "text", doc_of_str(err->text));
	doc_set(cause, "hint", doc_of_str(err->hint));
	buf_reset(out);
	doc_canonical(cause, out);
	doc_free(cause);
}

/* Exit status 0 with a record on standard output, or with what is to be asked
 * of forges before it can judge (parse/reviewask.h); 1 with the cause why there
 * is neither; the hook takes anything else for a death. */
enum exit_code cmd_judge(struct run *run, int argc, char **argv)
{
	struct judge j = {.run = run, .request = BUF_INIT(REQUEST_MAX)};
	const struct option_def defs[] = {
		{"--directory", OPTION_TEXT, &j.directory, "the repository"},
		{"--quarantine", OPTION_TEXT, &j.quarantine,
			"objects of this push"},
	};
	struct buf out = BUF_INIT(RECORD_ROOM);
	struct err err = ERR_INIT, ignored = ERR_INIT;
	enum exit_code status = EXIT_YES;

	if (options_read(run, defs, ARRAY_LEN(defs), argc, argv, &err) != 0 ||
		!j.directory) {
		if (err.code == ERR_NONE)
			err_set(&err, ERR_USAGE,
				"judge is started by the hooks only");
		return cmd_fail(&err);
	}
	signal(SIGXFSZ, SIG_IGN); /* EFBIG instead */
	stages_start(&j.stages);
	j.arena = arena_new(ARENA_MAX);
	if (sandbox_enter(&limits, &err) || prepare(&j, &err) ||
		listen(&j, &err) || decide(&j, &out, &err)) {
		write_cause(&err, &out);
		status = EXIT_NO;
	}
	if (io_write(1, buf_all(&out), &ignored))
		status = EXIT_UNKNOWN;
	/* The hook goes on while what was used here is given back. */
	io_close(1);
	gather_close(&j.g);
	inforce_close(&j.policy);
	buf_free(&out);
	buf_free(&j.request);
	arena_free(j.arena);
	return status;
}

/*
 * sluice-repo reviews: ask forges what the judge wants to know, and answer it.
 * The role that holds tokens and reads what forges list; no object of a push
 * comes here. Started by the hook, only where the policy names forges.
 */
#include "base/io.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/inforce.h"
#include "gather/forges.h"
#include "parse/reviewask.h"
#include "parse/reviewbundle.h"
#include "port/sandbox.h"

#define ARENA_MAX ((size_t)512 << 20)

static const struct sandbox_limits limits = {
	.memory = UINT64_C(1) << 30,
	.seconds = 120,
	.file = 1, /* it writes none */
};

static int answer(const struct run *run, struct arena *arena, struct buf *out,
	struct err *err)
{
	struct buf question = BUF_INIT(REVIEWASK_MAX);
	struct inforce policy = {.path = PATH_BUF_INIT};
	int ret = -1;

	if (io_read(0, &question, err) ||
		inforce_open(&policy, run, arena, err))
		goto out;
	ret = forges_ask(
		&(struct forges){policy.policy, buf_cstr(&policy.path), NULL},
		buf_all(&question), arena, out, err);
out:
	inforce_close(&policy);
	buf_free(&question);
	return ret;
}

/* Exit status 0 with a bundle on standard output, 1 with the reason why there
 * is none: a line, and the hint on the next. */
enum exit_code cmd_reviews(struct run *run, int argc, char **argv)
{
	struct buf out = BUF_INIT(REVIEWBUNDLE_MAX);
	struct err err = ERR_INIT, ignored = ERR_INIT;
	enum exit_code status = EXIT_YES;
	struct arena *arena;

	if (options_read(run, NULL, 0, argc, argv, &err) != 0) {
		if (err.code == ERR_NONE)
			err_set(&err, ERR_USAGE,
				"reviews is started by the hooks only");
		return cmd_fail(&err);
	}
	arena = arena_new(ARENA_MAX);
	if (sandbox_bound(&limits, &err) || answer(run, arena, &out, &err)) {
		buf_free(&out);
		out = (struct buf)BUF_INIT(REVIEWBUNDLE_MAX);
		text_printable(&out, span_str(err.text), ERR_TEXT_MAX);
		buf_byte(&out, '\n');
		text_printable(&out, span_str(err.hint), ERR_HINT_MAX);
		buf_byte(&out, '\n');
		status = EXIT_NO;
	}
	if (io_write(1, buf_all(&out), &ignored))
		status = EXIT_UNKNOWN;
	buf_free(&out);
	arena_free(arena);
	return status;
}

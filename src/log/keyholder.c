#include "log/keyholder.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/proc.h"
#include "log/append.h"
#include "log/remote.h"
#include "log/store.h"
#include "parse/record.h"

/* Waiting for other pushes is part of it. */
#define TIMEOUT_MS 60000u

void keyholder_seclude(void)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	umask(022);
}

struct append_call {
	const char *state;
	struct span record; /* which the child has by being forked */
};

static int child(void *ctx, int in_fd, int out_fd)
{
	const struct append_call *c = ctx;
	struct buf reply = BUF_INIT(RECEIPT_MAX);
	struct receipt r = {.word = RECEIPT_OK};
	struct err err = ERR_INIT;
	int status;

	(void)in_fd;
	keyholder_seclude();
	status = append_run(c->state, c->record, &r.log, &err);
	if (status)
		r = (struct receipt){.word = RECEIPT_FAIL, .failure = err};
	receipt_write(&r, &reply);
	if (io_write(out_fd, buf_all(&reply), &err))
		status = -1;
	buf_free(&reply);
	return status ? 2 : 0;
}

static int ask_child(const char *state, struct span record,
	struct log_receipt *out, struct err *err)
{
	struct append_call call = {state, record};
	struct buf reply = BUF_INIT(RECEIPT_MAX);
	struct proc_end end = {0};
	struct receipt r;
	char how[64];
	int ret = -1;

	if (proc_fork(
		    child, &call, SPAN_EMPTY, &reply, TIMEOUT_MS, &end, err)) {
		err_in(err, "key holder");
		goto out;
	}
	if (!reply.n) {
		proc_end_text(end, how, sizeof(how));
		err_set(err, ERR_LOG, "the key holder died: %s", how);
		if (end.signal)
			err_hint(err,
				"where '" STORE_KEY "' names a token, its "
				"library runs in there: 'sluice log token-key' "
				"tries it");
		goto out;
	}
	if (receipt_parse(buf_all(&reply), &r, err)) {
		err_in(err, "key holder");
		goto out;
	}
	if (r.word == RECEIPT_FAIL)
		*err = r.failure;
	else if (r.word != RECEIPT_OK)
		err_set(err, ERR_LOG, "the key holder gave no answer");
	if (r.word != RECEIPT_OK)
		goto out;
	*out = r.log;
	ret = 0;
out:
	buf_free(&reply);
	return ret;
}

int keyholder_append(const char *state, struct span record,
	struct log_receipt *out, struct err *err)
{
	struct remote remote;
	bool named;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (remote_find(state, &remote, &named, err))
		return -1;
	if (!named)
		return ask_child(state, record, out, err);
	ret = remote_append(&remote, record, out, err);
	remote_free(&remote);
	return ret;
}

#define ENVELOPE_MAX (2 * RECORD_MAX)

struct attest_call {
	const char *state;
	const struct attest *what;
};

static int attest(const struct attest_call *c, struct buf *out, struct err *err)
{
	struct buf statement = BUF_INIT(RECORD_MAX), path = PATH_BUF_INIT;
	struct logkey key;
	int ret = -1;

	memset(&key, 0, sizeof(key));
	if (!attest_statement(c->state, c->what, &statement, err) &&
		!logkey_open(c->state, store_path(&path, c->state, STORE_KEY),
			&key, err))
		ret = attest_sign(&key, buf_all(&statement), out, err);
	logkey_close(&key);
	buf_free(&path);
	buf_free(&statement);
	return ret;
}

#define ENVELOPE "envelope\n"

/* The word and the envelope, or a failure as of an append. */
static int attest_child(void *ctx, int in_fd, int out_fd)
{
	struct buf reply = BUF_INIT(ENVELOPE_MAX);
	struct err err = ERR_INIT;
	int status = 0;

	(void)in_fd;
	keyholder_seclude();
	buf_str(&reply, ENVELOPE);
	if (attest(ctx, &reply, &err)) {
		buf_reset(&reply);
		receipt_write(
			&(struct receipt){.word = RECEIPT_FAIL, .failure = err},
			&reply);
		status = -1;
	}
	if (io_write(out_fd, buf_all(&reply), &err))
		status = -1;
	buf_free(&reply);
	return status ? 2 : 0;
}

static int attest_answer(
	const struct buf *reply, struct buf *out, struct err *err)
{
	const struct span word = SPAN_LIT(ENVELOPE);
	struct receipt r;

	if (span_starts(buf_all(reply), word)) {
		buf_span(out, span_from(buf_all(reply), word.n));
		return buf_check(out, "the envelope", err);
	}
	if (receipt_parse(buf_all(reply), &r, err))
		return err_in(err, "key holder");
	if (r.word == RECEIPT_FAIL)
		*err = r.failure;
	else
		err_set(err, ERR_LOG, "the key holder gave no answer");
	return -1;
}

/* logd appends, and signs nothing else for others. */
static int has_key(const char *state, struct err *err)
{
	struct remote remote;
	bool named;

	if (remote_find(state, &remote, &named, err))
		return -1;
	if (!named)
		return 0;
	remote_free(&remote);
	err_set(err, ERR_LOG, "the key of this log is with logd");
	err_hint(err, "as its account, with --state of its state folder");
	return -1;
}

int keyholder_attest(const char *state, const struct attest *what,
	struct buf *out, struct err *err)
{
	struct attest_call call = {state, what};
	struct buf reply = BUF_INIT(ENVELOPE_MAX);
	struct proc_end end = {0};
	int ret = -1;

	if (has_key(state, err))
		return -1;
	if (proc_fork(attest_child, &call, SPAN_EMPTY, &reply, TIMEOUT_MS, &end,
		    err))
		err_in(err, "key holder");
	else
		ret = attest_answer(&reply, out, err);
	buf_free(&reply);
	return ret;
}

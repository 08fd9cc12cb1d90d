#include "log/keyholder.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/proc.h"
#include "base/text.h"
#include "log/append.h"
#include "log/store.h"
#include "parse/record.h"

/* Waiting for other pushes is part of it. */
#define TIMEOUT_MS 60000u
#define REPLY_MAX 2048u

/* The reply: "ok <index> <size> <record>\n", or "fail <code> <errno>\n", the
 * text and the hint, a line each. */
static void reply_write(int status, const struct log_receipt *r,
	const struct err *e, struct buf *out)
{
	if (!status)
		buf_fmt(out, "ok %llu %llu %s\n", (unsigned long long)r->index,
			(unsigned long long)r->size, r->record);
	else
		buf_fmt(out, "fail %d %d\n%s\n%s\n", (int)e->code, e->sys,
			e->text, e->hint);
}

static bool word(struct span *rest, struct span *out)
{
	size_t at = span_find(*rest, ' ');

	*out = span_sub(*rest, 0, at);
	*rest = at == SIZE_MAX ? SPAN_EMPTY : span_from(*rest, at + 1);
	return out->n > 0;
}

static int reply_failed(struct span rest, struct span codes, struct err *err)
{
	struct span code, sys, text = SPAN_EMPTY, hint = SPAN_EMPTY;
	uint64_t c, s;
	bool lf;

	if (!word(&codes, &code) || !text_to_u64(code, ERR_SYS, &c) ||
		!word(&codes, &sys) || !text_to_u64(sys, INT32_MAX, &s) ||
		!span_line(&rest, &text, &lf))
		return err_set(
			err, ERR_LOG, "the key holder gave no readable answer");
	err_set(err, (enum err_code)c, "%.*s", SPAN_FMT(text));
	err->sys = (int)s;
	if (span_line(&rest, &hint, &lf) && hint.n)
		err_hint(err, "%.*s", SPAN_FMT(hint));
	return -1;
}

static int reply_read(struct span in, struct log_receipt *out, struct err *err)
{
	struct span rest = in, line, part;
	struct log_receipt r = {0};
	unsigned char sum[32];

	if (!span_line(&rest, &line, NULL) || !word(&line, &part))
		return err_set(err, ERR_LOG, "the key holder did not answer");
	if (!span_is(part, "ok"))
		return reply_failed(rest, line, err);
	if (!word(&line, &part) || !text_to_u64(part, INT64_MAX, &r.index) ||
		!word(&line, &part) || !text_to_u64(part, INT64_MAX, &r.size) ||
		!word(&line, &part) || !text_hex_read(part, sum, sizeof(sum)))
		return err_set(
			err, ERR_LOG, "the key holder gave no readable answer");
	memcpy(r.record, part.p, sizeof(r.record) - 1);
	*out = r;
	return 0;
}

/* No core file, no debugger: the key is in this process. */
static void seclude(void)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	umask(022);
}

static int child(void *ctx, int in_fd, int out_fd)
{
	const char *state = ctx;
	struct buf record = BUF_INIT(RECORD_MAX);
	struct buf reply = BUF_INIT(REPLY_MAX);
	struct log_receipt receipt = {0};
	struct err err = ERR_INIT;
	int status;

	seclude();
	status = io_read(in_fd, &record, &err);
	if (status)
		err_in(&err, "record");
	else
		status = append_run(state, buf_all(&record), &receipt, &err);
	reply_write(status, &receipt, &err, &reply);
	if (io_write(out_fd, buf_all(&reply), &err))
		status = -1;
	buf_free(&reply);
	buf_free(&record);
	return status ? 2 : 0;
}

#define ENVELOPE_MAX (2 * RECORD_MAX)

struct attest_call {
	const char *state;
	const struct attest *what;
};

static int attest(const struct attest_call *c, struct buf *out, struct err *err)
{
	struct buf statement = BUF_INIT(RECORD_MAX), path = PATH_BUF_INIT;
	struct note_key secret;
	int ret = -1;

	memset(&secret, 0, sizeof(secret));
	if (!attest_statement(c->state, c->what, &statement, err) &&
		!key_secret_read(store_path(&path, c->state, STORE_KEY),
			NOTE_ED25519, &secret, err))
		ret = attest_sign(&secret, buf_all(&statement), out, err);
	key_wipe(&secret);
	buf_free(&path);
	buf_free(&statement);
	return ret;
}

/* "ok\n" and the envelope, or a failure as of an append. */
static int attest_child(void *ctx, int in_fd, int out_fd)
{
	struct buf reply = BUF_INIT(ENVELOPE_MAX);
	struct err err = ERR_INIT;
	int status;

	(void)in_fd;
	seclude();
	buf_str(&reply, "ok\n");
	status = attest(ctx, &reply, &err);
	if (status) {
		buf_reset(&reply);
		reply_write(status, NULL, &err, &reply);
	}
	if (io_write(out_fd, buf_all(&reply), &err))
		status = -1;
	buf_free(&reply);
	return status ? 2 : 0;
}

int keyholder_attest(const char *state, const struct attest *what,
	struct buf *out, struct err *err)
{
	struct attest_call call = {state, what};
	struct buf reply = BUF_INIT(ENVELOPE_MAX);
	struct span rest, line = SPAN_EMPTY, part;
	struct proc_end end = {0};
	int ret = proc_fork(
		attest_child, &call, SPAN_EMPTY, &reply, TIMEOUT_MS, &end, err);

	rest = buf_all(&reply);
	if (ret)
		err_in(err, "key holder");
	else if (!span_line(&rest, &line, NULL) || !word(&line, &part))
		ret = err_set(err, ERR_LOG, "the key holder did not answer");
	else if (!span_is(part, "ok"))
		ret = reply_failed(rest, line, err);
	else
		buf_span(out, rest);
	buf_free(&reply);
	return ret ? ret : buf_check(out, "the envelope", err);
}

int keyholder_append(const char *state, struct span record,
	struct log_receipt *out, struct err *err)
{
	struct buf reply = BUF_INIT(REPLY_MAX);
	struct proc_end end = {0};
	char how[64];
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (proc_fork(child, (void *)(uintptr_t)state, record, &reply,
		    TIMEOUT_MS, &end, err)) {
		err_in(err, "key holder");
		goto out;
	}
	if (!reply.n) {
		proc_end_text(end, how, sizeof(how));
		err_set(err, ERR_LOG, "the key holder died: %s", how);
		goto out;
	}
	if (reply_read(buf_all(&reply), out, err))
		goto out;
	ret = 0;
out:
	buf_free(&reply);
	return ret;
}

#include "port/httpclient.h"

#include "base/io.h"
#include "base/proc.h"
#include "base/program.h"
#include "base/text.h"

/* sluice-http keeps the deadline itself; this is for one that hangs. */
#define GRACE_MS 2000
#define TALK_MAX 4096

static int failed(struct proc_end end, const struct buf *talk, struct err *err)
{
	struct buf said = BUF_INIT(ERR_TEXT_MAX);
	char how[64];

	text_printable(&said, span_trim(buf_all(talk)), ERR_TEXT_MAX - 16);
	if (!said.n) {
		proc_end_text(end, how, sizeof(how));
		buf_fmt(&said, "sluice-http ended with %s", how);
	}
	err_set(err,
		!end.signal && end.status == HTTP_LARGE ? ERR_LIMIT : ERR_NET,
		"%s", buf_cstr(&said));
	if (!end.signal && end.status == HTTP_TLS)
		err_hint(err,
			"a certificate authority of your own is named "
			"with --ca-file FILE");
	buf_free(&said);
	return -1;
}

static int read_answers(size_t n, struct http_answers *out, struct err *err)
{
	struct span rest = buf_all(&out->raw);

	for (out->n = 0; out->n < n; out->n++) {
		if (http_reply_next(&rest, &out->v[out->n], err)) {
			err->code = ERR_NET;
			return err_in(err, "sluice-http");
		}
	}
	if (rest.n)
		return err_set(err, ERR_NET,
			"sluice-http answered more than it was asked");
	return 0;
}

int http_ask(const char *program, const struct http_request *r,
	struct http_answers *out, struct err *err)
{
	struct buf path = PATH_BUF_INIT, talk = BUF_INIT(TALK_MAX);
	struct buf text = BUF_INIT(HTTP_REQUEST_MAX);
	const char *argv[2] = {program, NULL};
	struct proc p = {.argv = argv};
	struct proc_end end = {.status = -1};
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (http_request_write(r, &text, err))
		goto out;
	if (!program) {
		if (program_find(PROGRAM_HTTP, &path, err))
			goto out;
		argv[0] = buf_cstr(&path);
	}
	out->raw.max = (size_t)r->max_bytes + r->nurl * HTTP_REPLY_HEAD_MAX;
	p.in = buf_all(&text);
	p.out = &out->raw;
	p.talk = &talk;
	p.timeout_ms = r->timeout_ms + GRACE_MS;
	if (proc_run(&p, &end, err)) {
		/* Late, which is no limit of what was asked for. */
		if (err->code == ERR_LIMIT)
			err->code = ERR_NET;
		goto out;
	}
	if (end.signal || end.status != HTTP_DONE) {
		failed(end, &talk, err);
		goto out;
	}
	ret = read_answers(r->nurl, out, err);
out:
	if (ret)
		http_answers_free(out);
	/* Headers may have carried a token. */
	buf_wipe(&text);
	buf_free(&talk);
	buf_free(&path);
	return ret;
}

void http_answers_free(struct http_answers *a)
{
	buf_free(&a->raw);
	a->n = 0;
}

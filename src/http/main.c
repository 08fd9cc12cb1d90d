/*
 * sluice-http: the only program here that talks to the network. One request on
 * standard input, the answers on standard output (parse/httprequest.h), and
 * nothing else: no repository, no key, no state.
 */
#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/io.h"
#include "http/transfer.h"

/* A request may carry a token, and what answers may be hostile. */
static void give_up_rights(void)
{
	struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0) ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("cannot give up rights: %s", strerror(errno));
}

static enum http_exit answer(const struct http_request *request,
	struct transfer *t, size_t i, struct buf *body, struct err *err)
{
	struct buf head = BUF_INIT(HTTP_REPLY_HEAD_MAX);
	struct http_reply reply;
	enum http_exit ret = transfer_run(t, i, body, &reply, err);

	if (ret) {
		err_in(err, "'%.*s'",
			(int)(request->url[i].n > 200 ? 200
						      : request->url[i].n),
			(const char *)request->url[i].p);
		goto out;
	}
	http_reply_head(&reply, &head);
	if (buf_check(&head, "head of an answer", err) ||
		io_write(STDOUT_FILENO, buf_all(&head), err) ||
		io_write(STDOUT_FILENO, reply.body, err))
		ret = HTTP_BROKEN;
out:
	buf_free(&head);
	return ret;
}

int main(int argc, char **argv)
{
	struct buf text = BUF_INIT(HTTP_REQUEST_MAX);
	struct buf body = BUF_INIT(HTTP_BYTES_MAX);
	struct http_request request;
	struct transfer *t = NULL;
	struct err err = ERR_INIT;
	enum http_exit ret = HTTP_REFUSED;
	size_t i;

	if (argc == 2 && !strcmp(argv[1], "--version")) {
		printf("sluice-http %s\n", SLUICE_VERSION);
		return fflush(stdout) ? HTTP_BROKEN : HTTP_DONE;
	}
	if (argc != 1) {
		err_set(&err, ERR_USAGE,
			"sluice-http takes no arguments: sluice runs it");
		goto out;
	}
	give_up_rights();
	if (io_read(STDIN_FILENO, &text, &err) ||
		http_request_read(buf_all(&text), &request, &err))
		goto out;
	ret = transfer_open(&request, &t, &err);
	for (i = 0; !ret && i < request.nurl; i++)
		ret = answer(&request, t, i, &body, &err);
out:
	if (ret)
		fprintf(stderr, "%s\n", err.text);
	transfer_close(t);
	buf_free(&body);
	buf_wipe(&text);
	return (int)ret;
}

#include "base/compiler.h"
#include "parse/httpreply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each answer taken off, written again, gives the bytes it was read from. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf head = BUF_INIT(HTTP_REPLY_HEAD_MAX);
	struct span rest = span_of(data, size);
	struct err err = ERR_INIT;
	struct http_reply r;

	for (;;) {
		struct span was = rest;

		if (http_reply_next(&rest, &r, &err))
			break;
		buf_reset(&head);
		http_reply_head(&r, &head);
		if (head.full || !span_starts(was, buf_all(&head)) ||
			was.n - rest.n != head.n + r.body.n)
			die("httpreply: not the same");
	}
	buf_free(&head);
	return 0;
}

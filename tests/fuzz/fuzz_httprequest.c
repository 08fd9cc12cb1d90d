#include "base/compiler.h"
#include "parse/httprequest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read can be written, and gives the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = BUF_INIT(HTTP_REQUEST_MAX);
	struct err err = ERR_INIT;
	struct http_request r;

	if (!http_request_read(span_of(data, size), &r, &err)) {
		if (http_request_write(&r, &text, &err) ||
			!span_eq(buf_all(&text), span_of(data, size)))
			die("httprequest: not the same: %s", err.text);
	}
	buf_free(&text);
	return 0;
}

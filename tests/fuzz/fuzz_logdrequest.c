#include "parse/logdrequest.h"
#include "parse/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read is written back to the same line, and bytes that come one after
 * the other never say something else than all at once. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(LOGDREQUEST_LINE_MAX);
	struct logdrequest r, part;
	struct err err = ERR_INIT;
	bool more;
	size_t n;

	if (!logdrequest_parse(span_of(data, size), &r, &more, &err) && !more) {
		logdrequest_write(&r, &again);
		if (!span_eq(buf_all(&again), span_of(data, r.line)) ||
			r.length > RECORD_MAX)
			die("logd request: read and written differ");
		for (n = 0; n < r.line; n++)
			if (logdrequest_parse(
				    span_of(data, n), &part, &more, &err) ||
				!more)
				die("logd request: a part says something");
	}
	buf_free(&again);
	return 0;
}

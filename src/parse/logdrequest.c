#include "parse/logdrequest.h"

#include "base/text.h"
#include "parse/record.h"

#define HEAD "sluice-logd 1 "

void logdrequest_write(const struct logdrequest *r, struct buf *out)
{
	if (r->verb == LOGDREQUEST_APPEND)
		buf_fmt(out, HEAD "append %zu\n", r->length);
	else
		buf_str(out, HEAD "status\n");
}

int logdrequest_parse(
	struct span in, struct logdrequest *out, bool *more, struct err *err)
{
	struct span all = span_sub(in, 0, LOGDREQUEST_LINE_MAX);
	struct span head = SPAN_LIT(HEAD), append = SPAN_LIT(HEAD "append ");
	size_t lf = span_find(all, '\n');
	struct span line = span_sub(all, 0, lf);
	uint64_t length;

	memset(out, 0, sizeof(*out));
	*more = false;
	if (!span_eq(span_sub(line, 0, head.n), span_sub(head, 0, line.n)))
		goto bad;
	if (lf == SIZE_MAX) {
		if (all.n == LOGDREQUEST_LINE_MAX)
			goto bad;
		*more = true;
		return 0;
	}
	out->line = lf + 1;
	if (span_is(line, HEAD "status")) {
		out->verb = LOGDREQUEST_STATUS;
		return 0;
	}
	if (!span_starts(line, append) ||
		!text_to_u64(span_from(line, append.n), INT64_MAX, &length) ||
		!length)
		goto bad;
	if (length > RECORD_MAX) {
		memset(out, 0, sizeof(*out));
		return err_set(err, ERR_LIMIT,
			"a record of %llu bytes is more than %zu",
			(unsigned long long)length, RECORD_MAX);
	}
	out->verb = LOGDREQUEST_APPEND;
	out->length = (size_t)length;
	return 0;
bad:
	memset(out, 0, sizeof(*out));
	err_set(err, ERR_INPUT, "this is no request of a sluice gate");
	return err_hint(err, "gate and logd must be of one version");
}

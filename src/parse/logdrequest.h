/*
 * What logd is asked, one request a connection: a line, then the bytes that it
 * announces, then the end of what the client sends.
 *
 *	sluice-logd 1 append <length>     then <length> bytes: a record
 *	sluice-logd 1 status
 *
 * The answer is parse/receipt.h.
 */
#ifndef PARSE_LOGDREQUEST_H
#define PARSE_LOGDREQUEST_H

#include "base/buf.h"

#define LOGDREQUEST_LINE_MAX 64u /* with its LF */

enum logdrequest_verb {
	LOGDREQUEST_NONE,
	LOGDREQUEST_APPEND,
	LOGDREQUEST_STATUS,
};

struct logdrequest {
	enum logdrequest_verb verb;
	size_t length; /* of the record, 1 to RECORD_MAX */
	size_t line;   /* bytes before it */
};

void logdrequest_write(const struct logdrequest *r, struct buf *out);

/*
 * logdrequest_parse(in, out, more, err):
 * The line that ${in} begins with. *${more}: it is not all there yet, and is
 * none so far. Anything else that is not such a line is ERR_INPUT, and a record
 * that is too long ERR_LIMIT.
 */
MUST_USE int logdrequest_parse(
	struct span in, struct logdrequest *out, bool *more, struct err *err);

#endif

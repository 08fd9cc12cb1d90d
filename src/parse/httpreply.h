/*
 * What sluice-http answers on its standard output, once for each address asked
 * for and in that order:
 *
 *	sluice-http/1 answer
 *	status 200
 *	type text/plain			(absent when the server said none)
 *	body 1234
 *	(empty line)
 *	(the bytes of the body)
 */
#ifndef PARSE_HTTPREPLY_H
#define PARSE_HTTPREPLY_H

#include "base/buf.h"

#define HTTP_TYPE_MAX 200
/* What one answer adds to the size of its body, at most. */
#define HTTP_REPLY_HEAD_MAX 320

struct http_reply {
	unsigned status;  /* 200 to 599 */
	struct span type; /* Content-Type as it came, or empty */
	struct span body;
};

/* http_reply_head(r, out): all but the body. A type that does not fit on a line
 * of printable ASCII is left out. */
void http_reply_head(const struct http_reply *r, struct buf *out);

/*
 * http_reply_next(rest, out, err):
 * Take one answer off ${rest}; spans point into it. ERR_INPUT when it is not
 * exactly of the form above.
 */
MUST_USE int http_reply_next(
	struct span *rest, struct http_reply *out, struct err *err);

#endif

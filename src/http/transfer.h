/* One transfer after the other through libcurl, to one server. */
#ifndef HTTP_TRANSFER_H
#define HTTP_TRANSFER_H

#include "base/buf.h"
#include "parse/httpreply.h"
#include "parse/httprequest.h"

struct transfer;

/*
 * transfer_open(request, out, err):
 * Get ready for ${request}, which must outlive it. Refuses (HTTP_REFUSED) any
 * address that is not https, or http to this very host; that has a user name,
 * a password or a fragment; or that is on another server than the first.
 */
MUST_USE enum http_exit transfer_open(const struct http_request *request,
	struct transfer **out, struct err *err);

/*
 * transfer_run(t, i, body, reply, err):
 * Fetch address number ${i} within what is left of the request's time and
 * bytes. ${body} is filled; reply->body points into it and reply->type into
 * ${t}, until the next call. Redirects are followed on the same server only, at
 * most HTTP_HOPS_MAX of them, and not for HTTP_POST.
 */
MUST_USE enum http_exit transfer_run(struct transfer *t, size_t i,
	struct buf *body, struct http_reply *reply, struct err *err);

#define HTTP_HOPS_MAX 3

void transfer_close(struct transfer *t); /* NULL is fine */

#endif

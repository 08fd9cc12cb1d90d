/*
 * The network, asked through sluice-http: a child without repository, key or
 * state. This file links no network library.
 */
#ifndef PORT_HTTPCLIENT_H
#define PORT_HTTPCLIENT_H

#include "parse/httpreply.h"
#include "parse/httprequest.h"

struct http_answers {
	struct http_reply v[HTTP_URLS_MAX]; /* one an address, in order */
	size_t n;
	struct buf raw; /* what ${v} points into */
};

/*
 * http_ask(program, r, out, err):
 * Run ${program} (NULL: the one of this installation) for ${r}. On 0 there are
 * r->nurl answers, whatever their status, to be given back with
 * http_answers_free; on -1 (ERR_NET; ERR_LIMIT past r->max_bytes) there is
 * none.
 */
MUST_USE int http_ask(const char *program, const struct http_request *r,
	struct http_answers *out, struct err *err);

void http_answers_free(struct http_answers *a);

#endif

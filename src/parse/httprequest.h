/*
 * What sluice asks of sluice-http, and how the two tell how it went. Text, one
 * request on the child's standard input:
 *
 *	sluice-http/1 request
 *	method GET
 *	url https://host/path		(once or more: same server, in order)
 *	header Name: value		(any number)
 *	ca-file /path			(trust these authorities only)
 *	proxy http://host:port		(without it no proxy, whatever the
 *					environment says)
 *	redirects refused		(without it some on the same server
 *					are followed)
 *	timeout-ms 10000		(for all of it)
 *	max-bytes 1048576		(of all bodies together)
 *	body 0
 *	(empty line)
 *	(the bytes of the body)
 *
 * Keys stand in this order. The answer is in parse/httpreply.h.
 */
#ifndef PARSE_HTTPREQUEST_H
#define PARSE_HTTPREQUEST_H

#include "base/buf.h"

#define HTTP_URLS_MAX 128
#define HTTP_URL_MAX 4096
#define HTTP_HEADERS_MAX 16
#define HTTP_HEADER_MAX 8192
#define HTTP_TIMEOUT_MAX_MS 600000
#define HTTP_BYTES_MAX ((uint64_t)256 << 20)
#define HTTP_REQUEST_MAX ((size_t)4 << 20) /* the whole request as text */

/* How sluice-http exits. Every HTTP status is an answer, so 404 is HTTP_DONE;
 * otherwise one line on standard error says why. */
enum http_exit {
	HTTP_DONE = 0,
	HTTP_BROKEN = 2,   /* out of memory, standard output closed … */
	HTTP_RESOLVE = 10, /* no such host */
	HTTP_CONNECT = 11, /* nobody answers there, or the line broke */
	HTTP_TLS = 12,     /* the server is not who it says */
	HTTP_TIMEOUT = 13, /* past timeout-ms */
	HTTP_LARGE = 14,   /* past max-bytes */
	HTTP_AWAY = 15,    /* a redirect to elsewhere, or too many */
	HTTP_GARBLED = 16, /* not HTTP, or it ended before its end */
	HTTP_REFUSED = 64, /* a request that sluice-http will not make */
};

enum http_method {
	HTTP_GET,
	HTTP_POST
};

/* All spans are borrowed. */
struct http_request {
	enum http_method method;
	struct span url[HTTP_URLS_MAX];
	size_t nurl; /* exactly one for HTTP_POST */
	struct span header[HTTP_HEADERS_MAX];
	size_t nheader;
	struct span ca_file; /* empty: the system's authorities */
	struct span proxy;   /* empty: none */
	bool no_redirects;   /* one is HTTP_AWAY, wherever it leads */
	uint32_t timeout_ms; /* at least 1 */
	uint64_t max_bytes;
	struct span body; /* empty for HTTP_GET */
};

/* http_request_write(r, out): as text. Fields that could not be read back (a
 * line feed inside, past a maximum) are refused with ERR_INPUT. */
MUST_USE int http_request_write(
	const struct http_request *r, struct buf *out, struct err *err);

/* http_request_read(text, out, err): strict; spans point into ${text}. */
MUST_USE int http_request_read(
	struct span text, struct http_request *out, struct err *err);

#endif

/* A web server for tests that says exactly the bytes it is told to, on
 * 127.0.0.1 and a port of its own. */
#ifndef SUPPORT_WEBSERVER_H
#define SUPPORT_WEBSERVER_H

#include <sys/types.h>

#include "base/span.h"

/* What to do with a request whose path is ${path}. */
struct web_page {
	const char *path;
	/* Head and body as they go over the wire, ${n} bytes; "%PORT%" in it
	 * stands for the server's port. */
	const char *reply;
	size_t n;
	unsigned repeat;    /* then ${filler} this many times */
	const char *filler; /* repeated to 1024 bytes; NULL: x */
	unsigned drip_ms;   /* one byte at a time, so long apart */
	bool hang;          /* and do not close until the client does */
	const char *folder; /* serve its files below ${path} */
	bool echo;          /* answer 200 with the request itself as body */
};

struct web_server {
	pid_t pid;
	int port;
};

/* web_start(pages, n): serve until web_stop; what is not a page is a 404. */
struct web_server web_start(const struct web_page *pages, size_t n);
void web_stop(struct web_server *s);

#endif

/*
 * A log that a web server serves as plain files, read through sluice-http.
 * Whoever reads in order gets the next files fetched along with the one asked
 * for, over one connection: a large log is thousands of small files.
 */
#ifndef LOG_SOURCE_HTTP_H
#define LOG_SOURCE_HTTP_H

#include "log/source.h"

struct log_http {
	const char *url;     /* of the folder that holds "checkpoint" */
	const char *ca_file; /* NULL: the system's authorities */
	const char *proxy;   /* NULL: none */
	const char *program; /* NULL: the installation's */
	unsigned timeout_ms; /* of one request; 0: 30 s */
};

/*
 * log_source_http(how, out, err):
 * Nothing is fetched yet. 404 and 410 are files that are not there; any other
 * status but 200 is an error (ERR_NET) that names it. ERR_USAGE when the
 * address has a query or fragment.
 */
MUST_USE int log_source_http(
	const struct log_http *how, struct log_source **out, struct err *err);

#endif

/*
 * logd: the log and its key under an account of their own. Gates connect to a
 * Unix socket, one request each (parse/logdrequest.h); who they are the system
 * tells. Each client is taken in by a process of its own (log/intake.h); this
 * one never reads what a client sends, opens the key for as long as it signs,
 * and appends what has come in meanwhile together, for one sync.
 */
#ifndef LOG_LOGD_H
#define LOG_LOGD_H

#include "parse/logdconf.h"

struct logd {
	const char *state;
	const struct logdconf *conf;
	const int *listener; /* do not block */
	size_t nlistener;
	void (*say)(const char *text); /* for its own log; text is one line */
};

struct logd_count {
	uint64_t appended, together; /* entries, and the times they came in */
	uint64_t refused, busy;      /* clients */
};

/*
 * logd_run(d, out, err):
 * Serve until SIGTERM or SIGINT; whoever was let in by then is still served.
 * Accounts that the configuration names are looked up. -1 when it cannot begin,
 * or cannot go on.
 */
MUST_USE int logd_run(
	const struct logd *d, struct logd_count *out, struct err *err);

#endif

/*
 * Where a gate finds its logd, <state>/socket.json: a JSON document as
 * parse/conf.h reads them:
 *
 *	{"socket": "/run/sluice/logd.sock",    an absolute path
 *	 "user": "sluice-log",                 whom it must belong to
 *	 "seconds": 60}                        to wait for an answer; optional
 */
#ifndef PARSE_LOGDPLACE_H
#define PARSE_LOGDPLACE_H

#include "base/arena.h"
#include "base/err.h"

#define LOGDPLACE_FILE_MAX 65536u /* bytes */
#define LOGDPLACE_SOCKET_MAX 107u /* what a Unix address holds */

struct logdplace {
	const char *socket;
	const char *user;
	unsigned seconds;
};

/* logdplace_parse(text, a, out, err): everything is in ${a}. */
MUST_USE int logdplace_parse(struct span text, struct arena *a,
	struct logdplace *out, struct err *err);

#endif

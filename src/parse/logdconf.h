/*
 * logd's own configuration, <state>/logd.json: who may have what written into
 * the log, and how much of it. A JSON document as parse/conf.h reads them:
 *
 *	{"peers": [{"user": "git",                       or "uid": 33
 *	            "append": ["adopt", "decision", "outcome"],
 *	            "repositories": ["payments-*"],           all, if absent
 *	            "connections": 64,                   at a time
 *	            "per_minute": 6000,                  appends
 *	            "bytes_per_minute": "1GiB"}],
 *	 "connections": 128,                             of all, at a time
 *	 "seconds": 10,                                  for one request
 *	 "max_age": 3600}                                seconds, of a record
 *
 * Only "peers", and of each a name or number and "append", must be there.
 */
#ifndef PARSE_LOGDCONF_H
#define PARSE_LOGDCONF_H

#include "base/arena.h"
#include "parse/record.h"

#define LOGDCONF_FILE_MAX 262144u /* bytes */
#define LOGDCONF_PEERS_MAX 64u
#define LOGDCONF_CONNECTIONS_MAX 512u

/* Of what a peer may append: that something is pruned is no word of a gate. */
#define RECORD_KINDS (RECORD_OBSERVED + 1)

struct logdconf_peer {
	const char *user; /* NULL: uid is given */
	unsigned uid;     /* whoever uses it finds it for a name */
	bool append[RECORD_KINDS];
	const char **repository; /* globs; none: all */
	size_t nrepository;
	unsigned connections, per_minute;
	uint64_t bytes_per_minute;
};

struct logdconf {
	struct logdconf_peer *peer;
	size_t npeer;
	unsigned connections, seconds, max_age;
};

/* logdconf_parse(text, a, out, err): everything is in ${a}. Errors
 * (ERR_POLICY, ERR_INPUT) name the place. */
MUST_USE int logdconf_parse(struct span text, struct arena *a,
	struct logdconf *out, struct err *err);

#endif

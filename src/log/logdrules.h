/*
 * What logd signs, besides what is a well-formed record: only what its own
 * configuration lets that client have, only times that can be, and an outcome
 * only of a decision that the log has. All of it is asked of the entry that
 * logd derived itself.
 */
#ifndef LOG_LOGDRULES_H
#define LOG_LOGDRULES_H

#include "log/append.h"
#include "parse/logdconf.h"

struct logdrules {
	int64_t now;     /* seconds */
	int64_t max_age; /* of a record, in seconds */
};

/* logdrules_may(r, peer, entry, src, size, err): the entry's text, for the log
 * of ${size} entries in ${src}. */
MUST_USE int logdrules_may(const struct logdrules *r,
	const struct logdconf_peer *peer, struct span entry,
	struct log_source *src, uint64_t size, struct err *err);

#endif

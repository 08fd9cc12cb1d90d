/*
 * How long records stay in the vault, <state>/retention.json of the log's state
 * folder, which the server's administrator writes:
 *
 *	{"keep_days": 400}
 */
#ifndef PARSE_RETENTION_H
#define PARSE_RETENTION_H

#include "base/arena.h"
#include "base/err.h"

#define RETENTION_FILE_MAX 65536u
#define RETENTION_DAYS_MAX 36500u

struct retention {
	unsigned keep_days; /* 1 at least */
};

/* retention_parse(text, a, out, err): ${out} is all zero after failure. */
MUST_USE int retention_parse(struct span text, struct arena *a,
	struct retention *out, struct err *err);

#endif

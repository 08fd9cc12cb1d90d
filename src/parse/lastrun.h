/*
 * When a job that a timer does last ran, and how it ended: <state>/runs/<job>
 * of the log's state folder.
 *
 *	{"began": "2026-11-27T03:00:00Z",
 *	 "ended": "2026-11-27T03:00:02Z", "status": 0}
 *
 * Without the last two while it runs, or when it was cut short.
 */
#ifndef PARSE_LASTRUN_H
#define PARSE_LASTRUN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"

#define LASTRUN_FILE_MAX 1024u

struct lastrun {
	int64_t began, ended;
	unsigned status; /* 0 to 255 */
	bool done;       /* it has ended */
};

/* lastrun_parse(text, a, out, err): ${out} is all zero after failure. */
MUST_USE int lastrun_parse(struct span text, struct arena *a,
	struct lastrun *out, struct err *err);
void lastrun_text(const struct lastrun *r, struct buf *out);

#endif

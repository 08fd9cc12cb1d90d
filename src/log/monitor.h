/*
 * Following a log from outside: each turn brings a verified copy up to date
 * (log/mirror.h), compares a part of what is served with it, reads the entries
 * that are new, and finds what somebody should know of. Each thing is told
 * once, and again when it changes or is over.
 *
 * Folder: copy/, the mirror, with the evidence of a fork; state
 * (parse/monitorstate.h).
 */
#ifndef LOG_MONITOR_H
#define LOG_MONITOR_H

#include "log/reader.h"
#include "parse/monitorstate.h"

#define MONITOR_COPY "copy"
#define MONITOR_STATE "state"

struct monitor_alert {
	enum monitor_kind kind;
	bool over;                   /* it stood, and does not any more */
	uint64_t entry;              /* of those that happened, or ENTRY_NONE */
	char text[MONITOR_TEXT_MAX]; /* one line, printable */
};

struct monitor;

/* monitor_open(dir, now, out, err): begin a turn, alone: another one in that
 * folder is waited for. The folder is made if need be. */
MUST_USE int monitor_open(
	const char *dir, int64_t now, struct monitor **out, struct err *err);
void monitor_close(struct monitor *m); /* NULL is fine */

/* monitor_look(m, log, settle, err): look at the log; a push that was let in
 * and of which nothing came for ${settle} seconds is told of. -1: monitor_fail
 * must be given the error. */
MUST_USE int monitor_look(struct monitor *m, struct log_reader *log,
	int64_t settle, struct err *err);

/* monitor_fail(m, why): the log could not be opened or looked at. Whether that
 * is the log's damage, and so told; else nothing could be told. */
MUST_USE bool monitor_fail(struct monitor *m, const struct err *why);

/*
 * monitor_alerts(m, silence, n):
 * What is to be told now, ${n} of them. ${silence}: seconds after the newest
 * entry, or 0 to be silent about it. Once a turn, after the look.
 */
const struct monitor_alert *monitor_alerts(
	struct monitor *m, int64_t silence, size_t *n);

/* monitor_calm(m): that nothing stands and nothing happened. */
MUST_USE bool monitor_calm(const struct monitor *m);

/* monitor_keep(m, err): all of it was told: remember that, lasting. Without it
 * the next turn tells it again. */
MUST_USE int monitor_keep(struct monitor *m, struct err *err);

#endif

/*
 * Appending to the log, inside the key holder. Under the log's lock:
 *
 *	1. vault record, side lists, entry bundle and tiles written;
 *	2. the journal given the record and the new size and root, durable: from
 *	   here on the entry is promised;
 *	3. the high-water mark raised to the new size, pending;
 *	4. the checkpoint signed and published, the mark settled.
 *
 * One sync in all, where syncing each file takes ten. The files last when the
 * system has written them; now and then all are synced and the journal begins
 * anew, and after a machine stopped the next append writes them again from it.
 * A record too large for the journal goes the long way, each step durable
 * before the next.
 *
 * Cut short before 2, what was written is past the end of the log and is
 * written over next time. Cut short before 4, the next append first signs what
 * 2 promised. The tiles must give the checkpoint's root before anything is
 * added to them.
 *
 * Partial tiles stay until the full one lasts, as tlog-tiles demands: a reader
 * with an older checkpoint may be under way.
 */
#ifndef LOG_APPEND_H
#define LOG_APPEND_H

#include "log/keyholder.h"

MUST_USE int append_run(const char *state, struct span record,
	struct log_receipt *out, struct err *err);

#endif

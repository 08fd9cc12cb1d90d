/*
 * Appending to the log, inside the key holder. Under the log's lock:
 *
 *	1. vault record, side lists, entry bundle and tiles, durable;
 *	2. the high-water mark raised to the new size, pending, durable;
 *	3. the checkpoint signed and published, durable;
 *	4. the mark settled; partial tiles whose full tile is there collected.
 *
 * Cut short before 2, what was written is past the end of the log and is
 * written over next time. Cut short before 3, the next append first signs what
 * 2 promised. The tiles must give the checkpoint's root before anything is
 * added to them.
 *
 * Partial tiles stay until the full one is there, as tlog-tiles demands: a
 * reader with an older checkpoint may be under way.
 */
#ifndef LOG_APPEND_H
#define LOG_APPEND_H

#include "log/keyholder.h"

MUST_USE int append_run(const char *state, struct span record,
	struct log_receipt *out, struct err *err);

#endif

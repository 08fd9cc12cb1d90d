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
 * Several records at once go through these steps together: one frame each in
 * the journal, which one sync makes durable, and one checkpoint.
 *
 * Partial tiles stay until the full one lasts, as tlog-tiles demands: a reader
 * with an older checkpoint may be under way.
 */
#ifndef LOG_APPEND_H
#define LOG_APPEND_H

#include "log/keyholder.h"
#include "log/source.h"
#include "parse/record.h"

/* One of the records that are appended together. */
struct append_item {
	struct span record;
	void *from; /* the caller's: who sent it */
	/* What came of it. */
	struct entry_text entry;    /* derived from the record */
	struct log_receipt receipt; /* when err.code is ERR_NONE */
	struct err err;
};

/* What has to be said about entries besides their form; NULL: nothing. */
struct append_rules {
	/* Whether this one may go into the log of ${size} entries in ${src}. */
	int (*may)(void *ctx, const struct append_item *item,
		struct log_source *src, uint64_t size, struct err *err);
	void *ctx;
};

/*
 * append_batch(state, rules, v, n):
 * Append what can be appended, in this order. Each item has its receipt
 * afterwards, or why there is none; those with an error before are passed over.
 * Free with append_item_free.
 */
void append_batch(const char *state, const struct append_rules *rules,
	struct append_item *v, size_t n);
void append_item_free(struct append_item *item); /* the entry; not the record */

/* append_within(a, record, out, err): within an append that is under way
 * (appender.h), of any kind: a change of keys is refused by the others. */
struct appender;
MUST_USE int append_within(struct appender *a, struct span record,
	struct log_receipt *out, struct err *err);

/* append_run(state, record, out, err): one, without rules. */
MUST_USE int append_run(const char *state, struct span record,
	struct log_receipt *out, struct err *err);

#endif

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
 * written over next time. Cut short before 4, the next append first makes sure
 * that what 2 promised lasts, and signs it. The tiles must give the root of the
 * checkpoint before anything is added to them.
 *
 * Several records at once go through these steps together: one frame each in
 * the journal, which one sync makes durable, and one checkpoint. So do those
 * that wait for the lock meanwhile (append_run.c).
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

/* Within an append that is under way (appender.h). */
struct appender;
/* append_derive(item): the entry, or why there is none: false. A change of keys
 * is refused, which is not for others to send. */
MUST_USE bool append_derive(struct append_item *item);
/* append_derived(a, rules, v, n): as append_batch, of what was derived. */
void append_derived(struct appender *a, const struct append_rules *rules,
	struct append_item *v, size_t n);
/* append_receipt(item, index, size): it is that entry of that log. */
void append_receipt(struct append_item *item, uint64_t index, uint64_t size);
/* append_within(a, record, out, err): one, of any kind. */
MUST_USE int append_within(struct appender *a, struct span record,
	struct log_receipt *out, struct err *err);

/* append_run(state, record, out, err): one, without rules; together with those
 * of others who wait for the same log (append_run.c). */
MUST_USE int append_run(const char *state, struct span record,
	struct log_receipt *out, struct err *err);
/* append_holding(state, lock, record, out, err): the same by who has the log's
 * lock, which is given up. */
MUST_USE int append_holding(const char *state, int lock, struct span record,
	struct log_receipt *out, struct err *err);

#endif

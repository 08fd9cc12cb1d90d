/*
 * Within an append: the log as it stands, and the steps that append.c puts in
 * order. One writer at a time, under the log's lock.
 */
#ifndef LOG_APPENDER_H
#define LOG_APPENDER_H

#include "base/io.h"
#include "log/batch.h"
#include "log/highwater.h"
#include "log/journal.h"
#include "log/logkey.h"
#include "log/source.h"
#include "log/tree.h"
#include "parse/entry.h"
#include "parse/rotation.h"
#include "parse/tilepath.h"

struct appender {
	const char *state;
	struct log_source *src;
	struct logkey key;
	struct logkey next; /* while rotating */
	bool rotating;      /* a change of keys is under way */
	bool gone_over;     /* it was finished here */
	uint64_t rotate_at; /* the entry of it, if it came to that */
	struct buf rotation;
	struct highwater mark;
	struct journal journal;
	struct buf path;
	uint64_t size;
	struct tree_range range; /* of size */
	int lock;
};
#define APPENDER_NONE                               \
	((struct appender){                         \
		.journal = JOURNAL_NONE,            \
		.path = PATH_BUF_INIT,              \
		.rotation = BUF_INIT(ROTATION_MAX), \
		.lock = -1,                         \
	})

/* appender_open(a, state, err): ${a}, which is APPENDER_NONE or has the lock
 * already, gets key, lock and folder; appender_close gives them back, also
 * after failure. (append.c) */
MUST_USE int appender_open(
	struct appender *a, const char *state, struct err *err);
void appender_close(struct appender *a);

/* appender_path(a, name): below the state folder; good until the next call. */
const char *appender_path(struct appender *a, const char *name);

/* appender_tile(a, t): where a tile or bundle is; likewise. */
const char *appender_tile(struct appender *a, const struct tilepath *t);

/* Files (append_files.c). Nothing here is synced but by appender_flush. */

/*
 * appender_put(a, record, e, batch, root, range, err):
 * Write what one more entry needs, after a->range: record, side lists, bundle,
 * tiles. ${root} and ${range}: of the log with it. The open bundle must hold
 * the entries that the tiles have.
 */
MUST_USE int appender_put(struct appender *a, struct span record,
	const struct entry_text *e, struct batch *batch, struct hash *root,
	struct tree_range *range, struct err *err);

/*
 * appender_flush(a, size, root, err):
 * All files that the journal stands for made lasting, and the journal begun
 * anew. Of the partial tiles in between only the last is needed.
 */
MUST_USE int appender_flush(struct appender *a, uint64_t size,
	const struct hash *root, struct err *err);

/* appender_collect(a, from, to): remove the partial files of all tiles that
 * became full between two sizes; when the full ones last. */
void appender_collect(struct appender *a, uint64_t from, uint64_t to);

/*
 * appender_mend(a, err):
 * Write again, lastingly, what is wrong in the partial files that
 * the open tiles had at smaller sizes; after a machine stopped
 * (append_mend.c).
 */
MUST_USE int appender_mend(struct appender *a, struct err *err);

/* Bringing the log to what was promised (append_settle.c). */

/*
 * appender_settle(a, err):
 * Checkpoint, high-water mark and journal brought together, a->size and
 * a->range set; what an append that was cut short promised is published, what
 * a machine that stopped may have lost is written again. Refuses (ERR_LOG) a
 * log that was rolled back or does not give the root that was signed.
 */
MUST_USE int appender_settle(struct appender *a, struct err *err);

/* appender_room(a, size, batch, err): room aside for a checkpoint of that size.
 * What is in it is not signed: the mark is not raised yet. */
MUST_USE int appender_room(struct appender *a, uint64_t size,
	struct batch *batch, struct err *err);

/* Going over to another key (append_rotate.c). */

/* appender_rotation(a, err): find one that is under way. The checkpoint of its
 * entry is signed by both. */
MUST_USE int appender_rotation(struct appender *a, struct err *err);
/* appender_go_over(a, err): when the log has its entry, the new key takes the
 * place of the old; otherwise it is forgotten. */
MUST_USE int appender_go_over(struct appender *a, struct err *err);

/* appender_publish(a, size, root, batch, err): sign it into its room and give
 * it its name; lasting if the room was synced. Settles the mark. */
MUST_USE int appender_publish(struct appender *a, uint64_t size,
	const struct hash *root, struct batch *batch, struct err *err);

#endif

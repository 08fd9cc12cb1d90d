/*
 * The most that was ever signed, kept apart from the log: a log restored from
 * a backup must not be signed again from there, or it would fork.
 *
 * Two slots of one line each, 4096 bytes apart; a write goes to the older one,
 * so that a torn write leaves the newer as it was. A size is written (marked
 * pending) before it is signed, and settled once its checkpoint is published:
 * pending above the checkpoint is an append that was cut short, settled above
 * the checkpoint is a log that was rolled back.
 */
#ifndef LOG_HIGHWATER_H
#define LOG_HIGHWATER_H

#include "log/tree.h"

struct highwater {
	uint64_t size;
	struct hash root;
	bool pending;
	unsigned slot;
	bool lost; /* after a failure: there is none, or nothing is left of it;
		    * 'sluice log recover' makes it anew */
};

/* highwater_create(path, root, err): a new file for an empty log. */
MUST_USE int highwater_create(const char *path, struct err *err);
/* highwater_write(path, size, root, err): a new file, settled, in place of any
 * other: it may be lower. Only for 'sluice log recover', and the above. */
MUST_USE int highwater_write(const char *path, uint64_t size,
	const struct hash *root, struct err *err);
/* highwater_read(path, out, err): from a regular file, no link, which belongs
 * to this account or root (whose anybody's may be) and which others cannot
 * write; checked on the descriptor. Else ERR_LOG; a missing one is ERR_SYS with
 * err->sys ENOENT. */
MUST_USE int highwater_read(
	const char *path, struct highwater *out, struct err *err);

/* highwater_raise(path, hw, size, root, lasting, err): pending; durable if
 * ${lasting}, which the journal makes needless. ${hw} is what was read last and
 * is brought up to date. */
MUST_USE int highwater_raise(const char *path, struct highwater *hw,
	uint64_t size, const struct hash *root, bool lasting, struct err *err);
/* highwater_settle(path, hw, err): take the mark off. Not synced: a mark that
 * comes back with a power cut does no harm. */
MUST_USE int highwater_settle(
	const char *path, struct highwater *hw, struct err *err);

#endif

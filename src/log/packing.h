/*
 * Records moved into packs: of 4096 entries each, compressed together, where a
 * file of its own takes a block of the disk for each.
 *
 * A pack is written aside, synced and renamed, the folder synced; every record
 * is read back out of it; only then are the files of their own removed. Cut
 * short anywhere, each record is in one place or in both, and the next run
 * removes what is there twice. Appends go on meanwhile: a record is packed only
 * when the files of its entry last, and nobody writes it again but as the file
 * that it was.
 */
#ifndef LOG_PACKING_H
#define LOG_PACKING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct packing_result {
	uint64_t records; /* that are in packs now and were not before */
	uint64_t packs;   /* written */
	uint64_t bytes;   /* of those records */
	uint64_t stored;  /* of those packs */
	uint64_t damaged; /* left as they are: 'sluice log verify' names them */
	uint64_t left;    /* entries whose records are files of their own */
};

/*
 * packing_run(state, out, err):
 * Pack the records of all whole tiles that are on disk, and remove partial
 * tiles that a full one has made needless. One at a time; others wait. ERR_LOG
 * where a logd keeps the log: it is packed in its folder, by its account.
 */
MUST_USE int packing_run(
	const char *state, struct packing_result *out, struct err *err);

/* packing_lock(state, fd, err): the lock of all who change packs; closing
 * *${fd} gives it up. ERR_LOG where a logd keeps the log. */
MUST_USE int packing_lock(const char *state, int *fd, struct err *err);

/* packing_lasting(state, size, out, err): up to which of ${size} entries all
 * files of the log last, whatever the machine does. What the newest appends
 * left to the journal is synced for it, if it can be told that all is written.
 */
MUST_USE int packing_lasting(
	const char *state, uint64_t size, uint64_t *out, struct err *err);

/*
 * packing_without(state, number, gone, ctx, removed, err):
 * Take records out of the pack of that number, and the files of those that are
 * in none: of the entries that ${gone} names. Adds to *${removed} how many. The
 * caller has the lock.
 */
MUST_USE int packing_without(const char *state, uint64_t number,
	bool (*gone)(void *ctx, uint64_t n), void *ctx, uint64_t *removed,
	struct err *err);

#endif

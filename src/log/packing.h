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

#endif

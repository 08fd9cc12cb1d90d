/*
 * What a power cut leaves. A program's changes to a folder are recorded call by
 * call; then, for any moment of it, the folder is built as a disk may have it
 * when the power went: what was synced by then is there, of all else any part.
 *
 * The model promises no more than POSIX does. A file's bytes last when the file
 * was synced, a name when its folder was; nothing else orders anything. Of a
 * sector (512 bytes) the old or the new bytes are there, and no write to it
 * without those before. The same goes for a file's length, and for a name.
 */
#ifndef SUPPORT_DISK_H
#define SUPPORT_DISK_H

#include "base/buf.h"

struct disk;

/* disk_new(root): all in that folder, as if it were synced. */
struct disk *disk_new(const char *root);
void disk_free(struct disk *d);

/* disk_run(d, run, ctx): ${run} in a child, recorded; answers its exit status,
 * or -1 where a child cannot be traced. */
int disk_run(struct disk *d, int (*run)(void *ctx), void *ctx);
/* disk_run_killed(d, run, ctx): the same, killed before its first fdatasync of a
 * file in the folder. */
int disk_run_killed(struct disk *d, int (*run)(void *ctx), void *ctx);

/* disk_now(d): how many changes and syncs were recorded: a moment. */
size_t disk_now(const struct disk *d);

/* disk_before_sync(d, moment): whether a sync comes next, or nothing. What may
 * be left at any other moment may be left at the next of these. */
bool disk_before_sync(const struct disk *d, size_t moment);

/* disk_file(d, moment, path, out): a file below root, as programs saw it at
 * that moment; false if it was not there. */
bool disk_file(
	const struct disk *d, size_t moment, const char *path, struct buf *out);

/* What survives of that which was not synced. */
enum disk_left {
	DISK_ALL,
	DISK_NONE,
	DISK_SOME
};

/* disk_build(d, moment, left, seed, to): in a new folder. ${seed} says which,
 * for DISK_SOME. */
void disk_build(const struct disk *d, size_t moment, enum disk_left left,
	unsigned seed, const char *to);

/* For the recorder (diskrecord.c). Paths are absolute; those outside the folder
 * are none of ours. */
size_t disk_open(struct disk *d, const char *path, bool create, unsigned mode,
	bool cut); /* node, or SIZE_MAX */
void disk_mkdir(struct disk *d, const char *path, unsigned mode);
void disk_write(struct disk *d, size_t node, size_t at, struct span s);
void disk_cut(struct disk *d, size_t node, size_t length);
void disk_mode(struct disk *d, size_t node, unsigned mode);
void disk_sync(struct disk *d, size_t node);
void disk_unlink(struct disk *d, const char *path);
void disk_rename(
	struct disk *d, const char *from, const char *to, bool exchange);

#endif

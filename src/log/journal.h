/*
 * The journal of appends: one write and one sync make an append last, where
 * syncing each file of the log takes ten. The files themselves are then written
 * without waiting; the journal says what to write again should the machine
 * stop before the system has written them.
 *
 * A file of fixed length whose blocks are all there, so that a sync has no
 * metadata to wait for. Its first block says up to which size of the log all
 * files are known to last, and during which boot of the machine the rest was
 * written. Frames follow, each from a block of its own: the size and root that
 * an append promised, and its record, from which everything else derives.
 * Frames count only as long as their sizes follow on each other and each names
 * the root before it. Appends that came together are written together, for one
 * sync: of such a group all frames count, or none.
 *
 * docs/formats.md has the bytes.
 */
#ifndef LOG_JOURNAL_H
#define LOG_JOURNAL_H

#include "log/tree.h"

#define JOURNAL_BLOCK 4096
#define JOURNAL_LEN (64 * JOURNAL_BLOCK)

struct journal_frame {
	uint64_t size; /* of the log, with this one */
	struct hash root;
	struct span record; /* not checked but for the last group: journal_whole
			     */
	unsigned char sha256[32];
	uint64_t more; /* of its group that follow it */
};

#define JOURNAL_FRAMES (JOURNAL_LEN / JOURNAL_BLOCK - 1)

struct journal {
	uint64_t synced; /* the files of the log last up to this size */
	struct hash root;
	bool same_boot; /* what was written after it is in memory still */
	struct journal_frame frame[JOURNAL_FRAMES];
	size_t n;
	size_t end; /* where the next frame goes */
	void *map;
};
#define JOURNAL_NONE ((struct journal){.map = NULL})

/* journal_create(path, size, root, err): a new one, in place of any other. */
MUST_USE int journal_create(const char *path, uint64_t size,
	const struct hash *root, struct err *err);

/*
 * journal_open(path, out, found, err):
 * Read it. One that is damaged, or that others may write, is ERR_LOG; a last
 * group that was cut short is as if it were not there. Records point into the
 * journal.
 */
MUST_USE int journal_open(
	const char *path, struct journal *out, bool *found, struct err *err);
void journal_close(struct journal *j); /* JOURNAL_NONE is fine */

/* journal_whole(f): whether the record is the one the frame was made for. */
bool journal_whole(const struct journal_frame *f);

/* journal_fits(j, n, used): whether a record of ${n} bytes has room behind the
 * frames; without them if !${used}. Nothing fits where boots cannot be told
 * apart. */
bool journal_fits(const struct journal *j, size_t n, bool used);

/* journal_fitting(j, f, n): how many of these, from the first on, have room
 * behind the frames. Only their records are looked at. */
size_t journal_fitting(
	const struct journal *j, const struct journal_frame *f, size_t n);

/* journal_add(path, j, f, n, written, err): a group of frames, durable. It must
 * fit; ${f} is completed. *${written} is true also when it fails after the
 * frames were written: that is a promise, which the next append keeps, and
 * their files must stay. */
MUST_USE int journal_add(const char *path, struct journal *j,
	struct journal_frame *f, size_t n, bool *written, struct err *err);

/* journal_again(path, j, err): the frames that are there, durable: written
 * again first, for what could not be written once is not by another sync. */
MUST_USE int journal_again(
	const char *path, const struct journal *j, struct err *err);

/* journal_restart(path, j, size, root, err): all files last up to that size,
 * now in this boot; frames begin anew. Durable. */
MUST_USE int journal_restart(const char *path, struct journal *j, uint64_t size,
	const struct hash *root, struct err *err);

/* journal_distrust(path, j, err): the files past the synced size may not be
 * what was written, though no machine stopped: the next append writes them
 * again. Durable. */
MUST_USE int journal_distrust(
	const char *path, struct journal *j, struct err *err);

#endif

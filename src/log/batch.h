/*
 * Several files made durable together, for few syncs. A new file, which nothing
 * refers to yet, is written under its own name; one that may replace another is
 * written aside as ".<name>.tmp" and renamed. The next writer of a name
 * overwrites what a killed one left; so one writer at a time, under the log's
 * lock.
 */
#ifndef LOG_BATCH_H
#define LOG_BATCH_H

#include <sys/types.h>

#include "base/buf.h"

#define BATCH_MAX 16

struct batch_file {
	char *path, *aside; /* aside is NULL when written in place */
	bool swap;
	int fd;
};

struct batch {
	struct batch_file file[BATCH_MAX];
	size_t n;
	bool synced; /* the bytes last */
	bool placed; /* every file has its name */
};

#define BATCH_EMPTY      \
	((struct batch){ \
		.n = 0,  \
	})

/* What a name in a batch stands for. */
enum batch_kind {
	BATCH_NEW,     /* no reader looks at it before the batch is durable */
	BATCH_REPLACE, /* the old bytes or the new at every moment */
	BATCH_SWAP,    /* the same; the old file stays aside, for next time */
};

/* batch_put(b, kind, path, s, mode, folders, err): write. Missing folders are
 * made with mode ${folders}. */
MUST_USE int batch_put(struct batch *b, enum batch_kind kind, const char *path,
	struct span s, mode_t mode, mode_t folders, struct err *err);

/* batch_sync(b, err): the bytes of all files last, and the names of the new
 * ones. */
MUST_USE int batch_sync(struct batch *b, struct err *err);

/* batch_fill(b, s, err): other bytes, as many, for the one file of the batch;
 * lasting if that was synced: its blocks are there, so no journal is waited
 * for. */
MUST_USE int batch_fill(struct batch *b, struct span s, struct err *err);

/* batch_commit(b, err): batch_sync if that was not done yet, then rename what
 * was written aside, lastingly. The batch is empty afterwards, also after
 * failure. */
MUST_USE int batch_commit(struct batch *b, struct err *err);

/* batch_place(b, err): the renaming alone. The files last when the system gets
 * round to it; something else must be able to write them again. The batch is
 * empty afterwards, also after failure. */
MUST_USE int batch_place(struct batch *b, struct err *err);

/* batch_drop(b): close, and remove what was written aside or neither
 * synced nor placed. */
void batch_drop(struct batch *b);

#endif

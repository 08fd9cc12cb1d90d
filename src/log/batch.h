/*
 * Several files made durable together, for one sync of each file and one of
 * each folder. Each is written aside as ".<name>.tmp", which the next writer
 * of that name overwrites; so one writer at a time, under the log's lock.
 */
#ifndef LOG_BATCH_H
#define LOG_BATCH_H

#include <sys/types.h>

#include "base/buf.h"

#define BATCH_MAX 16

struct batch_file {
	char *path, *aside;
	int fd;
};

struct batch {
	struct batch_file file[BATCH_MAX];
	size_t n;
};

#define BATCH_EMPTY      \
	((struct batch){ \
		.n = 0,  \
	})

/* batch_put(b, path, s, mode, folders, err): write aside. Missing folders are
 * made with mode ${folders}. */
MUST_USE int batch_put(struct batch *b, const char *path, struct span s,
	mode_t mode, mode_t folders, struct err *err);

/* batch_commit(b, err): sync all, rename all, sync the folders. The batch is
 * empty afterwards, also after failure. */
MUST_USE int batch_commit(struct batch *b, struct err *err);

/* batch_drop(b): remove what was written aside. */
void batch_drop(struct batch *b);

#endif

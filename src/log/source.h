/*
 * Where a log is read from: a folder, or whatever fills struct
 * log_source_ops (sluice-http, for one). Nothing that comes out of a source is
 * trusted; log/reader.h proves it.
 */
#ifndef LOG_SOURCE_H
#define LOG_SOURCE_H

#include "base/buf.h"

struct log_source;

struct log_source_ops {
	/*
	 * Append the file at ${path} ("checkpoint", "tile/0/000",
	 * "lists/<sha256>") to ${out}. *${found} is false, and 0 answered,
	 * when there is none. ERR_LIMIT when it is larger than ${max}.
	 */
	int (*get)(void *ctx, const char *path, size_t max, struct buf *out,
		bool *found, struct err *err);
	/* Release ctx; may be NULL. */
	void (*close)(void *ctx);
};

/* log_source_dir(dir, out, err): a folder that holds "checkpoint". */
MUST_USE int log_source_dir(
	const char *dir, struct log_source **out, struct err *err);
/* log_source_of(ops, ctx, name): any other; ${name} is for messages. */
struct log_source *log_source_of(
	const struct log_source_ops *ops, void *ctx, const char *name);
void log_source_close(struct log_source *src); /* NULL is fine */

/* log_source_get(src, path, max, out, found, err): as the get above; ${out}
 * is emptied first and its maximum set to ${max}. */
MUST_USE int log_source_get(struct log_source *src, const char *path,
	size_t max, struct buf *out, bool *found, struct err *err);
const char *log_source_name(const struct log_source *src);

#endif

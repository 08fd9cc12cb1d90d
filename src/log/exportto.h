/* Where an export goes: a new folder, or a tar file of one. */
#ifndef LOG_EXPORTTO_H
#define LOG_EXPORTTO_H

#include "base/err.h"
#include "base/span.h"

struct export_to;

/* export_to_folder(dir, out, err): ERR_INPUT when there is something at ${dir};
 * what was written stays after a failure. */
MUST_USE int export_to_folder(
	const char *dir, struct export_to **out, struct err *err);

/*
 * export_to_tar(path, top, time, out, err):
 * All members are in the folder ${top} (at most 24 bytes) and have that time,
 * so that one export is always the same bytes. ERR_INPUT when there is
 * something at ${path}, which is "-" for the standard output. Not ended, the
 * file is removed.
 */
MUST_USE int export_to_tar(const char *path, const char *top, int64_t time,
	struct export_to **out, struct err *err);

/* export_put(to, name, s, err): a file, of at most 75 bytes' name, each once.
 * export_has(to, name): whether it was put. */
MUST_USE int export_put(
	struct export_to *to, const char *name, struct span s, struct err *err);
MUST_USE bool export_has(const struct export_to *to, const char *name);
/* export_folder(to, name, err): a folder, before what is in it. */
MUST_USE int export_folder(
	struct export_to *to, const char *name, struct err *err);

/* export_end(to, err): that was all. */
MUST_USE int export_end(struct export_to *to, struct err *err);
void export_close(struct export_to *to); /* NULL is fine */

#endif

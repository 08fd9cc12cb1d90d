/* Files and descriptors: whole reads and writes, and replacement that lasts. */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <sys/types.h>

#include "base/buf.h"

/* io_write(fd, s, err): all of it, over short writes and EINTR. */
MUST_USE int io_write(int fd, struct span s, struct err *err);

/* io_read(fd, out, err): to the end of file; ERR_LIMIT past the buffer's
 * maximum. */
MUST_USE int io_read(int fd, struct buf *out, struct err *err);

/* io_read_regular(fd, name, out, err): the whole of an open regular file, which
 * errors call ${name}; anything else is ERR_INPUT. */
MUST_USE int io_read_regular(
	int fd, const char *name, struct buf *out, struct err *err);

/*
 * io_read_file(path, out, err):
 * The whole of a regular file. A missing one is ERR_SYS with err->sys ENOENT;
 * anything but a regular file is ERR_INPUT.
 */
MUST_USE int io_read_file(const char *path, struct buf *out, struct err *err);

/*
 * io_replace(path, s, mode, err):
 * Make ${path} hold exactly ${s}: written aside in the same folder, fsynced,
 * renamed over it, the folder fsynced. A reader sees the old bytes or the new.
 * The aside file is called ".<name>.tmp-<pid>" and is removed on failure.
 */
MUST_USE int io_replace(
	const char *path, struct span s, mode_t mode, struct err *err);

/*
 * io_overwrite(path, at, s, lasting, written, err):
 * Other bytes in an existing file, from offset ${at}; synced if ${lasting}.
 * *${written}: all of them are in the file, whatever became of the sync.
 */
MUST_USE int io_overwrite(const char *path, off_t at, struct span s,
	bool lasting, bool *written, struct err *err);

/*
 * io_create(path, mode, err):
 * A descriptor of the file, read and write, which is made when it is not there;
 * no link is followed. What root makes belongs to the owner of the folder, who
 * would be locked out of it otherwise.
 */
MUST_USE int io_create(const char *path, mode_t mode, struct err *err);

/* io_sync_dir(path, err): fsync a folder, so that a rename in it lasts. */
MUST_USE int io_sync_dir(const char *path, struct err *err);

/* io_mkdirs(path, mode, err): the folder and its missing parents, each parent
 * fsynced after an addition; existing ones are left as they are. */
MUST_USE int io_mkdirs(const char *path, mode_t mode, struct err *err);

/* io_exists(path): whether lstat finds anything there. */
bool io_exists(const char *path);

/* io_join(out, dir, name): "dir/name" in ${out}, reset first. The result is
 * read with buf_cstr; a name that starts with '/' stands alone. */
void io_join(struct buf *out, const char *dir, const char *name);

/* io_close(fd): close that keeps errno; -1 is fine. */
void io_close(int fd);

#define PATH_BUF_MAX 4095
#define PATH_BUF_INIT BUF_INIT(PATH_BUF_MAX)

#endif

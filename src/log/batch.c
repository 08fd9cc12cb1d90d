#include "log/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static char *folder_of(const char *path)
{
	size_t n = (size_t)(name_of(path) - path);
	char *dir = n ? strndup(path, n) : strdup(".");

	if (!dir)
		die("out of memory");
	while (n > 1 && dir[n - 1] == '/')
		dir[--n] = '\0';
	return dir;
}

static int create(
	const char *path, const char *dir, mode_t folders, struct err *err)
{
	const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags, 0600);

	if (fd < 0 && errno == ENOENT) {
		if (io_mkdirs(dir, folders, err))
			return -1;
		fd = open(path, flags, 0600);
	}
	if (fd < 0)
		return err_sys(err, "cannot create '%s'", path);
	return fd;
}

int batch_put(struct batch *b, enum batch_kind kind, const char *path,
	struct span s, mode_t mode, mode_t folders, struct err *err)
{
	struct buf aside = PATH_BUF_INIT;
	struct batch_file *f = &b->file[b->n];
	char *dir = folder_of(path);
	const char *name = path;
	int ret = -1;

	if (b->n == BATCH_MAX)
		die("batch_put: more than %d files", BATCH_MAX);
	if (kind != BATCH_NEW) {
		buf_fmt(&aside, "%s/.%s.tmp", dir, name_of(path));
		if (buf_check(&aside, "path", err))
			goto out;
		name = buf_cstr(&aside);
	}
	f->fd = create(name, dir, folders, err);
	if (f->fd < 0)
		goto out;
	f->path = strdup(path);
	f->aside = kind != BATCH_NEW ? strdup(name) : NULL;
	f->swap = kind == BATCH_SWAP;
	if (!f->path || (kind != BATCH_NEW && !f->aside))
		die("out of memory");
	b->n++;
	b->synced = false;
	if (fchmod(f->fd, mode)) {
		err_sys(err, "cannot set the mode of '%s'", name);
		goto out;
	}
	if (io_write(f->fd, s, err)) {
		err_in(err, "'%s'", path);
		goto out;
	}
	/* Not emptied first: its blocks serve again. */
	if (ftruncate(f->fd, (off_t)s.n)) {
		err_sys(err, "cannot cut '%s'", name);
		goto out;
	}
	ret = 0;
out:
	buf_free(&aside);
	free(dir);
	return ret;
}

/* The folders of the files of one kind. */
static int sync_folders(struct batch *b, bool in_place, struct err *err)
{
	char *done[BATCH_MAX];
	size_t i, k, n = 0;
	int ret = 0;

	for (i = 0; i < b->n && !ret; i++) {
		char *dir;

		if (!b->file[i].aside != in_place)
			continue;
		dir = folder_of(b->file[i].path);
		for (k = 0; k < n && strcmp(done[k], dir); k++)
			;
		if (k < n) {
			free(dir);
			continue;
		}
		done[n++] = dir;
		ret = io_sync_dir(dir, err);
	}
	while (n)
		free(done[--n]);
	return ret;
}

int batch_sync(struct batch *b, struct err *err)
{
	size_t i;

	/* Start all, so that the syncs wait together. Only a hint. */
	for (i = 0; i < b->n; i++)
		(void)sync_file_range(
			b->file[i].fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	for (i = 0; i < b->n; i++)
		if (fsync(b->file[i].fd))
			return err_sys(
				err, "cannot fsync '%s'", b->file[i].path);
	if (sync_folders(b, true, err))
		return -1;
	b->synced = true;
	return 0;
}

int batch_fill(struct batch *b, struct span s, struct err *err)
{
	const struct batch_file *f = &b->file[0];
	ssize_t n;

	if (b->n != 1)
		die("batch_fill: not one file");
	n = pwrite(f->fd, s.p, s.n, 0);
	if (n < 0 || (b->synced && fdatasync(f->fd)))
		return err_sys(err, "cannot write '%s'", f->path);
	if ((size_t)n != s.n)
		return err_set(err, ERR_SYS, "cannot write '%s': short write",
			f->path);
	return 0;
}

/* Changing places keeps the old file for the next time: making a new one costs
 * more than writing over one. */
static int give_name(const struct batch_file *f)
{
	if (f->swap &&
		!renameat2(
			AT_FDCWD, f->aside, AT_FDCWD, f->path, RENAME_EXCHANGE))
		return 0;
	/* Nothing there yet, or a file system that cannot. */
	return rename(f->aside, f->path);
}

static int rename_all(struct batch *b, struct err *err)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		if (b->file[i].aside && give_name(&b->file[i]))
			return err_sys(
				err, "cannot rename to '%s'", b->file[i].path);
	}
	b->placed = true;
	return 0;
}

int batch_place(struct batch *b, struct err *err)
{
	int ret = rename_all(b, err);

	batch_drop(b);
	return ret;
}

int batch_commit(struct batch *b, struct err *err)
{
	int ret = -1;

	if ((!b->synced && batch_sync(b, err)) || rename_all(b, err))
		goto out;
	ret = sync_folders(b, false, err);
out:
	batch_drop(b);
	return ret;
}

void batch_drop(struct batch *b)
{
	size_t i;

	for (i = 0; i < b->n; i++) {
		io_close(b->file[i].fd);
		if (b->file[i].aside && !b->placed)
			unlink(b->file[i].aside);
		else if (!b->file[i].aside && !b->synced && !b->placed)
			unlink(b->file[i].path); /* a full disk wants it back */
		free(b->file[i].path);
		free(b->file[i].aside);
	}
	b->n = 0;
	b->synced = b->placed = false;
}

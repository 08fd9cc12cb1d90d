#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

void io_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
}

int io_write(int fd, struct span s, struct err *err)
{
	while (s.n) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "cannot write");
		s = span_from(s, (size_t)n);
	}
	return 0;
}

int io_read(int fd, struct buf *out, struct err *err)
{
	unsigned char block[16384];

	for (;;) {
		ssize_t n = read(fd, block, sizeof(block));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(err, "cannot read");
		if (n == 0)
			return 0;
		buf_add(out, block, (size_t)n);
		if (buf_check(out, "input", err))
			return -1;
	}
}

int io_read_regular(int fd, const char *name, struct buf *out, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_sys(err, "cannot stat '%s'", name);
	if (!S_ISREG(st.st_mode))
		return err_set(
			err, ERR_INPUT, "'%s' is not a regular file", name);
	if (io_read(fd, out, err))
		return err_in(err, "'%s'", name);
	return 0;
}

int io_read_file(const char *path, struct buf *out, struct err *err)
{
	int fd, ret;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_sys(err, "cannot open '%s'", path);
	ret = io_read_regular(fd, path, out, err);
	io_close(fd);
	return ret;
}

/* The folder part of a path, "." when it has none. */
static void dir_of(struct buf *out, const char *path)
{
	const char *slash = strrchr(path, '/');

	buf_reset(out);
	if (!slash)
		buf_str(out, ".");
	else if (slash == path)
		buf_str(out, "/");
	else
		buf_add(out, path, (size_t)(slash - path));
}

/* To whom the folder of a path belongs. */
static int give(int fd, const char *path)
{
	struct buf dir = PATH_BUF_INIT;
	const char *slash = strrchr(path, '/');
	struct stat st;
	int ret;

	if (slash)
		buf_add(&dir, path, (size_t)(slash - path) + 1);
	else
		buf_str(&dir, ".");
	ret = stat(buf_cstr(&dir), &st) ||
			(st.st_uid && fchown(fd, st.st_uid, st.st_gid))
		? -1
		: 0;
	buf_free(&dir);
	return ret;
}

int io_create(const char *path, mode_t mode, struct err *err)
{
	const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
	int fd = open(path, flags | O_CREAT | O_EXCL, mode);

	if (fd < 0 && errno == EEXIST) {
		fd = open(path, flags);
	} else if (fd >= 0 && !geteuid() && give(fd, path)) {
		err_sys(err, "cannot give '%s' to the owner of its folder",
			path);
		io_close(fd);
		return -1;
	}
	return fd < 0 ? err_sys(err, "cannot open '%s'", path) : fd;
}

int io_sync_dir(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "cannot open folder '%s'", path);
	if (fsync(fd)) {
		err_sys(err, "cannot fsync folder '%s'", path);
		io_close(fd);
		return -1;
	}
	io_close(fd);
	return 0;
}

int io_replace(const char *path, struct span s, mode_t mode, struct err *err)
{
	struct buf dir = PATH_BUF_INIT, tmp = PATH_BUF_INIT;
	const char *slash = strrchr(path, '/');
	int fd = -1, ret = -1;

	dir_of(&dir, path);
	buf_fmt(&tmp, "%s/.%s.tmp-%ld", buf_cstr(&dir),
		slash ? slash + 1 : path, (long)getpid());
	if (buf_check(&tmp, "path", err))
		goto out;
	fd = open(buf_cstr(&tmp),
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0) {
		err_sys(err, "cannot create '%s'", buf_cstr(&tmp));
		goto out;
	}
	/* The mode asked for, whatever the umask of the account. */
	if (fchmod(fd, mode)) {
		err_sys(err, "cannot set the mode of '%s'", buf_cstr(&tmp));
		goto fail;
	}
	if (io_write(fd, s, err)) {
		err_in(err, "'%s'", path);
		goto fail;
	}
	if (fsync(fd)) {
		err_sys(err, "cannot fsync '%s'", path);
		goto fail;
	}
	if (rename(buf_cstr(&tmp), path)) {
		err_sys(err, "cannot rename to '%s'", path);
		goto fail;
	}
	ret = io_sync_dir(buf_cstr(&dir), err);
	goto out;
fail:
	unlink(buf_cstr(&tmp));
out:
	io_close(fd);
	buf_free(&tmp);
	buf_free(&dir);
	return ret;
}

int io_overwrite(const char *path, off_t at, struct span s, bool lasting,
	bool *written, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW), ret = -1;
	ssize_t n;

	*written = false;
	if (fd < 0)
		return err_sys(err, "cannot open '%s'", path);
	n = pwrite(fd, s.p, s.n, at);
	if (n < 0) {
		err_sys(err, "cannot write '%s'", path);
		goto out;
	}
	if ((size_t)n != s.n) {
		err_set(err, ERR_SYS, "cannot write '%s': short write", path);
		goto out;
	}
	*written = true;
	if (lasting && fdatasync(fd)) {
		err_sys(err, "cannot sync '%s'", path);
		goto out;
	}
	ret = 0;
out:
	io_close(fd);
	return ret;
}

int io_mkdirs(const char *path, mode_t mode, struct err *err)
{
	struct buf dir = PATH_BUF_INIT;
	struct stat st;
	int ret = -1;

	if (!stat(path, &st)) {
		if (S_ISDIR(st.st_mode))
			return 0;
		return err_set(err, ERR_SYS, "'%s' is not a folder", path);
	}
	dir_of(&dir, path);
	if (buf_check(&dir, "path", err))
		goto out;
	if (strcmp(buf_cstr(&dir), path) &&
		io_mkdirs(buf_cstr(&dir), mode, err))
		goto out;
	if (mkdir(path, mode) && errno != EEXIST) {
		err_sys(err, "cannot make folder '%s'", path);
		goto out;
	}
	ret = io_sync_dir(buf_cstr(&dir), err);
out:
	buf_free(&dir);
	return ret;
}

bool io_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

void io_join(struct buf *out, const char *dir, const char *name)
{
	buf_reset(out);
	if (name[0] == '/')
		buf_str(out, name);
	else
		buf_fmt(out, "%s/%s", dir, name);
}

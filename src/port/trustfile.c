#include "port/trustfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/io.h"

#define LINKS_MAX 40

/* Where the walk stands. */
struct walk {
	const char *path; /* as given, for messages */
	int dir;          /* the folder reached, O_PATH */
	struct buf at;    /* its name */
	struct buf rest;  /* names still to take */
	unsigned links;
	uid_t also;  /* whose things will do, beside root's and our own */
	bool folder; /* it may end at one */
};

static bool is_ours(const struct walk *w, const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid() ||
		st->st_uid == w->also;
}

static int refuse_owner(const struct walk *w, const char *what,
	const char *name, const struct stat *st, struct err *err)
{
	if (w->also != geteuid())
		return err_set(err, ERR_POLICY,
			"%s '%s' belongs to user %lu, expected root, user %lu "
			"or user %lu",
			what, name, (unsigned long)st->st_uid,
			(unsigned long)geteuid(), (unsigned long)w->also);
	err_set(err, ERR_POLICY,
		"%s '%s' belongs to user %lu, expected root or user %lu", what,
		name, (unsigned long)st->st_uid, (unsigned long)geteuid());
	return err_hint(err, "chown root '%s'", name);
}

static int trusted(const struct walk *w, const char *what, const char *name,
	const struct stat *st, struct err *err)
{
	if (!is_ours(w, st))
		return refuse_owner(w, what, name, st, err);
	if (!(st->st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	if (S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) && st->st_uid == 0)
		return 0;
	err_set(err, ERR_POLICY,
		"%s '%s' can be written by %s (mode %04o), so it carries no "
		"trust",
		what, name, st->st_mode & S_IWOTH ? "others" : "its group",
		(unsigned)(st->st_mode & 07777));
	return err_hint(err, "chmod go-w '%s'", name);
}

/* Its group may read what root alone may change: so it is handed to the account
 * that needs it. */
static int secret(const char *name, const struct stat *st, struct err *err)
{
	if (!(st->st_mode & S_IRWXO) &&
		(!(st->st_mode & S_IRWXG) || st->st_uid == 0))
		return 0;
	err_set(err, ERR_POLICY,
		"others than its owner may read the secret in '%s' (mode "
		"%04o)",
		name, (unsigned)(st->st_mode & 07777));
	return err_hint(err, "chmod go-rwx '%s'", name);
}

/* Stand on the folder that ${fd} is open on, which is handed over. */
static int enter(struct walk *w, int fd, struct err *err)
{
	struct stat st;

	io_close(w->dir);
	w->dir = fd;
	if (fstat(fd, &st))
		return err_sys(err, "cannot stat '%s'", buf_cstr(&w->at));
	return trusted(w, "the folder", buf_cstr(&w->at), &st, err);
}

static int enter_root(struct walk *w, struct err *err)
{
	int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "cannot open '/'");
	buf_reset(&w->at);
	buf_str(&w->at, "/");
	return enter(w, fd, err);
}

/* Take one name off the rest; empty at the end. "//" and "." are nothing. */
static void next_name(struct walk *w, struct buf *name)
{
	struct span rest = buf_all(&w->rest), one;
	struct buf left = PATH_BUF_INIT;

	buf_reset(name);
	for (;;) {
		size_t slash = span_find(rest, '/');

		one = span_sub(rest, 0, slash);
		rest = slash == SIZE_MAX ? SPAN_EMPTY
					 : span_from(rest, slash + 1);
		if ((one.n && !span_is(one, ".")) || !rest.n)
			break;
	}
	if (!span_is(one, "."))
		buf_span(name, one);
	buf_span(&left, rest);
	buf_free(&w->rest);
	w->rest = left;
}

/* The rest now starts with what the link holds. */
static int follow(struct walk *w, const char *name, const struct stat *st,
	struct err *err)
{
	struct buf rest = PATH_BUF_INIT;
	char target[PATH_BUF_MAX];
	ssize_t n;

	if (++w->links > LINKS_MAX)
		return err_set(err, ERR_POLICY,
			"'%s' passes more than %d symbolic links", w->path,
			LINKS_MAX);
	if (!is_ours(w, st))
		return refuse_owner(w, "the symbolic link", name, st, err);
	n = readlinkat(w->dir, name, target, sizeof(target));
	if (n < 0)
		return err_sys(err, "cannot read the link '%s' in '%s'", name,
			buf_cstr(&w->at));
	buf_add(&rest, target, (size_t)n);
	buf_str(&rest, "/");
	buf_span(&rest, buf_all(&w->rest));
	buf_free(&w->rest);
	w->rest = rest;
	if (buf_check(&w->rest, "path", err))
		return -1;
	return target[0] == '/' ? enter_root(w, err) : 0;
}

static void at_add(struct walk *w, const char *name)
{
	if (w->at.n > 1)
		buf_str(&w->at, "/");
	buf_str(&w->at, name);
}

/* Take one step: into a folder, over a link, or to the file itself, which ends
 * the walk with *${file} open. */
static int step(struct walk *w, const char *name, int *file, struct err *err)
{
	int fd = openat(w->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return err_sys(err, "cannot open '%s'", w->path);
	if (fstat(fd, &st)) {
		err_sys(err, "cannot stat '%s'", w->path);
		goto fail;
	}
	if (S_ISLNK(st.st_mode)) {
		io_close(fd);
		return follow(w, name, &st, err);
	}
	at_add(w, name);
	if (S_ISDIR(st.st_mode))
		return enter(w, fd, err);
	if (!S_ISREG(st.st_mode)) {
		err_set(err, ERR_INPUT, "'%s' is not a regular file", w->path);
		goto fail;
	}
	if (w->folder) {
		*file = fd; /* not to be read */
		return 0;
	}
	io_close(fd);
	*file = openat(w->dir, name,
		O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*file < 0)
		return err_sys(err, "cannot open '%s'", w->path);
	return 0;
fail:
	io_close(fd);
	return -1;
}

static int walk_to(struct walk *w, int *file, struct err *err)
{
	struct buf name = PATH_BUF_INIT;
	int ret = -1;

	if (enter_root(w, err))
		goto out;
	while (*file < 0) {
		next_name(w, &name);
		if (!name.n && w->folder)
			break;
		if (!name.n) {
			err_set(err, ERR_INPUT, "'%s' is not a regular file",
				w->path);
			goto out;
		}
		if (step(w, buf_cstr(&name), file, err))
			goto out;
	}
	next_name(w, &name);
	if (name.n) {
		errno = ENOTDIR;
		err_sys(err, "cannot open '%s'", w->path);
		goto out;
	}
	ret = 0;
out:
	buf_free(&name);
	return ret;
}

static int walk_whole(struct walk *w, int *file, struct err *err)
{
	char here[PATH_BUF_MAX];

	if (w->path[0] != '/') {
		if (!getcwd(here, sizeof(here)))
			return err_sys(err, "cannot tell the working folder");
		buf_fmt(&w->rest, "%s/", here);
	}
	buf_str(&w->rest, w->path);
	return buf_check(&w->rest, "path", err) || walk_to(w, file, err) ? -1
									 : 0;
}

static struct walk walk_of(const char *path, uid_t also)
{
	return (struct walk){.path = path,
		.dir = -1,
		.at = PATH_BUF_INIT,
		.rest = PATH_BUF_INIT,
		.also = also};
}

static void walk_end(struct walk *w, int file)
{
	io_close(file);
	io_close(w->dir);
	buf_free(&w->at);
	buf_free(&w->rest);
}

static int read_held(
	const char *path, bool is_secret, struct buf *out, struct err *err)
{
	struct walk w = walk_of(path, geteuid());
	struct stat st;
	int file = -1, ret = -1;

	if (walk_whole(&w, &file, err))
		goto out;
	if (fstat(file, &st)) {
		err_sys(err, "cannot stat '%s'", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		err_set(err, ERR_INPUT, "'%s' is not a regular file", path);
		goto out;
	}
	if (trusted(&w, "the file", buf_cstr(&w.at), &st, err) ||
		(is_secret && secret(buf_cstr(&w.at), &st, err)))
		goto out;
	if (io_read(file, out, err)) {
		err_in(err, "'%s'", path);
		goto out;
	}
	ret = 0;
out:
	walk_end(&w, file);
	return ret;
}

int trustfile_place(const char *path, uid_t also, struct err *err)
{
	struct walk w = walk_of(path, also);
	struct stat st;
	int file = -1, ret;

	w.folder = true;
	ret = walk_whole(&w, &file, err);
	/* Each folder on the way, and the last, is seen to by then. */
	if (!ret && file >= 0)
		ret = fstat(file, &st)
			? err_sys(err, "cannot stat '%s'", path)
			: trusted(&w, "the file", buf_cstr(&w.at), &st, err);
	walk_end(&w, file);
	return ret;
}

int trustfile_read(const char *path, struct buf *out, struct err *err)
{
	return read_held(path, false, out, err);
}

int trustfile_read_secret(const char *path, struct buf *out, struct err *err)
{
	return read_held(path, true, out, err);
}

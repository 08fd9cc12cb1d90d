#include "log/exportto.h"

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "parse/ustar.h"

struct export_to {
	char *path;
	char *top;    /* NULL: a folder */
	int fd;       /* of the tar file */
	bool made;    /* and its name is ours */
	int64_t time; /* of its members */
	void *names;  /* which are in it: a search tree */
};

static struct export_to *made(const char *path, const char *top)
{
	struct export_to *to = calloc(1, sizeof(*to));

	if (!to || !(to->path = strdup(path)) ||
		(top && !(to->top = strdup(top))))
		die("out of memory");
	to->fd = -1;
	return to;
}

static int there_already(const char *path, struct err *err)
{
	return err_set(
		err, ERR_INPUT, "there is something at '%s' already", path);
}

int export_to_folder(const char *dir, struct export_to **out, struct err *err)
{
	*out = NULL;
	if (mkdir(dir, 0755))
		return errno == EEXIST
			? there_already(dir, err)
			: err_sys(err, "cannot make the folder '%s'", dir);
	*out = made(dir, NULL);
	return 0;
}

static int add_head(struct export_to *to, const char *name, unsigned mode,
	uint64_t size, struct err *err)
{
	struct buf path = PATH_BUF_INIT, head = BUF_INIT(USTAR_BLOCK);
	struct ustar_member m = {.mode = mode, .size = size, .time = to->time};
	int ret = -1;

	buf_fmt(&path, "%s/%s", to->top, name);
	m.name = buf_cstr(&path);
	if (!ustar_head(&m, &head))
		err_set(err, ERR_LIMIT, "'%s' does not fit into a tar file",
			name);
	else
		ret = io_write(to->fd, buf_all(&head), err);
	buf_free(&path);
	buf_free(&head);
	return ret;
}

int export_to_tar(const char *path, const char *top, int64_t time,
	struct export_to **out, struct err *err)
{
	struct export_to *to = made(path, top);

	*out = NULL;
	/* Earlier than there are times in such a file. */
	to->time = time < 0 ? 0 : time;
	if (!strcmp(path, "-")) {
		to->fd = STDOUT_FILENO;
	} else {
		to->fd = open(
			path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		to->made = to->fd >= 0;
	}
	if (to->fd < 0 && errno == EEXIST)
		there_already(path, err);
	else if (to->fd < 0)
		err_sys(err, "cannot make '%s'", path);
	else if (!add_head(to, "", 0755, 0, err)) {
		*out = to;
		return 0;
	}
	export_close(to);
	return -1;
}

static int put_file(
	struct export_to *to, const char *name, struct span s, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int fd, ret = -1;

	io_join(&path, to->path, name);
	fd = open(
		buf_cstr(&path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		err_sys(err, "cannot make '%s'", buf_cstr(&path));
	else
		ret = io_write(fd, s, err);
	if (ret && fd >= 0)
		err_in(err, "'%s'", buf_cstr(&path));
	io_close(fd);
	buf_free(&path);
	return ret;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

bool export_has(const struct export_to *to, const char *name)
{
	struct buf path = PATH_BUF_INIT;
	bool is;

	if (to->top)
		return tfind(name, &to->names, by_name);
	io_join(&path, to->path, name);
	is = io_exists(buf_cstr(&path));
	buf_free(&path);
	return is;
}

int export_put(
	struct export_to *to, const char *name, struct span s, struct err *err)
{
	static const unsigned char zeros[USTAR_BLOCK];
	char *key;

	if (!to->top)
		return put_file(to, name, s, err);
	key = strdup(name);
	if (!key || !tsearch(key, &to->names, by_name))
		die("out of memory");
	if (add_head(to, name, 0644, s.n, err) || io_write(to->fd, s, err) ||
		io_write(to->fd, span_of(zeros, ustar_pad(s.n)), err))
		return err_in(err, "'%s'", to->path);
	return 0;
}

int export_folder(struct export_to *to, const char *name, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret;

	if (to->top) {
		buf_fmt(&path, "%s/", name);
		ret = add_head(to, buf_cstr(&path), 0755, 0, err);
	} else {
		io_join(&path, to->path, name);
		ret = mkdir(buf_cstr(&path), 0755);
		if (ret)
			err_sys(err, "cannot make the folder '%s'",
				buf_cstr(&path));
	}
	buf_free(&path);
	return ret;
}

int export_end(struct export_to *to, struct err *err)
{
	static const unsigned char zeros[2 * USTAR_BLOCK];

	if (to->top && io_write(to->fd, span_of(zeros, sizeof(zeros)), err))
		return err_in(err, "'%s'", to->path);
	to->made = false;
	return 0;
}

void export_close(struct export_to *to)
{
	if (!to)
		return;
	if (to->made)
		unlink(to->path);
	if (to->fd != STDOUT_FILENO)
		io_close(to->fd);
	tdestroy(to->names, free);
	free(to->path);
	free(to->top);
	free(to);
}

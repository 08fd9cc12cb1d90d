#include "log/source.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"

struct log_source {
	const struct log_source_ops *ops;
	void *ctx;
	char *name;
};

struct folder {
	int fd;
};

static int folder_get(void *ctx, const char *path, size_t max, struct buf *out,
	bool *found, struct err *err)
{
	struct folder *f = ctx;
	int fd, ret;

	(void)max; /* the buffer's maximum */
	*found = false;
	fd = openat(f->fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return err_sys(err, "cannot open '%s'", path);
	ret = io_read_regular(fd, path, out, err);
	io_close(fd);
	if (ret && err->code == ERR_INPUT)
		err->code = ERR_LOG; /* the log is what is damaged then */
	*found = !ret;
	return ret;
}

static void folder_close(void *ctx)
{
	struct folder *f = ctx;

	io_close(f->fd);
	free(f);
}

int log_source_dir(const char *dir, struct log_source **out, struct err *err)
{
	static const struct log_source_ops ops = {folder_get, folder_close};
	struct folder *f;
	int fd;

	*out = NULL;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(err, "cannot open the log '%s'", dir);
	f = calloc(1, sizeof(*f));
	if (!f)
		die("out of memory");
	f->fd = fd;
	*out = log_source_of(&ops, f, dir);
	return 0;
}

struct log_source *log_source_of(
	const struct log_source_ops *ops, void *ctx, const char *name)
{
	struct log_source *src = calloc(1, sizeof(*src));

	if (!src || !(src->name = strdup(name)))
		die("out of memory");
	src->ops = ops;
	src->ctx = ctx;
	return src;
}

void log_source_close(struct log_source *src)
{
	if (!src)
		return;
	if (src->ops->close)
		src->ops->close(src->ctx);
	free(src->name);
	free(src);
}

int log_source_get(struct log_source *src, const char *path, size_t max,
	struct buf *out, bool *found, struct err *err)
{
	buf_reset(out);
	out->max = max;
	*found = false;
	return src->ops->get(src->ctx, path, max, out, found, err);
}

const char *log_source_name(const struct log_source *src)
{
	return src->name;
}

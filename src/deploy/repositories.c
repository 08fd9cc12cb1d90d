#include "deploy/repositories.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "base/io.h"

#define FILE_BYTES_MAX (16u << 20)

int repositories_read(const char *state, struct arena *a,
	struct gated_repository **out, size_t *n, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(FILE_BYTES_MAX);
	struct span rest, line;
	size_t cap = 0, tab;
	int ret = -1;

	*out = NULL;
	*n = 0;
	io_join(&path, state, "repositories");
	if (io_read_file(buf_cstr(&path), &text, err)) {
		if (err->code != ERR_SYS || err->sys != ENOENT)
			goto out;
		err_clear(err);
	}
	rest = buf_all(&text);
	while (span_line(&rest, &line, NULL)) {
		struct gated_repository *r;

		tab = span_find(line, '\t');
		if (!tab || tab == SIZE_MAX || line.n < tab + 2 ||
			line.p[tab + 1] != '/') {
			err_set(err, ERR_INPUT,
				"'%s': line %zu is not \"name TAB path\"",
				buf_cstr(&path), *n + 1);
			goto out;
		}
		*out = arena_grow(a, *out, *n, &cap, sizeof(**out));
		r = &(*out)[(*n)++];
		r->name = arena_str(a, span_sub(line, 0, tab));
		r->path = arena_str(a, span_from(line, tab + 1));
	}
	ret = 0;
out:
	buf_free(&text);
	buf_free(&path);
	return ret;
}

/* The lock is on the folder itself, so that no file is left behind. */
static int lock(const char *state, struct err *err)
{
	int fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(err, "cannot open the state folder '%s'", state);
	while (flock(fd, LOCK_EX)) {
		if (errno != EINTR) {
			err_sys(err, "cannot lock '%s'", state);
			io_close(fd);
			return -1;
		}
	}
	return fd;
}

/* Write the list without ${path}, and with it under ${name} if not NULL. */
static int rewrite(
	const char *state, const char *name, const char *path, struct err *err)
{
	struct arena *a = arena_new(2 * FILE_BYTES_MAX);
	struct buf file = PATH_BUF_INIT, text = BUF_INIT(FILE_BYTES_MAX);
	struct gated_repository *r;
	size_t i, n;
	bool was = false, same = false;
	int fd, ret = -1;

	fd = lock(state, err);
	if (fd < 0)
		goto out;
	if (repositories_read(state, a, &r, &n, err))
		goto out;
	for (i = 0; i < n; i++) {
		if (!strcmp(r[i].path, path)) {
			was = true;
			same = name && !strcmp(r[i].name, name);
			continue;
		}
		if (name && !strcmp(r[i].name, name)) {
			/* A repository that was moved brings its name. */
			if (!io_exists(r[i].path))
				continue;
			err_set(err, ERR_USAGE,
				"'%s' is already the name of '%s'", name,
				r[i].path);
			err_hint(err, "choose another with --name");
			goto out;
		}
		buf_fmt(&text, "%s\t%s\n", r[i].name, r[i].path);
	}
	if (name)
		buf_fmt(&text, "%s\t%s\n", name, path);
	if (same || (!name && !was)) {
		ret = 0;
		goto out;
	}
	io_join(&file, state, "repositories");
	if (buf_check(&text, "the list of repositories", err) ||
		io_replace(buf_cstr(&file), buf_all(&text), 0644, err))
		goto out;
	ret = 0;
out:
	io_close(fd);
	buf_free(&text);
	buf_free(&file);
	arena_free(a);
	return ret;
}

int repositories_add(
	const char *state, const char *name, const char *path, struct err *err)
{
	return rewrite(state, name, path, err);
}

int repositories_remove(const char *state, const char *path, struct err *err)
{
	return rewrite(state, NULL, path, err);
}

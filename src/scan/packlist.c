#include "scan/packlist.h"

#include <dirent.h>
#include <errno.h>

#include "base/grow.h"
#include "base/io.h"

#define DEPTH_MAX 5
#define ALTERNATES_MAX ((size_t)1 << 20)

/* The checksum at its end: two ways may lead to the same store. */
static bool is_there(const struct packlist *l, const struct packmap *p)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		struct span a = l->v[i].pack.all, b = p->pack.all;

		if (a.n == b.n &&
			span_eq(span_from(a, a.n - PACKFILE_TAIL),
				span_from(b, b.n - PACKFILE_TAIL)))
			return true;
	}
	return false;
}

static void add(struct packlist *l, const char *path)
{
	struct err none = ERR_INIT;
	struct packmap p;

	l->v = grow(l->v, l->n, &l->cap, sizeof(*l->v));
	if (packmap_open(path, &p, &none)) {
		l->left_out++;
		return;
	}
	if (is_there(l, &p))
		packmap_close(&p);
	else
		l->v[l->n++] = p;
}

static int is_pack(const struct dirent *e)
{
	return span_ends(span_str(e->d_name), SPAN_LIT(".pack"));
}

/* In order of names: everything is found in the same order each time. */
static int add_folder(struct packlist *l, const char *objects, struct err *err)
{
	struct buf folder = PATH_BUF_INIT, path = PATH_BUF_INIT;
	struct dirent **entry = NULL;
	int i, n, ret = -1;

	io_join(&folder, objects, "pack");
	if (buf_check(&folder, "path", err))
		goto out;
	n = scandir(buf_cstr(&folder), &entry, is_pack, alphasort);
	if (n < 0 && errno != ENOENT) {
		err_sys(err, "cannot list '%s'", buf_cstr(&folder));
		goto out;
	}
	for (i = 0; i < n; i++) {
		io_join(&path, buf_cstr(&folder), entry[i]->d_name);
		if (!path.full)
			add(l, buf_cstr(&path));
		free(entry[i]);
	}
	free(entry);
	ret = 0;
out:
	buf_free(&folder);
	buf_free(&path);
	return ret;
}

static int add_store(struct packlist *l, const char *objects, unsigned depth,
	struct err *err);

/* Names in quotes are for paths that hold a line feed: those stores are left
 * out as damaged packs are. */
static int add_alternates(struct packlist *l, const char *objects,
	unsigned depth, struct err *err)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(ALTERNATES_MAX),
		   name = PATH_BUF_INIT;
	struct err why = ERR_INIT;
	struct span rest, line;
	int ret = 0;

	io_join(&path, objects, "info/alternates");
	if (buf_check(&path, "path", err) ||
		(io_read_file(buf_cstr(&path), &text, &why) &&
			why.sys != ENOENT)) {
		if (err->code == ERR_NONE)
			*err = why;
		ret = -1;
	}
	rest = buf_all(&text);
	while (!ret && span_line(&rest, &line, NULL)) {
		if (!line.n || line.p[0] == '#' || line.p[0] == '"')
			continue;
		buf_reset(&name);
		buf_span(&name, line);
		io_join(&path, objects, buf_cstr(&name));
		if (!path.full && !name.full)
			ret = add_store(l, buf_cstr(&path), depth + 1, err);
	}
	buf_free(&path);
	buf_free(&text);
	buf_free(&name);
	return ret;
}

static int add_store(struct packlist *l, const char *objects, unsigned depth,
	struct err *err)
{
	if (add_folder(l, objects, err))
		return -1;
	if (depth > DEPTH_MAX)
		return 0;
	return add_alternates(l, objects, depth, err);
}

int packlist_open(const char *objects, bool alternates, struct packlist *out,
	struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (add_store(out, objects, alternates ? 0 : DEPTH_MAX + 1, err)) {
		packlist_close(out);
		return -1;
	}
	return 0;
}

void packlist_close(struct packlist *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		packmap_close(&l->v[i]);
	free(l->v);
	memset(l, 0, sizeof(*l));
}

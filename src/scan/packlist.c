#include "scan/packlist.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/grow.h"
#include "base/io.h"
#include "parse/packplaces.h"

#define DEPTH_MAX 5
#define ALTERNATES_MAX ((size_t)1 << 20)

static uint64_t file_size(const char *path)
{
	struct stat st;

	return stat(path, &st) || st.st_size < 0 ? 0 : (uint64_t)st.st_size;
}

/* The bytes of the pack in a folder whose index is called ${name}. */
static uint64_t size_of(void *ctx, struct span name)
{
	struct buf path = PATH_BUF_INIT;
	uint64_t n = 0;

	buf_fmt(&path, "%s/", buf_cstr(ctx));
	if (span_ends(name, SPAN_LIT(".idx"))) {
		buf_add(&path, name.p, name.n - 4);
		buf_str(&path, ".pack");
		if (!path.full)
			n = file_size(buf_cstr(&path));
	}
	buf_free(&path);
	return n;
}

static int damaged(struct err *err, struct buf *index)
{
	err_in(err, "'%s'", buf_cstr(index));
	err->code = ERR_REPO;
	return err_hint(err,
		"'git index-pack' makes the index of a pack anew, 'git "
		"multi-pack-index write' that of several");
}

/* libgit2 follows an index out of its pack, so it must not get to see such a
 * one. What cannot be opened here it cannot open either. */
static int check_index(const char *pack, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	struct map index = MAP_INIT;
	struct err none = ERR_INIT;
	int ret = 0;

	buf_add(&path, pack, strlen(pack) - strlen(".pack"));
	buf_str(&path, ".idx");
	if (!path.full && !map_open(buf_cstr(&path), &index, &none) &&
		packplaces_index(index.all, file_size(pack), err))
		ret = damaged(err, &path);
	map_close(&index);
	buf_free(&path);
	return ret;
}

static int check_multi(struct buf *folder, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	struct map index = MAP_INIT;
	struct err none = ERR_INIT;
	int ret = 0;

	io_join(&path, buf_cstr(folder), "multi-pack-index");
	if (!path.full && !map_open(buf_cstr(&path), &index, &none) &&
		packplaces_multi(index.all, size_of, folder, err))
		ret = damaged(err, &path);
	map_close(&index);
	buf_free(&path);
	return ret;
}

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

static int add(struct packlist *l, const char *path, struct err *err)
{
	struct err none = ERR_INIT;
	struct packmap p;

	if (check_index(path, err))
		return -1;
	if (!l)
		return 0;
	l->v = grow(l->v, l->n, &l->cap, sizeof(*l->v));
	if (packmap_open(path, &p, &none)) {
		l->left_out++;
		return 0;
	}
	if (is_there(l, &p))
		packmap_close(&p);
	else
		l->v[l->n++] = p;
	return 0;
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
	ret = check_multi(&folder, err);
	for (i = 0; i < n; i++) {
		io_join(&path, buf_cstr(&folder), entry[i]->d_name);
		if (!ret && !path.full)
			ret = add(l, buf_cstr(&path), err);
		free(entry[i]);
	}
	free(entry);
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

int packlist_check(const char *objects, struct err *err)
{
	return add_store(NULL, objects, 0, err);
}

void packlist_close(struct packlist *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		packmap_close(&l->v[i]);
	free(l->v);
	memset(l, 0, sizeof(*l));
}

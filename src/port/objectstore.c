#include "port/objectstore.h"

#include <dirent.h>
#include <errno.h>
#include <git2.h>
#include <git2/sys/odb_backend.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"

#define MANY 256 /* questions; as many looks at folders are no dearer */

/*
 * The library looks for a loose file for each object that is in no pack, a call
 * of the kernel each. After some of them it is found out which of the folders
 * that loose objects lie in are there: in most repositories few or none.
 */
struct objectstore {
	char *objects;
	git_odb *all;
	bool sorted; /* the rest is set */
	bool folder[256];
	bool packed; /* there is any pack */
	git_odb *packs;
	size_t asked;
};

static int fail(struct err *err, const char *what)
{
	const git_error *e = git_error_last();

	return err_set(err, ERR_REPO, "%s: %s", what,
		e && e->message ? e->message : "unknown cause");
}

static int add_backend(git_odb *odb, git_odb_backend *b, int priority)
{
	if (!git_odb_add_backend(odb, b, priority))
		return 0;
	b->free(b);
	return -1;
}

static int add_packs(git_odb *odb, const char *objects, struct err *err)
{
	git_odb_backend *b = NULL;

	if (git_odb_backend_pack(&b, objects) || add_backend(odb, b, 2))
		return fail(err, "cannot open the packs of an object store");
	return 0;
}

static int add_loose(git_odb *odb, const char *objects, struct err *err)
{
	git_odb_backend *b = NULL;

	if (git_odb_backend_loose(&b, objects, -1, false, 0, 0) ||
		add_backend(odb, b, 1))
		return fail(err, "cannot open an object store");
	return 0;
}

int objectstore_open(
	const char *objects, struct objectstore **out, struct err *err)
{
	struct objectstore *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (!s)
		die("out of memory");
	git_libgit2_init();
	s->objects = strdup(objects);
	if (!s->objects)
		die("out of memory");
	if (git_odb_open(&s->all, objects)) {
		fail(err, "cannot open the object store");
		objectstore_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void objectstore_close(struct objectstore *s)
{
	if (!s)
		return;
	git_odb_free(s->all);
	git_odb_free(s->packs);
	free(s->objects);
	free(s);
	git_libgit2_shutdown();
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* see(s, name): of one entry of a folder. False: it could not be read whole. */
static bool each_name(const char *folder,
	void (*see)(struct objectstore *s, const char *name),
	struct objectstore *s)
{
	DIR *d = opendir(folder);
	const struct dirent *e;
	bool whole;

	if (!d)
		return false;
	errno = 0;
	while ((e = readdir(d)))
		see(s, e->d_name);
	whole = !errno;
	closedir(d);
	return whole;
}

static void see_folder(struct objectstore *s, const char *n)
{
	if (n[0] && n[1] && !n[2] && digit(n[0]) >= 0 && digit(n[1]) >= 0)
		s->folder[digit(n[0]) << 4 | digit(n[1])] = true;
}

static void see_pack(struct objectstore *s, const char *n)
{
	struct span name = span_str(n);

	s->packed |= span_ends(name, SPAN_LIT(".idx")) ||
		span_starts(name, SPAN_LIT("multi-pack-index"));
}

static bool has_alternates(const struct objectstore *s)
{
	struct buf path = PATH_BUF_INIT;
	bool any;

	io_join(&path, s->objects, "info/alternates");
	any = path.full || !access(buf_cstr(&path), F_OK) || errno != ENOENT;
	buf_free(&path);
	return any;
}

/* Without success all is asked as before. */
static void look_closer(struct objectstore *s)
{
	struct buf pack = PATH_BUF_INIT;
	struct err none = ERR_INIT;

	io_join(&pack, s->objects, "pack");
	s->sorted = !pack.full && !has_alternates(s) &&
		each_name(s->objects, see_folder, s) &&
		each_name(buf_cstr(&pack), see_pack, s) &&
		!git_odb_new(&s->packs) &&
		!add_packs(s->packs, s->objects, &none);
	buf_free(&pack);
}

static bool has(git_odb *odb, const struct oid *o)
{
	git_oid id;

	memcpy(id.id, o->b, OID_RAW);
	return git_odb_exists_ext(odb, &id, GIT_ODB_LOOKUP_NO_REFRESH) == 1;
}

bool objectstore_has(struct objectstore *s, const struct oid *o)
{
	if (++s->asked == MANY)
		look_closer(s);
	if (!s->sorted || s->folder[o->b[0]])
		return has(s->all, o);
	return s->packed && has(s->packs, o);
}

struct listing {
	int (*each)(void *ctx, const struct oid *o, struct err *err);
	void *ctx;
	struct err *err;
	bool stopped; /* each failed, err is set */
};

static int list_one(const git_oid *id, void *payload)
{
	struct listing *l = payload;
	struct oid o;

	memcpy(o.b, id->id, OID_RAW);
	l->stopped = l->each(l->ctx, &o, l->err) != 0;
	return l->stopped ? -1 : 0;
}

int objectstore_list(const char *objects, bool packed,
	int (*each)(void *ctx, const struct oid *o, struct err *err), void *ctx,
	struct err *err)
{
	struct listing l = {each, ctx, err, false};
	git_odb *odb = NULL;
	int ret = -1;

	git_libgit2_init();
	if (git_odb_new(&odb)) {
		fail(err, "cannot open an object store");
		goto out;
	}
	if (add_loose(odb, objects, err) ||
		(packed && add_packs(odb, objects, err)))
		goto out;
	if (git_odb_foreach(odb, list_one, &l)) {
		if (!l.stopped)
			fail(err, "cannot list the objects");
		goto out;
	}
	ret = 0;
out:
	git_odb_free(odb);
	git_libgit2_shutdown();
	return ret;
}

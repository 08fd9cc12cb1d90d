#include "cmd/scanlist.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/banned.h"
#include "base/grow.h"
#include "base/io.h"
#include "base/proc.h"
#include "base/text.h"

#define DEPTH_MAX 200
#define NAMES_MAX ((size_t)1 << 30)
#define IGNORE_MS 120000u

static char *copy(const char *s)
{
	char *p = s ? strdup(s) : NULL;

	if (s && !p)
		die("no memory for the list of files");
	return p;
}

static void add(
	struct scan_list *l, const char *path, const char *why, bool named)
{
	l->v = grow(l->v, l->n, &l->cap, sizeof(*l->v));
	l->v[l->n++] = (struct scan_item){
		.path = copy(path), .why = copy(why), .named = named};
}

void scan_list_free(struct scan_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		free(l->v[i].path);
		free(l->v[i].why);
	}
	free(l->v);
	*l = (struct scan_list){0};
}

bool scan_excluded(const struct scan *s, struct span path)
{
	struct span name = path;
	size_t i, k;

	while (span_starts(path, SPAN_LIT("./")))
		path = span_from(path, 2);
	for (k = path.n; k && path.p[k - 1] != '/'; k--)
		;
	name = span_from(path, k);
	for (i = 0; i < s->exclude.n; i++) {
		struct span glob = span_str(s->exclude.v[i]);

		if (text_glob(glob,
			    span_find(glob, '/') == SIZE_MAX ? name : path))
			return true;
	}
	return false;
}

/* "." and ".." are no entries; what git keeps for itself is its affair. */
static int wanted(const struct dirent *e)
{
	return strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
		strcmp(e->d_name, ".git");
}

static void walk(struct scan_list *l, const struct scan *s, const char *path,
	unsigned depth);

static void walk_folder(struct scan_list *l, const struct scan *s,
	const char *path, unsigned depth)
{
	struct dirent **entry = NULL;
	struct buf name = PATH_BUF_INIT;
	int i, n;

	n = depth < DEPTH_MAX ? scandir(path, &entry, wanted, alphasort) : -1;
	if (n < 0)
		add(l, path,
			depth < DEPTH_MAX ? strerror(errno)
					  : "folders too deep",
			false);
	for (i = 0; i < n; i++) {
		size_t len = strlen(path);

		buf_reset(&name);
		buf_fmt(&name, "%s%s%s", path,
			len && path[len - 1] == '/' ? "" : "/",
			entry[i]->d_name);
		if (name.full)
			add(l, path, "path too long", false);
		else
			walk(l, s, buf_cstr(&name), depth + 1);
		free(entry[i]);
	}
	free(entry);
	buf_free(&name);
}

/* Links are followed only where they were named by the user; elsewhere their
 * target is scanned where it lies, if at all. */
static void walk(struct scan_list *l, const struct scan *s, const char *path,
	unsigned depth)
{
	struct stat st;

	if (depth && scan_excluded(s, span_str(path)))
		return;
	if (depth ? lstat(path, &st) : stat(path, &st))
		add(l, path, strerror(errno), false);
	else if (S_ISDIR(st.st_mode))
		walk_folder(l, s, path, depth);
	else if (S_ISREG(st.st_mode))
		add(l, path, NULL, !depth);
	else if (!depth)
		add(l, path, "neither a file nor a folder", false);
}

/* The items from ${first} on, by names within the folder ${dir}. */
static void names_put(const struct scan_list *l, size_t first, const char *dir,
	struct buf *out)
{
	size_t i, skip = strlen(dir);

	for (i = first; i < l->n; i++) {
		const char *name = l->v[i].path + skip;

		while (*name == '/')
			name++;
		buf_str(out, *name ? name : ".");
		buf_byte(out, 0);
	}
}

/* Git answers in the order it was asked. */
static void mark(
	struct scan_list *l, size_t first, const char *dir, struct span ignored)
{
	size_t i, skip = strlen(dir);

	for (i = first; i < l->n && ignored.n; i++) {
		size_t n = span_find(ignored, 0);
		const char *name = l->v[i].path + skip;

		while (*name == '/')
			name++;
		if (n == SIZE_MAX || !span_is(span_sub(ignored, 0, n), name))
			continue;
		l->v[i].gone = true;
		ignored = span_from(ignored, n + 1);
	}
}

static int ask_git(
	struct scan_list *l, size_t first, const char *dir, struct err *err)
{
	const char *const argv[] = {
		"git", "-C", dir, "check-ignore", "-z", "--stdin", NULL};
	struct buf in = BUF_INIT(NAMES_MAX), out = BUF_INIT(NAMES_MAX),
		   talk = BUF_INIT(65536);
	struct proc p = {.argv = argv,
		.out = &out,
		.talk = &talk,
		.timeout_ms = IGNORE_MS};
	struct proc_end end;
	int ret = -1;

	names_put(l, first, dir, &in);
	p.in = buf_all(&in);
	if (buf_check(&in, "the list of files", err) || proc_run(&p, &end, err))
		goto out;
	/* 1: none of them is ignored. */
	if (end.signal || end.status > 1) {
		err_set(err, ERR_REPO,
			"git cannot tell what is ignored in '%s'", dir);
		err_hint(err, "--respect-gitignore is for work trees of git");
		goto out;
	}
	mark(l, first, dir, buf_all(&out));
	ret = 0;
out:
	buf_free(&in);
	buf_free(&out);
	buf_free(&talk);
	return ret;
}

int scan_list_add(struct scan_list *l, const struct scan *s, const char *path,
	struct err *err)
{
	size_t first = l->n;

	if (!strcmp(path, "-")) {
		add(l, path, NULL, true);
		return 0;
	}
	walk(l, s, path, 0);
	/* A file by its name is meant, whatever git ignores. */
	if (!s->gitignore || l->n == first || l->v[first].named ||
		(l->v[first].why && !strcmp(l->v[first].path, path)))
		return 0;
	return ask_git(l, first, path, err);
}

#include "deploy/shadow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/io.h"
#include "base/proc.h"
#include "port/crypto.h"

#define OUT_MAX (64u << 10)
#define TIPS_MAX ((size_t)256 << 20)
#define NAME_DIGITS 16
#define SENT_PREFIX "sent-"

extern char **environ;

/* What would have a git of ours work on another repository than it is told, or
 * see it otherwise. */
static const char *const closed[] = {
	"GIT_DIR",
	"GIT_WORK_TREE",
	"GIT_COMMON_DIR",
	"GIT_INDEX_FILE",
	"GIT_PREFIX",
	"GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES",
	"GIT_NAMESPACE",
	"GIT_SHALLOW_FILE",
	"GIT_GRAFT_FILE",
};

static bool is_closed(const char *entry)
{
	size_t i, n;

	for (i = 0; i < ARRAY_LEN(closed); i++) {
		n = strlen(closed[i]);
		if (!strncmp(entry, closed[i], n) && entry[n] == '=')
			return true;
	}
	return false;
}

static const char **environment(struct arena *a)
{
	const char **v;
	size_t i, n = 0;

	for (i = 0; environ[i]; i++)
		;
	v = arena_get(a, i + 1, sizeof(*v));
	for (i = 0; environ[i]; i++)
		if (!is_closed(environ[i]))
			v[n++] = environ[i];
	return v;
}

/* As the user: to reach the remote may take agents and terminals. What it says
 * goes to standard error. */
static int git(const struct shadow *s, const char *const *argv, struct span in,
	struct buf *out, int *status, struct err *err)
{
	const struct proc p = {
		.argv = argv, .env = s->env, .in = in, .out = out};
	struct proc_end end;

	if (proc_run(&p, &end, err))
		return err_in(err, "git");
	*status = end.signal ? -1 : end.status;
	return 0;
}

static int must(const struct shadow *s, const char *const *argv, struct span in,
	const char *what, struct err *err)
{
	struct buf out = BUF_INIT(OUT_MAX);
	int status, ret = git(s, argv, in, &out, &status, err);

	buf_free(&out);
	if (!ret && status)
		ret = err_set(err, ERR_REPO, "git could not %s", what);
	return ret;
}

static int folders(struct shadow *s, struct span text, struct err *err)
{
	const char **to[] = {&s->git, &s->common, &s->objects};
	struct span line;
	size_t i;

	for (i = 0; i < ARRAY_LEN(to); i++) {
		if (!span_line(&text, &line, NULL) || !line.n ||
			line.p[0] != '/')
			return err_set(err, ERR_REPO,
				"git does not say where this clone is");
		*to[i] = arena_str(s->a, line);
	}
	return text.n ? err_set(err, ERR_REPO,
				"a clone in a path with a line break cannot be "
				"checked")
		      : 0;
}

int shadow_find(
	struct shadow *s, const char *url, struct arena *a, struct err *err)
{
	const char *argv[] = {"git", "rev-parse", "--path-format=absolute",
		"--git-dir", "--git-common-dir", "--git-path", "objects", NULL};
	struct buf out = BUF_INIT(OUT_MAX);
	int status, ret = -1;

	*s = (struct shadow){.a = a,
		.url = url,
		.env = (const char *const *)(uintptr_t)environ,
		.lock = -1};
	if (git(s, argv, SPAN_EMPTY, &out, &status, err))
		goto out;
	if (status) {
		err_set(err, ERR_USAGE, "this folder is in no clone");
		goto out;
	}
	if (folders(s, buf_all(&out), err))
		goto out;
	if (io_exists(arena_fmt(a, "%s/shallow", s->common))) {
		err_set(err, ERR_REPO,
			"this clone is shallow: what it lacks cannot be "
			"judged");
		err_hint(err, "git fetch --unshallow");
		goto out;
	}
	ret = 0;
out:
	buf_free(&out);
	return ret;
}

static void remove_folder(const char *path)
{
	struct buf name = PATH_BUF_INIT;
	DIR *d = opendir(path);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		io_join(&name, path, e->d_name);
		unlink(buf_cstr(&name));
	}
	if (d)
		closedir(d);
	rmdir(path);
	buf_free(&name);
}

static void remove_sent(struct arena *a, const char *path)
{
	remove_folder(arena_fmt(a, "%s/pack", path));
	remove_folder(path);
}

/* What a check that was killed has left. */
static void remove_stale(struct shadow *s)
{
	DIR *d = opendir(s->path);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, SENT_PREFIX, strlen(SENT_PREFIX)))
			remove_sent(s->a,
				arena_fmt(s->a, "%s/%s", s->path, e->d_name));
	if (d)
		closedir(d);
}

static int take_lock(struct shadow *s, struct err *err)
{
	s->lock = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->lock < 0)
		return err_sys(err, "cannot open '%s'", s->path);
	while (flock(s->lock, LOCK_EX))
		if (errno != EINTR)
			return err_sys(err, "cannot lock '%s'", s->path);
	return 0;
}

static int make(struct shadow *s, struct err *err)
{
	const char *init[] = {"git", "init", "--quiet", "--bare",
		"--template=", "--object-format=sha1", s->path, NULL};
	const char *there = arena_fmt(s->a, "%s/HEAD", s->path);

	if (io_mkdirs(s->path, 0700, err) || take_lock(s, err))
		return -1;
	if (!io_exists(there) &&
		must(s, init, SPAN_EMPTY, "make a repository", err))
		return -1;
	return 0;
}

static int borrow_objects(struct shadow *s, struct err *err)
{
	const char *info = arena_fmt(s->a, "%s/objects/info", s->path);
	const char *text = arena_fmt(s->a, "%s\n", s->objects);

	return io_mkdirs(info, 0700, err) ||
			io_replace(arena_fmt(s->a, "%s/alternates", info),
				span_str(text), 0600, err)
		? -1
		: 0;
}

/* With the clone's own configuration, which has the user's ways to reach the
 * remote; nothing of it may run here or write elsewhere. */
static int fetch(struct shadow *s, struct err *err)
{
	const char *argv[] = {"git", "--git-dir", s->path, "-c",
		arena_fmt(s->a, "include.path=%s/config", s->common), "-c",
		"core.hooksPath=/dev/null", "-c", "core.bare=true", "-c",
		"gc.auto=0", "-c", "maintenance.auto=false", "-c",
		"fetch.writeCommitGraph=false", "fetch", "--quiet", "--prune",
		"--no-tags", "--refmap=", "--no-recurse-submodules",
		"--no-write-fetch-head", "--end-of-options", s->url,
		"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*",
		"+refs/sluice/*:refs/sluice/*", NULL};

	if (!must(s, argv, SPAN_EMPTY, "fetch from the remote", err))
		return 0;
	return err_hint(err,
		"--offline goes by what was fetched last, if that will do");
}

int shadow_fetch(struct shadow *s, bool offline, struct err *err)
{
	char hex[SHA256_HEX + 1];

	s->env = environment(s->a);
	sha256_hex(span_str(s->url), hex);
	s->path = arena_fmt(
		s->a, "%s/sluice/%.*s.git", s->common, NAME_DIGITS, hex);
	if (make(s, err) || borrow_objects(s, err))
		return err_in(err, "'%s'", s->path);
	remove_stale(s);
	return offline ? 0 : fetch(s, err);
}

static void put_oid(struct buf *out, const struct oid *o)
{
	char hex[OID_HEX + 1];

	buf_fmt(out, "%s\n", oid_hex(o, hex));
}

static int is_partial(const struct shadow *s, bool *out, struct err *err)
{
	const char *argv[] = {"git", "--git-dir", s->git, "config",
		"--get-regexp", "^remote\\..*\\.(promisor|partialclonefilter)$",
		NULL};
	struct buf text = BUF_INIT(OUT_MAX);
	int status, ret = git(s, argv, SPAN_EMPTY, &text, &status, err);

	*out = !ret && !status;
	buf_free(&text);
	return ret;
}

/* Git brings what it misses while it does something else that reads it. */
static int fill(struct shadow *s, const char *const *what, struct span in,
	struct err *err)
{
	const char *argv[32] = {"git", "--git-dir", s->path, "-c",
		arena_fmt(s->a, "include.path=%s/config", s->common), "-c",
		"core.hooksPath=/dev/null", "-c", "core.bare=true", "-c",
		"gc.auto=0", "-c", "maintenance.auto=false"};
	const struct proc p = {.argv = argv, .env = s->env, .in = in};
	struct proc_end end;
	size_t i, n = 13;

	for (i = 0; what[i]; i++)
		argv[n++] = what[i];
	if (proc_run(&p, &end, err))
		return err_in(err, "git");
	if (!end.signal && !end.status)
		return 0;
	err_set(err, ERR_REPO,
		"git could not bring what this partial clone leaves out");
	return err_hint(
		err, "'git fetch --refetch --no-filter' makes the clone whole");
}

int shadow_fill(
	struct shadow *s, const struct shadow_sides *sides, struct err *err)
{
	static const char *const both[] = {"log", "-p", "-m",
		"--format=", "--no-ext-diff", "--no-textconv", "--no-color",
		"--stdin", NULL};
	static const char *const look[] = {"cat-file", "--batch-check", NULL};
	struct buf in = BUF_INIT(TIPS_MAX);
	char hex[OID_HEX + 1];
	bool partial;
	size_t i, k;
	int ret = -1;

	if (is_partial(s, &partial, err))
		return -1;
	if (!partial)
		return 0;
	for (i = 0; i < sides->ntip; i++)
		put_oid(&in, &sides->tip[i]);
	for (i = 0; i < sides->nref; i++)
		buf_fmt(&in, "^%s\n", oid_hex(&sides->ref[i].oid, hex));
	if (buf_check(&in, "the list of refs", err) ||
		(sides->ntip && fill(s, both, buf_all(&in), err)))
		goto out;
	buf_reset(&in);
	for (i = 0; i < sides->nold; i++)
		for (k = 0; sides->file[k]; k++)
			buf_fmt(&in, "%s:%s\n", oid_hex(&sides->old[i], hex),
				sides->file[k]);
	ret = buf_check(&in, "the list of refs", err);
	if (!ret && sides->nold)
		ret = fill(s, look, buf_all(&in), err);
out:
	buf_free(&in);
	return ret;
}

int shadow_place(struct shadow *s, const char *ref, const struct oid *at,
	struct err *err)
{
	char hex[OID_HEX + 1];
	const char *argv[] = {"git", "--git-dir", s->path, "update-ref",
		"--no-deref", ref, oid_hex(at, hex), NULL};

	return must(s, argv, SPAN_EMPTY, "set a ref", err);
}

int shadow_pack(struct shadow *s, const struct oid *tip, size_t n,
	const struct repo_ref *ref, size_t nref, struct err *err)
{
	char *sent = arena_fmt(s->a, "%s/" SENT_PREFIX "XXXXXX", s->path);
	const char *argv[] = {"git", "--git-dir", s->path, "pack-objects",
		"--quiet", "--revs", "--non-empty", "--delta-base-offset",
		"--window=0", NULL, NULL};
	struct buf in = BUF_INIT(TIPS_MAX);
	size_t i;
	int ret = -1;

	if (!mkdtemp(sent))
		return err_sys(err, "cannot make '%s'", sent);
	s->sent = sent;
	if (io_mkdirs(arena_fmt(s->a, "%s/pack", sent), 0700, err))
		return -1;
	argv[9] = arena_fmt(s->a, "%s/pack/pack", sent);
	for (i = 0; i < n; i++)
		put_oid(&in, &tip[i]);
	buf_str(&in, "--not\n");
	for (i = 0; i < nref; i++)
		put_oid(&in, &ref[i].oid);
	if (!buf_check(&in, "the list of refs", err))
		ret = must(
			s, argv, buf_all(&in), "pack what would be sent", err);
	buf_free(&in);
	return ret;
}

void shadow_close(struct shadow *s)
{
	if (s->sent)
		remove_sent(s->a, s->sent);
	io_close(s->lock);
	s->lock = -1;
	s->sent = NULL;
}

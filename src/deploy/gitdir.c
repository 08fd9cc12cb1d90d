#include "deploy/gitdir.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/proc.h"
#include "base/text.h"

#define VALUE_MAX 65536
#define CONFIG_MAX (4u << 20)
#define GIT_TIMEOUT_MS 30000

/* Run git on a repository; what it prints goes to ${out}, without the last LF
 * or NUL. */
static int git(const char *const *argv, struct buf *out, struct buf *talk,
	struct proc_end *end, struct err *err)
{
	const struct proc p = {
		.argv = argv,
		.dir = "/", /* where root stands this account may not look */
		.out = out,
		.talk = talk,
		.timeout_ms = GIT_TIMEOUT_MS,
	};

	if (proc_run(&p, end, err))
		return -1;
	if (end->signal)
		return err_set(err, ERR_REPO, "git: signal %d", end->signal);
	if (out->n && (!out->p[out->n - 1] || out->p[out->n - 1] == '\n'))
		out->n--;
	return 0;
}

static const char *dir_option(const char *path, struct arena *a)
{
	return arena_fmt(a, "--git-dir=%s", path);
}

static bool has_work_tree(const char *path, struct arena *a)
{
	return io_exists(arena_fmt(a, "%s/.git", path));
}

/* What git itself says of the folder: whether it is a repository, and of what
 * objects. */
static int check_format(const char *path, struct arena *a, struct err *err)
{
	const char *argv[] = {"git", dir_option(path, a), "rev-parse",
		"--show-object-format", NULL};
	struct buf out = BUF_INIT(VALUE_MAX), talk = BUF_INIT(VALUE_MAX);
	struct span first, second, rest;
	struct proc_end end;
	int ret = -1;

	if (git(argv, &out, &talk, &end, err))
		goto out;
	if (end.status) {
		rest = buf_all(&talk);
		if (span_search(rest, SPAN_LIT("not a git repository")) !=
			SIZE_MAX) {
			err_set(err, ERR_REPO, "'%s' is not a Git repository",
				path);
		} else {
			if (!span_line(&rest, &first, NULL))
				first = SPAN_LIT("git gives no reason");
			/* "unknown repository extension found:", and which. */
			second = SPAN_EMPTY;
			if (span_ends(first, SPAN_LIT(":")) &&
				span_line(&rest, &second, NULL) && second.n &&
				second.p[0] == '\t')
				second = span_from(second, 1);
			err_set(err, ERR_REPO, "'%s': %.*s%s%.*s", path,
				SPAN_FMT(first), second.n ? " " : "",
				SPAN_FMT(second));
		}
		goto out;
	}
	if (span_is(buf_all(&out), "sha256")) {
		err_set(err, ERR_REPO,
			"'%s' is a SHA-256 repository, which cannot be judged",
			path);
		err_hint(err,
			"only repositories of SHA-1 objects can be "
			"gated so far");
		goto out;
	}
	ret = 0;
out:
	buf_free(&talk);
	buf_free(&out);
	return ret;
}

static int check_bare(const struct gitdir *g, struct arena *a, struct err *err)
{
	struct span path = span_str(g->path);
	const char *bare;

	if (gitdir_config(g, "core.bare", a, &bare, err))
		return -1;
	if (bare ? !strcmp(bare, "true") : !span_ends(path, SPAN_LIT("/.git")))
		return 0;
	err_set(err, ERR_REPO, "'%s' has a work tree", g->path);
	return err_hint(err,
		"gate the bare repository that people push to; "
		"'git clone --bare' makes one");
}

/* core.hooksPath as receive-pack will see it: "scope NUL file NUL value". */
static int find_hooks(struct gitdir *g, struct arena *a, struct err *err)
{
	const char *argv[] = {"git", dir_option(g->path, a), "config", "-z",
		"--show-scope", "--show-origin", "--type=path", "--get",
		"core.hooksPath", NULL};
	struct buf out = BUF_INIT(VALUE_MAX), talk = BUF_INIT(VALUE_MAX);
	struct span all, scope, origin, value;
	struct proc_end end;
	size_t nul;
	int ret = -1;

	if (git(argv, &out, &talk, &end, err))
		goto out;
	if (end.status) {
		g->hooks = arena_fmt(a, "%s/hooks", g->path);
		ret = 0;
		goto out;
	}
	all = buf_all(&out);
	nul = span_find(all, 0);
	scope = span_sub(all, 0, nul);
	all = nul == SIZE_MAX ? SPAN_EMPTY : span_from(all, nul + 1);
	nul = span_find(all, 0);
	origin = span_sub(all, 0, nul);
	value = nul == SIZE_MAX ? SPAN_EMPTY : span_from(all, nul + 1);
	if (!value.n) {
		err_set(err, ERR_REPO, "'%s': core.hooksPath is empty",
			g->path);
		goto out;
	}
	/* A relative one counts from where hooks run: the repository. */
	g->hooks = value.p[0] == '/'
		? arena_str(a, value)
		: arena_fmt(a, "%s/%s", g->path, arena_str(a, value));
	if (span_is(scope, "local") || span_is(scope, "worktree"))
		g->hooks_set = true;
	else
		g->hooks_outside = arena_str(a, origin);
	ret = 0;
out:
	buf_free(&talk);
	buf_free(&out);
	return ret;
}

int gitdir_open(
	const char *path, struct arena *a, struct gitdir *out, struct err *err)
{
	char full[PATH_MAX];
	struct gitdir g = {0};
	struct stat st;
	const char *c;

	*out = (struct gitdir){0};
	if (!realpath(path, full))
		return err_sys(err, "repository '%s'", path);
	if (stat(full, &st))
		return err_sys(err, "repository '%s'", path);
	if (!S_ISDIR(st.st_mode))
		return err_set(err, ERR_REPO,
			"'%s' is not a Git repository: it is not a folder",
			path);
	for (c = full; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return err_set(err, ERR_REPO,
				"'%s' has control characters in its path",
				full);
	g.path = arena_str(a, span_str(full));
	if (has_work_tree(g.path, a)) {
		err_set(err, ERR_REPO, "'%s' has a work tree", path);
		return err_hint(err,
			"gate the bare repository that people "
			"push to; 'git clone --bare' makes one");
	}
	if (check_format(g.path, a, err) || check_bare(&g, a, err) ||
		find_hooks(&g, a, err))
		return -1;
	*out = g;
	return 0;
}

/* The file itself: what other configuration says is not asked here. */
static const char *config_file(const struct gitdir *g, struct arena *a)
{
	return arena_fmt(a, "--file=%s/config", g->path);
}

static int config_run(
	const char *const *argv, struct buf *out, int *status, struct err *err)
{
	struct buf talk = BUF_INIT(VALUE_MAX);
	struct proc_end end;
	struct span first, rest;
	int ret = -1;

	if (git(argv, out, &talk, &end, err))
		goto out;
	*status = end.status;
	rest = buf_all(&talk);
	/* Status 1 is "not set", 128 on removing "no such section". */
	if (end.status > 1 &&
		span_search(rest, SPAN_LIT("no such section")) == SIZE_MAX) {
		if (!span_line(&rest, &first, NULL))
			first = SPAN_LIT("git config failed");
		err_set(err, ERR_REPO, "%.*s", SPAN_FMT(first));
		goto out;
	}
	ret = 0;
out:
	buf_free(&talk);
	return ret;
}

static int config_get(const char *const *argv, struct arena *a,
	const char **out, struct err *err)
{
	struct buf value = BUF_INIT(VALUE_MAX);
	int status, ret = -1;

	*out = NULL;
	if (config_run(argv, &value, &status, err))
		goto out;
	if (!status)
		*out = arena_str(a, buf_all(&value));
	ret = 0;
out:
	buf_free(&value);
	return ret;
}

int gitdir_config(const struct gitdir *g, const char *key, struct arena *a,
	const char **out, struct err *err)
{
	const char *argv[] = {
		"git", "config", config_file(g, a), "-z", "--get", key, NULL};

	return config_get(argv, a, out, err);
}

int gitdir_config_in_force(const struct gitdir *g, const char *key,
	struct arena *a, const char **out, struct err *err)
{
	const char *argv[] = {"git", dir_option(g->path, a), "config", "-z",
		"--get", key, NULL};

	return config_get(argv, a, out, err);
}

int gitdir_config_each(const struct gitdir *g, const char *regexp,
	struct arena *a, struct gitdir_setting **out, size_t *n,
	struct err *err)
{
	const char *argv[] = {"git", dir_option(g->path, a), "config", "-z",
		"--get-regexp", regexp, NULL};
	struct buf text = BUF_INIT(CONFIG_MAX);
	struct span rest, one;
	size_t cap = 0, end, lf;
	int status, ret = -1;

	*out = NULL;
	*n = 0;
	if (config_run(argv, &text, &status, err))
		goto out;
	/* "key LF value NUL", the last NUL taken off. */
	for (rest = buf_all(&text); rest.n && !status; rest = end == SIZE_MAX
			? SPAN_EMPTY
			: span_from(rest, end + 1)) {
		end = span_find(rest, 0);
		one = span_sub(rest, 0, end);
		lf = span_find(one, '\n');
		*out = arena_grow(a, *out, *n, &cap, sizeof(**out));
		(*out)[(*n)++] = (struct gitdir_setting){
			arena_str(a, span_sub(one, 0, lf)),
			lf == SIZE_MAX ? ""
				       : arena_str(a, span_from(one, lf + 1))};
	}
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

/* The file with a section more, into ${fd}. */
static int config_extended(int fd, const char *file, const char *section,
	const char *key, const char *value, struct err *err)
{
	struct buf text = BUF_INIT(CONFIG_MAX);
	struct stat st;
	int ret = -1;

	if (io_read_file(file, &text, err))
		goto out;
	if (text.n && text.p[text.n - 1] != '\n')
		buf_byte(&text, '\n');
	buf_fmt(&text, "[%s]\n\t%s = %s\n", section, key, value);
	if (buf_check(&text, file, err) || io_write(fd, buf_all(&text), err))
		goto out;
	if (stat(file, &st) || fchmod(fd, st.st_mode & 07777) || fsync(fd)) {
		err_sys(err, "'%s'", file);
		goto out;
	}
	ret = 0;
out:
	buf_wipe(&text);
	return ret;
}

/* As git does: the new file is made under the name that locks the old one. */
int gitdir_config_secret(const struct gitdir *g, const char *section,
	const char *key, const char *value, struct err *err)
{
	struct buf path = PATH_BUF_INIT, lock = PATH_BUF_INIT;
	char file[PATH_MAX];
	int fd = -1, ret = -1;

	buf_fmt(&path, "%s/config", g->path);
	if (!realpath(buf_cstr(&path), file)) {
		err_sys(err, "'%s'", buf_cstr(&path));
		goto out;
	}
	buf_fmt(&lock, "%s.lock", file);
	fd = open(
		buf_cstr(&lock), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		err_sys(err, "'%s'", buf_cstr(&lock));
		goto out;
	}
	ret = config_extended(fd, file, section, key, value, err);
	if (!ret && rename(buf_cstr(&lock), file))
		ret = err_sys(err, "'%s'", file);
	if (ret)
		unlink(buf_cstr(&lock));
	else
		ret = io_sync_dir(dirname(file), err);
out:
	if (ret)
		err_in(err, "cannot write the configuration of '%s'", g->path);
	io_close(fd);
	buf_free(&lock);
	buf_free(&path);
	return ret;
}

int gitdir_config_set(const struct gitdir *g, const char *key,
	const char *value, struct err *err)
{
	struct arena *a = arena_new(65536);
	const char *set[] = {
		"git", "config", config_file(g, a), key, value, NULL};
	const char *unset[] = {
		"git", "config", config_file(g, a), "--unset", key, NULL};
	struct buf out = BUF_INIT(VALUE_MAX);
	int status, ret = -1;

	if (config_run(value ? set : unset, &out, &status, err))
		goto out;
	if (status) {
		err_set(err, ERR_REPO, "git config %s: status %d", key, status);
		goto out;
	}
	ret = 0;
out:
	if (ret)
		err_in(err, "cannot write the configuration of '%s'", g->path);
	buf_free(&out);
	arena_free(a);
	return ret;
}

int gitdir_config_forget(
	const struct gitdir *g, const char *section, struct err *err)
{
	struct arena *a = arena_new(65536);
	const char *argv[] = {"git", "config", config_file(g, a),
		"--remove-section", section, NULL};
	struct buf out = BUF_INIT(VALUE_MAX);
	int status, ret;

	ret = config_run(argv, &out, &status, err);
	if (ret)
		err_in(err, "cannot write the configuration of '%s'", g->path);
	buf_free(&out);
	arena_free(a);
	return ret;
}

static struct span without_git(struct span s)
{
	if (span_ends(s, SPAN_LIT(".git")) && s.n > 4)
		s.n -= 4;
	return s;
}

int gitdir_name(const struct gitdir *g, const char *root, struct arena *a,
	const char **out, struct err *err)
{
	struct span path = without_git(span_str(g->path)), base;
	char full[PATH_MAX];
	size_t at, slashes = 0;

	*out = NULL;
	if (root) {
		if (!realpath(root, full))
			return err_sys(err, "root '%s'", root);
		base = span_str(strcmp(full, "/") ? full : "");
		if (!span_starts(path, base) || path.n < base.n + 2 ||
			path.p[base.n] != '/')
			return err_set(err, ERR_USAGE,
				"'%s' is not below the root '%s'", g->path,
				full);
		path = span_from(path, base.n + 1);
	} else {
		for (at = path.n; at; at--)
			if (path.p[at - 1] == '/' && ++slashes == 2)
				break;
		path = span_from(path, at);
		if (path.n && path.p[0] == '/')
			path = span_from(path, 1);
	}
	*out = arena_str(a, path);
	if (gitdir_name_check(*out, err))
		return err_hint(err, "choose one with --name");
	return 0;
}

#define NAME_MAX_BYTES 200

int gitdir_name_check(const char *name, struct err *err)
{
	struct span rest = span_str(name), part;
	struct buf shown = BUF_INIT(4096);
	size_t i, slash;
	int ret = -1;

	text_printable(&shown, rest, 1024);
	if (!rest.n || rest.n > NAME_MAX_BYTES ||
		!span_eq(rest, buf_all(&shown)) || strchr(name, ' '))
		goto out;
	for (i = 0; i <= span_str(name).n; i += slash + 1) {
		part = span_from(span_str(name), i);
		slash = span_find(part, '/');
		part = span_sub(part, 0, slash);
		if (!part.n || span_is(part, ".") || span_is(part, ".."))
			goto out;
		if (slash == SIZE_MAX)
			break;
	}
	ret = 0;
out:
	if (ret)
		err_set(err, ERR_USAGE, "'%s' cannot name a repository",
			shown.n ? buf_cstr(&shown) : "");
	buf_free(&shown);
	return ret;
}

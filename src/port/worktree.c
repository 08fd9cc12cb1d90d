#include "port/worktree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <git2.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "parse/lfspointer.h"
#include "port/crypto.h"

#define DEPTH_MAX 128
#define ENTRIES_MAX 5000000u
#define NAME_SHOWN 160u

/* One worktree under way; submodules get one of their own. */
struct look {
	struct worktree *out;
	struct arena *arena;
	git_repository *repo;
	bool modes;         /* the executable bit counts */
	struct span within; /* where a submodule stands, "" at the top */
	struct buf path;    /* below the top of this worktree */
	unsigned depth;     /* folders, through submodules */
	uint64_t *entries;  /* seen so far, for the limit */
};

static int fail(struct err *err, const char *what)
{
	const git_error *e = git_error_last();

	return err_set(err, ERR_REPO, "%s: %s", what,
		e && e->message ? e->message : "no reason given");
}

static void name(struct look *l, const char *how)
{
	struct worktree *w = l->out;
	struct buf full = PATH_BUF_INIT, shown = BUF_INIT(4 * NAME_SHOWN + 8);

	if (w->nnamed == WORKTREE_NAMED_MAX)
		return;
	buf_span(&full, l->within);
	buf_span(&full, buf_all(&l->path));
	text_printable(&shown, buf_all(&full), NAME_SHOWN);
	w->named[w->nnamed++] =
		arena_fmt(l->arena, "%s '%s'", how, buf_cstr(&shown));
	buf_free(&shown);
	buf_free(&full);
}

static void note_changed(struct look *l)
{
	l->out->changed++;
	name(l, "changed");
}

static void note_missing(struct look *l)
{
	l->out->missing++;
	name(l, "missing");
}

/* Append a name to the path; the answer undoes it. */
static int path_push(
	struct look *l, const char *entry, size_t *was, struct err *err)
{
	*was = l->path.n;
	if (++*l->entries > ENTRIES_MAX)
		return err_set(
			err, ERR_LIMIT, "more than %u files", ENTRIES_MAX);
	if (*was)
		buf_byte(&l->path, '/');
	buf_str(&l->path, entry);
	return buf_check(&l->path, "a path in the worktree", err);
}

static void path_pop(struct look *l, size_t was)
{
	l->path.n = was;
}

static int here(struct look *l, struct err *err, const char *what)
{
	err_sys(err, "cannot %s '%s'", what, buf_cstr(&l->path));
	err->code = ERR_REPO;
	return -1;
}

/* The bytes of a descriptor at its start, hashed. */
static int hash_file(int fd, struct lfspointer *out, struct err *err)
{
	unsigned char block[65536];
	struct sha256 *h = sha256_new();
	ssize_t n;

	out->size = 0;
	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			sha256_free(h);
			return err_sys(err, "cannot read");
		}
		sha256_add(h, span_of(block, (size_t)n));
		out->size += (uint64_t)n;
	}
	sha256_end(h, out->sha256);
	return 0;
}

/* The commit holds a Git LFS pointer, and the file is what it points to. */
static int same_large_file(struct look *l, int fd, const git_oid *want,
	bool *same, struct err *err)
{
	struct lfspointer said, is;
	git_blob *blob = NULL;
	git_odb *odb = NULL;
	git_object_t type;
	int ret = -1;
	size_t size;

	if (git_repository_odb(&odb, l->repo) ||
		git_odb_read_header(&size, &type, odb, want)) {
		fail(err, buf_cstr(&l->path));
		goto out;
	}
	ret = 0;
	if (size > LFSPOINTER_MAX)
		goto out;
	ret = -1;
	if (git_blob_lookup(&blob, l->repo, want)) {
		fail(err, buf_cstr(&l->path));
		goto out;
	}
	ret = 0;
	if (!lfspointer_read(span_of(git_blob_rawcontent(blob), size), &said))
		goto out;
	ret = hash_file(fd, &is, err);
	*same = !ret && is.size == said.size &&
		!memcmp(is.sha256, said.sha256, sizeof(is.sha256));
out:
	git_blob_free(blob);
	git_odb_free(odb);
	return ret;
}

/*
 * Whether a checkout gives this file CR LF: the commit's own .gitattributes
 * say so (they are compared like any file). Attributes from outside the commit
 * prove nothing, so where there are any, nothing is converted.
 */
static bool has_crlf_ends(struct look *l)
{
	git_buf info = GIT_BUF_INIT;
	struct buf outside = PATH_BUF_INIT;
	const char *value = NULL;
	bool own = false;

	if (!git_repository_item_path(
		    &info, l->repo, GIT_REPOSITORY_ITEM_INFO)) {
		buf_fmt(&outside, "%s/attributes", info.ptr);
		own = !outside.full && !io_exists(buf_cstr(&outside));
	}
	git_buf_dispose(&info);
	buf_free(&outside);
	return own &&
		!git_attr_get(&value, l->repo,
			GIT_ATTR_CHECK_FILE_THEN_INDEX |
				GIT_ATTR_CHECK_NO_SYSTEM,
			buf_cstr(&l->path), "eol") &&
		git_attr_value(value) == GIT_ATTR_VALUE_STRING &&
		!strcmp(value, "crlf");
}

#define CONVERTED_MAX ((size_t)64 << 20)

/* The file is the commit's but for a CR before each LF, where the commit asks
 * for that. */
static int same_lines(struct look *l, int fd, const git_oid *want, bool *same,
	struct err *err)
{
	struct buf raw = BUF_INIT(CONVERTED_MAX);
	struct err limit = ERR_INIT;
	size_t i, n = 0;
	git_oid got;
	int ret = 0;

	if (!has_crlf_ends(l) || lseek(fd, 0, SEEK_SET) < 0 ||
		io_read(fd, &raw, &limit))
		goto out; /* stays changed */
	for (i = 0; i < raw.n; i++)
		if (raw.p[i] != '\r' || i + 1 == raw.n || raw.p[i + 1] != '\n')
			raw.p[n++] = raw.p[i];
	if (git_odb_hash(&got, raw.p, n, GIT_OBJECT_BLOB))
		ret = fail(err, buf_cstr(&l->path));
	else
		*same = git_oid_equal(&got, want);
out:
	buf_free(&raw);
	return ret;
}

/* Hash the bytes behind a name that lstat called a regular file. */
static int same_file(struct look *l, int dir, const char *entry,
	const git_oid *want, bool *same, struct err *err)
{
	int fd = openat(dir, entry,
		O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char path[64];
	git_oid got;
	int ret = -1;

	if (fd < 0)
		return here(l, err, "read");
	/* Through the descriptor: the name may lead elsewhere by now. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (git_odb_hashfile(&got, path, GIT_OBJECT_BLOB)) {
		fail(err, buf_cstr(&l->path));
		goto out;
	}
	*same = git_oid_equal(&got, want);
	ret = *same ? 0 : same_large_file(l, fd, want, same, err);
	if (!ret && !*same)
		ret = same_lines(l, fd, want, same, err);
out:
	io_close(fd);
	return ret;
}

static int same_link(struct look *l, int dir, const char *entry,
	const git_oid *want, bool *same, struct err *err)
{
	char to[PATH_MAX];
	ssize_t n = readlinkat(dir, entry, to, sizeof(to));
	git_oid got;

	if (n < 0)
		return here(l, err, "read the link");
	if (git_odb_hash(&got, to, (size_t)n, GIT_OBJECT_BLOB))
		return fail(err, buf_cstr(&l->path));
	*same = git_oid_equal(&got, want);
	return 0;
}

static int check_blob(struct look *l, int dir, const char *entry,
	const struct stat *st, const git_tree_entry *e, struct err *err)
{
	git_filemode_t mode = git_tree_entry_filemode(e);
	bool same = false;

	l->out->files++;
	if (mode == GIT_FILEMODE_LINK) {
		if (S_ISLNK(st->st_mode) &&
			same_link(l, dir, entry, git_tree_entry_id(e), &same,
				err))
			return -1;
	} else if (S_ISREG(st->st_mode)) {
		bool runs = (st->st_mode & S_IXUSR) != 0;

		if ((!l->modes ||
			    runs == (mode == GIT_FILEMODE_BLOB_EXECUTABLE)) &&
			same_file(l, dir, entry, git_tree_entry_id(e), &same,
				err))
			return -1;
	}
	if (!same)
		note_changed(l);
	return 0;
}

static int look_folder(struct look *l, int dir, const git_tree *tree, bool top,
	struct err *err);

static int open_folder(
	struct look *l, int dir, const char *entry, int *out, struct err *err)
{
	*out = openat(
		dir, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*out < 0)
		return here(l, err, "open folder");
	return 0;
}

static int check_tree(struct look *l, int dir, const char *entry,
	const struct stat *st, const git_tree_entry *e, struct err *err)
{
	git_tree *tree = NULL;
	int fd = -1, ret = -1;

	if (!S_ISDIR(st->st_mode)) {
		note_changed(l);
		return 0;
	}
	if (git_tree_lookup(&tree, l->repo, git_tree_entry_id(e))) {
		fail(err, buf_cstr(&l->path));
		goto out;
	}
	if (open_folder(l, dir, entry, &fd, err))
		goto out;
	ret = look_folder(l, fd, tree, false, err);
out:
	io_close(fd);
	git_tree_free(tree);
	return ret;
}

static int look_repo(struct look *l, const char *dir, int fd, git_oid *head,
	struct err *err);

static bool has_entry(int dir, const char *entry)
{
	struct stat st;

	return !fstatat(dir, entry, &st, AT_SYMLINK_NOFOLLOW);
}

/* A submodule: not checked out is as the commit left it, as git has it. */
static int check_module(struct look *l, int dir, const char *entry,
	const struct stat *st, const git_tree_entry *e, struct err *err)
{
	struct look sub = {.out = l->out,
		.arena = l->arena,
		.path = PATH_BUF_INIT,
		.depth = l->depth,
		.entries = l->entries};
	struct buf at = PATH_BUF_INIT;
	int fd = -1, ret = -1;
	git_oid head;

	if (!S_ISDIR(st->st_mode)) {
		note_changed(l);
		return 0;
	}
	if (open_folder(l, dir, entry, &fd, err))
		goto out;
	if (!has_entry(fd, ".git")) {
		ret = look_folder(l, fd, NULL, false, err);
		goto out;
	}
	buf_fmt(&at, "%s%s", git_repository_workdir(l->repo),
		buf_cstr(&l->path));
	if (buf_check(&at, "path of a submodule", err))
		goto out;
	sub.within = arena_copy(l->arena,
		span_str(arena_fmt(l->arena, "%.*s%s/", (int)l->within.n,
			l->within.n ? (const char *)l->within.p : "",
			buf_cstr(&l->path))));
	if (look_repo(&sub, buf_cstr(&at), fd, &head, err)) {
		err_in(err, "submodule '%s'", buf_cstr(&l->path));
		goto out;
	}
	if (!git_oid_equal(&head, git_tree_entry_id(e)))
		note_changed(l);
	ret = 0;
out:
	buf_free(&sub.path);
	buf_free(&at);
	io_close(fd);
	return ret;
}

static int check_entry(
	struct look *l, int dir, const git_tree_entry *e, struct err *err)
{
	const char *entry = git_tree_entry_name(e);
	struct stat st;
	size_t was;
	int ret = -1;

	if (path_push(l, entry, &was, err))
		return -1;
	if (fstatat(dir, entry, &st, AT_SYMLINK_NOFOLLOW)) {
		if (errno != ENOENT) {
			here(l, err, "look at");
			goto out;
		}
		note_missing(l);
		ret = 0;
		goto out;
	}
	switch (git_tree_entry_type(e)) {
	case GIT_OBJECT_TREE:
		ret = check_tree(l, dir, entry, &st, e, err);
		break;
	case GIT_OBJECT_COMMIT:
		ret = check_module(l, dir, entry, &st, e, err);
		break;
	case GIT_OBJECT_BLOB:
	case GIT_OBJECT_ANY:
	case GIT_OBJECT_INVALID:
	case GIT_OBJECT_TAG:
	case GIT_OBJECT_OFS_DELTA:
	case GIT_OBJECT_REF_DELTA:
		ret = check_blob(l, dir, entry, &st, e, err);
		break;
	}
out:
	path_pop(l, was);
	return ret;
}

static int check_untracked(
	struct look *l, int dir, const char *entry, struct err *err)
{
	int ignored = 0, fd = -1, ret = -1;
	struct stat st;

	if (fstatat(dir, entry, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT ? 0 : here(l, err, "look at");
	/* Sockets, pipes and devices hold nothing that could run. */
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode) &&
		!S_ISLNK(st.st_mode))
		return 0;
	/* Ignore rules that nobody committed must not hide themselves, and
	 * git never looks into a .git, so no rule speaks of it. */
	if (strcmp(entry, ".gitignore") && strcmp(entry, ".git") &&
		git_ignore_path_is_ignored(
			&ignored, l->repo, buf_cstr(&l->path)))
		return fail(err, buf_cstr(&l->path));
	if (ignored) {
		l->out->ignored++;
		return 0;
	}
	if (!S_ISDIR(st.st_mode) || !strcmp(entry, ".git")) {
		l->out->untracked++;
		name(l, "untracked");
		return 0;
	}
	if (open_folder(l, dir, entry, &fd, err))
		goto out;
	ret = look_folder(l, fd, NULL, false, err);
out:
	io_close(fd);
	return ret;
}

/* Names on disk that the tree does not have. */
static int list_folder(struct look *l, int dir, const git_tree *tree, bool top,
	struct err *err)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	int ret = -1;

	if (!d) {
		here(l, err, "list folder");
		io_close(fd);
		return -1;
	}
	for (errno = 0; (e = readdir(d)); errno = 0) {
		size_t was;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
			(top && !strcmp(e->d_name, ".git")) ||
			(tree && git_tree_entry_byname(tree, e->d_name)))
			continue;
		if (path_push(l, e->d_name, &was, err) ||
			check_untracked(l, dir, e->d_name, err))
			goto out;
		path_pop(l, was);
	}
	if (errno) {
		here(l, err, "list folder");
		goto out;
	}
	ret = 0;
out:
	closedir(d);
	return ret;
}

/* One folder on disk beside its tree; without a tree all in it is new. */
static int look_folder(struct look *l, int dir, const git_tree *tree, bool top,
	struct err *err)
{
	size_t i, n = tree ? git_tree_entrycount(tree) : 0;
	int ret = -1;

	if (++l->depth > DEPTH_MAX) {
		err_set(err, ERR_LIMIT, "folders nested deeper than %d",
			DEPTH_MAX);
		goto out;
	}
	for (i = 0; i < n; i++)
		if (check_entry(l, dir, git_tree_entry_byindex(tree, i), err))
			goto out;
	ret = list_folder(l, dir, tree, top, err);
out:
	l->depth--;
	return ret;
}

/* Whether a file of ignore rules has any. */
static bool has_rules(const char *path)
{
	struct buf text = BUF_INIT((size_t)1 << 20);
	struct err ignored = ERR_INIT;
	struct span rest, line;
	bool has = false;

	if (io_read_file(path, &text, &ignored))
		/* Too large or odd is as good as full of rules. */
		has = ignored.sys != ENOENT && ignored.sys != ENOTDIR;
	rest = buf_all(&text);
	while (!has && span_line(&rest, &line, NULL)) {
		line = span_trim(line);
		has = line.n && line.p[0] != '#';
	}
	buf_free(&text);
	return has;
}

/* Rules to ignore files come from the commit, or from beside it. */
static bool ignores_outside(git_repository *repo)
{
	struct buf path = PATH_BUF_INIT;
	git_config *config = NULL, *local = NULL;
	git_config_entry *value = NULL;
	bool has;

	buf_fmt(&path, "%sinfo/exclude", git_repository_commondir(repo));
	has = path.full || has_rules(buf_cstr(&path));
	if (!git_repository_config(&config, repo) &&
		!git_config_open_level(
			&local, config, GIT_CONFIG_LEVEL_LOCAL) &&
		!git_config_get_entry(&value, local, "core.excludesfile"))
		has = true;
	git_config_entry_free(value);
	git_config_free(local);
	git_config_free(config);
	buf_free(&path);
	return has;
}

static bool wants_modes(git_repository *repo)
{
	git_config *config = NULL;
	int on = 1;

	if (git_repository_config_snapshot(&config, repo) ||
		git_config_get_bool(&on, config, "core.filemode"))
		on = 1;
	git_config_free(config);
	return on != 0;
}

/* The files that are looked at are the ones the repository speaks of. */
static int same_place(git_repository *repo, const char *dir, struct err *err)
{
	const char *said = git_repository_workdir(repo);
	char here_[PATH_MAX], there[PATH_MAX];

	if (git_repository_is_bare(repo) || !said)
		return err_set(err, ERR_REPO,
			"a bare repository: nothing is checked out");
	if (!realpath(dir, here_) || !realpath(said, there))
		return err_sys(err, "cannot find the worktree");
	if (strcmp(here_, there))
		return err_set(err, ERR_REPO,
			"its repository keeps its files elsewhere, in '%s'",
			there);
	return 0;
}

static int open_repo(const char *dir, git_repository **out, struct err *err)
{
	const git_error *e;
	int rc = git_repository_open_ext(
		out, dir, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);

	if (!rc)
		return 0;
	e = git_error_last();
	/* Without any safe.directory, 1.5 only says that it found none. */
	if (rc == GIT_EOWNER ||
		(e && e->message && strstr(e->message, "safe.directory"))) {
		err_set(err, ERR_REPO,
			"owned by another account, whose configuration is not "
			"to be trusted");
		return err_hint(err,
			"if it is: git config --global --add safe.directory "
			"'%s'",
			dir);
	}
	if (rc == GIT_ENOTFOUND) {
		err_set(err, ERR_REPO, "not the top of a Git worktree");
		return err_hint(
			err, "name the folder that holds '.git' itself");
	}
	if (e && e->message && strstr(e->message, "objectformat"))
		return err_set(err, ERR_REPO,
			"a SHA-256 repository, which cannot be read yet");
	return fail(err, "cannot open");
}

static int read_head(git_repository *repo, git_oid *out, struct err *err)
{
	int rc = git_reference_name_to_id(out, repo, "HEAD");

	if (rc == GIT_ENOTFOUND)
		return err_set(err, ERR_REPO, "no commit is checked out");
	return rc ? fail(err, "HEAD") : 0;
}

static int look_repo(
	struct look *l, const char *dir, int fd, git_oid *head, struct err *err)
{
	git_commit *commit = NULL;
	git_tree *tree = NULL;
	git_oid after;
	int ret = -1;

	if (open_repo(dir, &l->repo, err) || same_place(l->repo, dir, err) ||
		read_head(l->repo, head, err))
		goto out;
	if (git_commit_lookup(&commit, l->repo, head) ||
		git_commit_tree(&tree, commit)) {
		fail(err, "the commit that is checked out");
		goto out;
	}
	l->modes = wants_modes(l->repo);
	if (ignores_outside(l->repo))
		l->out->ignores_outside = true;
	if (look_folder(l, fd, tree, true, err) ||
		read_head(l->repo, &after, err))
		goto out;
	if (!git_oid_equal(head, &after)) {
		err_set(err, ERR_REPO,
			"another commit was checked out while it was read");
		goto out;
	}
	ret = 0;
out:
	git_tree_free(tree);
	git_commit_free(commit);
	git_repository_free(l->repo);
	l->repo = NULL;
	return ret;
}

int worktree_look(
	const char *dir, struct arena *a, struct worktree *out, struct err *err)
{
	uint64_t entries = 0;
	struct look l = {.out = out,
		.arena = a,
		.path = PATH_BUF_INIT,
		.entries = &entries};
	int fd = -1, ret = -1;
	git_oid head;

	memset(out, 0, sizeof(*out));
	if (git_libgit2_init() < 0)
		return err_set(err, ERR_REPO, "libgit2 does not start");
	/* Both may have been turned off for a repository under our own care;
	 * what is deployed is not. */
	git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		err_sys(err, "cannot open folder");
		goto out;
	}
	if (look_repo(&l, dir, fd, &head, err))
		goto out;
	memcpy(out->head.b, head.id, OID_RAW);
	ret = 0;
out:
	io_close(fd);
	buf_free(&l.path);
	git_libgit2_shutdown();
	return ret;
}

/* What is about to be committed. */
#include "base/proc.h"
#include "base/text.h"
#include "cmd/scan.h"
#include "port/repo.h"

#define LIST_MAX ((size_t)1 << 30)
#define ARENA_MAX ((size_t)64 << 20)
#define GIT_MS 120000u

/* A hook of git tells its children by these which index and repository are
 * meant; "git commit -a" and "git commit FILE" use an index of their own. */
static const char *const passed[] = {"PATH", "HOME", "XDG_CONFIG_HOME",
	"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY",
	"GIT_ALTERNATE_OBJECT_DIRECTORIES"};

static int git(struct arena *arena, const char *const *argv, struct buf *out,
	struct err *err)
{
	const char *env[ARRAY_LEN(passed) + 2];
	struct buf talk = BUF_INIT(65536);
	struct proc p = {.argv = argv,
		.env = env,
		.out = out,
		.talk = &talk,
		.timeout_ms = GIT_MS};
	struct proc_end end;
	size_t i, n = 0;
	int ret;

	env[n++] = "LC_ALL=C.UTF-8";
	for (i = 0; i < ARRAY_LEN(passed); i++) {
		const char *value = getenv(passed[i]);

		if (value)
			env[n++] = arena_fmt(arena, "%s=%s", passed[i], value);
	}
	env[n] = NULL;
	ret = proc_run(&p, &end, err);
	if (!ret && (end.status || end.signal))
		ret = err_set(err, ERR_REPO,
			"'git %s' failed; is this a work tree?", argv[1]);
	buf_free(&talk);
	return ret;
}

/* ":<mode> <mode> <old> <new> <status>" of git diff --raw. */
static bool read_head(struct span head, unsigned char *kind, struct oid *new)
{
	struct span field[5];
	size_t n, i;

	for (i = 0; i < 5; i++) {
		n = span_find(head, ' ');
		field[i] = span_sub(head, 0, n);
		head = n == SIZE_MAX ? SPAN_EMPTY : span_from(head, n + 1);
	}
	*kind = field[1].n ? field[1].p[0] == '1' && field[1].p[1] == '6' : 0;
	return field[0].n == 7 && field[1].n == 6 && oid_read(field[3], new);
}

static int scan_one(
	struct scan *s, const struct oid *o, struct span path, struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct repo_object obj = {0};
	char hex[OID_HEX + 1];
	struct report_place place = {.path = path,
		.real = path,
		.what = "blob",
		.object = hex,
		.commit = ""};
	struct buf shown = BUF_INIT(2 * path.n + SHOWN_MORE);
	struct scan_result r, name;
	struct err why = ERR_INIT;
	size_t i;
	int ret = -1;

	oid_hex(o, hex);
	if (inspect_path(s->inspector, path, arena, &name, err))
		goto out;
	place.path = scan_shown(path, &name, &shown);
	if (repo_read(s->repo, o, s->max, &obj, &why)) {
		scan_unscanned_tell(s, &place, why.text);
		ret = 0;
		goto out;
	}
	s->files++;
	s->size += obj.data.n;
	if (inspect_scan(s->inspector, obj.data, path, arena, &r, err))
		goto out;
	for (i = 0; i < r.nhit; i++) {
		place.line = r.hit[i].line;
		scan_hit_tell(s, &place, &r.hit[i]);
	}
	place.line = 0;
	if (r.outcome != SCAN_DONE)
		scan_unscanned_tell(s, &place, r.why);
	place.what = "path";
	for (i = 0; i < name.nhit; i++) {
		place.line = name.hit[i].line;
		scan_hit_tell(s, &place, &name.hit[i]);
	}
	ret = 0;
out:
	buf_free(&shown);
	repo_object_free(&obj);
	arena_free(arena);
	return ret;
}

static int scan_listed(struct scan *s, struct span rest, struct err *err)
{
	while (rest.n) {
		size_t a = span_find(rest, 0), b;
		struct span head = span_sub(rest, 0, a), path;
		unsigned char link;
		struct oid o;

		rest = a == SIZE_MAX ? SPAN_EMPTY : span_from(rest, a + 1);
		b = span_find(rest, 0);
		path = span_sub(rest, 0, b);
		if (b == SIZE_MAX || !read_head(head, &link, &o))
			return err_set(err, ERR_REPO,
				"git diff does not answer as expected");
		rest = span_from(rest, b + 1);
		/* A submodule is a commit of another repository. */
		if (!link && !scan_excluded(s, path) &&
			scan_one(s, &o, path, err))
			return -1;
	}
	return 0;
}

int scan_staged(struct scan *s, struct err *err)
{
	static const char *const where[] = {
		"git", "rev-parse", "--absolute-git-dir", NULL};
	static const char *const what[] = {"git", "diff", "--cached", "--raw",
		"-z", "--no-renames", "--no-abbrev", "--diff-filter=d",
		"--ignore-submodules=none", NULL};
	struct arena *arena = arena_new((size_t)1 << 20);
	struct buf dir = BUF_INIT(65536), list = BUF_INIT(LIST_MAX);
	int ret = -1;

	if (git(arena, where, &dir, err) ||
		repo_open(arena_str(arena, span_trim(buf_all(&dir))), NULL,
			&s->repo, err) ||
		scan_check_packs(s, err) || git(arena, what, &list, err) ||
		scan_listed(s, buf_all(&list), err))
		goto out;
	ret = 0;
out:
	repo_close(s->repo);
	s->repo = NULL;
	buf_free(&dir);
	buf_free(&list);
	arena_free(arena);
	return ret;
}

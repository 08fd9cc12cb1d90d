#include "port/repo.h"
#include "support/unit.h"

/* A history with everything that can happen to a path, made by git itself. */
static const char script[] =
	"export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1\n"
	"export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@x GIT_COMMITTER_NAME=a\n"
	"export GIT_COMMITTER_EMAIL=a@x\n"
	"git init -q -b trunk .\n"
	"commit() { git add -A; git commit -q --allow-empty -m x; git tag $1; "
	"}\n"
	"mkdir -p crypto/deep lib\n"
	"echo 1 >crypto/verify.c; echo 2 >crypto/deep/a; echo 3 >lib/b\n"
	"echo 4 >top; ln -s top link; commit root\n"
	"git mv crypto/verify.c lib/v.c; commit moved\n"
	"git rm -qr crypto; commit gone\n"
	"echo 5 >top; commit changed\n"
	"rm top; mkdir top; echo 6 >top/in; commit folder\n"
	"rm -r top; echo 7 >top; commit file\n"
	"chmod +x lib/b; commit mode\n"
	"git checkout -q -b work mode; git rm -q lib/v.c; commit side\n"
	"git checkout -q trunk; echo 8 >other; commit main\n"
	"git merge -q --no-edit work; git tag merge\n"
	"git checkout -q -b bad main; git merge -q --no-commit work "
	"2>/dev/null\n"
	"git rm -q -f link; git commit -q -m x; git tag evil-merge\n";

struct fixture {
	char dir[300];
	struct arena *arena;
	struct repo *repo;
	struct buf told;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = ERR_INIT;

	assert_non_null(f);
	unit_dir(f->dir, sizeof(f->dir));
	unit_shell(f->dir, script);
	f->arena = arena_new(16u << 20);
	f->told = (struct buf)BUF_INIT(65536);
	assert_int_equal(repo_open(f->dir, NULL, &f->repo, &err), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	repo_close(f->repo);
	unit_rm(f->dir);
	buf_free(&f->told);
	arena_free(f->arena);
	free(f);
	return 0;
}

static int tell(void *ctx, const struct repo_path *p, struct err *err)
{
	struct fixture *f = ctx;

	(void)err;
	buf_fmt(&f->told, "%s%.*s", f->told.n ? " " : "", SPAN_FMT(p->path));
	return 0;
}

/* What git itself says of the commit, to compare with. */
static void git_says(struct fixture *f, const char *name, const char *filter,
	struct buf *out)
{
	const char *const argv[] = {"git", "-C", f->dir, "diff-tree", "-r",
		"--no-renames", "--no-commit-id", "--name-only", filter, name,
		NULL};
	struct err err = ERR_INIT;
	struct proc_end end;
	const struct proc p = {.argv = argv, .out = out, .timeout_ms = 60000};

	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(end.status, 0);
}

static struct span walk(struct fixture *f, const char *name, bool lost)
{
	struct err err = ERR_INIT;
	struct repo_object obj = {0};
	struct oid id, parent[4];
	struct oid tree;
	char ref[100];
	struct span rest, line;
	size_t n = 0;
	int ret;

	snprintf(ref, sizeof(ref), "refs/tags/%s", name);
	assert_true(repo_ref_value(f->repo, ref, &id));
	assert_int_equal(repo_read(f->repo, &id, 100000, &obj, &err), 0);
	rest = obj.data;
	while (span_line(&rest, &line, NULL) && line.n) {
		if (span_starts(line, SPAN_LIT("tree ")))
			assert_true(oid_read(span_from(line, 5), &tree));
		if (span_starts(line, SPAN_LIT("parent ")))
			assert_true(oid_read(span_from(line, 7), &parent[n++]));
	}
	repo_object_free(&obj);
	buf_reset(&f->told);
	ret = (lost ? repo_lost_paths : repo_new_paths)(
		f->repo, &tree, parent, n, tell, f, &err);
	if (ret)
		fail_msg("%s: %s", name, err.text);
	return buf_all(&f->told);
}

static void what_commits_take_away(void **state)
{
	static const struct {
		const char *name, *lost, *brought;
	} rows[] = {
		{"root", "", "crypto/deep/a crypto/verify.c lib/b link top"},
		{"moved", "crypto/verify.c", "lib/v.c"},
		{"gone", "crypto/deep/a", ""},
		{"changed", "", "top"},
		{"folder", "top", "top/in"},
		{"file", "top/in", "top"},
		{"mode", "", "lib/b"},
		{"side", "lib/v.c", ""},
		/* Each parent's own changes are judged with that parent. */
		{"merge", "", ""},
		{"evil-merge", "link", ""},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		unit_span_is(walk(f, rows[i].name, true), rows[i].lost);
		unit_span_is(walk(f, rows[i].name, false), rows[i].brought);
	}
}

static void git_says_the_same(void **state)
{
	static const char *const names[] = {
		"moved", "gone", "changed", "folder", "file", "mode", "side"};
	struct fixture *f = *state;
	size_t i, k, b;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		for (k = 0; k < 2; k++) {
			struct buf said = BUF_INIT(65536);

			walk(f, names[i], k == 0);
			if (f->told.n)
				buf_str(&f->told, "\n");
			for (b = 0; b < f->told.n; b++)
				if (f->told.p[b] == ' ')
					f->told.p[b] = '\n';
			git_says(f, names[i],
				k ? "--diff-filter=d" : "--diff-filter=D",
				&said);
			unit_span_is(buf_all(&f->told), buf_cstr(&said));
			buf_free(&said);
		}
	}
}

static int ignore(void *ctx, const struct repo_path *p, struct err *err)
{
	size_t *n = ctx;

	(void)p;
	(void)err;
	++*n;
	return 0;
}

/* The limit is on all calls together, and folders count. */
static void past_the_limit_nothing_is_looked_at(void **state)
{
	struct fixture *f = *state;
	struct repo_object obj;
	struct oid id, tree;
	struct err err = ERR_INIT;
	size_t n = 0;

	assert_true(repo_ref_value(f->repo, "refs/tags/root", &id));
	assert_int_equal(repo_read(f->repo, &id, 100000, &obj, &err), 0);
	assert_true(oid_read(span_sub(obj.data, 5, OID_HEX), &tree));
	repo_object_free(&obj);
	/* crypto crypto/deep crypto/deep/a crypto/verify.c lib lib/b link top
	 */
	repo_limit_paths(f->repo, 10);
	assert_int_equal(
		repo_new_paths(f->repo, &tree, NULL, 0, ignore, &n, &err), 0);
	assert_int_equal(n, 5);
	assert_int_equal(
		repo_new_paths(f->repo, &tree, NULL, 0, ignore, &n, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_commits_take_away),
		TEST(git_says_the_same),
		TEST(past_the_limit_nothing_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

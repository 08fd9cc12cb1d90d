#include "gather/notedb.h"

#include "base/io.h"
#include "support/unit.h"

/* A repository with three changes on one commit, as Gerrit keeps them: 1234 has
 * it as its newest patch set, 7 as an old one, 9 has no events at all. */
static const char script[] =
	"export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1\n"
	"git init -q --bare r; cd r\n"
	"tree=$(git mktree </dev/null)\n"
	"by() { export GIT_AUTHOR_NAME=\"Gerrit User $1\" \\\n"
	"	GIT_AUTHOR_EMAIL=$1@srv GIT_COMMITTER_NAME=Gerrit \\\n"
	"	GIT_COMMITTER_EMAIL=gerrit@git.example.org; }\n"
	"by 1; one=$(echo one | git commit-tree $tree)\n"
	"two=$(echo two | git commit-tree $tree)\n"
	"event() { by $2; at=$(git rev-parse -q --verify refs/changes/$1/meta "
	"||:)\n"
	"	new=$(printf \"Update\\n\\n$3\" |\n"
	"		git commit-tree $tree ${at:+-p $at})\n"
	"	git update-ref refs/changes/$1/meta $new; }\n"
	"set_is() { git update-ref refs/changes/$1/$2 $3; }\n"
	"made='Branch: refs/heads/main\\nStatus: new\\n'\n"
	"event 34/1234 11 \"Patch-set: 1\\nCommit: $one\\n$made\"\n"
	"set_is 34/1234 1 $one\n"
	"event 34/1234 12 'Patch-set: 1\\nLabel: Code-Review=+2\\n'\n"
	"event 07/7 11 \"Patch-set: 1\\nCommit: $one\\n$made\"\n"
	"event 07/7 12 'Patch-set: 1\\nLabel: Code-Review=+2\\n'\n"
	"event 07/7 11 \"Patch-set: 2\\nCommit: $two\\n\"\n"
	"set_is 07/7 1 $one; set_is 07/7 2 $two\n"
	"set_is 09/9 1 $one\n"
	"set_is 08/1234 1 $one; set_is 34/1234 x $one\n"
	"git pack-refs --all\n"
	"git rev-parse refs/changes/34/1234/meta >../meta\n"
	"echo $one >../one; echo $two >../two\n"
	"echo $tree >../tree\n";

struct fixture {
	char dir[300];
	struct repo *repo;
	struct oid one, two, none;
};

static void named(const struct fixture *f, const char *file, struct oid *out)
{
	struct buf path = PATH_BUF_INIT, text = BUF_INIT(1000);
	struct err err = ERR_INIT;

	io_join(&path, f->dir, file);
	assert_int_equal(io_read_file(buf_cstr(&path), &text, &err), 0);
	assert_true(oid_read(span_trim(buf_all(&text)), out));
	buf_free(&path);
	buf_free(&text);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	assert_non_null(f);
	unit_dir(f->dir, sizeof(f->dir));
	unit_shell(f->dir, script);
	io_join(&path, f->dir, "r");
	assert_int_equal(repo_open(buf_cstr(&path), NULL, &f->repo, &err), 0);
	named(f, "one", &f->one);
	named(f, "two", &f->two);
	named(f, "tree", &f->none);
	buf_free(&path);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	repo_close(f->repo);
	unit_rm(f->dir);
	free(f);
	return 0;
}

static void changes_of_a_commit_are_found(void **state)
{
	struct fixture *f = *state;
	struct arena *arena = arena_new(1 << 26);
	struct oid asked[] = {f->one, f->two, f->none};
	struct review_request *r;
	struct err err = ERR_INIT;
	size_t n;

	assert_int_equal(
		notedb_changes(f->repo, asked, 1, 2, arena, &r, &n, &err), 0);
	/* As an old patch set, or without events, it is about nothing. */
	assert_int_equal(n, 1);
	assert_int_equal(r[0].number, 1234);
	assert_true(r[0].open && r[0].alone);
	unit_span_is(r[0].branch, "main");
	assert_int_equal(r[0].nreview, 1);
	assert_int_equal(r[0].review[0].account, 12);
	assert_null(r[0].review[0].fault);

	assert_int_equal(
		notedb_changes(f->repo, asked, 3, 2, arena, &r, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(r[0].number, 7);
	assert_int_equal(r[0].nreview, 0);
	assert_int_equal(r[1].number, 1234);

	assert_int_equal(
		notedb_changes(f->repo, asked + 2, 1, 2, arena, &r, &n, &err),
		0);
	assert_int_equal(n, 0);
	assert_int_equal(
		notedb_changes(f->repo, asked, 0, 2, arena, &r, &n, &err), 0);
	assert_int_equal(n, 0);
	arena_free(arena);
}

/* What it cannot read is not passed over. */
static void what_cannot_be_read_is_an_error(void **state)
{
	static const char *const breaks[] = {
		"git update-ref refs/changes/34/1234/meta $(cat ../tree)",
		"git update-ref refs/changes/34/1234/meta $(cat ../one)",
		"git update-ref refs/changes/34/1234/meta $(git commit-tree "
		"$(cat ../tree) -p $(cat ../meta) -p $(cat ../two) -m a -m "
		"'Patch-set: 1')",
	};
	struct fixture *f = *state;
	struct buf text = BUF_INIT(4096);
	struct review_request *r;
	size_t i, n;

	for (i = 0; i < ARRAY_LEN(breaks); i++) {
		struct arena *arena = arena_new(1 << 26);
		struct err err = ERR_INIT;

		buf_reset(&text);
		buf_fmt(&text,
			"cd r; export GIT_AUTHOR_NAME=b "
			"GIT_AUTHOR_EMAIL=12@srv "
			"GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a\n%s\n",
			breaks[i]);
		unit_shell(f->dir, buf_cstr(&text));
		assert_int_equal(notedb_changes(f->repo, &f->one, 1, 2, arena,
					 &r, &n, &err),
			-1);
		assert_int_equal(n, 0);
		assert_non_null(strstr(err.text, "refs/changes/34/1234/meta"));
		/* Another commit has nothing to do with it. */
		assert_int_equal(notedb_changes(f->repo, &f->two, 1, 2, arena,
					 &r, &n, &err),
			0);
		assert_int_equal(n, 1);
		arena_free(arena);
	}
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			changes_of_a_commit_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_read_is_an_error, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "gather/notedb.h"

#include "base/clock.h"
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
	"event 07/7 12 'Patch-set: 1\\nTopic: b\\nLabel: Code-Review=+2\\n'\n"
	"event 07/7 11 \"Patch-set: 2\\nCommit: $two\\n\"\n"
	"set_is 07/7 1 $one; set_is 07/7 2 $two\n"
	"set_is 09/9 1 $one\n"
	"set_is 08/1234 1 $one; set_is 34/1234 x $one\n"
	"git pack-refs --all\n"
	"git rev-parse refs/changes/34/1234/meta >../meta\n"
	"git rev-list refs/changes/34/1234/meta | git cat-file --batch "
	">../batch\n"
	"echo $one >../one; echo $two >../two\n"
	"echo $tree >../tree\n";

struct fixture {
	char dir[300];
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

	assert_non_null(f);
	unit_dir(f->dir, sizeof(f->dir));
	unit_shell(f->dir, script);
	named(f, "one", &f->one);
	named(f, "two", &f->two);
	named(f, "tree", &f->none);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unit_rm(f->dir);
	free(f);
	return 0;
}

static const struct forge forge = {.name = "gerrit"};

struct told {
	struct buf text; /* numbers and refs */
	struct buf events;
	bool enough;
};

static int tell(void *ctx, const struct notedb_change *c, struct err *err)
{
	struct told *t = ctx;

	buf_fmt(&t->text, "%llu %.*s\n", (unsigned long long)c->number,
		SPAN_FMT(c->ref));
	buf_reset(&t->events);
	buf_span(&t->events, c->events);
	return t->enough ? err_set(err, ERR_LIMIT, "enough") : 0;
}

static int ask(const struct fixture *f, struct told *t, const struct oid *asked,
	size_t n, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int ret;

	buf_reset(&t->text);
	io_join(&path, f->dir, "r");
	ret = notedb_changes(&forge, buf_cstr(&path), asked, n,
		clock_ms() + 60000, tell, t, err);
	buf_free(&path);
	return ret;
}

#define C7 "7 refs/changes/07/7/meta\n"
#define C1234 "1234 refs/changes/34/1234/meta\n"

static void changes_of_a_commit_are_found(void **state)
{
	struct fixture *f = *state;
	struct oid asked[] = {f->one, f->two, f->none};
	struct told t = {.text = BUF_INIT(1000), .events = BUF_INIT(10000)};
	struct buf git = BUF_INIT(10000), path = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	size_t n;

	/* By any patch set, not what has no events or another place. */
	assert_int_equal(ask(f, &t, asked, 1, &err), 0);
	assert_string_equal(buf_cstr(&t.text), C7 C1234);
	/* Word for word as git has them. */
	io_join(&path, f->dir, "batch");
	assert_int_equal(io_read_file(buf_cstr(&path), &git, &err), 0);
	assert_true(span_eq(buf_all(&git), buf_all(&t.events)));
	assert_int_equal(ask(f, &t, asked + 1, 2, &err), 0);
	assert_string_equal(buf_cstr(&t.text), C7);
	assert_int_equal(ask(f, &t, asked + 2, 1, &err), 0);
	assert_string_equal(buf_cstr(&t.text), "");
	assert_int_equal(ask(f, &t, asked, 0, &err), 0);
	assert_string_equal(buf_cstr(&t.text), "");
	/* Who asks may have had enough; and time runs out. */
	t.enough = true;
	assert_int_equal(ask(f, &t, asked, 1, &err), -1);
	assert_non_null(strstr(err.text, "refs/changes/07/7/meta': enough"));
	err_clear(&err);
	io_join(&path, f->dir, "r");
	assert_int_equal(notedb_changes(&forge, buf_cstr(&path), asked, 1,
				 clock_ms(), tell, &t, &err),
		-1);
	assert_non_null(strstr(err.text, "in time"));
	assert_int_equal(notedb_count(buf_cstr(&path), &n, &err), 0);
	assert_int_equal(n, 2);
	buf_free(&path);
	buf_free(&git);
	buf_free(&t.text);
	buf_free(&t.events);
}

/* What it cannot read is not passed over. */
static void what_cannot_be_read_is_an_error(void **state)
{
	static const char *const breaks[] = {
		"git update-ref refs/changes/34/1234/meta $(cat ../tree)",
		"git update-ref refs/changes/34/1234/meta $(git commit-tree "
		"$(cat ../tree) -p $(cat ../meta) -p $(cat ../two) -m a -m "
		"'Patch-set: 1')",
		("git update-ref refs/changes/34/1234/meta $(cat ../meta)\n"
		 "rm -f objects/$(cut -c-2 ../meta)/$(cut -c3- ../meta)"),
	};
	struct fixture *f = *state;
	struct told t = {.text = BUF_INIT(1000), .events = BUF_INIT(10000)};
	struct buf text = BUF_INIT(4096);
	size_t i;

	for (i = 0; i < ARRAY_LEN(breaks); i++) {
		struct err err = ERR_INIT;

		buf_reset(&text);
		buf_fmt(&text,
			"cd r; export GIT_AUTHOR_NAME=b "
			"GIT_AUTHOR_EMAIL=12@srv "
			"GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a\n%s\n",
			breaks[i]);
		unit_shell(f->dir, buf_cstr(&text));
		assert_int_equal(ask(f, &t, &f->one, 1, &err), -1);
		if (!strstr(err.text, "refs/changes/34/1234/meta"))
			fail_msg("%s: %s", breaks[i], err.text);
		/* Another commit has nothing to do with it. */
		err_clear(&err);
		assert_int_equal(ask(f, &t, &f->two, 1, &err), 0);
		assert_string_equal(buf_cstr(&t.text), C7);
	}
	buf_free(&t.text);
	buf_free(&t.events);
	buf_free(&text);
}

static void a_place_is_named_by_its_forge(void **state)
{
	static struct forge_place place[] = {{"team/app", "r"}};
	struct fixture *f = *state;
	struct forge other = {.path = f->dir};
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(
		notedb_path(&other, SPAN_LIT("team/app"), &path, &err), -1);
	err_clear(&err);
	unit_shell(f->dir, "ln -s r r.git");
	other.place = place;
	other.nplace = 1;
	assert_int_equal(
		notedb_path(&other, SPAN_LIT("team/app"), &path, &err), 0);
	assert_non_null(strstr(buf_cstr(&path), "/r.git"));
	unit_shell(
		f->dir, "chmod g+w r/refs/changes || chmod g+w r/packed-refs");
	assert_int_equal(
		notedb_path(&other, SPAN_LIT("team/app"), &path, &err), -1);
	assert_non_null(strstr(err.text, "can be written by its group"));
	buf_free(&path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			changes_of_a_commit_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_cannot_be_read_is_an_error, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_place_is_named_by_its_forge, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The remote's stand-in beside a clone, by a real git in a real clone. */
#include "deploy/shadow.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "support/unit.h"

/* A remote with a branch, a tag, an approval and a ref that is nobody's
 * business; a clone that is one commit ahead and has hooks of its own. */
static const char script[] =
	"export GIT_CONFIG_NOSYSTEM=1 HOME=$PWD\n"
	"git config --global user.name x; git config --global user.email x@x\n"
	"git config --global protocol.file.allow always\n"
	"git config --global init.defaultBranch main\n"
	"git init -q --bare remote.git; git init -q clone; cd clone\n"
	"git remote add origin ../remote.git\n"
	"git commit -q --allow-empty -m one; git tag v1\n"
	"for to in heads/main tags/v1 sluice/approvals/x pull/1/head; do\n"
	"	git push -q origin HEAD:refs/$to; done\n"
	"echo two >two; git add two; git commit -q -m two\n"
	"mkdir -p sub/folder; git worktree add -q ../tree HEAD\n"
	"for hook in post-checkout reference-transaction; do\n"
	"	printf '#!/bin/sh\\necho ran >>%s\\n' \"$HOME/ran\" \\\n"
	"		>.git/hooks/$hook; chmod 755 .git/hooks/$hook; done\n"
	"git config core.hooksPath \"$PWD/.git/hooks\"\n"
	"git clone -q --depth 1 \"file://$HOME/clone\" ../shallow\n";

struct fixture {
	char dir[300], was[4096];
	struct arena *arena;
	const char *url;
	struct shadow s;
};

static const char *in(struct fixture *f, const char *path)
{
	return arena_fmt(f->arena, "%s/%s", f->dir, path);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->arena = arena_new(64u << 20);
	assert_non_null(getcwd(f->was, sizeof(f->was)));
	unit_dir(f->dir, sizeof(f->dir));
	unit_shell(f->dir, script);
	f->url = in(f, "remote.git");
	setenv("HOME", f->dir, 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	assert_int_equal(chdir(in(f, "clone/sub/folder")), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(chdir(f->was), 0);
	arena_free(f->arena);
	unit_rm(f->dir);
	free(f);
	return 0;
}

static void found(struct fixture *f, const char *folder)
{
	struct err err = ERR_INIT;

	assert_int_equal(chdir(in(f, folder)), 0);
	if (shadow_find(&f->s, f->url, f->arena, &err))
		fail_msg("%s", err.text);
}

static void fetched(struct fixture *f, bool offline)
{
	struct err err = ERR_INIT;

	if (shadow_fetch(&f->s, offline, &err))
		fail_msg("%s", err.text);
}

/* A condition of the shell about the shadow; $g is git in it. */
static void holds(struct fixture *f, const char *condition)
{
	unit_shell(f->dir,
		arena_fmt(f->arena, "g='git --git-dir=%s'; %s", f->s.path,
			condition));
}

static void a_clone_is_found_from_within(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	found(f, "clone/sub/folder");
	assert_string_equal(f->s.git, in(f, "clone/.git"));
	assert_string_equal(f->s.common, f->s.git);
	assert_string_equal(f->s.objects, in(f, "clone/.git/objects"));
	shadow_close(&f->s);
	found(f, "tree");
	assert_string_equal(f->s.git, in(f, "clone/.git/worktrees/tree"));
	assert_string_equal(f->s.common, in(f, "clone/.git"));
	assert_string_equal(f->s.objects, in(f, "clone/.git/objects"));
	shadow_close(&f->s);
	assert_int_equal(chdir(in(f, "shallow")), 0);
	assert_int_equal(shadow_find(&f->s, f->url, f->arena, &err), -1);
	assert_non_null(strstr(err.text, "shallow"));
	assert_string_equal(err.hint, "git fetch --unshallow");
	shadow_close(&f->s);
	err_clear(&err);
	assert_int_equal(chdir(f->dir), 0);
	assert_int_equal(shadow_find(&f->s, f->url, f->arena, &err), -1);
	assert_non_null(strstr(err.text, "no clone"));
	shadow_close(&f->s);
}

static void it_has_the_refs_of_the_remote(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;

	found(f, "clone");
	/* Where no git of ours must be led. */
	setenv("GIT_OBJECT_DIRECTORY", in(f, "elsewhere"), 1);
	setenv("GIT_NAMESPACE", "other", 1);
	fetched(f, false);
	unsetenv("GIT_OBJECT_DIRECTORY");
	unsetenv("GIT_NAMESPACE");
	assert_ptr_equal(
		strstr(f->s.path, in(f, "clone/.git/sluice/")), f->s.path);
	holds(f,
		"test \"$($g for-each-ref "
		"--format='%(refname)' | tr '\\n' ' ')\" = 'refs/heads/main "
		"refs/sluice/approvals/x refs/tags/v1 '");
	/* What the clone has alone is at hand, and no ref says so. */
	holds(f,
		"$g cat-file -e "
		"$(git -C clone rev-parse HEAD)");
	/* Nothing of it shows in the clone, and nothing there has run. */
	unit_shell(f->dir,
		"test ! -e ran; test ! -e elsewhere; cd clone; "
		"test -z \"$(git status --porcelain)\"; "
		"test ! -e .git/sluice/*.git/FETCH_HEAD; "
		"test -z \"$(git for-each-ref refs/sluice)\"");
	shadow_close(&f->s);
	/* What went at the remote goes here; offline it stays. */
	unit_shell(f->dir,
		"cd remote.git; git update-ref -d refs/tags/v1; "
		"git update-ref refs/heads/new refs/heads/main");
	found(f, "clone");
	fetched(f, true);
	holds(f, "$g rev-parse -q --verify refs/tags/v1");
	shadow_close(&f->s);
	found(f, "clone");
	fetched(f, false);
	holds(f,
		"test -z \"$($g for-each-ref refs/tags/v1)\"; $g rev-parse -q "
		"--verify refs/heads/new");
	shadow_close(&f->s);
	/* Another remote has another one; one that is not there has none. */
	found(f, "clone");
	f->s.url = in(f, "none.git");
	assert_int_equal(shadow_fetch(&f->s, false, &err), -1);
	assert_non_null(strstr(err.text, "fetch from the remote"));
	assert_non_null(strstr(err.hint, "--offline"));
	shadow_close(&f->s);
}

static size_t packs(struct fixture *f)
{
	struct buf out = BUF_INIT(100);
	const char *const argv[] = {"sh", "-c",
		"ls \"$1/pack\" | grep -c 'pack$'", "sh", f->s.sent, NULL};
	const struct proc p = {.argv = argv, .out = &out};
	struct proc_end end;
	struct err err = ERR_INIT;
	size_t n;

	assert_int_equal(proc_run(&p, &end, &err), 0);
	n = strtoul(buf_cstr(&out), NULL, 10);
	buf_free(&out);
	return n;
}

static void what_would_be_sent_is_packed(void **state)
{
	struct fixture *f = *state;
	struct err err = ERR_INIT;
	struct oid tip, there;
	struct repo_ref ref;
	struct repo *repo;
	const char *sent;

	assert_int_equal(repo_open(in(f, "clone"), NULL, &repo, &err), 0);
	assert_true(repo_ref_value(repo, "refs/heads/main", &tip));
	assert_true(repo_ref_value(repo, "refs/tags/v1", &there));
	repo_close(repo);
	ref = (struct repo_ref){
		.name = SPAN_LIT("refs/heads/main"), .oid = there};
	found(f, "clone");
	fetched(f, false);
	assert_int_equal(shadow_pack(&f->s, &tip, 1, &ref, 1, &err), 0);
	assert_int_equal(packs(f), 1);
	/* Exactly the commit, its tree and its file. */
	unit_shell(f->s.sent,
		"test \"$(git show-index <$(ls pack/*.idx) | "
		"wc -l)\" -eq 3");
	sent = arena_fmt(f->arena, "%s", f->s.sent);
	assert_int_equal(
		shadow_place(&f->s, "refs/heads/topic", &tip, &err), 0);
	holds(f,
		"test \"$($g rev-parse "
		"refs/heads/topic)\" = \"$(git -C clone rev-parse "
		"HEAD)\"");
	shadow_close(&f->s);
	assert_int_equal(access(sent, F_OK), -1);
	/* Nothing to send is an empty folder. */
	found(f, "clone");
	fetched(f, true);
	assert_int_equal(shadow_pack(&f->s, &there, 1, &ref, 1, &err), 0);
	assert_int_equal(packs(f), 0);
	shadow_close(&f->s);
}

static void one_check_at_a_time_and_nothing_is_left(void **state)
{
	struct fixture *f = *state;
	const char *left;
	int other;

	found(f, "clone");
	fetched(f, false);
	other = open(f->s.path, O_RDONLY | O_DIRECTORY);
	assert_true(other >= 0);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
	left = arena_fmt(f->arena, "%s/sent-killed", f->s.path);
	shadow_close(&f->s);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	close(other);
	/* What a check that was killed has left goes with the next. */
	unit_shell(f->dir,
		arena_fmt(f->arena, "mkdir -p '%s/pack'; touch '%s/pack/x'",
			left, left));
	found(f, "clone");
	fetched(f, true);
	assert_int_equal(access(left, F_OK), -1);
	shadow_close(&f->s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_clone_is_found_from_within),
		TEST(it_has_the_refs_of_the_remote),
		TEST(what_would_be_sent_is_packed),
		TEST(one_check_at_a_time_and_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Worktrees made by git itself, then changed in every way that hides. */
#include "port/worktree.h"

#include "../../support/unit.h"
#include "base/io.h"
#include "base/proc.h"

static char dir[256];
static struct arena *arena;

/* Run a shell script in the test's folder; its output is in ${said}. */
static void sh(const char *script, struct buf *said)
{
	const char *argv[] = {"/bin/sh", "-euc", script, NULL};
	char home[300];
	const char *env[] = {home, "PATH=/usr/bin:/bin",
		"GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a",
		"GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a",
		"GIT_COMMITTER_EMAIL=a@example.org", NULL};
	struct buf talk = BUF_INIT(65536), sink = BUF_INIT(65536);
	struct proc p = {.argv = argv,
		.env = env,
		.dir = dir,
		.out = said ? said : &sink,
		.talk = &talk,
		.timeout_ms = 30000};
	struct proc_end end;
	struct err err = ERR_INIT;

	snprintf(home, sizeof(home), "HOME=%s", dir);
	if (proc_run(&p, &end, &err))
		fail_msg("%s", err.text);
	if (end.status || end.signal)
		fail_msg("%s: %s", script, buf_cstr(&talk));
	buf_free(&talk);
	buf_free(&sink);
}

static int start(void **state)
{
	(void)state;
	unit_dir(dir, sizeof(dir));
	arena = arena_new((size_t)64 << 20);
	setenv("HOME", dir, 1);
	unsetenv("XDG_CONFIG_HOME");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	unit_rm(dir);
	arena_free(arena);
	return 0;
}

/* A fresh worktree in "w", each time. */
#define FRESH                                                               \
	"rm -rf w; git init -q -b main w; cd w; mkdir -p a/b; echo 1 >one;" \
	"echo 2 >a/two; echo 3 >a/b/three; ln -s one link;"                 \
	"printf '#!/bin/sh\\n' >run; chmod +x run; printf '*.o\\n/out/\\n'" \
	">.gitignore; git add -A; git commit -qm first;"

static int look_at(const char *sub, struct worktree *w, struct err *err)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, sub);
	return worktree_look(path, arena, w, err);
}

static void look(struct worktree *w)
{
	struct err err = ERR_INIT;

	if (look_at("w", w, &err))
		fail_msg("%s", err.text);
}

static void clean(void **state)
{
	struct buf said = BUF_INIT(4096);
	struct worktree w;
	struct oid head;

	(void)state;
	sh(FRESH "git rev-parse HEAD", &said);
	look(&w);
	assert_true(oid_read(span_trim(buf_all(&said)), &head));
	assert_true(oid_eq(&w.head, &head));
	assert_int_equal(w.files, 6);
	assert_int_equal(w.changed + w.missing + w.untracked + w.ignored, 0);
	assert_false(w.ignores_outside);
	assert_int_equal(w.nnamed, 0);
	/* detached, and with packed refs and objects */
	sh("cd w; git checkout -q --detach; git gc -q; git pack-refs --all",
		NULL);
	look(&w);
	assert_true(oid_eq(&w.head, &head));
	assert_int_equal(w.changed, 0);
	buf_free(&said);
}

static void dirty(void **state)
{
	static const struct {
		const char *script, *named;
		unsigned changed, missing, untracked, ignored;
	} t[] = {
		{"echo 9 >a/two", "changed 'a/two'", 1, 0, 0, 0},
		{"printf '3\\n\\n' >a/b/three", "changed 'a/b/three'", 1, 0, 0,
			0},
		/* staged: equal to the index, not to the commit */
		{"echo 9 >a/two; git add -A", "changed 'a/two'", 1, 0, 0, 0},
		/* the flags that hide an edit from git status */
		{"echo 9 >one; git update-index --assume-unchanged one",
			"changed 'one'", 1, 0, 0, 0},
		{"echo 9 >one; git update-index --skip-worktree one",
			"changed 'one'", 1, 0, 0, 0},
		/* same size and time as the index remembers */
		{"t=$(stat -c %y one); echo 9 >one; touch -d \"$t\" one",
			"changed 'one'", 1, 0, 0, 0},
		{"rm one", "missing 'one'", 0, 1, 0, 0},
		{"rm -r a", "missing 'a'", 0, 1, 0, 0},
		{"chmod +x one", "changed 'one'", 1, 0, 0, 0},
		{"chmod -x run", "changed 'run'", 1, 0, 0, 0},
		{"rm link; ln -s run link", "changed 'link'", 1, 0, 0, 0},
		{"rm link; echo 1 >link", "changed 'link'", 1, 0, 0, 0},
		{"rm one; ln -s a/two one", "changed 'one'", 1, 0, 0, 0},
		/* a folder that is a link to one with the same files */
		{"mv a ../moved; ln -s ../moved a", "changed 'a'", 1, 0, 0, 0},
		{"mkdir -p n/m; echo 1 >n/m/new", "untracked 'n/m/new'", 0, 0,
			1, 0},
		{"echo 1 >a/new; git add a/new", "untracked 'a/new'", 0, 0, 1,
			0},
		{"mkdir empty", "", 0, 0, 0, 0},
		{"mkfifo pipe", "", 0, 0, 0, 0},
		{"echo 1 >x.o; mkdir out; echo 1 >out/y", "", 0, 0, 0, 2},
		/* rules nobody committed cannot hide themselves */
		{"mkdir n; echo '*' >n/.gitignore; echo 1 >n/evil",
			"untracked 'n/.gitignore'", 0, 0, 1, 1},
		/* a .git where git never looks */
		{"mkdir a/.git; echo 1 >a/.git/evil", "untracked 'a/.git'", 0,
			0, 1, 0},
		{"git init -q other; echo 1 >other/x", NULL, 0, 0, 2, 0},
		{"printf 'e\\033[31m' >\"$(printf 'e\\033[31m')\"",
			"untracked 'e\\x1b[31m'", 0, 0, 1, 0},
		/* what git is told to filter is still other bytes */
		{"echo '* text eol=lf' >.git/info/attributes;"
		 "printf '1\\r\\n' >one",
			"changed 'one'", 1, 0, 0, 0},
		{"git config core.ignorestat true; git config "
		 "core.trustctime false; echo 9 >one",
			"changed 'one'", 1, 0, 0, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		char script[2048];
		struct worktree w;

		snprintf(script, sizeof(script), "rm -rf moved; " FRESH "%s",
			t[i].script);
		sh(script, NULL);
		look(&w);
		if (w.changed != t[i].changed || w.missing != t[i].missing ||
			w.untracked != t[i].untracked ||
			w.ignored != t[i].ignored)
			fail_msg("%s: %u %u %u %u", t[i].script,
				(unsigned)w.changed, (unsigned)w.missing,
				(unsigned)w.untracked, (unsigned)w.ignored);
		if (t[i].named && (w.nnamed != 0) != (t[i].named[0] != '\0'))
			fail_msg("%s: %zu named", t[i].script, w.nnamed);
		if (t[i].named && w.nnamed &&
			strcmp(w.named[0], t[i].named) != 0)
			fail_msg("%s: %s", t[i].script, w.named[0]);
	}
}

static void outside_rules(void **state)
{
	struct worktree w;

	(void)state;
	sh(FRESH "echo evil >.git/info/exclude; echo 1 >evil", NULL);
	look(&w);
	assert_true(w.ignores_outside);
	assert_int_equal(w.ignored, 1);
	sh(FRESH "git config core.excludesFile ../rules; echo evil >../rules",
		NULL);
	look(&w);
	assert_true(w.ignores_outside);
	/* the comments that git init leaves there are no rules */
	sh(FRESH "printf '# a\\n\\n' >.git/info/exclude", NULL);
	look(&w);
	assert_false(w.ignores_outside);
}

static void modes_off(void **state)
{
	struct worktree w;

	(void)state;
	sh(FRESH "git config core.filemode false; chmod +x one", NULL);
	look(&w);
	assert_int_equal(w.changed, 0);
}

static void linked_and_modules(void **state)
{
	struct worktree w;
	struct err err = ERR_INIT;

	(void)state;
	/* .git as a file: a linked worktree */
	sh("rm -rf l; " FRESH "git worktree add -q ../l", NULL);
	assert_int_equal(look_at("l", &w, &err), 0);
	assert_int_equal(w.files, 6);
	assert_int_equal(w.changed + w.untracked, 0);

	/* a submodule, whose .git is a file as well */
#define MODULE                                                                \
	"rm -rf lib; git init -q -b main lib; cd lib; echo 1 >x; git add x;"  \
	"git commit -qm lib; cd ..;" FRESH                                    \
	"git -c protocol.file.allow=always submodule --quiet add ../lib lib;" \
	"git commit -qm module;"
	sh(MODULE, NULL);
	look(&w);
	assert_int_equal(w.changed + w.missing + w.untracked, 0);
	assert_int_equal(w.files, 8);
	sh("cd w/lib; echo 2 >x", NULL);
	look(&w);
	assert_int_equal(w.changed, 1);
	assert_string_equal(w.named[0], "changed 'lib/x'");
	sh("cd w/lib; git commit -qam two", NULL);
	look(&w);
	assert_int_equal(w.changed, 1);
	assert_string_equal(w.named[0], "changed 'lib'");
	/* not checked out, as after a plain clone; then filled by hand */
	sh("cd w; git submodule --quiet deinit -f lib", NULL);
	look(&w);
	assert_int_equal(w.changed + w.missing + w.untracked, 0);
	sh("cd w; echo 1 >lib/evil", NULL);
	look(&w);
	assert_int_equal(w.untracked, 1);
	assert_string_equal(w.named[0], "untracked 'lib/evil'");
}

#define LFS                                                           \
	FRESH "printf 'large\\n' >large; "                            \
	      "{ echo version https://git-lfs.github.com/spec/v1; "   \
	      "echo oid sha256:$(sha256sum <large | cut -c1-64); "    \
	      "echo size 6; } >big; git add big; git commit -qm lfs;" \
	      "cp big pointer; mv large big;"

static void large_files(void **state)
{
	struct worktree w;

	(void)state;
	/* fetched, and not fetched */
	sh(LFS "rm pointer", NULL);
	look(&w);
	assert_int_equal(w.changed + w.untracked, 0);
	sh(LFS "mv pointer big", NULL);
	look(&w);
	assert_int_equal(w.changed + w.untracked, 0);
	/* another file of that size; a pointer to another file */
	sh(LFS "rm pointer; printf 'Large\n' >big", NULL);
	look(&w);
	assert_int_equal(w.changed, 1);
	sh(LFS "sed 's/size 6/size 7/' pointer >big; rm pointer", NULL);
	look(&w);
	assert_int_equal(w.changed, 1);
}

/* A checkout with CR LF where the commit asks for it is the commit's; other
 * changes of such a file, and CR LF that only outside rules ask for, are not. */
static void line_ends(void **state)
{
	struct worktree w;

	(void)state;
	sh(FRESH "printf '*.bat eol=crlf\\n' >.gitattributes;"
		 "printf 'a\\r\\nb\\r\\n' >x.bat; git add -A;"
		 "git commit -qm crlf; rm x.bat; git checkout -q x.bat;"
		 "test $(tr -dc '\\r' <x.bat | wc -c) = 2;"
		 "test $(git cat-file -s HEAD:x.bat) = 4",
		NULL);
	look(&w);
	assert_int_equal(w.changed, 0);
	sh("cd w; printf 'a\\r\\nB\\r\\n' >x.bat", NULL);
	look(&w);
	assert_int_equal(w.changed, 1);
	sh("cd w; git checkout -q x.bat; printf 'x\\r\\n' >>one", NULL);
	look(&w);
	assert_int_equal(w.changed, 1);
	sh(FRESH "printf '1\\r\\n' >one; mkdir -p .git/info;"
		 "echo 'one eol=crlf' >.git/info/attributes",
		NULL);
	look(&w);
	assert_int_equal(w.changed, 1);
}

static void refused(void **state)
{
	static const struct {
		const char *script, *says;
	} t[] = {
		{"rm -rf w; mkdir w", "not the top of a Git worktree"},
		{"rm -rf w", "cannot open folder"},
		{"rm -rf w; git init -q w", "no commit"},
		{"rm -rf w; git init -q --bare w", "bare"},
		{FRESH "git config core.bare true", "bare"},
		/* a clean copy elsewhere must not vouch for these files */
		{FRESH "cd ..; rm -rf c; git clone -q w c; cd w;"
		       "git config core.worktree ../../c; echo 9 >one",
			"elsewhere"},
		{FRESH "rm -rf .git/objects/*", ""},
		{FRESH "o=$(git rev-parse HEAD:a/two);"
		       "echo $o >.git/HEAD",
			""},
		{"rm -rf w; git init -q --object-format=sha256 w", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct err err = ERR_INIT;
		struct worktree w;

		sh(t[i].script, NULL);
		if (!look_at("w", &w, &err))
			fail_msg("taken: %s", t[i].script);
		if (!strstr(err.text, t[i].says))
			fail_msg("%s: %s", t[i].script, err.text);
	}
	/* a folder below the top is not searched upwards from */
	{
		struct err err = ERR_INIT;
		struct worktree w;

		sh(FRESH, NULL);
		assert_int_equal(look_at("w/a", &w, &err), -1);
		assert_non_null(strstr(err.hint, ".git"));
	}
}

/* A tree object that holds other bytes than its name says is not believed. */
static void forged_tree(void **state)
{
	struct err err = ERR_INIT;
	struct worktree w;

	(void)state;
	sh(FRESH "old=$(git rev-parse HEAD^{tree}); echo 9 >one; git add -A;"
		 "new=$(git write-tree); o=.git/objects;"
		 "chmod -R u+w $o; cp $o/$(echo $new | cut -c1-2)/$(echo $new "
		 "| cut -c3-) $o/$(echo $old | cut -c1-2)/$(echo $old | cut "
		 "-c3-)",
		NULL);
	assert_int_equal(look_at("w", &w, &err), -1);
	assert_int_equal(err.code, ERR_REPO);
}

static void others_account(void **state)
{
	struct err err = ERR_INIT;
	struct worktree w;
	char script[1024];

	(void)state;
	if (geteuid())
		skip();
	sh(FRESH "chown -R 65534 .", NULL);
	assert_int_equal(look_at("w", &w, &err), -1);
	if (!strstr(err.text, "another account"))
		fail_msg("%s", err.text);
	assert_non_null(strstr(err.hint, "safe.directory"));
	snprintf(script, sizeof(script),
		"git config --global --add safe.directory %s/w", dir);
	sh(script, NULL);
	assert_int_equal(look_at("w", &w, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clean),
		cmocka_unit_test(dirty),
		cmocka_unit_test(outside_rules),
		cmocka_unit_test(modes_off),
		cmocka_unit_test(linked_and_modules),
		cmocka_unit_test(large_files),
		cmocka_unit_test(line_ends),
		cmocka_unit_test(refused),
		cmocka_unit_test(forged_tree),
		cmocka_unit_test(others_account),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

#include "support/fixture.h"

static int setup(void **state)
{
	struct fixture *f = fixture_new(state, &check_file);

	f->up->rules.file = &f->file;
	f->c = world_commit(&f->w, f->up, ADA);
	f->c->path = f->path;
	f->c->npath = 1;
	return 0;
}

static void names_and_paths(void **state)
{
	static const char *deny[] = {"*.pem", ".env", "vendor/**", "a/*/b"};
	static const struct {
		const char *path;
		bool denied;
	} rows[] = {
		{"key.pem", true},
		{"deep/down/key.pem", true},
		{"key.pem.txt", false},
		{"key.pem/readme", false},
		{".pem", true},
		{".env", true},
		{"x/.env", true},
		{".envrc", false},
		{"vendor/a/b", true},
		{"x/vendor/a", false},
		{"vendor", false},
		{"a/x/b", true},
		{"a/x/y/b", false},
		{"", false},
		{"/", false},
	};
	struct fixture *f = *state;
	size_t i;

	f->file.deny = deny;
	f->file.ndeny = ARRAY_LEN(deny);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		f->path[0].path = span_str(rows[i].path);
		if (strcmp(judged(f), rows[i].denied ? "file.name" : ""))
			fail_msg("'%s': %s", rows[i].path, judged(f));
	}
}

static void sizes(void **state)
{
	struct fixture *f = *state;

	f->path[0].path = SPAN_LIT("big\x1b.bin");
	f->path[0].size = UINT64_MAX;
	assert_string_equal(judged(f), "");
	f->file.max_size = 1000;
	assert_string_equal(judged(f), "file.size");
	assert_string_equal(f->w.out.v[0].place, "big\\x1b.bin");
	f->path[0].size = 1001;
	assert_string_equal(judged(f), "file.size");
	assert_string_equal(
		f->w.out.v[0].detail, "1001 bytes, at most 1000 are allowed");
	f->path[0].size = 1000;
	assert_string_equal(judged(f), "");
	f->path[0].size = 0;
	assert_string_equal(judged(f), "");
}

static void every_path_of_every_commit(void **state)
{
	static const char *deny[] = {"*.pem"};
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, BELA);

	f->file.deny = deny;
	f->file.ndeny = 1;
	f->file.max_size = 10;
	f->path[0].path = SPAN_LIT("ok");
	f->path[1].path = SPAN_LIT("a.pem");
	f->path[1].size = 11;
	f->path[2].path = SPAN_LIT("b.pem");
	f->c->npath = 3;
	c->path = f->path;
	c->npath = 2;
	assert_string_equal(
		judged(f), "file.name file.size file.name file.name file.size");
	assert_true(oid_eq(&f->w.out.v[3].object, &c->commit.id));
	/* To take a file away is always allowed. */
	f->path[1].removed = true;
	assert_string_equal(judged(f), "file.name");
	f->path[1].removed = false;
	f->up->movement = MOVEMENT_DELETE;
	assert_string_equal(judged(f), "");
	f->up->movement = MOVEMENT_CREATE;
	f->up->rules.file = NULL;
	assert_string_equal(judged(f), "");
}

static void patterns_on_paths(void **state)
{
	struct pattern_ref v[] = {{"(^|/)id_rsa$", 2}, {"secret", 3}};
	struct fixture *f = *state;

	f->file.deny_pattern = (struct patterns){v, 2};
	f->path[0].path = SPAN_LIT("x/id_rsa");
	/* Unknown is not clean. */
	assert_string_equal(judged(f), "file.name file.name");
	f->path[0].matches = arena_get(f->w.arena, 1, 8);
	assert_string_equal(judged(f), "");
	bit_set(f->path[0].matches, 2);
	assert_string_equal(judged(f), "file.name");
	assert_string_equal(
		f->w.out.v[0].detail, "'(^|/)id_rsa$' is not allowed");
}

static void extensions(void **state)
{
	static const char *denied[] = {"exe", "tar.gz"};
	static const struct {
		const char *path;
		bool denied;
	} rows[] = {
		{"a.exe", true},
		{"d.x/A.EXE", true},
		{".exe", true},
		{"a.tar.gz", true},
		{"a.gz", false},
		{"exe", false},
		{"aexe", false},
		{"a.exe/b", false},
		{"a.exe.txt", false},
		{"", false},
	};
	struct fixture *f = *state;
	size_t i;

	f->file.extension = denied;
	f->file.nextension = 2;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		f->path[0].path = span_str(rows[i].path);
		assert_string_equal(
			judged(f), rows[i].denied ? "file.extension" : "");
	}
}

static void long_paths_and_odd_modes(void **state)
{
	static const unsigned good[] = {0100644, 0100755, 0120000, 0160000};
	static const unsigned odd[] = {
		0, 0100664, 0100600, 0104755, 0100000, 0140000, 0120777};
	struct fixture *f = *state;
	size_t i;

	f->path[0].path = SPAN_LIT("dir/name");
	f->file.max_path = 8;
	assert_string_equal(judged(f), "");
	f->file.max_path = 7;
	assert_string_equal(judged(f), "file.path_length");
	f->file.max_path = 0;
	f->file.deny_modes = true;
	for (i = 0; i < ARRAY_LEN(good); i++) {
		f->path[0].mode = good[i];
		assert_string_equal(judged(f), "");
	}
	for (i = 0; i < ARRAY_LEN(odd); i++) {
		f->path[0].mode = odd[i];
		assert_string_equal(judged(f), "file.mode");
	}
}

static void names_of_other_systems(void **state)
{
	struct fixture *f = *state;

	f->file.deny_windows = true;
	f->path[0].path = SPAN_LIT("a/nul.txt/b:c");
	assert_string_equal(judged(f), "file.windows_name");
	assert_string_equal(f->w.out.v[0].place, "a/nul.txt/b:c");
	assert_string_equal(f->w.out.v[0].detail,
		"the part 'nul.txt': the name of a device on Windows");
	f->path[0].path = SPAN_LIT("a/.GIT/x");
	assert_string_equal(judged(f), "");
	f->file.deny_windows = false;
	f->file.deny_dotgit = true;
	assert_string_equal(judged(f), "file.git_name");
	f->path[0].path = SPAN_LIT("a/../x");
	assert_string_equal(judged(f), "file.git_name");
	f->path[0].path = SPAN_LIT("a//x");
	assert_string_equal(judged(f), "file.git_name");
	f->path[0].path = SPAN_LIT("a/.gitignore");
	assert_string_equal(judged(f), "");
	f->file.deny_dotgit = false;
	f->path[0].path = SPAN_LIT(".git/x");
	assert_string_equal(judged(f), "");
}

static void links(void **state)
{
	static const struct {
		const char *path, *to;
		bool good;
	} rows[] = {
		{"a", "b", true},
		{"a", "b/c/d", true},
		{"a", "./b/./c", true},
		{"a", "b//c", true},
		{"a", "b/", true},
		{"d/a", "../b", true},
		{"d/e/a", "../../b", true},
		{"d/e/a", "..", true},
		{"a", ".", true},
		{"a", "...", true},
		{"a", "..b", true},
		{"a", "", false},
		{"a", "..", false},
		{"a", "../b", false},
		{"d/a", "../../b", false},
		{"d/a", ".././../b", false},
		{"d/e/a", "b/../x", false},
		{"a", "/b", false},
		{"a", "\\b", false},
		{"a", "c:/b", false},
		{"a", "..\\b", false},
		{"a", ".git/config", false},
		{"d/a", "../.GIT", false},
		{"a", "x/git~1", false},
		/* What no folder is cannot be climbed out of. */
		{"./a", "../b", false},
		{"d//a", "../../b", false},
		{"d/../a", "../../b", false},
		{"d/.", "b", false},
	};
	struct path_content content = {0};
	struct fixture *f = *state;
	size_t i;

	f->file.symlinks = SYMLINKS_INSIDE;
	f->path[0].mode = 0120000;
	f->path[0].content = &content;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		f->path[0].path = span_str(rows[i].path);
		content.link = span_str(rows[i].to);
		if (strcmp(judged(f), rows[i].good ? "" : "file.symlink"))
			fail_msg("%s -> %s", rows[i].path, rows[i].to);
	}
	content.link = SPAN_LIT("a\0/../..");
	assert_string_equal(judged(f), "file.symlink");
	/* What was not read is not known to be good. */
	content = (struct path_content){.fault = "too large"};
	assert_string_equal(judged(f), "file.symlink");
	f->path[0].content = NULL;
	assert_string_equal(judged(f), "file.symlink");
	f->path[0].mode = 0100644;
	assert_string_equal(judged(f), "");
	f->file.symlinks = SYMLINKS_DENY;
	assert_string_equal(judged(f), "");
	f->path[0].mode = 0120000;
	assert_string_equal(judged(f), "file.symlink");
	f->file.symlinks = SYMLINKS_ALLOW;
	assert_string_equal(judged(f), "");
}

static void submodules(void **state)
{
	struct submodule_setting v[] = {
		{SUBMODULE_URL, SPAN_LIT("lib"), SPAN_LIT("https://x.org/y")},
		{SUBMODULE_PATH, SPAN_LIT("lib"), SPAN_LIT("lib")},
	};
	struct path_content content = {.setting = v, .nsetting = 2};
	struct fixture *f = *state;

	f->path[0].path = SPAN_LIT(".gitmodules");
	f->path[0].mode = 0100644;
	f->path[0].content = &content;
	f->path[1].path = SPAN_LIT("lib");
	f->path[1].mode = 0160000;
	f->c->npath = 2;
	assert_string_equal(judged(f), "");
	f->file.limit_submodules = true;
	assert_string_equal(judged(f), "file.submodule file.submodule");
	f->file.submodules = SUBMODULE_SSH;
	assert_string_equal(judged(f), "file.submodule");
	assert_string_equal(f->w.out.v[0].detail,
		"submodule 'lib', url 'https://x.org/y': a URL of the kind "
		"'https', allowed: ssh");
	f->file.submodules = SUBMODULE_HTTPS;
	assert_string_equal(judged(f), "");
	v[1].value = SPAN_LIT("../lib");
	assert_string_equal(judged(f), "file.submodule");
	f->path[0].path = SPAN_LIT("sub/.gitmodules");
	assert_string_equal(judged(f), "");
	f->path[0].path = SPAN_LIT("GITMOD~1");
	assert_string_equal(judged(f), "file.submodule");
	content.fault = "line 1: odd";
	content.nsetting = 0;
	assert_string_equal(judged(f), "file.submodule");
	f->path[0].content = NULL;
	assert_string_equal(judged(f), "file.submodule");
	f->path[0].mode = 0120000;
	assert_string_equal(judged(f), "file.submodule");
	f->path[0].removed = true;
	assert_string_equal(judged(f), "");
}

/* Git looks at the type in a mode only, and at its other bits never. */
static void modes_that_git_reads_otherwise(void **state)
{
	static const unsigned links[] = {0120777, 0120644, 01120000};
	static const unsigned submodules[] = {0160755, 0, 0020000, 0170000};
	static const unsigned file[] = {0100000, 0100664, 0104755};
	struct path_content content = {.link = SPAN_LIT("../x")};
	struct fixture *f = *state;
	size_t i;

	f->path[0].content = &content;
	for (i = 0; i < ARRAY_LEN(links); i++) {
		f->path[0].mode = links[i];
		f->path[0].path = SPAN_LIT("a");
		f->file = (struct rule_file){.symlinks = SYMLINKS_DENY};
		assert_string_equal(judged(f), "file.symlink");
		f->file.symlinks = SYMLINKS_INSIDE;
		assert_string_equal(judged(f), "file.symlink");
		f->file = (struct rule_file){.limit_submodules = true};
		assert_string_equal(judged(f), "");
		f->path[0].path = SPAN_LIT(".gitmodules");
		assert_string_equal(judged(f), "file.submodule");
	}
	f->file = (struct rule_file){
		.limit_submodules = true, .symlinks = SYMLINKS_DENY};
	for (i = 0; i < ARRAY_LEN(submodules); i++) {
		f->path[0].mode = submodules[i];
		f->path[0].path = SPAN_LIT("a");
		f->file.submodules = 0;
		assert_string_equal(judged(f), "file.submodule");
		f->file.submodules = SUBMODULE_HTTPS;
		assert_string_equal(judged(f), "");
		f->path[0].path = SPAN_LIT(".gitmodules");
		assert_string_equal(judged(f), "file.submodule");
	}
	f->file.submodules = 0;
	for (i = 0; i < ARRAY_LEN(file); i++) {
		f->path[0].mode = file[i];
		assert_string_equal(judged(f), "");
	}
}

static void names_that_collide(void **state)
{
	struct folder_entry v[] = {
		{SPAN_LIT("README"), false},
		{SPAN_LIT("Readme"), false},
		{SPAN_LIT("other"), true},
		{SPAN_LIT("\xc3\x84"), true},
	};
	struct folder_fact folder = {SPAN_LIT("doc/"), v, ARRAY_LEN(v)};
	struct fixture *f = *state;

	f->c->npath = 0;
	f->up->folder = &folder;
	f->up->nfolder = 1;
	assert_string_equal(judged(f), "");
	f->file.deny_case = true;
	/* Both were there before. */
	assert_string_equal(judged(f), "");
	v[2].name = SPAN_LIT("readmE");
	assert_string_equal(judged(f), "file.case_collision");
	assert_string_equal(f->w.out.v[0].place, "doc/readmE");
	assert_string_equal(f->w.out.v[0].detail, "beside 'README'");
	v[1].name = SPAN_LIT("\xc3\xa4");
	v[2].name = SPAN_LIT("other");
	assert_string_equal(judged(f), "file.case_collision");
	assert_string_equal(f->w.out.v[0].place, "doc/\xc3\x84");
	v[1].name = SPAN_LIT("OTHER");
	v[2].name = SPAN_LIT("other");
	v[1].fresh = true;
	assert_string_equal(judged(f), "file.case_collision");
	assert_string_equal(f->w.out.v[0].detail, "beside 'OTHER'");
	/* What looks the same has to be told apart. */
	v[1].name = SPAN_LIT("caf\xc3\xa9");
	v[2].name = SPAN_LIT("Cafe\xcc\x81");
	assert_string_equal(judged(f), "file.case_collision");
	assert_non_null(strstr(f->w.out.v[0].detail, "other code points"));
	v[2].name = SPAN_LIT("other");
	/* The same name twice is a broken tree, and collides as well. */
	v[1].name = SPAN_LIT("other");
	assert_string_equal(judged(f), "file.case_collision");
	f->up->movement = MOVEMENT_DELETE;
	assert_string_equal(judged(f), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_and_paths),
		TEST(sizes),
		TEST(every_path_of_every_commit),
		TEST(patterns_on_paths),
		TEST(extensions),
		TEST(long_paths_and_odd_modes),
		TEST(names_of_other_systems),
		TEST(links),
		TEST(submodules),
		TEST(modes_that_git_reads_otherwise),
		TEST(names_that_collide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

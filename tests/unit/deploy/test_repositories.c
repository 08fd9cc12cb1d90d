/* The list of gated repositories, and the names they go by. */
#include "deploy/repositories.h"

#include "base/io.h"
#include "deploy/gitdir.h"
#include "support/unit.h"

static char dir[200];

static int dir_new(void **state)
{
	(void)state;
	memset(dir, 0, sizeof(dir));
	unit_dir(dir, sizeof(dir));
	return 0;
}

static int dir_end(void **state)
{
	(void)state;
	unit_rm(dir);
	return 0;
}

static void list_is(const char *text)
{
	struct buf path = PATH_BUF_INIT, got = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;

	io_join(&path, dir, "repositories");
	assert_int_equal(io_read_file(buf_cstr(&path), &got, &err), 0);
	unit_span_is(buf_all(&got), text);
	buf_free(&got);
	buf_free(&path);
}

static void add_and_remove(void **state)
{
	struct buf text = BUF_INIT(8192);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(repositories_remove(dir, "/none", &err), 0);
	assert_int_equal(repositories_add(dir, "a/b", "/r/b.git", &err), 0);
	assert_int_equal(repositories_add(dir, "a/c", "/r/c:d.git", &err), 0);
	assert_int_equal(repositories_add(dir, "a/b", "/r/b.git", &err), 0);
	list_is("a/b\t/r/b.git\na/c\t/r/c:d.git\n");
	assert_int_equal(repositories_add(dir, "a/x", "/r/b.git", &err), 0);
	list_is("a/c\t/r/c:d.git\na/x\t/r/b.git\n");
	assert_int_equal(repositories_remove(dir, "/r/c:d.git", &err), 0);
	list_is("a/x\t/r/b.git\n");
	/* A name that is taken, and one whose repository was moved. */
	assert_int_equal(repositories_add(dir, "a/y", dir, &err), 0);
	assert_int_equal(repositories_add(dir, "a/y", "/r/e.git", &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	err_clear(&err);
	assert_int_equal(repositories_add(dir, "a/x", "/r/new.git", &err), 0);
	buf_fmt(&text, "a/y\t%s\na/x\t/r/new.git\n", dir);
	list_is(buf_cstr(&text));
	buf_free(&text);
}

static void malformed(void **state)
{
	static const char *const bad[] = {
		"name\n", "name\trelative\n", "\t/path\n", "a\t/b\n\n"};
	struct arena *a = arena_new(1u << 20);
	struct buf path = PATH_BUF_INIT;
	struct gated_repository *r;
	size_t i, n;

	(void)state;
	io_join(&path, dir, "repositories");
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(io_replace(buf_cstr(&path), span_str(bad[i]),
					 0644, &err),
			0);
		assert_int_equal(repositories_read(dir, a, &r, &n, &err), -1);
		assert_int_equal(err.code, ERR_INPUT);
	}
	buf_free(&path);
	arena_free(a);
}

static void names(void **state)
{
	static const char *const good[] = {"a", "payments/api", "x.y/z-1_2",
		"gr\xc3\xbc\xc3\x9f"
		"e"};
	static const char *const bad[] = {"", "/a", "a/", "a//b", ".", "a/../b",
		"a/.", "a b", "a\tb", "a\nb", "\x1b[1m", "\xff"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(good); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(gitdir_name_check(good[i], &err), 0);
	}
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(gitdir_name_check(bad[i], &err), -1);
		assert_int_equal(err.code, ERR_USAGE);
	}
}

static void default_names(void **state)
{
	static const struct {
		const char *path, *name;
	} t[] = {
		{"/srv/git/payments/api.git", "payments/api"},
		{"/srv/api.git", "srv/api"},
		{"/api.git", "api"},
		{"/srv/git/payments/api", "payments/api"},
	};
	struct arena *a = arena_new(1u << 20);
	struct err err = ERR_INIT;
	const char *name;
	struct gitdir g = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		g.path = t[i].path;
		assert_int_equal(gitdir_name(&g, NULL, a, &name, &err), 0);
		assert_string_equal(name, t[i].name);
	}
	g.path = arena_fmt(a, "%s/x/y/z.git", dir);
	assert_int_equal(gitdir_name(&g, dir, a, &name, &err), 0);
	assert_string_equal(name, "x/y/z");
	g.path = arena_fmt(a, "%s-not/z.git", dir);
	assert_int_equal(gitdir_name(&g, dir, a, &name, &err), -1);
	arena_free(a);
}

#define DIR_TEST(f) cmocka_unit_test_setup_teardown(f, dir_new, dir_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIR_TEST(add_and_remove),
		DIR_TEST(malformed),
		DIR_TEST(names),
		DIR_TEST(default_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <sys/stat.h>

#include "gather/gather.h"
#include "support/unit.h"

struct fixture {
	char dir[300];
	struct arena *arena;
	struct repo *repo;
	struct policy_tree tree;
};

/* A repository whose tree has what a policy names, and traps. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = ERR_INIT;

	assert_non_null(f);
	umask(022);
	unit_dir(f->dir, sizeof(f->dir));
	unit_shell(f->dir,
		"export GIT_CONFIG_NOSYSTEM=1 HOME=$PWD; git init -q r; cd r; "
		"mkdir keys elsewhere; echo key >keys/a.pub; "
		"echo outside >../outside; ln -s ../outside link; "
		"ln -s keys folder; "
		"echo far >elsewhere/$(printf /far/b.pub | sha256sum | "
		"cut -c1-64); "
		"printf '%s' '{\"people\": {\"ada\": {\"email\": [\"a@x\"], "
		"\"ssh\": [\"keys/a.pub\", \"/far/b.pub\"]}}, "
		"\"repositories\": [{\"match\": [\"**\"], \"refs\": "
		"[{\"match\": [\"**\"], \"signature\": {\"by\": [\"ada\"]}}]}]"
		"}' >policy.json; echo team/app >repository; git add .; "
		"git -c user.name=x -c user.email=x@x commit -qm x");
	f->arena = arena_new(64u << 20);
	assert_int_equal(repo_open(arena_fmt(f->arena, "%s/r", f->dir), NULL,
				 &f->repo, &err),
		0);
	f->tree = (struct policy_tree){.repo = f->repo, .called = "the tree"};
	assert_true(repo_ref_value(f->repo, "HEAD", &f->tree.commit));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	repo_close(f->repo);
	arena_free(f->arena);
	unit_rm(f->dir);
	free(f);
	return 0;
}

/* What the source has under a name; NULL when it refuses. */
static const char *got(struct fixture *f, const char *name, size_t max)
{
	struct policy_source s = policysource_tree(&f->tree);
	struct buf out = BUF_INIT(max);
	struct err err = ERR_INIT;
	const char *text = NULL;

	if (!s.read(s.ctx, name, &out, &err))
		text = arena_str(f->arena, span_trim(buf_all(&out)));
	else
		assert_int_not_equal(err.code, ERR_NONE);
	buf_free(&out);
	return text;
}

static void files_of_a_tree(void **state)
{
	struct fixture *f = *state;
	const char *name;
	struct err err = ERR_INIT;

	assert_string_equal(got(f, "keys/a.pub", 100), "key");
	assert_string_equal(got(f, "/far/b.pub", 100), "far");
	assert_non_null(strstr(got(f, NULL, 1000), "people"));
	assert_int_equal(policytree_name(&f->tree, f->arena, &name, &err), 0);
	assert_string_equal(name, "team/app");
	/* Not links, folders or what goes up; not past the limit. */
	assert_null(got(f, "link", 100));
	assert_null(got(f, "folder/a.pub", 100));
	assert_null(got(f, "keys", 100));
	assert_null(got(f, "keys/../keys/a.pub", 100));
	assert_null(got(f, "../outside", 100));
	assert_null(got(f, "/far/c.pub", 100));
	assert_null(got(f, "", 100));
	assert_null(got(f, "keys/a.pub", 3));
}

static void where_names_stand(void **state)
{
	static const char *const away[] = {"", "/a", "a/", "a//b", "./a", "a/.",
		"../a", "a/../b", ".git/config", "x/.GIT/y", "a\nb",
		"policy.json", "repository", "elsewhere/a"};
	struct buf path = BUF_INIT(1000), other = BUF_INIT(1000);
	size_t i, k;

	(void)state;
	assert_true(policytree_path("keys/a b.pub", &path));
	unit_span_is(buf_all(&path), "keys/a b.pub");
	assert_true(policytree_path("..a/b", &path));
	for (i = 0; i < sizeof(away) / sizeof(*away); i++) {
		assert_false(policytree_path(away[i], &path));
		assert_int_equal(path.n, strlen("elsewhere/") + 64);
		for (k = 0; k < i; k++) {
			assert_false(policytree_path(away[k], &other));
			assert_false(span_eq(buf_all(&path), buf_all(&other)));
		}
	}
	buf_free(&path);
	buf_free(&other);
}

/* The same policy, whatever it is read from, has the same digests. */
static void all_sources_agree(void **state)
{
	struct fixture *f = *state;
	struct policy_source tree = policysource_tree(&f->tree), plain, noted;
	struct policy_files files = {.arena = f->arena};
	struct policy *a, *b;
	struct err err = ERR_INIT;

	assert_int_equal(policy_load_from(&tree, f->arena, &a, &err), 0);
	unit_span_is(a->person[0].key[1].data, "far\n");
	files.from = tree;
	noted = policysource_noting(&files);
	assert_int_equal(policy_load_from(&noted, f->arena, &b, &err), 0);
	assert_string_equal(a->digest, b->digest);
	assert_string_equal(a->keys_digest, b->keys_digest);
	assert_int_equal(files.n, 3);
	assert_null(files.v[0].name);
	assert_string_equal(files.v[2].name, "/far/b.pub");
	unit_span_is(files.v[2].data, "far\n");

	/* A file of the user's own: no key of that absolute name is there. */
	plain = policysource_plain(
		arena_fmt(f->arena, "%s/r/policy.json", f->dir));
	assert_int_equal(policy_load_from(&plain, f->arena, &b, &err), -1);
	assert_non_null(strstr(err.text, "/far/b.pub"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			files_of_a_tree, setup, teardown),
		cmocka_unit_test(where_names_stand),
		cmocka_unit_test_setup_teardown(
			all_sources_agree, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

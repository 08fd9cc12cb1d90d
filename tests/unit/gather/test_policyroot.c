#include "gather/policyroot.h"

#include <sys/stat.h>

#include "support/unit.h"

struct fixture {
	char dir[300];
	struct arena *arena;
	struct repo *repo;
	struct oid c[4]; /* a line of three, and one beside it */
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = ERR_INIT;
	size_t i;

	assert_non_null(f);
	umask(022);
	unit_dir(f->dir, sizeof(f->dir));
	unit_shell(f->dir,
		"export GIT_CONFIG_NOSYSTEM=1 HOME=$PWD; git init -q r; "
		"mkdir keys; ssh-keygen -q -t ed25519 -N '' -f keys/a; cd r; "
		"c() { git -c user.name=x -c user.email=x@x commit -q "
		"--allow-empty -m $1; git update-ref refs/c/$1 HEAD; }; "
		"c 0; c 1; c 2; git checkout -q --detach HEAD^; c 3");
	f->arena = arena_new(64u << 20);
	assert_int_equal(repo_open(arena_fmt(f->arena, "%s/r", f->dir), NULL,
				 &f->repo, &err),
		0);
	for (i = 0; i < ARRAY_LEN(f->c); i++)
		assert_true(repo_ref_value(f->repo,
			arena_fmt(f->arena, "refs/c/%zu", i), &f->c[i]));
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

/* The ref at commit number ${at} (-1: there is none); what the log admitted,
 * the newest first; what is wrong, "" for nothing. */
static const char *told(
	struct fixture *f, int at, const int *admitted, size_t n)
{
	struct oid tip[4], got;
	struct err err = ERR_INIT;
	size_t i;

	unit_shell(f->dir,
		at < 0 ? "git -C r update-ref -d " POLICY_REF
		       : arena_fmt(f->arena,
				 "git -C r update-ref " POLICY_REF " refs/c/%d",
				 at));
	for (i = 0; i < n; i++)
		tip[i] = f->c[admitted[i]];
	if (policyroot_tip(f->repo, tip, n, &got, &err)) {
		assert_int_equal(err.code, ERR_POLICY);
		assert_true(err.hint[0]);
		return arena_str(f->arena, span_str(err.text));
	}
	if (at < 0)
		assert_true(oid_is_zero(&got));
	else
		assert_true(oid_eq(&got, &f->c[at]));
	return "";
}

static void the_ref_stands_where_the_log_let_it_go(void **state)
{
	static const int one[] = {0}, line[] = {2, 1}, back[] = {1, 2},
			 aside[] = {3, 2};
	struct fixture *f = *state;

	assert_string_equal(told(f, -1, NULL, 0), "");
	assert_non_null(strstr(told(f, -1, one, 1), "is gone"));
	assert_non_null(strstr(told(f, 0, NULL, 0), "did not come through"));
	assert_string_equal(told(f, 0, one, 1), "");
	assert_non_null(strstr(told(f, 1, one, 1), "round the gate"));
	/* The decision before the last, whose push was then given up. */
	assert_string_equal(told(f, 2, line, 2), "");
	assert_non_null(strstr(told(f, 1, line, 2), "moved back"));
	assert_non_null(strstr(told(f, 1, back, 2), "moved back"));
	assert_string_equal(told(f, 3, aside, 2), "");
	assert_non_null(strstr(told(f, 0, aside, 2), "round the gate"));
}

/* A root whose entry for repositories is that; what is wrong with it. */
static const char *root_of(struct fixture *f, const char *repositories)
{
	const char *path = arena_fmt(f->arena, "%s/root.json", f->dir);
	struct policy_root *root;
	struct err err = ERR_INIT;
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file,
		"{\"people\": {\"ada\": {\"email\": [\"a@x\"], \"ssh\": "
		"[\"keys/a.pub\"]}}, \"repositories\": [%s]}\n",
		repositories);
	assert_int_equal(fclose(file), 0);
	if (policyroot_load(path, f->arena, &root, &err)) {
		assert_null(root);
		return arena_str(f->arena, span_str(err.text));
	}
	assert_string_equal(root->repository, "team/policy");
	assert_int_equal(root->approval->count, 1);
	return "";
}

#define ENTRY(match, refs) "{\"match\": [" match "], \"refs\": [" refs "]}"
#define REF(match, rules) "{\"match\": [\"" match "\"]" rules "}"
#define APPROVAL ", \"approval\": {\"count\": 1, \"by\": [\"ada\"]"
#define GOOD REF(POLICY_REF, APPROVAL "}")

static void a_root_is_one_rule_for_one_ref(void **state)
{
	static const char *const bad[][2] = {
		{ENTRY("\"team/*\"", GOOD), "a name without"},
		{ENTRY("\"team/policy\", \"b\"", GOOD), "one repository"},
		{ENTRY("\"team/policy\"", GOOD) ", " ENTRY("\"b\"", GOOD),
			"one repository"},
		{ENTRY("\"team/policy\"", REF("refs/heads/main", APPROVAL "}")),
			"alone"},
		{ENTRY("\"team/policy\"", REF("refs/sluice/*", APPROVAL "}")),
			"alone"},
		{ENTRY("\"team/policy\"",
			 GOOD ", " REF("refs/heads/x", APPROVAL "}")),
			"alone"},
		{ENTRY("\"team/policy\"",
			 REF(POLICY_REF, ", \"ref\": {\"delete\": \"deny\"}")),
			"an approval"},
		{ENTRY("\"team/policy\"",
			 REF(POLICY_REF,
				 APPROVAL ", \"paths\": [{\"match\": [\"a\"], "
					  "\"count\": 1, \"by\": [\"ada\"]}]"
					  "}")),
			"an approval"},
	};
	struct fixture *f = *state;
	struct policy_root *none;
	struct err err = ERR_INIT;
	size_t i;

	assert_int_equal(policyroot_load(arena_fmt(f->arena, "%s/none", f->dir),
				 f->arena, &none, &err),
		0);
	assert_null(none);
	assert_string_equal(root_of(f, ENTRY("\"team/policy\"", GOOD)), "");
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		const char *why = root_of(f, bad[i][0]);

		if (!strstr(why, bad[i][1]))
			fail_msg("%s: '%s'", bad[i][0], why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_ref_stands_where_the_log_let_it_go, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_root_is_one_rule_for_one_ref, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

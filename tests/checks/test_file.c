#include "support/facts.h"
#include "support/unit.h"

struct fixture {
	struct world w;
	struct rule_file rule;
	struct update_fact *up;
	struct change *c;
	struct path_change path[3];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	world_open(&f->w);
	f->up = world_update(&f->w, "refs/heads/main");
	f->up->rules.file = &f->rule;
	f->c = world_commit(&f->w, f->up, ADA);
	f->c->path = f->path;
	f->c->npath = 1;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	world_close(&f->w);
	free(f);
	return 0;
}

static const char *judged(struct fixture *f)
{
	return world_findings(&f->w, &check_file, f->up);
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

	f->rule.deny = deny;
	f->rule.ndeny = ARRAY_LEN(deny);
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
	f->rule.max_size = 1000;
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

	f->rule.deny = deny;
	f->rule.ndeny = 1;
	f->rule.max_size = 10;
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_and_paths),
		TEST(sizes),
		TEST(every_path_of_every_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

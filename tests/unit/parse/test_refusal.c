#include "parse/refusal.h"

#include "support/unit.h"

#define C "1234567890123456789012345678901234567890"
#define GOOD "sluice waive secret.x --for " C " --ref refs/heads/main"

struct run {
	struct arena *arena;
	struct waiver_ask *v;
	size_t n;
	bool whole;
};

static struct run read_all(const char *text)
{
	struct run r = {.arena = arena_new(1 << 24)};

	r.whole = refusal_read(
		arena_copy(r.arena, span_str(text)), r.arena, &r.v, &r.n);
	return r;
}

static void copied_from_a_terminal(void **state)
{
	struct run r =
		read_all("remote: sluice: refused\r\n"
			 "remote:   waiver: 2 of bela, gus (has 1 of 2): " GOOD
			 " --repository team/app --fingerprint 00ff        \r\n"
			 "  waiver: bela: " GOOD " --path 'a b/it.c:7'\n"
			 "again: " GOOD " --path 'a b/it.c:7'\n"
			 "remote: evidence: 7\n");

	(void)state;
	assert_true(r.whole);
	assert_int_equal(r.n, 2);
	unit_span_is(r.v[0].finding, "secret.x");
	assert_int_equal(r.v[0].commit.b[0], 0x12);
	unit_span_is(r.v[0].ref, "refs/heads/main");
	unit_span_is(r.v[0].repository, "team/app");
	unit_span_is(r.v[0].fingerprint, "00ff");
	assert_int_equal(r.v[0].path.n, 0);
	unit_span_is(r.v[1].path, "a b/it.c:7");
	assert_int_equal(r.v[1].repository.n, 0);
	arena_free(r.arena);
}

static void what_is_not_whole_is_passed_over(void **state)
{
	static const char *const bad[] = {
		"",
		"sluice waive",
		"sluice waive ",
		"sluice waive secret.x",
		"sluice waive secret.x --ref refs/heads/main",
		"sluice waive secret.x --for " C,
		"sluice waive --for " C " --ref refs/heads/main",
		"sluice waive secret.x --for 1234567890 --ref refs/heads/main",
		"sluice waive secret.x --for " C "0 --ref refs/heads/main",
		GOOD " --ref refs/heads/other",
		GOOD " --for " C,
		GOOD " --path",
		GOOD " --path ''",
		GOOD " --path 'a",
		GOOD " --path 'a'b",
		GOOD " --path a'b",
		GOOD " --path <...>",
		GOOD " --reason x",
		GOOD " --push origin",
		GOOD " and more",
		"sluice waive secret.x --for " C " --ref <ref>",
		"sluice waive secret.x --for " C " --ref --path",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		struct run r = read_all(bad[i]);

		if (r.n)
			fail_msg("taken: %s", bad[i]);
		assert_true(r.whole);
		arena_free(r.arena);
	}
}

static void more_than_the_most_is_told(void **state)
{
	struct buf text = BUF_INIT(1 << 20);
	struct run r;
	int i;

	(void)state;
	for (i = 0; i < REFUSAL_ASKS_MAX; i++)
		buf_fmt(&text, GOOD " --path p%d\n", i);
	r = read_all(buf_cstr(&text));
	assert_true(r.whole);
	assert_int_equal(r.n, REFUSAL_ASKS_MAX);
	arena_free(r.arena);
	buf_str(&text, GOOD "\n");
	r = read_all(buf_cstr(&text));
	assert_false(r.whole);
	assert_int_equal(r.n, REFUSAL_ASKS_MAX);
	arena_free(r.arena);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copied_from_a_terminal),
		cmocka_unit_test(what_is_not_whole_is_passed_over),
		cmocka_unit_test(more_than_the_most_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

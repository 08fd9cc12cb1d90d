#include "log/recent.h"

#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "../../support/unit.h"
#include "parse/record.h"

#define REPO SPAN_LIT("r/a")
#define MAIN "refs/heads/main"
#define SIDE "refs/heads/side"

static struct ref_update update(const char *ref, unsigned n)
{
	return (struct ref_update){test_oid(n), test_oid(n + 1), span_str(ref)};
}

static bool look(const char *state, struct span repo,
	const struct ref_update *up, size_t n, uint64_t *decision)
{
	struct arena *a = arena_new(1u << 20);
	struct err err = ERR_INIT;
	bool all;

	if (recent_decisions(state, repo, up, n, a, decision, &all, &err))
		fail_msg("%s", err.text);
	arena_free(a);
	return all;
}

static void finds_what_was_just_decided(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 0);
	struct ref_update up[2] = {update(MAIN, 3), update(SIDE, 3)};
	uint64_t at[2];

	(void)unused;
	log_append(state, test_decision("accept", MAIN, 3));
	log_append(state, test_decision("accept", SIDE, 3));
	log_append(state, test_decision("accept", MAIN, 3));
	assert_true(look(state, REPO, up, 2, at));
	assert_int_equal(2, at[0]); /* the newest */
	assert_int_equal(1, at[1]);
	free(state);
	log_remove(dir);
}

static void takes_nothing_else_for_it(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 0);
	struct ref_update right = update(MAIN, 3), wrong = update(MAIN, 3);
	uint64_t at;

	(void)unused;
	log_append(
		state, test_adopt(MAIN, 4)); /* moves main to the same value */
	log_append(state, test_decision("reject", MAIN, 3));
	log_append(state, test_decision("undecided", MAIN, 3));
	assert_false(look(state, REPO, &right, 1, &at));
	assert_int_equal(UINT64_MAX, at);
	log_append(state, test_decision("accept", MAIN, 3));
	assert_true(look(state, REPO, &right, 1, &at));
	assert_false(look(state, SPAN_LIT("r/b"), &right, 1, &at));
	wrong.new = test_oid(9);
	assert_false(look(state, REPO, &wrong, 1, &at));
	wrong = right;
	wrong.ref = span_str(SIDE);
	assert_false(look(state, REPO, &wrong, 1, &at));
	free(state);
	log_remove(dir);
}

static void looks_at_so_many_and_no_more(void **unused)
{
	char *dir = log_folder(), *state = test_log(dir, 0);
	struct ref_update up = update(MAIN, 3);
	uint64_t at;
	unsigned i;

	(void)unused;
	log_append(state, test_decision("accept", MAIN, 3));
	for (i = 0; i + 1 < RECENT_LOOKED_AT; i++)
		log_append(state, test_decision("accept", SIDE, i));
	assert_true(look(state, REPO, &up, 1, &at));
	log_append(state, test_decision("accept", SIDE, 20));
	assert_false(look(state, REPO, &up, 1, &at));
	free(state);
	log_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_just_decided),
		cmocka_unit_test(takes_nothing_else_for_it),
		cmocka_unit_test(looks_at_so_many_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/policy.h"

static const struct person ada = {.name = "ada"}, bela = {.name = "bela"};
static const struct person *both[] = {&ada, &bela}, *one[] = {&ada};
static const char *builtin[] = {"builtin"}, *more[] = {"builtin", "own.json"};

static void nothing_is_covered_by_anything(void **state)
{
	const struct rule_secret secret = {.rules = builtin, .nrules = 1};
	const struct rules none = {0}, some = {.secret = &secret};

	(void)state;
	assert_true(rules_cover(&some, &none));
	assert_true(rules_cover(&none, &none));
	assert_false(rules_cover(&none, &some));
}

static void sections_that_read_alike_cover_each_other(void **state)
{
	const struct rule_secret a = {
		.rules = builtin, .nrules = 1, .max_blob = 10};
	const struct rule_secret b = a;
	const struct rules ra = {.secret = &a}, rb = {.secret = &b};

	(void)state;
	assert_true(rules_cover(&ra, &rb));
	assert_true(rules_cover(&rb, &ra));
}

static void stricter_secrets_cover_laxer_ones(void **state)
{
	const struct rule_secret lax = {
		.rules = builtin, .nrules = 1, .max_blob = 100};
	const struct rule_secret strict = {
		.rules = more, .nrules = 2, .max_blob = 50, .block_low = true};
	const struct rules rl = {.secret = &lax}, rs = {.secret = &strict};

	(void)state;
	assert_true(rules_cover(&rs, &rl));
	assert_false(rules_cover(&rl, &rs));
}

/* What is past a limit refuses. */
static void archives_and_their_limits(void **state)
{
	const struct rule_secret off = {.rules = builtin, .nrules = 1},
				 on = {.rules = builtin,
					 .nrules = 1,
					 .archives = true,
					 .archive_depth = 2,
					 .archive_max = 10},
				 deep = {.rules = builtin,
					 .nrules = 1,
					 .archives = true,
					 .archive_depth = 3,
					 .archive_max = 10},
				 wide = {.rules = builtin,
					 .nrules = 1,
					 .archives = true,
					 .archive_depth = 2,
					 .archive_max = 11};
	const struct rules r0 = {.secret = &off}, r1 = {.secret = &on},
			   rd = {.secret = &deep}, rw = {.secret = &wide};

	(void)state;
	assert_true(rules_cover(&r1, &r0));
	assert_false(rules_cover(&r0, &r1));
	assert_true(rules_cover(&r1, &rd));
	assert_false(rules_cover(&rd, &r1));
	assert_true(rules_cover(&r1, &rw));
	assert_false(rules_cover(&rw, &r1));
}

static void fewer_signers_are_stricter(void **state)
{
	const struct rule_signature wide = {
		.by = {both, 2}, .kinds = 6, .identity = false};
	const struct rule_signature narrow = {
		.by = {one, 1}, .kinds = 2, .identity = true};
	const struct rules rw = {.signature = &wide},
			   rn = {.signature = &narrow};

	(void)state;
	assert_true(rules_cover(&rn, &rw));
	assert_false(rules_cover(&rw, &rn));
}

static void approvals_count_upwards(void **state)
{
	struct rule_approval two = {
		.count = 2, .by = {both, 2}, .exclude = EXCLUDE_AUTHOR};
	struct rule_approval single = two;
	const struct rules r2 = {.approval = &two}, r1 = {.approval = &single};
	const char *glob[] = {"crypto/**"};
	struct approval_path path = {glob, 1, 1, {one, 1}};

	(void)state;
	single.count = 1;
	assert_true(rules_cover(&r2, &r1));
	assert_false(rules_cover(&r1, &r2));
	single.path = &path;
	single.npath = 1;
	assert_false(rules_cover(&r2, &r1));
	two.path = &path;
	two.npath = 1;
	assert_true(rules_cover(&r2, &r1));
	single.exclude |= EXCLUDE_PUSHER;
	assert_false(rules_cover(&r2, &r1));
}

static void a_size_limit_is_not_covered_by_none(void **state)
{
	const struct rule_file none = {.max_size = 0}, small = {.max_size = 9};
	const struct rules rn = {.file = &none}, rs = {.file = &small};

	(void)state;
	assert_true(rules_cover(&rs, &rn));
	assert_false(rules_cover(&rn, &rs));
}

static void other_weights_cover_nothing(void **state)
{
	const struct severity_override off = {"secret.*", 2};
	const struct rule_secret secret = {.rules = builtin, .nrules = 1};
	const struct rules plain = {.secret = &secret};
	const struct rules weighed = {
		.secret = &secret, .severity = &off, .nseverity = 1};

	(void)state;
	assert_false(rules_cover(&weighed, &plain));
	assert_false(rules_cover(&plain, &weighed));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_covered_by_anything),
		cmocka_unit_test(sections_that_read_alike_cover_each_other),
		cmocka_unit_test(stricter_secrets_cover_laxer_ones),
		cmocka_unit_test(archives_and_their_limits),
		cmocka_unit_test(fewer_signers_are_stricter),
		cmocka_unit_test(approvals_count_upwards),
		cmocka_unit_test(a_size_limit_is_not_covered_by_none),
		cmocka_unit_test(other_weights_cover_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

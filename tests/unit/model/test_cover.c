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

static void merged_tags_in_their_order(void **state)
{
	struct rule_signature a = {.kinds = 1}, b = {.kinds = 1};
	const struct rules ra = {.signature = &a}, rb = {.signature = &b};
	int i, k;

	(void)state;
	for (i = MERGED_TAGS_OFF; i <= MERGED_TAGS_REQUIRED; i++) {
		for (k = MERGED_TAGS_OFF; k <= MERGED_TAGS_REQUIRED; k++) {
			a.merged_tags = (enum merged_tags)i;
			b.merged_tags = (enum merged_tags)k;
			assert_int_equal(rules_cover(&ra, &rb), i >= k);
		}
	}
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

static void groups_of_approvers_add_up(void **state)
{
	struct approval_group g1 = {1, {one, 1}}, g2 = {2, {both, 2}};
	struct rule_approval a = {.count = 1, .by = {both, 2}}, b = a;
	const struct rules ra = {.approval = &a}, rb = {.approval = &b};

	(void)state;
	b.group = &g1;
	b.ngroup = 1;
	assert_true(rules_cover(&rb, &ra));
	assert_false(rules_cover(&ra, &rb));
	a.group = &g2;
	a.ngroup = 1;
	assert_false(rules_cover(&ra, &rb)); /* others may approve */
	assert_false(rules_cover(&rb, &ra)); /* fewer have to */
	g2 = g1;
	assert_true(rules_cover(&ra, &rb));
	a.shared = true;
	assert_false(rules_cover(&ra, &rb));
	assert_true(rules_cover(&rb, &ra));
}

static void stricter(const struct rules *strict, const struct rules *lax);

/* What counts for less is stricter. */
static void sources_of_approvals(void **state)
{
	static const struct forge git = {.name = "git"}, hub = {.name = "hub"};
	static const struct forge *two[] = {&git, &hub}, *only[] = {&hub};
	struct rule_approval a = {.count = 1}, b = {.count = 1};
	struct rules ra = {.approval = &a}, rb = {.approval = &b};

	(void)state;
	b.forge = only;
	b.nforge = 1;
	stricter(&ra, &rb);
	a.forge = two;
	a.nforge = 2;
	stricter(&rb, &ra);
	a.forge = only;
	a.nforge = 1;
	a.no_tags = true;
	stricter(&ra, &rb);
	b.no_tags = true;
	assert_true(rules_cover(&ra, &rb));
	assert_true(rules_cover(&rb, &ra));
}

static void owners_of_code(void **state)
{
	struct owner_name name = {"@x", {one, 1}}, other = {"@x", {both, 2}};
	struct rule_codeowners strict = {.fallback = {one, 1}};
	struct rule_codeowners lax = {.fallback = {both, 2}};
	struct rule_approval a = {.count = 1}, b = {.count = 1};
	struct rules x = {.approval = &a}, y = {.approval = &b};

	(void)state;
	a.objections = (struct people){one, 1};
	stricter(&x, &y);
	b.objections = (struct people){both, 2};
	assert_false(rules_cover(&x, &y));
	stricter(&y, &x);
	b.objections = (struct people){one, 1};
	b.binds_patch = true;
	stricter(&x, &y);
	b.binds_patch = false;
	b.clean_merges = true;
	stricter(&x, &y);
	b.clean_merges = false;
	a.codeowners = &strict;
	stricter(&x, &y);
	b.codeowners = &lax;
	stricter(&x, &y);
	strict.owner = &name;
	strict.nowner = 1;
	assert_false(rules_cover(&x, &y));
	lax.owner = &other;
	lax.nowner = 1;
	stricter(&x, &y);
	other.name = "@y";
	assert_false(rules_cover(&x, &y));
	other.name = "@x";
	lax.dialect = CODEOWNERS_GITEA;
	assert_false(rules_cover(&x, &y));
	assert_false(rules_cover(&y, &x));
	assert_true(rules_cover(&y, &y));
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

/* ${strict} covers ${lax}, and not the other way round. */
static void stricter(const struct rules *strict, const struct rules *lax)
{
	static const struct rules none = {0};

	assert_true(rules_cover(strict, strict));
	assert_true(rules_cover(strict, lax));
	assert_false(rules_cover(lax, strict));
	assert_false(rules_cover(&none, strict));
}

static struct pattern_ref ab[] = {{"a", 0}, {"b", 1}};

static void identities(void **state)
{
	static const struct rule_identity rows[][2] = {
		{{.email = IDENTITY_STRICT}, {.email = IDENTITY_DOMAIN}},
		{{.email = IDENTITY_DOMAIN}, {.email = IDENTITY_OFF}},
		{{.committer_pushes = true}, {0}},
		{{.author_known = true}, {0}},
		{{.names_listed = true}, {0}},
		{{.author_email = {ab, 1}}, {.author_email = {ab, 2}}},
		{{.author_email = {ab, 2}}, {0}},
		{{.committer_email = {ab, 1}}, {.committer_email = {ab, 2}}},
		{{.committer_email = {ab, 2}}, {0}},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		stricter(&(struct rules){.identity = &rows[i][0]},
			&(struct rules){.identity = &rows[i][1]});
}

static void robots(void **state)
{
	static const char *globs[] = {"x", "y"};
	static struct robot_path one_glob = {{one, 1}, globs, 1};
	static struct robot_path two_globs = {{one, 1}, globs, 2};
	static struct robot_path others = {{both, 2}, globs, 1};
	const struct rule_robot rows[][2] = {
		{{.commit_some = true}, {0}},
		{{.commit_some = true},
			{.commit_some = true, .commit = {one, 1}}},
		{{.path = &one_glob, .npath = 1}, {0}},
		{{.path = &one_glob, .npath = 1},
			{.path = &two_globs, .npath = 1}},
	};
	const struct rule_robot few = {.path = &one_glob, .npath = 1},
				many = {.path = &others, .npath = 1};
	const struct rule_robot none_push = {.push_some = true};
	static const struct rule_robot any = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		stricter(&(struct rules){.robot = &rows[i][0]},
			&(struct rules){.robot = &rows[i][1]});
	assert_false(rules_cover(&(struct rules){.robot = &few},
		&(struct rules){.robot = &many}));
	assert_false(rules_cover(&(struct rules){.robot = &many},
		&(struct rules){.robot = &few}));
	/* Who may push says nothing of the commits. */
	assert_true(rules_cover(&(struct rules){.robot = &any},
		&(struct rules){.robot = &none_push}));
}

static void approvals_for_robots(void **state)
{
	static const struct rule_approval agents = {
		.count = 1, .robot_count = 2, .by = {both, 2}};
	static const struct rule_approval plain = {.count = 1, .by = {both, 2}};
	static const struct rule_approval two = {.count = 2, .by = {both, 2}};

	(void)state;
	stricter(&(struct rules){.approval = &agents},
		&(struct rules){.approval = &plain});
	stricter(&(struct rules){.approval = &two},
		&(struct rules){.approval = &agents});
}

static void messages_and_history(void **state)
{
	static const struct rule_message rows[][2] = {
		{{.issue = {ab, 1}}, {.issue = {ab, 2}}},
		{{.issue = {ab, 2}}, {0}},
		{{.max_subject = 50}, {.max_subject = 51}},
		{{.max_subject = 50}, {0}},
		{{.max_line = 50}, {.max_line = 51}},
		{{.max_line = 50}, {0}},
		{{.sign_off = true}, {.sign_off = true, .spare_merges = true}},
	};
	static const struct rule_ref linear = {.deny_merge = true},
				     free_form = {.deny_delete = true};
	static const struct rules none = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		stricter(&(struct rules){.message = &rows[i][0]},
			&(struct rules){.message = &rows[i][1]});
	stricter(&(struct rules){.ref = &linear},
		&(struct rules){.ref = &free_form});
	assert_true(rules_cover(&none, &(struct rules){.ref = &free_form}));
}

static void files(void **state)
{
	static const char *exe[] = {"exe", "dll"};
	static const struct rule_file rows[][2] = {
		{{.deny_pattern = {ab, 2}}, {.deny_pattern = {ab, 1}}},
		{{.extension = exe, .nextension = 2},
			{.extension = exe, .nextension = 1}},
		{{.max_path = 9}, {.max_path = 10}},
		{{.max_path = 9}, {0}},
		{{.deny_case = true}, {0}},
		{{.deny_modes = true}, {0}},
		{{.deny_windows = true}, {0}},
		{{.deny_dotgit = true}, {0}},
		{{.symlinks = SYMLINKS_DENY}, {.symlinks = SYMLINKS_INSIDE}},
		{{.symlinks = SYMLINKS_INSIDE}, {0}},
		{{.limit_submodules = true}, {0}},
		{{.limit_submodules = true},
			{.limit_submodules = true,
				.submodules = SUBMODULE_SSH}},
		{{.limit_submodules = true, .submodules = SUBMODULE_SSH},
			{.limit_submodules = true,
				.submodules = SUBMODULE_SSH | SUBMODULE_GIT}},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++)
		stricter(&(struct rules){.file = &rows[i][0]},
			&(struct rules){.file = &rows[i][1]});
}

static void waivers(void **state)
{
	static const char *ids[] = {"secret.*", "ref.delete"};
	const struct rule_waiver base = {.finding = ids,
		.nfinding = 1,
		.by = {both, 1},
		.count = 2,
		.exclude = EXCLUDE_AUTHOR | EXCLUDE_PUSHER,
		.max_days = 3};
	struct rule_waiver lax[5];
	struct rules a = {.waiver = &base, .nwaiver = 1}, b;
	const struct rules none = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(lax); i++)
		lax[i] = base;
	lax[0].nfinding = 2;
	lax[1].by.n = 2;
	lax[2].count = 1;
	lax[3].exclude = EXCLUDE_AUTHOR;
	lax[4].max_days = 4;
	assert_true(waivers_cover(&a, &a));
	assert_true(waivers_cover(&none, &a));
	assert_false(waivers_cover(&a, &none));
	for (i = 0; i < ARRAY_LEN(lax); i++) {
		b = (struct rules){.waiver = &lax[i], .nwaiver = 1};
		assert_true(waivers_cover(&a, &b));
		assert_false(waivers_cover(&b, &a));
	}
	/* Each of several has to find its like. */
	b = (struct rules){.waiver = lax, .nwaiver = 2};
	assert_false(waivers_cover(&b, &a));
	assert_true(waivers_cover(&a, &b));
	/* They do not make other rules any stricter. */
	assert_true(rules_cover(&a, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_covered_by_anything),
		cmocka_unit_test(sections_that_read_alike_cover_each_other),
		cmocka_unit_test(merged_tags_in_their_order),
		cmocka_unit_test(stricter_secrets_cover_laxer_ones),
		cmocka_unit_test(archives_and_their_limits),
		cmocka_unit_test(fewer_signers_are_stricter),
		cmocka_unit_test(approvals_count_upwards),
		cmocka_unit_test(groups_of_approvers_add_up),
		cmocka_unit_test(sources_of_approvals),
		cmocka_unit_test(owners_of_code),
		cmocka_unit_test(a_size_limit_is_not_covered_by_none),
		cmocka_unit_test(identities),
		cmocka_unit_test(robots),
		cmocka_unit_test(approvals_for_robots),
		cmocka_unit_test(messages_and_history),
		cmocka_unit_test(files),
		cmocka_unit_test(waivers),
		cmocka_unit_test(other_weights_cover_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

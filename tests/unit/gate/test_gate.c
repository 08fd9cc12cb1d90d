#include "gate/gate.h"

#include "support/facts.h"
#include "support/unit.h"

struct fixture {
	struct world w;
	struct rule_ref rule;
	struct severity_override weight[3];
	struct update_fact *up;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	world_open(&f->w);
	f->up = world_update(&f->w, "refs/heads/main");
	f->rule.deny_force_push = true;
	f->up->rules.ref = &f->rule;
	f->up->rules.severity = f->weight;
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

static enum verdict judged(struct fixture *f, struct judgement *j)
{
	gate_judge(&f->w.facts, f->w.arena, j);
	return j->verdict;
}

static void nothing_found_is_accepted(void **state)
{
	struct fixture *f = *state;
	struct judgement j;

	assert_int_equal(judged(f, &j), VERDICT_ACCEPT);
	assert_true(j.admitted);
	assert_int_equal(j.findings.n, 0);
}

static void one_finding_rejects_all(void **state)
{
	struct fixture *f = *state;
	struct judgement j;

	world_update(&f->w, "refs/heads/other");
	f->up->movement = MOVEMENT_FORCED;
	assert_int_equal(judged(f, &j), VERDICT_REJECT);
	assert_false(j.admitted);
	assert_int_equal(j.findings.n, 1);
	assert_int_equal(j.findings.v[0].update, 0);
}

static void only_what_is_observed_throughout_is_let_in(void **state)
{
	struct fixture *f = *state;
	struct judgement j;
	struct update_fact *other = world_update(&f->w, "refs/heads/other");

	f->up->rules.observe = true;
	assert_int_equal(judged(f, &j), VERDICT_ACCEPT);
	assert_true(j.admitted);
	assert_false(j.observe);
	f->up->movement = MOVEMENT_FORCED;
	assert_int_equal(judged(f, &j), VERDICT_REJECT);
	assert_true(j.admitted);
	assert_true(j.observe);
	/* The same on a ref that counts takes all with it. */
	other->rules.ref = &f->rule;
	other->movement = MOVEMENT_FORCED;
	assert_int_equal(judged(f, &j), VERDICT_REJECT);
	assert_false(j.admitted);
	assert_false(j.observe);
	other->rules.observe = true;
	judged(f, &j);
	assert_true(j.admitted);
	f->up->movement = other->movement = MOVEMENT_FORWARD;
	assert_int_equal(judged(f, &j), VERDICT_ACCEPT);
	assert_true(j.observe);
}

static void a_repository_that_is_not_named_is_refused(void **state)
{
	struct fixture *f = *state;
	struct judgement j;

	f->up->silent = true;
	assert_int_equal(judged(f, &j), VERDICT_REJECT);
	assert_int_equal(j.findings.n, 1);
	assert_string_equal(j.findings.v[0].def->id, "policy.silent");
}

static enum severity weight_of(struct fixture *f, const char *a, int wa,
	const char *b, int wb, const char *c, int wc)
{
	struct judgement j;

	f->weight[0] = (struct severity_override){a, wa};
	f->weight[1] = (struct severity_override){b, wb};
	f->weight[2] = (struct severity_override){c, wc};
	f->up->rules.nseverity = 3;
	judged(f, &j);
	assert_int_equal(j.findings.n, 1);
	assert_int_equal(j.verdict,
		j.findings.v[0].severity == SEVERITY_BLOCK ? VERDICT_REJECT
							   : VERDICT_ACCEPT);
	return j.findings.v[0].severity;
}

static void the_longest_name_decides(void **state)
{
	struct fixture *f = *state;
	struct hit_fact *hit = world_hit(&f->w, f->up);
	const int block = SEVERITY_BLOCK, warn = SEVERITY_WARN,
		  off = SEVERITY_OFF;

	assert_int_equal(weight_of(f, "secret.*", warn, "ref.*", off,
				 "secret.other", off),
		warn);
	assert_int_equal(weight_of(f, "secret.*", warn, "secret.github_pat",
				 block, "secret.git*", off),
		block);
	assert_int_equal(weight_of(f, "secret.github_pat", block, "secret.*",
				 warn, "s*", off),
		block);
	assert_int_equal(weight_of(f, "secret.github_pat*", warn,
				 "secret.github_pat", block, "s*", off),
		block);
	assert_int_equal(weight_of(f, "secret.github_pa", off, "ref.name", off,
				 "secret.github_patx", off),
		block);
	hit->confidence = CONFIDENCE_LOW;
	assert_int_equal(
		weight_of(f, "ref.name", off, "ref.move", off, "file.*", off),
		warn);
	assert_int_equal(
		weight_of(f, "secret.*", block, "ref.move", off, "a", off),
		block);
}

static const char *hinted(struct fixture *f)
{
	struct judgement j;

	assert_int_equal(judged(f, &j), VERDICT_REJECT);
	return j.findings.v[0].hint;
}

static void hints_of_the_policy_are_added(void **state)
{
	const struct policy_hint v[] = {{"*", "ask #git-help"},
		{"ref.*", "see the handbook"}, {"ref.force_push", "do not"},
		{"file.*", "no files"}};
	struct fixture *f = *state;
	const char *own = finding_def(FINDING_REF_FORCE_PUSH)->hint;

	f->up->movement = MOVEMENT_FORCED;
	assert_null(hinted(f));
	f->up->rules.hint = v;
	f->up->rules.nhint = 3;
	assert_string_equal(
		hinted(f), arena_fmt(f->w.arena, "%s; do not", own));
	f->up->rules.nhint = 2;
	assert_string_equal(
		hinted(f), arena_fmt(f->w.arena, "%s; see the handbook", own));
	f->up->rules.nhint = 1;
	assert_string_equal(
		hinted(f), arena_fmt(f->w.arena, "%s; ask #git-help", own));
	f->up->rules.hint = v + 3;
	assert_null(hinted(f));
	/* What the finding says of itself comes first. */
	f->up->silent = true;
	f->up->rules.hint = v;
	assert_non_null(strstr(hinted(f), "; ask #git-help"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_found_is_accepted),
		TEST(one_finding_rejects_all),
		TEST(only_what_is_observed_throughout_is_let_in),
		TEST(a_repository_that_is_not_named_is_refused),
		TEST(the_longest_name_decides),
		TEST(hints_of_the_policy_are_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

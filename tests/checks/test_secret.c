#include "support/fixture.h"

static int setup(void **state)
{
	struct fixture *f = fixture_new(state, &check_secret);

	f->up->rules.secret = &f->secret;
	f->hit = world_hit(&f->w, f->up);
	return 0;
}

static void a_hit_is_told_with_all_it_needs(void **state)
{
	struct fixture *f = *state;
	const struct finding *got;

	assert_string_equal(judged(f), "secret.github_pat");
	got = &f->w.out.v[0];
	assert_int_equal(got->severity, SEVERITY_BLOCK);
	assert_string_equal(got->place, "src/config.c:7");
	assert_string_equal(
		got->detail, "GitHub personal access token: ghp_…(40)");
	assert_string_equal(got->hint,
		"revoke it at the forge. Then take it out of the commit "
		"itself: git commit --amend, or git rebase -i <base>");
	assert_string_equal(got->fingerprint, "00ff");
	assert_true(oid_eq(&got->object, &f->hit->object));
	f->hit->commit.b[0] = 9;
	judged(f);
	assert_true(oid_eq(&f->w.out.v[0].object, &f->hit->commit));
}

static void nothing_found_is_nothing_told(void **state)
{
	struct fixture *f = *state;

	f->w.facts.nhit = 0;
	assert_string_equal(judged(f), "");
}

static void low_confidence_warns_unless_it_is_to_block(void **state)
{
	struct fixture *f = *state;

	f->hit->confidence = CONFIDENCE_LOW;
	assert_string_equal(judged(f), "secret.github_pat");
	assert_int_equal(f->w.out.v[0].severity, SEVERITY_WARN);
	assert_string_equal(f->w.out.v[0].hint, "revoke it at the forge");
	f->secret.block_low = true;
	judged(f);
	assert_int_equal(f->w.out.v[0].severity, SEVERITY_BLOCK);
}

static void what_the_repository_had_warns(void **state)
{
	struct fixture *f = *state;

	f->hit->known = true;
	f->secret.block_low = true;
	assert_string_equal(judged(f), "secret.github_pat");
	assert_int_equal(f->w.out.v[0].severity, SEVERITY_WARN);
	assert_string_equal(f->w.out.v[0].detail,
		"GitHub personal access token: ghp_…(40), which the "
		"repository had before");
	/* What was not scanned was not compared either. */
	f->hit->unscanned = true;
	judged(f);
	assert_int_equal(f->w.out.v[0].severity, SEVERITY_BLOCK);
}

static void unscanned_is_never_a_pass(void **state)
{
	struct fixture *f = *state;

	f->hit->unscanned = true;
	f->hit->confidence = CONFIDENCE_LOW;
	f->hit->redacted = "larger than 50 MiB";
	assert_string_equal(judged(f), "secret.not_scanned");
	assert_int_equal(f->w.out.v[0].severity, SEVERITY_BLOCK);
	assert_string_equal(f->w.out.v[0].detail, "larger than 50 MiB");
	f->hit->rule = f->hit->redacted = f->hit->fingerprint = NULL;
	assert_string_equal(judged(f), "secret.not_scanned");
}

static void a_hit_belongs_to_one_update(void **state)
{
	struct fixture *f = *state;
	struct update_fact *other = world_update(&f->w, "refs/heads/b");

	assert_string_equal(world_findings(&f->w, &check_secret, other), "");
	f->hit->update = 1;
	assert_string_equal(judged(f), "");
	assert_string_equal(world_findings(&f->w, &check_secret, other),
		"secret.github_pat");
}

static void a_hit_counts_even_where_no_rule_asked(void **state)
{
	struct fixture *f = *state;

	f->up->rules.secret = NULL;
	assert_string_equal(judged(f), "secret.github_pat");
	f->hit->rule = "";
	assert_string_equal(judged(f), "secret.unknown");
}

static void places_without_a_path(void **state)
{
	struct fixture *f = *state;

	f->hit->path = SPAN_EMPTY;
	f->hit->what = "commit message";
	judged(f);
	assert_string_equal(f->w.out.v[0].place, "commit message:7");
	f->hit->line = 0;
	judged(f);
	assert_string_equal(f->w.out.v[0].place, "commit message");
	f->hit->what = NULL;
	judged(f);
	assert_string_equal(f->w.out.v[0].place, "object");
	f->hit->path = SPAN_LIT("a\x1b[2J\nb");
	judged(f);
	assert_string_equal(f->w.out.v[0].place, "a\\x1b[2J\\x0ab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_hit_is_told_with_all_it_needs),
		TEST(nothing_found_is_nothing_told),
		TEST(low_confidence_warns_unless_it_is_to_block),
		TEST(what_the_repository_had_warns),
		TEST(unscanned_is_never_a_pass),
		TEST(a_hit_belongs_to_one_update),
		TEST(a_hit_counts_even_where_no_rule_asked),
		TEST(places_without_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

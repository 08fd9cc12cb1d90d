/* Waivers on their arrival: one that can do nothing is refused, with why. */
#include "support/fixture.h"

#define BAD "waiver.invalid"
#define AT "refs/sluice/waivers/2001000000000000000000000000000000000000/x"

static const char *names[] = {"secret.*", "approval.too_few"};
static struct rule_waiver rule;
static struct ref_rules refs[1];
static struct repository_rules repository;
static const char *any[] = {"**"}, *mainline[] = {"refs/heads/main"};

/* bela's waiver for main arrives alone, made by ada's commit. */
static int setup(void **state)
{
	struct fixture *f = fixture_new(state, &check_waiver);
	struct update_fact *at;

	rule = (struct rule_waiver){.finding = names,
		.nfinding = 2,
		.by = world_people(&f->w, ADA, BELA, CI, -1),
		.count = 2,
		.exclude = EXCLUDE_AUTHOR | EXCLUDE_COMMITTER | EXCLUDE_PUSHER,
		.max_days = 2};
	refs[0] = (struct ref_rules){.match = mainline,
		.nmatch = 1,
		.rules = {.waiver = &rule, .nwaiver = 1}};
	repository = (struct repository_rules){
		.match = any, .nmatch = 1, .ref = refs, .nref = 1};
	f->w.policy.repository = &repository;
	f->w.policy.nrepository = 1;
	world_commit(&f->w, f->up, ADA);
	at = world_update(&f->w, AT);
	at->type = OBJECT_TAG;
	world_waiver(&f->w, f->up, BELA, "secret.x", 0);
	f->w.waiver[0].pushed_in = 1;
	f->w.waiver[0].update = SIZE_MAX;
	f->w.up[1].new = f->w.waiver[0].object;
	f->up = at;
	return 0;
}

static void refused_for(struct fixture *f, const char *why)
{
	assert_string_equal(judged(f), BAD);
	if (!strstr(f->w.out.v[0].detail, why))
		fail_msg("said '%s', expected '%s'", f->w.out.v[0].detail, why);
}

static void a_good_one_may_come(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(judged(f), "");
	/* Whoever pushes the waiver need not be who pushes the commit. */
	f->w.push.pusher.name = "bela";
	assert_string_equal(judged(f), "");
	/* What names it may not be at hand. */
	f->w.waiver[0].about = NULL;
	assert_string_equal(judged(f), "");
}

static void what_is_wrong_with_it_is_said(void **state)
{
	struct fixture *f = *state;
	struct waiver_fact *w = &f->w.waiver[0];
	int i;

	for (i = WAIVER_INVALID; i < WAIVER_VALID; i++) {
		w->status = (enum waiver_status)i;
		w->detail = "something is wrong";
		refused_for(f, "something is wrong");
		w->detail = "";
		refused_for(f, "it is not a signed waiver");
	}
	w->status = WAIVER_VALID;
	w->person = NULL;
	refused_for(f, "it is not a signed waiver");
}

static void the_policy_must_let_it_count(void **state)
{
	struct fixture *f = *state;
	struct waiver_fact *w = &f->w.waiver[0];

	w->finding = SPAN_LIT("file.name");
	refused_for(f, "lets nobody waive file.name on refs/heads/main");
	w->finding = SPAN_LIT("approval.too_few");
	assert_string_equal(judged(f), "");
	w->ref = SPAN_LIT("refs/heads/other");
	refused_for(f, "lets nobody waive");
	w->ref = SPAN_LIT("refs/heads/main");
	w->person = &f->w.person[CY];
	refused_for(f, "cy: not one of those who may");
	w->person = &f->w.person[CI];
	refused_for(f, "ci: a robot");
	w->person = &f->w.person[ADA];
	refused_for(f, "ada: the author of 2001000000");
	rule.exclude = EXCLUDE_PUSHER;
	assert_string_equal(judged(f), "");
	f->w.policy.nrepository = 0;
	refused_for(f, "does not name this repository");
}

static void it_may_not_be_good_for_too_long(void **state)
{
	struct fixture *f = *state;
	struct waiver_fact *w = &f->w.waiver[0];
	const int64_t now = f->w.push.time, days = 2 * 86400;

	w->made = now;
	w->until = now + days;
	assert_string_equal(judged(f), "");
	w->until++;
	refused_for(f, "more than the 2 days that are allowed");
	/* Kept back until less is left of it. */
	w->made = now - days;
	w->until = now + 60;
	refused_for(f, "more than the 2 days");
	/* A date in the future does not stretch it. */
	w->made = now + days;
	w->until = now + 2 * days;
	refused_for(f, "more than the 2 days");
	w->made = now - 60;
	w->until = now;
	refused_for(f, "expired");
}

static void only_a_tag_is_one(void **state)
{
	struct fixture *f = *state;

	f->up->type = OBJECT_COMMIT;
	refused_for(f, "not an annotated tag");
	f->up->type = OBJECT_TAG;
	f->w.facts.nwaiver = 0;
	refused_for(f, "not a signed waiver");
	/* To take one away is to withdraw it. */
	f->up->movement = MOVEMENT_DELETE;
	assert_string_equal(judged(f), "");
}

static void elsewhere_nothing_is_asked(void **state)
{
	struct fixture *f = *state;

	f->w.facts.nwaiver = 0;
	f->w.up[1].ref = SPAN_LIT("refs/heads/waivers");
	assert_string_equal(judged(f), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_one_may_come),
		TEST(what_is_wrong_with_it_is_said),
		TEST(the_policy_must_let_it_count),
		TEST(it_may_not_be_good_for_too_long),
		TEST(only_a_tag_is_one),
		TEST(elsewhere_nothing_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

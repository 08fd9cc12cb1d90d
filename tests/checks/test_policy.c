/* A change of the policy that is kept in a repository. */
#include "support/fixture.h"

#define REF "refs/sluice/policy"
#define FEW "policy.signatures"
#define BACK "policy.backwards"
#define BROKEN "policy.broken"

static const struct person *who[3];
static struct policy_change_fact *c;

/* Two of three have to sign; two did. */
static int setup(void **state)
{
	struct fixture *f = fixture_new(state, &check_policy);

	f->up = world_update(&f->w, REF);
	f->up->type = f->up->last = OBJECT_COMMIT;
	f->w.up[1].new.b[0] = 7;
	who[0] = &f->w.policy.person[ADA];
	who[1] = &f->w.policy.person[BELA];
	c = &f->w.facts.policy_change;
	*c = (struct policy_change_fact){.given = true,
		.update = 1,
		.need = 2,
		.signer = who,
		.nsigner = 2};
	return 0;
}

static void a_good_one_may_come(void **state)
{
	assert_string_equal(judged(*state), "");
}

static void each_fault_is_told(void **state)
{
	struct fixture *f = *state;

	c->nsigner = 1;
	assert_string_equal(judged(f), FEW);
	assert_non_null(strstr(f->w.out.v[0].detail, "1 of 2 (ada)"));
	c->nsigner = 0;
	assert_string_equal(judged(f), FEW);
	assert_string_equal(f->w.out.v[0].detail, "0 of 2");
	c->backwards = "its version is 1";
	assert_string_equal(judged(f), FEW " " BACK);
	/* Who may sign what cannot be read is no question. */
	c->broken = "unknown key\x1b";
	assert_string_equal(judged(f), BROKEN " " BACK);
	assert_null(strchr(f->w.out.v[0].detail, '\x1b'));
	c->nsigner = 2;
	c->backwards = NULL;
	assert_string_equal(judged(f), BROKEN);
}

static void a_deletion_asks_for_no_signatures(void **state)
{
	struct fixture *f = *state;

	memset(&f->w.up[1].new, 0, sizeof(f->w.up[1].new));
	c->nsigner = 0;
	c->backwards = "it may not be deleted";
	assert_string_equal(judged(f), BACK);
}

/* Where the policy is a file, and on other refs, it has nothing to say. */
static void only_of_its_own_update(void **state)
{
	struct fixture *f = *state;

	c->nsigner = 0;
	assert_string_equal(judged(f), FEW);
	c->update = 0;
	assert_string_equal(judged(f), "");
	c->update = 1;
	c->given = false;
	assert_string_equal(judged(f), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_one_may_come),
		TEST(each_fault_is_told),
		TEST(a_deletion_asks_for_no_signatures),
		TEST(only_of_its_own_update),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "model/owner.h"

#include "support/facts.h"
#include "support/unit.h"

static struct world w;

static const char *who(const struct rule_codeowners *rule, const char *owner)
{
	struct people p =
		owner_people(&w.policy, rule, span_str(owner), w.arena);
	const char *all = "";
	size_t i;

	for (i = 0; i < p.n; i++)
		all = arena_fmt(
			w.arena, "%s%s%s", all, i ? " " : "", p.v[i]->name);
	return all;
}

static void owners_are_people_of_the_policy(void **state)
{
	static const char *account[] = {"bela"};
	struct policy_group groups[] = {{"security", {0}}, {"acme/ops", {0}},
		{"ada", {0}}, {"Web", {0}}, {"wEB", {0}}};
	struct owner_name names[] = {
		{"@acme/lib", {0}}, {"x@old.example", {0}}};
	struct rule_codeowners rule = {0};

	(void)state;
	world_open(&w);
	groups[0].people = world_people(&w, BELA, CY, -1);
	groups[1].people = world_people(&w, ADA, -1);
	groups[2].people = world_people(&w, CY, -1);
	groups[3].people = world_people(&w, CY, -1);
	groups[4].people = world_people(&w, ADA, -1);
	names[0].by = world_people(&w, CY, -1);
	names[1].by = world_people(&w, ADA, -1);
	w.policy.group = groups;
	w.policy.ngroup = ARRAY_LEN(groups);

	assert_string_equal(who(&rule, "@ada"), "ada");
	assert_string_equal(who(&rule, "@Bela"), "bela");
	assert_string_equal(who(&rule, "CY@home.example"), "cy");
	assert_string_equal(who(&rule, "@security"), "bela cy");
	assert_string_equal(who(&rule, "@any/security"), "bela cy");
	assert_string_equal(who(&rule, "@a/b/security"), "bela cy");
	assert_string_equal(who(&rule, "@acme/ops"), "ada");
	assert_string_equal(who(&rule, "@acme/lib"), "");
	/* As forges have it, case does not count, if one is meant. */
	assert_string_equal(who(&rule, "@Acme/Ops"), "ada");
	assert_string_equal(who(&rule, "@Any/Security"), "bela cy");
	assert_string_equal(who(&rule, "@acme/wEB"), "ada");
	assert_string_equal(who(&rule, "@acme/web"), "");
	/* Nobody: no person by a team's name, no role, no bare word. */
	assert_string_equal(who(&rule, "@acme/bela"), "");
	assert_string_equal(who(&rule, "@@security"), "");
	assert_string_equal(who(&rule, "security"), "");
	assert_string_equal(who(&rule, "ada"), "");
	assert_string_equal(who(&rule, "@"), "");
	assert_string_equal(who(&rule, "x@old.example"), "");
	/* An account comes before a name. */
	w.person[CY].account = account;
	w.person[CY].naccount = 1;
	assert_string_equal(who(&rule, "@bela"), "cy");

	rule.owner = names;
	rule.nowner = ARRAY_LEN(names);
	assert_string_equal(who(&rule, "@Acme/Lib"), "cy");
	assert_string_equal(who(&rule, "x@old.example"), "ada");
	rule.dialect = CODEOWNERS_GITEA;
	assert_string_equal(who(&rule, "ada"), "ada");
	assert_string_equal(who(&rule, "acme/ops"), "ada");
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners_are_people_of_the_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

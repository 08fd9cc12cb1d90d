#include "support/unit.h"

#include "model/policy.h"

static const char *team[] = {"team/*"};
static const char *other[] = {"other/*"};
static const char *urls[] = {"https://git.example.org/{repository}.git",
	"git.example.org:{repository}/", "/srv/{repository}.git"};

static struct repository_rules rules[2];
static struct policy policy = {.repository = rules, .nrepository = 2};

static void reset(const char **url, size_t nurl)
{
	rules[0] = (struct repository_rules){.match = other, .nmatch = 1};
	rules[1] = (struct repository_rules){
		.match = team, .nmatch = 1, .url = url, .nurl = nurl};
}

static bool is(const char *name, const char *pushee)
{
	return policy_is_pushee(&policy, span_str(name), span_str(pushee));
}

static void without_addresses_the_end_of_the_path_counts(void **state)
{
	(void)state;
	reset(NULL, 0);
	assert_true(is("team/app", "https://git.example.org/team/app"));
	assert_true(is("team/app", "https://git.example.org/git/team/app.git"));
	assert_true(is("team/app", "https://git.example.org/team/app.git/"));
	assert_true(is("team/app", "ssh://git.example.org:22/srv/team/app"));
	assert_true(is("team/app", "git.example.org:team/app.git"));
	assert_true(is("team/app", "/srv/team/app.git"));
	assert_true(is("team/app", "../team/app.git"));
	assert_true(is("team/app", "team/app"));
	assert_false(is("team/app", ""));
	assert_false(is("team/app", "/"));
	assert_false(is("team/app", ".git"));
	assert_false(is("", "/"));
	assert_false(is("team/app", "https://git.example.org/team/apps.git"));
	assert_false(is("team/app", "https://git.example.org/steam/app.git"));
	assert_false(is("team/app", "https://git.example.org/app.git"));
	assert_false(is("team/app", "https://git.example.org/team/app/x"));
	assert_false(is("team/app", "https://git.example.org/TEAM/APP"));
	assert_false(is("team/app", "https://evil.example/x?/team/app"));
	assert_false(is("team/app", "https://evil.example/x#/team/app"));
	assert_false(is("22", "ssh://git.example.org:22"));
}

static void with_addresses_one_of_them_must_be_equal(void **state)
{
	(void)state;
	reset(urls, ARRAY_LEN(urls));
	assert_true(is("team/app", "https://git.example.org/team/app.git"));
	assert_true(is("team/app", "https://git.example.org/team/app"));
	assert_true(is("team/app", "https://git.example.org/team/app.git//"));
	assert_true(is("team/app", "git.example.org:team/app.git"));
	assert_true(is("team/app", "/srv/team/app.git"));
	assert_false(is("team/app", "https://git.example.org/team/api.git"));
	assert_false(is("team/app", "https://git.example.org/x/team/app.git"));
	assert_false(is("team/app", "https://git.example.com/team/app.git"));
	assert_false(is("team/app", "http://git.example.org/team/app.git"));
	assert_false(is("team/app", "https://git.example.org/{repository}"));
	assert_false(is("team/app", "/srv/team/app.git.git"));
	assert_false(is("team/app", "/srv/team/app/b"));
	assert_true(policy_has_urls(&policy, SPAN_LIT("team/app")));
	assert_false(policy_has_urls(&policy, SPAN_LIT("other/app")));
	/* Another entry's addresses are not theirs. */
	assert_false(is("other/app", "https://git.example.org/team/app.git"));
	assert_true(is("other/app", "https://git.example.com/other/app.git"));
}

static void an_address_may_be_one_of_its_own(void **state)
{
	static const char *one[] = {"https://git.example.org/p/17.git"};

	(void)state;
	reset(one, 1);
	assert_true(is("team/app", "https://git.example.org/p/17"));
	assert_false(is("team/app", "https://git.example.org/team/app"));
}

static void demands_are_found(void **state)
{
	struct rule_signature rule = {.push_certificate = DEMAND_FORBIDDEN};
	struct ref_rules ref = {.rules = {.signature = &rule}};

	(void)state;
	reset(NULL, 0);
	rules[1].ref = &ref;
	rules[1].nref = 1;
	assert_false(policy_wants_certificates(&policy, SPAN_LIT("team/app")));
	rule.push_certificate = DEMAND_REQUIRED;
	assert_true(policy_wants_certificates(&policy, SPAN_LIT("team/app")));
	assert_false(policy_wants_certificates(&policy, SPAN_LIT("other/app")));
	ref.rules.signature = NULL;
	assert_false(policy_wants_certificates(&policy, SPAN_LIT("team/app")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_addresses_the_end_of_the_path_counts),
		cmocka_unit_test(with_addresses_one_of_them_must_be_equal),
		cmocka_unit_test(an_address_may_be_one_of_its_own),
		cmocka_unit_test(demands_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

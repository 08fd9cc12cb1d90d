#include "model/policy.h"
#include "support/unit.h"

static const struct rule_signature sig_main, sig_all;
static const struct rule_approval approval;
static const struct rule_secret secret, secret_wide;
static const struct rule_ref ref_rule, ref_wide;
static const struct rule_message message;
static const struct rule_file file;
static const struct severity_override weight = {"ref.name", 1};

static const char *all[] = {"**"}, *mainline[] = {"refs/heads/main"},
		  *heads[] = {"refs/heads/*", "refs/tags/*"},
		  *payments[] = {"payments/*"};

static struct ref_rules in_payments[] = {
	{.match = mainline,
		.nmatch = 1,
		.rules = {.signature = &sig_main, .at_signature = "first"}},
	{.match = heads,
		.nmatch = 2,
		.rules = {.signature = &sig_all,
			.at_signature = "second",
			.approval = &approval,
			.ref = &ref_rule,
			.at_ref = "heads"}},
};
static struct ref_rules everywhere[] = {
	{.match = all,
		.nmatch = 1,
		.rules = {.secret = &secret,
			.ref = &ref_wide,
			.message = &message,
			.file = &file,
			.at_secret = "wide",
			.severity = &weight,
			.nseverity = 1}},
	{.match = all, .nmatch = 1, .rules = {.secret = &secret_wide}},
};
static struct repository_rules repositories[] = {
	{.match = payments, .nmatch = 1, .ref = in_payments, .nref = 2},
	{.match = all, .nmatch = 1, .ref = everywhere, .nref = 2},
};
static const struct policy policy = {
	.repository = repositories, .nrepository = 2};

static struct rules pick(const char *repository, const char *ref)
{
	struct rules r;

	assert_true(
		policy_rules(&policy, span_str(repository), span_str(ref), &r));
	return r;
}

static void the_first_entry_that_has_it_gives_a_section(void **state)
{
	struct rules r = pick("payments/api", "refs/heads/main");

	(void)state;
	assert_ptr_equal(r.signature, &sig_main);
	assert_string_equal(r.at_signature, "first");
	assert_ptr_equal(r.approval, &approval);
	assert_ptr_equal(r.ref, &ref_rule);
	assert_string_equal(r.at_ref, "heads");
	assert_ptr_equal(r.secret, &secret);
	assert_string_equal(r.at_secret, "wide");
	assert_ptr_equal(r.message, &message);
	assert_ptr_equal(r.file, &file);
	assert_ptr_equal(r.severity, &weight);
	assert_int_equal(r.nseverity, 1);
}

static void the_first_entry_that_has_a_mode_decides(void **state)
{
	static struct ref_rules refs[] = {
		{.match = heads, .nmatch = 2, .rules = {.at_mode = "none"}},
		{.match = all,
			.nmatch = 1,
			.rules = {.mode = MODE_OBSERVE, .at_mode = "first"}},
		{.match = all, .nmatch = 1, .rules = {.mode = MODE_ENFORCE}},
	};
	static struct repository_rules repository = {
		.match = all, .nmatch = 1, .ref = refs, .nref = 3};
	struct policy p = {.repository = &repository, .nrepository = 1};
	struct rules r, other;

	(void)state;
	assert_true(policy_rules(
		&p, SPAN_LIT("a"), SPAN_LIT("refs/heads/main"), &r));
	assert_true(r.observe);
	assert_string_equal(r.at_mode, "first");
	/* What a ref says stands above what the policy says. */
	refs[1].rules.mode = MODE_ENFORCE;
	p.observe = true;
	assert_true(policy_rules(
		&p, SPAN_LIT("a"), SPAN_LIT("refs/heads/main"), &r));
	assert_false(r.observe);
	repository.nref = 1;
	assert_true(policy_rules(
		&p, SPAN_LIT("a"), SPAN_LIT("refs/heads/main"), &other));
	assert_true(other.observe);
	/* What was only observed does not stand in where it counts. */
	assert_false(rules_cover(&other, &r));
	assert_true(rules_cover(&r, &other));
}

static void other_refs_and_repositories(void **state)
{
	struct rules r = pick("payments/api", "refs/tags/v1");

	(void)state;
	assert_ptr_equal(r.signature, &sig_all);
	r = pick("payments/api", "refs/notes/x");
	assert_null(r.signature);
	assert_null(r.approval);
	assert_ptr_equal(r.ref, &ref_wide);
	r = pick("payments/deep/er", "refs/heads/main");
	assert_null(r.signature);
	assert_ptr_equal(r.secret, &secret);
}

static void a_repository_may_not_be_named(void **state)
{
	struct policy one = policy;
	struct rules r;

	(void)state;
	one.nrepository = 1;
	assert_false(policy_rules(
		&one, SPAN_LIT("other"), SPAN_LIT("refs/heads/main"), &r));
	assert_true(rules_empty(&r));
	/* Named, and nothing demanded of this ref: another thing. */
	assert_true(policy_rules(
		&one, SPAN_LIT("payments/a"), SPAN_LIT("refs/notes/x"), &r));
	assert_true(rules_empty(&r));
	one.nrepository = 0;
	assert_false(policy_rules(
		&one, SPAN_LIT("payments/a"), SPAN_LIT("refs/heads/main"), &r));
}

static void evidence_refs_vouch_for_no_work(void **state)
{
	static struct ref_rules strict[] = {{.match = all,
		.nmatch = 1,
		.rules = {.signature = &sig_all,
			.approval = &approval,
			.secret = &secret,
			.ref = &ref_rule,
			.message = &message,
			.file = &file,
			.severity = &weight,
			.nseverity = 1}}};
	struct repository_rules repo = {
		.match = all, .nmatch = 1, .ref = strict, .nref = 1};
	const struct policy p = {
		.repository = &repo, .nrepository = 1, .observe = true};
	struct rules evidence, work;

	(void)state;
	assert_true(policy_rules(&p, SPAN_LIT("a"),
		SPAN_LIT("refs/sluice/approvals/x/1"), &evidence));
	assert_null(evidence.signature);
	assert_null(evidence.approval);
	assert_null(evidence.ref);
	assert_null(evidence.message);
	assert_ptr_equal(evidence.secret, &secret);
	assert_ptr_equal(evidence.file, &file);
	assert_ptr_equal(evidence.severity, &weight);
	assert_true(policy_rules(
		&p, SPAN_LIT("a"), SPAN_LIT("refs/heads/main"), &work));
	assert_ptr_equal(work.approval, &approval);
	assert_false(rules_cover(&evidence, &work));
	assert_true(rules_cover(&work, &evidence));
	assert_true(policy_rules(
		&p, SPAN_LIT("a"), SPAN_LIT("refs/sluiced/x"), &work));
	assert_ptr_equal(work.approval, &approval);
	assert_true(work.observe && evidence.observe);
	/* What the gate writes itself: nothing lets a client in. */
	assert_true(policy_rules(
		&p, SPAN_LIT("a"), SPAN_LIT("refs/sluice/proofs"), &evidence));
	assert_int_equal(evidence.nseverity, 0);
	assert_false(evidence.observe);
	assert_true(policy_rules(
		&p, SPAN_LIT("a"), SPAN_LIT("refs/sluice/policy"), &evidence));
	assert_int_equal(evidence.nseverity, 1);
	assert_true(evidence.observe);
}

static void emptiness_is_of_sections(void **state)
{
	struct rules r = {0};

	(void)state;
	assert_true(rules_empty(&r));
	r.severity = &weight;
	r.nseverity = 1;
	assert_true(rules_empty(&r));
	r.file = &file;
	assert_false(rules_empty(&r));
}

static void people_are_found(void **state)
{
	static const char *ada_mail[] = {"ada@x.org", "Ada@Home.example"},
			  *bob_mail[] = {"bob@x.org"}, *bob_account[] = {"ada"};
	struct person v[] = {
		{.name = "ada", .email = ada_mail, .nemail = 2},
		{.name = "Bob",
			.email = bob_mail,
			.nemail = 1,
			.account = bob_account,
			.naccount = 1},
	};
	struct policy p = {.person = v, .nperson = 2};
	const struct person *in[] = {&v[0]};
	struct people list = {in, 1};

	(void)state;
	assert_ptr_equal(
		policy_person_by_email(&p, SPAN_LIT("ADA@home.EXAMPLE")),
		&v[0]);
	assert_ptr_equal(
		policy_person_by_email(&p, SPAN_LIT("bob@x.org")), &v[1]);
	assert_null(policy_person_by_email(&p, SPAN_LIT("bob@x.or")));
	assert_null(policy_person_by_email(&p, SPAN_EMPTY));
	/* An account goes before a name; case is ignored in both. */
	assert_ptr_equal(policy_person_by_account(&p, SPAN_LIT("ADA")), &v[1]);
	assert_ptr_equal(policy_person_by_account(&p, SPAN_LIT("bob")), &v[1]);
	assert_null(policy_person_by_account(&p, SPAN_LIT("cy")));
	assert_null(policy_person_by_account(&p, SPAN_EMPTY));
	assert_false(person_has_email(NULL, SPAN_LIT("ada@x.org")));
	assert_false(person_has_email(&v[0], SPAN_EMPTY));
	assert_true(people_has(&list, &v[0]));
	assert_false(people_has(&list, &v[1]));
	assert_false(people_has(&list, NULL));
	list.n = 0;
	assert_false(people_has(&list, &v[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_entry_that_has_it_gives_a_section),
		cmocka_unit_test(the_first_entry_that_has_a_mode_decides),
		cmocka_unit_test(other_refs_and_repositories),
		cmocka_unit_test(a_repository_may_not_be_named),
		cmocka_unit_test(evidence_refs_vouch_for_no_work),
		cmocka_unit_test(emptiness_is_of_sections),
		cmocka_unit_test(people_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "support/fixture.h"

#define KINDS (SIGNATURE_BIT(SIGNATURE_OPENPGP) | SIGNATURE_BIT(SIGNATURE_SSH))

static struct certificate_fact *cert(struct fixture *f)
{
	return &f->w.facts.certificate;
}

/* A certificate by ada that has everything. */
static int setup(void **state)
{
	struct fixture *f = fixture_new(state, &check_push_certificate);
	struct certificate_fact *c = cert(f);

	f->signature.by = world_people(&f->w, ADA, BELA, CI, -1);
	f->signature.kinds = KINDS;
	f->signature.push_certificate = DEMAND_REQUIRED;
	f->up->rules.signature = &f->signature;
	c->given = true;
	c->blob.b[0] = 0x60;
	c->sig.status = SIGNATURE_GOOD;
	c->sig.kind = SIGNATURE_SSH;
	c->sig.person = &f->w.person[ADA];
	c->sig.key = "SHA256:abc";
	c->sig.detail = "";
	c->commands.shown = c->options.shown = true;
	c->pushed_to.shown = c->unused.shown = c->fresh.shown = true;
	return 0;
}

static void a_good_one_passes(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(judged(f), "");
	f->signature.push_certificate = DEMAND_OPTIONAL;
	assert_string_equal(judged(f), "");
	f->up->rules.signature = NULL;
	cert(f)->sig.status = SIGNATURE_BAD;
	assert_string_equal(judged(f), "");
}

static void a_push_without_one(void **state)
{
	struct fixture *f = *state;

	memset(cert(f), 0, sizeof(*cert(f)));
	assert_string_equal(judged(f), "push_certificate.missing");
	assert_int_equal(SEVERITY_BLOCK, f->w.out.v[0].severity);
	assert_true(oid_is_zero(&f->w.out.v[0].object));
	/* What deletes is signed as well. */
	f->up->movement = MOVEMENT_DELETE;
	assert_string_equal(judged(f), "push_certificate.missing");
	f->signature.push_certificate = DEMAND_FORBIDDEN;
	assert_string_equal(judged(f), "");
	f->signature.push_certificate = DEMAND_OPTIONAL;
	assert_string_equal(judged(f), "");
}

/* Facts that nobody gathered show nothing. */
static void nothing_shown_is_no_certificate(void **state)
{
	struct fixture *f = *state;

	memset(cert(f), 0, sizeof(*cert(f)));
	cert(f)->given = true;
	assert_string_equal(judged(f), "push_certificate.kind");
	cert(f)->sig.kind = SIGNATURE_SSH;
	assert_string_equal(judged(f), "push_certificate.bad");
	cert(f)->sig.status = SIGNATURE_GOOD;
	assert_string_equal(judged(f), "push_certificate.unknown_key");
	cert(f)->sig.person = &f->w.person[ADA];
	assert_string_equal(judged(f),
		"push_certificate.commands push_certificate.options "
		"push_certificate.repository push_certificate.nonce "
		"push_certificate.used");
}

static void a_forbidden_one_is_told_and_nothing_else(void **state)
{
	struct fixture *f = *state;

	f->signature.push_certificate = DEMAND_FORBIDDEN;
	assert_string_equal(judged(f), "push_certificate.forbidden");
	assert_int_equal(SEVERITY_BLOCK, f->w.out.v[0].severity);
	cert(f)->malformed = "line 3: is cut off";
	assert_string_equal(judged(f), "push_certificate.forbidden");
}

static void each_status_has_its_finding(void **state)
{
	static const struct {
		enum signature_status status;
		enum signature_kind kind;
		const char *finding;
	} rows[] = {
		{SIGNATURE_BAD, SIGNATURE_SSH, "push_certificate.bad"},
		{SIGNATURE_UNCHECKED, SIGNATURE_SSH, "push_certificate.bad"},
		{(enum signature_status)99, SIGNATURE_SSH,
			"push_certificate.bad"},
		{SIGNATURE_MISSING, SIGNATURE_SSH,
			"push_certificate.malformed"},
		{SIGNATURE_MALFORMED, SIGNATURE_OPENPGP,
			"push_certificate.malformed"},
		{SIGNATURE_UNKNOWN_KEY, SIGNATURE_SSH,
			"push_certificate.unknown_key"},
		{SIGNATURE_EXPIRED, SIGNATURE_OPENPGP,
			"push_certificate.expired"},
		{SIGNATURE_COMPROMISED, SIGNATURE_OPENPGP,
			"push_certificate.revoked"},
		{SIGNATURE_REVOKED, SIGNATURE_OPENPGP,
			"push_certificate.revoked"},
		{SIGNATURE_WEAK, SIGNATURE_OPENPGP, "push_certificate.weak"},
		{SIGNATURE_UNSUPPORTED, SIGNATURE_SSH,
			"push_certificate.unsupported"},
		{SIGNATURE_GOOD, SIGNATURE_X509, "push_certificate.kind"},
		{SIGNATURE_GOOD, SIGNATURE_NONE, "push_certificate.kind"},
	};
	struct fixture *f = *state;
	size_t i;

	/* Who is not known to have signed says nothing: one finding. */
	cert(f)->commands.shown = false;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		cert(f)->sig.status = rows[i].status;
		cert(f)->sig.kind = rows[i].kind;
		assert_string_equal(judged(f), rows[i].finding);
		assert_int_equal(0x60, f->w.out.v[0].object.b[0]);
	}
	cert(f)->malformed = "two signatures";
	assert_string_equal(judged(f), "push_certificate.malformed");
	assert_string_equal("two signatures", f->w.out.v[0].detail);
}

static void the_signer_must_be_allowed_here(void **state)
{
	struct fixture *f = *state;

	cert(f)->sig.person = &f->w.person[CY];
	assert_string_equal(judged(f), "push_certificate.not_allowed");
	assert_non_null(strstr(f->w.out.v[0].detail, "of cy"));
	assert_non_null(strstr(f->w.out.v[0].detail, "allowed: ada, bela, ci"));
	f->signature.by = world_people(&f->w, -1);
	cert(f)->sig.person = &f->w.person[ADA];
	assert_string_equal(judged(f), "push_certificate.not_allowed");
}

static void each_point_has_its_finding(void **state)
{
	struct fixture *f = *state;
	struct certificate_fact *c = cert(f);
	const struct {
		struct certificate_point *point;
		const char *finding;
	} rows[] = {
		{&c->commands, "push_certificate.commands"},
		{&c->options, "push_certificate.options"},
		{&c->pushed_to, "push_certificate.repository"},
		{&c->fresh, "push_certificate.nonce"},
		{&c->unused, "push_certificate.used"},
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		rows[i].point->shown = false;
		rows[i].point->detail = "because of\x1b[31m";
		assert_string_equal(judged(f), rows[i].finding);
		assert_string_equal(
			"because of\\x1b[31m", f->w.out.v[0].detail);
		rows[i].point->shown = true;
	}
	assert_string_equal(judged(f), "");
}

static void a_nonce_may_be_as_old_as_the_policy_says(void **state)
{
	struct fixture *f = *state;

	cert(f)->slop = 1;
	assert_string_equal(judged(f), "push_certificate.nonce");
	f->signature.nonce_slop = 300;
	cert(f)->slop = 300;
	assert_string_equal(judged(f), "");
	cert(f)->slop = 301;
	assert_string_equal(judged(f), "push_certificate.nonce");
	cert(f)->slop = UINT64_MAX;
	assert_string_equal(judged(f), "push_certificate.nonce");
	cert(f)->slop = 0;
	cert(f)->fresh.shown = false;
	assert_string_equal(judged(f), "push_certificate.nonce");
}

static void the_server_may_know_who_pushes(void **state)
{
	struct fixture *f = *state;

	f->w.push.pusher.name = "ada";
	assert_string_equal(judged(f), "");
	f->w.push.pusher.name = "bela";
	assert_string_equal(judged(f), "push_certificate.pusher");
	assert_string_equal("'bela' pushes, ada signed", f->w.out.v[0].detail);
	/* One account for all says nothing of who pushes. */
	f->w.push.pusher.name = "git";
	assert_string_equal(judged(f), "");
	f->w.push.pusher.email = "ada@home.example";
	assert_string_equal(judged(f), "");
	f->w.push.pusher.email = "bela@home.example";
	assert_string_equal(judged(f), "push_certificate.pusher");
}

/* One that nobody asks for is told when it is of no use. */
static void an_optional_one_only_warns(void **state)
{
	struct fixture *f = *state;

	f->signature.push_certificate = DEMAND_OPTIONAL;
	cert(f)->sig.status = SIGNATURE_UNKNOWN_KEY;
	assert_string_equal(judged(f), "push_certificate.unknown_key");
	assert_int_equal(SEVERITY_WARN, f->w.out.v[0].severity);
	cert(f)->sig.status = SIGNATURE_GOOD;
	cert(f)->commands.shown = cert(f)->fresh.shown = false;
	assert_string_equal(
		judged(f), "push_certificate.commands push_certificate.nonce");
	assert_int_equal(SEVERITY_WARN, f->w.out.v[0].severity);
	assert_int_equal(SEVERITY_WARN, f->w.out.v[1].severity);
}

static void who_signed_has_pushed(void **state)
{
	struct fixture *f = *state;
	const struct facts *facts = &f->w.facts;
	const struct person *ada = &f->w.person[ADA];

	assert_true(facts_is_pusher(facts, ada));
	assert_false(facts_is_pusher(facts, &f->w.person[BELA]));
	assert_ptr_equal(ada, facts_pusher(facts, 0));
	/* The server's word comes first, and excludes as well. */
	f->w.push.pusher.name = "bela";
	assert_ptr_equal(&f->w.person[BELA], facts_pusher(facts, 0));
	assert_true(facts_is_pusher(facts, ada));
	assert_true(facts_is_pusher(facts, &f->w.person[BELA]));
	f->w.push.pusher.name = "git";
	cert(f)->slop = 5;
	assert_null(facts_pusher(facts, 4));
	assert_ptr_equal(ada, facts_pusher(facts, 5));
	cert(f)->slop = 0;
	/* What does not hold identifies nobody, and still excludes. */
	cert(f)->commands.shown = false;
	assert_null(facts_pusher(facts, 0));
	assert_true(facts_is_pusher(facts, ada));
	cert(f)->commands.shown = true;
	cert(f)->sig.status = SIGNATURE_EXPIRED;
	assert_null(facts_pusher(facts, 0));
	assert_true(facts_is_pusher(facts, ada));
	cert(f)->sig.status = SIGNATURE_GOOD;
	cert(f)->malformed = "x";
	assert_null(facts_pusher(facts, 0));
	cert(f)->malformed = NULL;
	cert(f)->given = false;
	assert_null(facts_pusher(facts, 0));
	assert_false(facts_is_pusher(facts, ada));
	assert_false(facts_is_pusher(facts, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_one_passes),
		TEST(a_push_without_one),
		TEST(nothing_shown_is_no_certificate),
		TEST(a_forbidden_one_is_told_and_nothing_else),
		TEST(each_status_has_its_finding),
		TEST(the_signer_must_be_allowed_here),
		TEST(each_point_has_its_finding),
		TEST(a_nonce_may_be_as_old_as_the_policy_says),
		TEST(the_server_may_know_who_pushes),
		TEST(an_optional_one_only_warns),
		TEST(who_signed_has_pushed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

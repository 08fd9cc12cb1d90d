#include "support/fixture.h"

static int setup(void **state)
{
	struct fixture *f = fixture_new(state, &check_identity);

	f->up->rules.identity = &f->identity;
	f->c = world_commit(&f->w, f->up, ADA);
	return 0;
}

static const char *detail(struct fixture *f)
{
	assert_true(f->w.out.n > 0);
	return f->w.out.v[0].detail;
}

static void an_empty_rule_demands_nothing(void **state)
{
	struct fixture *f = *state;

	f->c->sig.status = SIGNATURE_MISSING;
	f->c->commit.author.email = SPAN_EMPTY;
	assert_string_equal(judged(f), "");
	f->up->rules.identity = NULL;
	assert_string_equal(judged(f), "");
}

static void addresses_and_the_signer(void **state)
{
	static const struct {
		const char *author, *committer;
		const char *strict, *domain;
	} rows[] = {
		{"ada@example.org", "ada@example.org", "", ""},
		{"ada@home.example", "ADA@Example.org", "", ""},
		{"bela@example.org", "ada@example.org", "identity.email", ""},
		{"ada@example.org", "bela@example.org", "identity.email", ""},
		{"new@HOME.example", "ada@example.org", "identity.email", ""},
		{"x@evil.example", "ada@example.org", "identity.email",
			"identity.email"},
		{"ada@example.org", "x@evil.example", "identity.email",
			"identity.email"},
		{"x@sub.example.org", "ada@example.org", "identity.email",
			"identity.email"},
		{"x@notexample.org", "ada@example.org", "identity.email",
			"identity.email"},
		{"x@evil@example.org", "ada@example.org", "identity.email", ""},
		{"ada", "ada@example.org", "identity.email", "identity.email"},
		{"ada@", "ada@example.org", "identity.email", "identity.email"},
		{"", "", "identity.email", "identity.email"},
	};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		f->c->commit.author.email = span_str(rows[i].author);
		f->c->commit.committer.email = span_str(rows[i].committer);
		f->identity.email = IDENTITY_STRICT;
		assert_string_equal(judged(f), rows[i].strict);
		f->identity.email = IDENTITY_DOMAIN;
		assert_string_equal(judged(f), rows[i].domain);
		f->identity.email = IDENTITY_OFF;
		assert_string_equal(judged(f), "");
	}
	f->identity.email = IDENTITY_STRICT;
	f->c->commit.author.email = SPAN_LIT("bela@example.org");
	judged(f);
	assert_string_equal(detail(f),
		"the author's address <bela@example.org> is none of the "
		"signer, ada: 'PAY-1 add the parser' by ada "
		"<bela@example.org>");
}

static void only_a_good_signature_says_whose_it_is(void **state)
{
	static const enum signature_status bad[] = {SIGNATURE_BAD,
		SIGNATURE_MISSING, SIGNATURE_UNKNOWN_KEY, SIGNATURE_EXPIRED,
		SIGNATURE_REVOKED, SIGNATURE_WEAK, SIGNATURE_MALFORMED,
		SIGNATURE_UNSUPPORTED, SIGNATURE_UNCHECKED};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		f->identity.email = i % 2 ? IDENTITY_STRICT : IDENTITY_DOMAIN;
		f->c->sig.status = bad[i];
		assert_string_equal(judged(f), "identity.email");
		assert_non_null(strstr(detail(f), "no signature says whose"));
	}
	f->c->sig.status = SIGNATURE_GOOD;
	f->c->sig.person = NULL;
	assert_string_equal(judged(f), "identity.email");
	f->up->movement = MOVEMENT_DELETE;
	assert_string_equal(judged(f), "");
}

static void tags_have_a_tagger(void **state)
{
	struct fixture *f = *state;
	struct tag_change *t = world_tag(&f->w, f->up, BELA);

	f->identity.email = IDENTITY_STRICT;
	assert_string_equal(judged(f), "");
	t->tag.tagger.email = SPAN_LIT("ada@example.org");
	assert_string_equal(judged(f), "identity.email");
	f->identity.email = IDENTITY_DOMAIN;
	assert_string_equal(judged(f), "");
	t->tag.tagger.email = SPAN_EMPTY;
	assert_string_equal(judged(f), "identity.email");
	t->sig.status = SIGNATURE_MISSING;
	assert_string_equal(judged(f), "identity.email");
	f->identity.email = IDENTITY_OFF;
	assert_string_equal(judged(f), "");
}

static void the_committer_pushes(void **state)
{
	static const char *accounts[] = {"ada-l"};
	struct fixture *f = *state;

	f->identity.committer_pushes = true;
	f->w.push.pusher.name = "ada";
	assert_string_equal(judged(f), "");
	f->w.push.pusher.name = "bela";
	assert_string_equal(judged(f), "identity.committer");
	/* Who is named is believed before an address. */
	f->w.push.pusher.email = "ada@example.org";
	assert_string_equal(judged(f), "identity.committer");
	f->w.push.pusher.name = "git";
	assert_string_equal(judged(f), "");
	f->w.push.pusher.email = "";
	assert_string_equal(judged(f), "identity.committer");
	assert_non_null(strstr(detail(f), "'git', who pushes and is not in"));
	f->w.person[ADA].account = accounts;
	f->w.person[ADA].naccount = 1;
	f->w.push.pusher.name = "ADA-L";
	assert_string_equal(judged(f), "");
	f->c->commit.committer.email = SPAN_LIT("ada@home.example");
	assert_string_equal(judged(f), "");
	f->c->commit.committer.email = SPAN_LIT("bela@example.org");
	assert_string_equal(judged(f), "identity.committer");
	/* Strangers are told by the address that the server gives, if any. */
	f->w.push.pusher.name = "zoe";
	f->w.push.pusher.email = "zoe@example.org";
	f->c->commit.committer.email = SPAN_LIT("Zoe@example.org");
	assert_string_equal(judged(f), "");
	f->w.push.pusher.email = "";
	f->c->commit.committer.email = SPAN_EMPTY;
	assert_string_equal(judged(f), "identity.committer");
}

static void the_author_is_known(void **state)
{
	struct fixture *f = *state;

	f->identity.author_known = true;
	f->c->commit.author.email = SPAN_LIT("CY@example.org");
	assert_string_equal(judged(f), "");
	f->c->commit.author.email = SPAN_LIT("zoe@example.org");
	assert_string_equal(judged(f), "identity.author");
	f->c->commit.author.email = SPAN_EMPTY;
	assert_string_equal(judged(f), "identity.author");
}

static void names_are_those_of_the_policy(void **state)
{
	static const char *names[] = {"Ada L.", "ada"};
	struct fixture *f = *state;

	f->identity.names_listed = true;
	f->c->commit.author.name = SPAN_LIT("Mallory");
	/* Of whom none are known, any will do. */
	assert_string_equal(judged(f), "");
	f->w.person[ADA].written = names;
	f->w.person[ADA].nwritten = 2;
	assert_string_equal(judged(f), "identity.name");
	assert_non_null(strstr(
		detail(f), "the author's name 'Mallory' is none of ada's"));
	f->c->commit.author.name = SPAN_LIT("Ada L.");
	assert_string_equal(judged(f), "");
	f->c->commit.committer.name = SPAN_LIT("ADA");
	assert_string_equal(judged(f), "identity.name");
	f->c->commit.committer.name = SPAN_EMPTY;
	assert_string_equal(judged(f), "identity.name");
	f->c->commit.committer.email = SPAN_LIT("x@example.org");
	assert_string_equal(judged(f), "");
}

static void one_pattern_must_match(void **state)
{
	struct pattern_ref v[] = {{"@a$", 3}, {"@b$", 4}};
	struct fixture *f = *state;

	f->identity.author_email = (struct patterns){v, 2};
	assert_string_equal(judged(f), "identity.pattern");
	/* An answer about the message is none about the address. */
	bit_set(f->c->matches, 3);
	assert_string_equal(judged(f), "identity.pattern");
	f->c->author_matches = arena_get(f->w.arena, 1, 8);
	assert_string_equal(judged(f), "identity.pattern");
	bit_set(f->c->author_matches, 4);
	assert_string_equal(judged(f), "");
	f->identity.committer_email = (struct patterns){v, 1};
	assert_string_equal(judged(f), "identity.pattern");
	f->c->committer_matches = arena_get(f->w.arena, 1, 8);
	bit_set(f->c->committer_matches, 4);
	assert_string_equal(judged(f), "identity.pattern");
	bit_set(f->c->committer_matches, 3);
	assert_string_equal(judged(f), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_rule_demands_nothing),
		TEST(addresses_and_the_signer),
		TEST(only_a_good_signature_says_whose_it_is),
		TEST(tags_have_a_tagger),
		TEST(the_committer_pushes),
		TEST(the_author_is_known),
		TEST(names_are_those_of_the_policy),
		TEST(one_pattern_must_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

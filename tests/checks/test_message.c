#include "support/fixture.h"

static int setup(void **state)
{
	struct fixture *f = fixture_new(state, &check_message);

	f->up->rules.message = &f->message;
	f->c = world_commit(&f->w, f->up, ADA);
	return 0;
}

static void an_empty_rule_demands_nothing(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(judged(f), "");
	f->up->rules.message = NULL;
	assert_string_equal(judged(f), "");
}

static void each_required_pattern_must_match(void **state)
{
	struct pattern_ref require[] = {{"^[A-Z]+-[0-9]+ ", 0}, {"why", 5}};
	struct fixture *f = *state;

	f->message.require = require;
	f->message.nrequire = 2;
	assert_string_equal(judged(f), "message.pattern message.pattern");
	assert_string_equal(f->w.out.v[0].detail,
		"does not match '^[A-Z]+-[0-9]+ ': 'PAY-1 add the parser' by "
		"ada <ada@example.org>");
	bit_set(f->c->matches, 0);
	assert_string_equal(judged(f), "message.pattern");
	bit_set(f->c->matches, 5);
	assert_string_equal(judged(f), "");
	f->c->matches = NULL;
	assert_string_equal(judged(f), "message.pattern message.pattern");
	f->up->movement = MOVEMENT_DELETE;
	assert_string_equal(judged(f), "");
}

static void no_denied_pattern_may_match(void **state)
{
	struct pattern_ref deny[] = {{"fixup!", 2}, {"WIP", 63}};
	struct fixture *f = *state;

	f->message.deny = deny;
	f->message.ndeny = 2;
	assert_string_equal(judged(f), "");
	bit_set(f->c->matches, 63);
	assert_string_equal(judged(f), "message.denied");
	bit_set(f->c->matches, 2);
	assert_string_equal(judged(f), "message.denied message.denied");
	/* Unknown is not clean. */
	f->c->matches = NULL;
	assert_string_equal(judged(f), "message.denied message.denied");
}

static void every_commit_is_judged(void **state)
{
	struct pattern_ref require[] = {{"x", 1}};
	struct fixture *f = *state;

	f->message.require = require;
	f->message.nrequire = 1;
	world_commit(&f->w, f->up, BELA);
	bit_set(world_commit(&f->w, f->up, BELA)->matches, 1);
	assert_string_equal(judged(f), "message.pattern message.pattern");
}

static void the_author_signs_off(void **state)
{
	static const struct {
		const char *key, *value;
		bool good;
	} rows[] = {
		{"Signed-off-by", "Ada <ada@example.org>", true},
		{"signed-off-by", "A. L. <ADA@Example.ORG>", true},
		{"Signed-off-by", "Ada <ada@example.org> (work)", true},
		{"Signed-off-by", "Bela <bela@example.org>", false},
		{"Signed-off-by", "Ada <ada@home.example>", false},
		{"Signed-off-by", "ada@example.org", false},
		{"Signed-off-by", "Ada <ada@example.org", false},
		{"Signed-off-by", "ada@example.org>", false},
		{"Signed-off-by", "<>", false},
		{"Signed-off-by", "", false},
		{"Acked-by", "Ada <ada@example.org>", false},
	};
	struct fixture *f = *state;
	struct trailer t[2] = {
		{SPAN_LIT("Signed-off-by"), SPAN_LIT("Cy <cy@example.org>")}};
	size_t i;

	f->message.sign_off = true;
	assert_string_equal(judged(f), "message.sign_off");
	f->c->commit.trailer = t;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		t[1].key = span_str(rows[i].key);
		t[1].value = span_str(rows[i].value);
		f->c->commit.ntrailer = 2;
		assert_string_equal(
			judged(f), rows[i].good ? "" : "message.sign_off");
		f->c->commit.ntrailer = 1;
		assert_string_equal(judged(f), "message.sign_off");
	}
	/* Nobody cannot sign off for nobody. */
	t[0].value = SPAN_LIT("Nobody <>");
	f->c->commit.author.email = SPAN_EMPTY;
	assert_string_equal(judged(f), "message.sign_off");
}

static void one_issue_is_named(void **state)
{
	struct pattern_ref v[] = {{"PAY-[0-9]+", 1}, {"OPS-[0-9]+", 2}};
	struct fixture *f = *state;

	f->message.issue = (struct patterns){v, 2};
	assert_string_equal(judged(f), "message.issue");
	assert_non_null(strstr(f->w.out.v[0].detail, "'PAY-[0-9]+'"));
	bit_set(f->c->matches, 2);
	assert_string_equal(judged(f), "");
	f->c->matches = NULL;
	assert_string_equal(judged(f), "message.issue");
}

static void lines_have_a_length(void **state)
{
	static const struct {
		const char *message, *findings;
	} rows[] = {
		{"12345", ""},
		{"123456", "message.length"},
		{"\n\n123456\n", "message.length"},
		{"12345\r\n\r\n1 34567\r\n", ""},
		{"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\n", ""},
		{"\xff\xff\xff\xff\xff\n", ""},
		{"\xc3\xa4\xc3\xb6\xc3\xbc\xff\n", "message.length"},
		{"1\n\n1 34567", ""},
		{"1\n\n1 345678", "message.length"},
		{"1\n\n1 345678\n1 345678\n", "message.length"},
		{"123456\n\n1 345678\n", "message.length message.length"},
		{"1\n\nhttps://example.org/x\n", ""},
		{"1\n\n  https://example.org/x\n", ""},
		{"", ""},
	};
	struct fixture *f = *state;
	size_t i;

	f->message.max_subject = 5;
	f->message.max_line = 7;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		f->c->commit.message = span_str(rows[i].message);
		if (strcmp(judged(f), rows[i].findings))
			fail_msg("row %zu: %s", i, judged(f));
	}
	f->c->commit.message = SPAN_LIT("1\n\n1 3\n1 345678\n");
	judged(f);
	assert_string_equal(f->w.out.v[0].detail,
		"line 4 has 8 characters, at most 7 are allowed: '1' by ada "
		"<ada@example.org>");
	f->message.max_subject = f->message.max_line = 0;
	assert_string_equal(judged(f), "");
}

static void merges_can_be_spared(void **state)
{
	struct pattern_ref v[] = {{"x", 1}};
	struct fixture *f = *state;

	f->message.require = f->message.issue.v = v;
	f->message.nrequire = f->message.issue.n = 1;
	f->message.sign_off = true;
	f->message.max_subject = 1;
	f->c->commit.nparent = 2;
	assert_string_equal(judged(f),
		"message.pattern message.issue message.length "
		"message.sign_off");
	f->message.spare_merges = true;
	assert_string_equal(judged(f), "");
	f->c->commit.nparent = 1;
	assert_string_equal(judged(f),
		"message.pattern message.issue message.length "
		"message.sign_off");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_rule_demands_nothing),
		TEST(each_required_pattern_must_match),
		TEST(no_denied_pattern_may_match),
		TEST(every_commit_is_judged),
		TEST(the_author_signs_off),
		TEST(one_issue_is_named),
		TEST(lines_have_a_length),
		TEST(merges_can_be_spared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

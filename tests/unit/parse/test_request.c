#include "support/unit.h"

#include "parse/request.h"

static struct push sample(void)
{
	static struct ref_update up[2];
	static bool gated[2] = {true, false};
	static struct gated_tip tip[1];
	static struct waived_step step[3];
	static struct oid by[2], spent[2], withdrawn[1], adopted[2], policy[2];
	static const char *option[] = {"ticket=7 and more", ""};
	static struct certificate_use uses[] = {
		{"2cf24dba5fb0a30e26e83b2ac5b9e29e"
		 "1b161e5c1fa7425e73043362938b9824",
			41}};
	static struct span exact[] = {
		{(const unsigned char *)"a\nupdate\xff", 9}, {NULL, 0}};
	struct push p = {
		.repository = "payments/api",
		.up = up,
		.nup = 2,
		.old_gated = gated,
		.gated = tip,
		.ngated = 1,
		.policy_of = "infra/policy",
		.policy_tip = policy,
		.npolicy_tip = 2,
		.past = {spent, 2, withdrawn, 1, step, 3},
		.adopted = adopted,
		.nadopted = 2,
		.option = option,
		.noption = 2,
		.pusher = {"ada l", "REMOTE_USER", "", "192.0.2.1",
			TRANSPORT_HTTP},
		.time = 1700000000,
		.reviews = {.asked = true, .answers = SPAN_LIT("a\nend\n")},
		.sign = {.given = true,
			.nonce_status = NONCE_SLOP,
			.slop = 77,
			.nonce = "1700000000-00ff",
			.options_known = true,
			.option = exact,
			.noption = 2,
			.used = uses,
			.nused = 1},
	};

	memset(up, 0, sizeof(up));
	p.sign.blob.b[3] = 7;
	up[0].old.b[0] = 1;
	up[0].new.b[19] = 2;
	up[0].ref = SPAN_LIT("refs/heads/main");
	up[1].new.b[7] = 9;
	up[1].ref = SPAN_LIT("refs/heads/\xff\x1b");
	tip[0].ref = SPAN_LIT("refs/heads/main");
	tip[0].oid.b[0] = 1;
	tip[0].accepted = true;
	step[0].ref = SPAN_LIT("refs/heads/main");
	step[0].new.b[3] = 4;
	step[1].ref = SPAN_LIT("refs/heads/two");
	step[0].by = step[1].by = by;
	step[0].nby = step[1].nby = 1;
	step[2].ref = SPAN_LIT("refs/heads/three");
	step[2].by = &by[1];
	step[2].nby = 1;
	by[0].b[2] = 3;
	by[1].b[2] = 4;
	spent[0].b[1] = 5;
	spent[1].b[1] = 6;
	withdrawn[0].b[1] = 7;
	adopted[1].b[1] = 8;
	policy[0].b[4] = 8;
	policy[1].b[4] = 9;
	return p;
}

static void what_is_written_is_read(void **state)
{
	struct arena *arena = arena_new(1u << 20);
	struct buf text = BUF_INIT(REQUEST_MAX);
	struct push in = sample(), out;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	request_write(&in, &text);
	assert_int_equal(0, request_parse(buf_all(&text), arena, &out, &err));
	assert_string_equal(out.policy_of, "infra/policy");
	assert_int_equal(out.npolicy_tip, 2);
	assert_true(oid_eq(&out.policy_tip[1], &in.policy_tip[1]));
	assert_string_equal("payments/api", out.repository);
	assert_string_equal("ada l", out.pusher.name);
	assert_string_equal("", out.pusher.email);
	assert_int_equal(TRANSPORT_HTTP, out.pusher.transport);
	assert_int_equal(1700000000, out.time);
	assert_int_equal(2, out.noption);
	assert_string_equal("ticket=7 and more", out.option[0]);
	assert_string_equal("", out.option[1]);
	assert_true(out.reviews.asked);
	assert_null(out.reviews.fault);
	unit_span_is(out.reviews.answers, "a\nend\n");
	assert_true(out.sign.given);
	assert_true(oid_eq(&in.sign.blob, &out.sign.blob));
	assert_int_equal(NONCE_SLOP, out.sign.nonce_status);
	assert_int_equal(77, out.sign.slop);
	assert_string_equal("1700000000-00ff", out.sign.nonce);
	assert_true(out.sign.options_known);
	assert_int_equal(2, out.sign.noption);
	assert_true(span_eq(in.sign.option[0], out.sign.option[0]));
	assert_int_equal(0, out.sign.option[1].n);
	assert_int_equal(1, out.sign.nused);
	assert_string_equal(in.sign.used[0].sha256, out.sign.used[0].sha256);
	assert_int_equal(41, out.sign.used[0].entry);
	assert_int_equal(2, out.nup);
	assert_true(out.old_gated[0]);
	assert_false(out.old_gated[1]);
	assert_true(oid_eq(&in.up[0].new, &out.up[0].new));
	assert_true(span_eq(in.up[1].ref, out.up[1].ref));
	assert_int_equal(1, out.ngated);
	assert_true(oid_eq(&in.gated[0].oid, &out.gated[0].oid));
	assert_true(out.gated[0].accepted);
	assert_int_equal(3, out.past.nwaived);
	unit_span_is(out.past.waived[0].ref, "refs/heads/main");
	unit_span_is(out.past.waived[2].ref, "refs/heads/three");
	for (i = 0; i < 3; i++) {
		assert_int_equal(1, out.past.waived[i].nby);
		assert_true(
			oid_eq(in.past.waived[i].by, out.past.waived[i].by));
	}
	assert_true(oid_eq(&in.past.waived[0].new, &out.past.waived[0].new));
	assert_true(oid_is_zero(&out.past.waived[0].old));
	assert_int_equal(2, out.past.nspent);
	assert_true(oid_eq(&in.past.spent[1], &out.past.spent[1]));
	assert_int_equal(1, out.past.nwithdrawn);
	assert_int_equal(2, out.nadopted);
	assert_true(oid_eq(&in.adopted[1], &out.adopted[1]));
	assert_true(oid_eq(&in.past.withdrawn[0], &out.past.withdrawn[0]));
	buf_free(&text);
	arena_free(arena);
}

static void an_unsigned_push_says_nothing_of_it(void **state)
{
	struct arena *arena = arena_new(1u << 20);
	struct buf text = BUF_INIT(REQUEST_MAX);
	struct push in = sample(), out;
	struct err err = ERR_INIT;

	(void)state;
	in.sign = (struct push_signed){.nonce = ""};
	request_write(&in, &text);
	assert_int_equal(
		SIZE_MAX, span_search(buf_all(&text), SPAN_LIT("certificate")));
	assert_int_equal(0, request_parse(buf_all(&text), arena, &out, &err));
	assert_false(out.sign.given);
	assert_string_equal("", out.sign.nonce);
	buf_free(&text);
	arena_free(arena);
}

/* No answer, an answer without anything, and no question are three things. */
static void what_forges_did_not_say_is_told_apart(void **state)
{
	static const struct push_reviews cases[] = {{.asked = false},
		{.asked = true},
		{.asked = true, .fault = "it answers 500", .hint = "later"},
		{.asked = true, .fault = "it is down", .hint = ""}};
	struct arena *arena = arena_new(1u << 20);
	struct buf text = BUF_INIT(REQUEST_MAX);
	struct push in = sample(), out;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		in.reviews = cases[i];
		buf_reset(&text);
		request_write(&in, &text);
		assert_int_equal(
			0, request_parse(buf_all(&text), arena, &out, &err));
		assert_int_equal(out.reviews.asked, cases[i].asked);
		assert_int_equal(out.reviews.answers.n, 0);
		assert_int_equal(!out.reviews.fault, !cases[i].fault);
		if (!cases[i].fault)
			continue;
		assert_string_equal(out.reviews.fault, cases[i].fault);
		assert_string_equal(out.reviews.hint, cases[i].hint);
	}
	buf_free(&text);
	arena_free(arena);
}

/* A request that is cut anywhere, or has anything more, is none. */
static void nothing_but_the_whole_is_read(void **state)
{
	struct buf text = BUF_INIT(REQUEST_MAX);
	struct push in = sample(), out;
	struct err err = ERR_INIT;
	size_t n;

	(void)state;
	request_write(&in, &text);
	for (n = 0; n < text.n; n++) {
		struct arena *arena = arena_new(1u << 20);

		assert_int_equal(-1,
			request_parse(span_of(text.p, n), arena, &out, &err));
		assert_int_equal(0, out.nup);
		arena_free(arena);
	}
	buf_str(&text, "x");
	{
		struct arena *arena = arena_new(1u << 20);

		assert_int_equal(
			-1, request_parse(buf_all(&text), arena, &out, &err));
		arena_free(arena);
	}
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(an_unsigned_push_says_nothing_of_it),
		cmocka_unit_test(what_forges_did_not_say_is_told_apart),
		cmocka_unit_test(nothing_but_the_whole_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "support/reviewrun.h"

#define TEXT_MAX 8192

struct review_answer reviewrun_part(const char *name, const char *body)
{
	return (struct review_answer){
		.part = span_str(name), .status = 200, .body = span_str(body)};
}

struct reviewrun reviewrun_read(const struct review_dialect *d, bool trust,
	const struct review_answer *a, size_t n)
{
	struct reviewrun run = {.arena = arena_new(1 << 24), .err = ERR_INIT};
	const struct review_where where = {.project = SPAN_LIT("team/app"),
		.branch = SPAN_LIT("main"),
		.token = true,
		.trust_reset = trust};

	run.ret = d->read(&where, a, n, run.arena, &run.r, &run.err);
	return run;
}

void reviewrun_well(const struct reviewrun *run, uint64_t account)
{
	char hex[OID_HEX + 1];

	assert_int_equal(run->ret, 0);
	assert_int_equal(run->r.number, 7);
	assert_true(run->r.open);
	unit_span_is(run->r.branch, "main");
	unit_span_is(run->r.opener, "bela");
	assert_string_equal(oid_hex(&run->r.head, hex), H1);
	assert_int_equal(run->r.nreview, 1);
	unit_span_is(run->r.review[0].login, "gus");
	assert_int_equal(run->r.review[0].account, account);
	assert_null(run->r.review[0].fault);
}

void reviewrun_says(struct reviewrun run, const char *shown, const char *fault)
{
	const char *got;

	if (run.ret)
		fail_msg("%s: %s", shown, run.err.text);
	assert_int_equal(run.r.nreview, 1);
	got = run.r.review[0].fault;
	if (*fault ? !got || !strstr(got, fault) : got != NULL)
		fail_msg("%s: %s, expected '%s'", shown, got, fault);
	arena_free(run.arena);
}

void reviewrun_refused(reviewrun_reader read, const char *const *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct reviewrun run = read(text[i]);

		if (run.ret != -1)
			fail_msg("taken: %s", text[i]);
		assert_int_equal(run.err.code, ERR_INPUT);
		arena_free(run.arena);
	}
}

void reviewrun_cut(reviewrun_reader read, const char *good)
{
	char cut[TEXT_MAX];
	size_t i;

	assert_true(strlen(good) < sizeof(cut));
	for (i = 0; i < strlen(good); i++) {
		struct reviewrun run;

		snprintf(cut, sizeof(cut), "%.*s", (int)i, good);
		run = read(cut);
		if (run.ret != -1)
			fail_msg("taken: %s", cut);
		arena_free(run.arena);
	}
}

void reviewrun_flipped(reviewrun_reader read, const char *none)
{
	char text[TEXT_MAX];
	size_t i, k;

	assert_true(strlen(none) < sizeof(text));
	for (i = 0; i < 8 * strlen(none); i += UNIT_STEP) {
		struct reviewrun run;

		snprintf(text, sizeof(text), "%s", none);
		text[i / 8] = (char)(text[i / 8] ^ (1 << i % 8));
		run = read(text);
		for (k = 0; !run.ret && k < run.r.nreview; k++)
			if (!run.r.review[k].fault)
				fail_msg("an approval: %s", text);
		arena_free(run.arena);
	}
}

/*
 * An append, killed before each of its system calls in turn: the log
 * verifies each time, and the next append works.
 */
#include "../../support/unit.h"

#include "../../support/killed.h"
#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "log/append.h"
#include "parse/record.h"

#define REF "refs/heads/main"
#define CALLS_MAX 2000
#define TOGETHER 3

/* Records that are appended at once. */
struct some {
	const char *state;
	const struct buf *record;
	size_t n;
};

static int append_some(void *ctx)
{
	struct append_item v[TOGETHER] = {{.from = NULL}};
	const struct some *s = ctx;
	size_t i, failed = 0;

	for (i = 0; i < s->n; i++)
		v[i].record = buf_all(&s->record[i]);
	append_batch(s->state, NULL, v, s->n);
	for (i = 0; i < s->n; i++)
		failed += v[i].err.code != ERR_NONE;
	return failed ? -1 : 0;
}

static int append_killed(
	const char *state, const struct buf *record, size_t n, int at)
{
	struct some s = {state, record, n};

	return killed_at(append_some, &s, at);
}

/* From a log of ${start} entries, ${n} at once, killing from the ${first}th call
 * on, every ${step}th: all of them get in, or none. */
static void kill_each(unsigned start, size_t n, int first, int step)
{
	char *dir = log_folder(), *state = test_log(dir, start);
	struct buf text[TOGETHER];
	uint64_t size = start;
	unsigned published = 0, lost = 0;
	int at, r = 1;
	size_t i;

	for (i = 0; i < TOGETHER; i++)
		text[i] = (struct buf)BUF_INIT(RECORD_MAX);

	for (at = first; r && at < CALLS_MAX; at += step) {
		struct log_receipt receipt;
		struct err err = ERR_INIT;
		uint64_t now;

		for (i = 0; i < n; i++)
			test_text(test_decision("accept", REF,
					  (unsigned)(at + (int)i)),
				&text[i]);
		r = append_killed(state, text, n, at);
		if (r < 0) {
			print_message("no tracing here, left out\n");
			break;
		}
		log_aside(state);
		now = log_whole(state);
		assert_true(now == size || now == size + n);
		published += now > size;
		lost += now == size;
		/* The next one, of another record, must go through; it may
		 * carry the one that was cut short into the log. */
		test_text(test_decision("reject", REF, (unsigned)at), &text[0]);
		if (append_run(state, buf_all(&text[0]), &receipt, &err))
			fail_msg("call %d: %s", at, err.text);
		assert_true(receipt.index == now || receipt.index == size + n);
		size = log_whole(state);
		assert_int_equal(size, receipt.size);
	}
	if (r >= 0) {
		assert_true(at < CALLS_MAX);
		/* It was killed before publishing, and after. */
		assert_true(lost > 0);
		assert_true(published > 0);
	}
	for (i = 0; i < TOGETHER; i++)
		buf_free(&text[i]);
	free(state);
	log_remove(dir);
}

static void test_every_call(void **unused)
{
	(void)unused;
	kill_each(3, 1, 1, UNIT_STEP);
}

static void test_together(void **unused)
{
	(void)unused;
	kill_each(3, TOGETHER, 20, 2 * UNIT_STEP);
}

/* Where a tile becomes full: more files, and the partial ones collected. */
static void test_full_tile(void **unused)
{
	static const int firsts[] = {40, 60, 80, 100, 120, 150, 400};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(firsts); i++) {
		char *dir = log_folder(), *state = test_log(dir, 255);
		struct buf text = BUF_INIT(RECORD_MAX);
		struct log_receipt receipt;
		struct err err = ERR_INIT;

		test_text(test_decision("accept", REF, 1), &text);
		if (append_killed(state, &text, 1, firsts[i]) >= 0) {
			log_whole(state);
			test_text(test_decision("reject", REF, 1), &text);
			assert_int_equal(append_run(state, buf_all(&text),
						 &receipt, &err),
				0);
			log_whole(state);
		}
		buf_free(&text);
		free(state);
		log_remove(dir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_call),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_full_tile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

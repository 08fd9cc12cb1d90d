/*
 * An append in which one system call fails, each of them in turn: it is
 * acknowledged only if it is in the log, the log verifies, and the next append
 * works.
 */
#include "../../support/unit.h"

#include "../../support/fault.h"
#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "log/append.h"
#include "parse/record.h"

#define REF "refs/heads/main"
#define CALLS_MAX 2000

struct one {
	const char *state;
	struct span record;
};

static int append_one(void *ctx)
{
	const struct one *o = ctx;
	struct log_receipt r;
	struct err err = ERR_INIT;

	return append_run(o->state, o->record, &r, &err);
}

/* From a log of ${start} entries, until no call is left. */
static void each_call(unsigned start, enum fault f)
{
	char *dir = log_folder(), *state = test_log(dir, start);
	struct buf text = BUF_INIT(RECORD_MAX);
	struct one one = {.state = state};
	unsigned refused = 0, done = 0;
	uint64_t size = start;
	int at;

	if (!fault_possible(f))
		skip();
	for (at = 1; at < CALLS_MAX; at += UNIT_STEP * UNIT_STEP) {
		struct log_receipt receipt;
		struct err err = ERR_INIT;
		struct fault_end o;
		uint64_t now;

		test_text(test_decision("accept", REF, (unsigned)at), &text);
		one.record = buf_all(&text);
		o = fault_run(append_one, &one, at, f);
		if (!o.traced) {
			print_message("no tracing here, left out\n");
			break;
		}
		log_aside(state);
		now = log_whole(state);
		assert_in_range(now, size, size + 1);
		if (!o.status && now != size + 1)
			fail_msg("call %d (%ld): acknowledged, and not there",
				at, o.nr);
		/* The system drops what it could not write, and a second sync
		 * says nothing of that. */
		if (o.struck && fault_is_sync(o.nr) && f != FAULT_SIGNAL &&
			!o.status)
			fail_msg("call %d: acknowledged, and not synced", at);
		refused += o.struck && o.status;
		done += o.struck && !o.status;
		test_text(test_decision("reject", REF, (unsigned)at), &text);
		if (append_run(state, buf_all(&text), &receipt, &err))
			fail_msg("after call %d (%ld): %s", at, o.nr, err.text);
		assert_in_range(receipt.index, now, size + 1);
		size = log_whole(state);
		assert_int_equal(size, receipt.size);
		if (o.nr < 0)
			break;
	}
	assert_true(at < CALLS_MAX);
	/* Or nothing was tried. */
	if (at > 1 && UNIT_STEP == 1 && f != FAULT_SIGNAL)
		assert_true(
			f == FAULT_SHORT ? done + refused > 1 : refused > 3);
	buf_free(&text);
	free(state);
	log_remove(dir);
}

static void test_io(void **unused)
{
	(void)unused;
	each_call(3, FAULT_IO);
}

static void test_full(void **unused)
{
	(void)unused;
	each_call(3, FAULT_FULL);
}

static void test_signal(void **unused)
{
	(void)unused;
	each_call(3, FAULT_SIGNAL);
}

static void test_short(void **unused)
{
	(void)unused;
	each_call(3, FAULT_SHORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_io),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_signal),
		cmocka_unit_test(test_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

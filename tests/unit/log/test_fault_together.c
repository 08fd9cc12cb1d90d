/*
 * Who appends for others, and who waits for that, killed before each of its
 * system calls in turn, or with that one failing: what was acknowledged is in the
 * log, nothing is in it twice, all others get in, and the log verifies.
 */
#include "../../support/unit.h"

#include <errno.h>
#include <time.h>

#include "../../support/crowd.h"
#include "../../support/fault.h"
#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "base/io.h"
#include "log/append.h"
#include "log/store.h"
#include "parse/record.h"

#define REF "refs/heads/main"
#define START 3
#define CALLS_MAX 2000
#define WAITERS 2
#define PATIENCE_MS 50

struct one {
	const char *state;
	int lock;
	struct span record;
};

/* On a file system in memory, where syncs cost nothing. */
static char *fast_folder(void)
{
	char path[] = "/dev/shm/sluice-unit-XXXXXX";

	return mkdtemp(path) ? strdup(path) : log_folder();
}

static int lock(const char *state)
{
	struct err err = ERR_INIT;
	int fd;

	assert_int_equal(store_lock(state, &fd, &err), 0);
	return fd;
}

static int append_one(void *ctx)
{
	const struct one *o = ctx;
	struct log_receipt r;
	struct err err = ERR_INIT;

	return append_holding(o->state, o->lock, o->record, &r, &err);
}

static void make(unsigned n, struct buf *out)
{
	*out = (struct buf)BUF_INIT(RECORD_MAX);
	test_text(test_decision("accept", REF, n), out);
}

/* In the log once, if it was acknowledged; else at most that. */
static unsigned at_most_once(
	const char *state, const struct buf *record, const struct fault_end *o)
{
	uint64_t at;
	unsigned n = crowd_count(state, buf_all(record), &at);

	if (n > 1)
		fail_msg("call %ld: in it %u times", o->nr, n);
	if (!o->status && n != 1)
		fail_msg("call %ld: acknowledged, and not there", o->nr);
	return n;
}

/* The next append goes through, and nothing is left in the queue. */
static void go_on(const char *state, unsigned n)
{
	struct buf path = PATH_BUF_INIT;

	log_append(state, test_decision("reject", REF, n));
	store_path(&path, state, STORE_QUEUE);
	if (rmdir(buf_cstr(&path)))
		assert_int_equal(errno, ENOENT);
	buf_free(&path);
}

static unsigned got_in; /* of the holders' records, acknowledged or not */

/* Call ${at} of who has the lock while others wait. */
static struct fault_end holder(const char *state, int at, enum fault f)
{
	struct one own = {.state = state, .lock = lock(state)};
	struct buf record, waiting[WAITERS];
	struct crowd_one c[WAITERS];
	struct log_receipt r;
	struct fault_end o;
	size_t i;

	make(10 * (unsigned)at, &record);
	own.record = buf_all(&record);
	for (i = 0; i < WAITERS; i++) {
		make(10 * (unsigned)at + 1 + (unsigned)i, &waiting[i]);
		crowd_start(&c[i], state, buf_all(&waiting[i]));
	}
	crowd_waits(state, WAITERS);
	o = fault_run(append_one, &own, at, f);
	io_close(own.lock);
	for (i = 0; i < WAITERS; i++) {
		if (!crowd_end(&c[i], &r))
			fail_msg("call %d: one who waited failed", at);
		crowd_once(state, buf_all(&waiting[i]), &r);
		buf_free(&waiting[i]);
	}
	if (o.traced)
		got_in += at_most_once(state, &record, &o);
	buf_free(&record);
	return o;
}

/* A process that has the lock, and appends when somebody waits. */
static pid_t start_holder(const struct one *o)
{
	const struct timespec pause = {0, 1000000};
	pid_t pid = fork();
	int i;

	assert_true(pid >= 0);
	if (pid) {
		io_close(o->lock);
		return pid;
	}
	/* Who is struck early never comes to wait. */
	for (i = 0; i < PATIENCE_MS && !crowd_waiting(o->state); i++)
		nanosleep(&pause, NULL);
	_exit(append_one((void *)(uintptr_t)o) ? 1 : 0);
}

/* Call ${at} of who waits. */
static struct fault_end waiter(const char *state, int at, enum fault f)
{
	struct one holds = {.state = state, .lock = lock(state)};
	struct one waits = {.state = state, .lock = -1};
	struct buf record, other;
	struct fault_end o;
	uint64_t index;
	pid_t pid;
	int st;

	make(10 * (unsigned)at, &record);
	make(10 * (unsigned)at + 1, &other);
	holds.record = buf_all(&other);
	waits.record = buf_all(&record);
	pid = start_holder(&holds);
	o = fault_run(append_one, &waits, at, f);
	assert_int_equal(waitpid(pid, &st, 0), pid);
	assert_int_equal(st, 0);
	assert_int_equal(crowd_count(state, buf_all(&other), &index), 1);
	if (o.traced)
		at_most_once(state, &record, &o);
	buf_free(&record);
	buf_free(&other);
	return o;
}

static void each_call(
	struct fault_end (*strike)(const char *state, int at, enum fault f),
	enum fault f, int step)
{
	unsigned struck = 0, acknowledged = 0, again = 0;
	struct fault_end o = {.traced = true, .struck = true};
	int at;

	if (!fault_possible(f))
		skip();
	for (at = 1; at < CALLS_MAX && o.traced && o.nr >= 0; at += step) {
		/* Always the same log: in one that grows the calls before the
		 * journal become more, and those after it are never reached. */
		char *dir = fast_folder(), *state = test_log(dir, START);

		log_append(state, test_decision("accept", REF, 1));
		o = strike(state, at, f);
		struck += o.struck;
		acknowledged += o.struck && !o.status;
		again += o.struck && !o.status && fault_is_sync(o.nr);
		log_aside(state);
		log_whole(state);
		go_on(state, 10 * (unsigned)at + 9);
		free(state);
		log_remove(dir);
	}
	assert_true(at < CALLS_MAX);
	print_message("%d calls, acknowledged %u\n", at, acknowledged);
	if (!o.traced)
		print_message("no tracing here, left out\n");
	if (!o.traced || UNIT_STEP > 1)
		return;
	assert_true(struck > 3);
	/* Where one's own trouble is overcome, or is none. */
	if (f != FAULT_KILL)
		assert_true(acknowledged > 3);
	/* What fails with others is tried again alone. */
	if (f == FAULT_IO && strike == holder)
		assert_true(again > 0);
	/* Killed before the journal had it, and after. */
	if (f == FAULT_KILL && strike == holder)
		assert_true(got_in > 3);
}

static void test_holder_killed(void **unused)
{
	(void)unused;
	each_call(holder, FAULT_KILL, UNIT_STEP);
}

static void test_holder_io(void **unused)
{
	(void)unused;
	each_call(holder, FAULT_IO, UNIT_STEP);
}

static void test_holder_full(void **unused)
{
	(void)unused;
	each_call(holder, FAULT_FULL, 3 * UNIT_STEP);
}

static void test_holder_short(void **unused)
{
	(void)unused;
	each_call(holder, FAULT_SHORT, 3 * UNIT_STEP);
}

static void test_waiter_killed(void **unused)
{
	(void)unused;
	each_call(waiter, FAULT_KILL, UNIT_STEP);
}

static void test_waiter_io(void **unused)
{
	(void)unused;
	each_call(waiter, FAULT_IO, UNIT_STEP);
}

static void test_waiter_full(void **unused)
{
	(void)unused;
	each_call(waiter, FAULT_FULL, UNIT_STEP);
}

static void test_waiter_signal(void **unused)
{
	(void)unused;
	each_call(waiter, FAULT_SIGNAL, UNIT_STEP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holder_killed),
		cmocka_unit_test(test_holder_io),
		cmocka_unit_test(test_holder_full),
		cmocka_unit_test(test_holder_short),
		cmocka_unit_test(test_waiter_killed),
		cmocka_unit_test(test_waiter_io),
		cmocka_unit_test(test_waiter_full),
		cmocka_unit_test(test_waiter_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * An append, killed before each of its system calls in turn: the log
 * verifies each time, and the next append works.
 */
#include "../../support/unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>

#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "log/append.h"
#include "parse/record.h"

#define REF "refs/heads/main"
#define CALLS_MAX 2000

static void child(const char *state, struct span record)
{
	struct log_receipt r;
	struct err err = ERR_INIT;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(77);
	raise(SIGSTOP);
	_exit(append_run(state, record, &r, &err) ? 1 : 0);
}

/*
 * Run an append and kill it as it enters system call number ${at}, before the
 * call does anything. 1 when it was killed, 0 when it was done before that, -1
 * when tracing is not allowed here.
 */
static int killed_at(const char *state, struct span record, int at)
{
	int st, calls = 0;
	bool entry = true;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		child(state, record);
	assert_int_equal(waitpid(pid, &st, 0), pid);
	if (WIFEXITED(st))
		return -1;
	ptrace(PTRACE_SETOPTIONS, pid, NULL,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (;;) {
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &st, 0), pid);
		if (WIFEXITED(st)) {
			assert_int_equal(WEXITSTATUS(st), 0);
			return 0;
		}
		if (entry && ++calls == at) {
			kill(pid, SIGKILL);
			assert_int_equal(waitpid(pid, &st, 0), pid);
			assert_true(WIFSIGNALED(st));
			return 1;
		}
		entry = !entry;
	}
}

/* From a log of ${start} entries, killing from the ${first}th call on, every
 * ${step}th. */
static void kill_each(unsigned start, int first, int step)
{
	char *dir = log_folder(), *state = test_log(dir, start);
	struct buf text = BUF_INIT(RECORD_MAX);
	uint64_t size = start;
	unsigned published = 0, lost = 0;
	int at, r = 1;

	for (at = first; r && at < CALLS_MAX; at += step) {
		struct log_receipt receipt;
		struct err err = ERR_INIT;
		uint64_t now;

		test_text(test_decision("accept", REF, (unsigned)at), &text);
		r = killed_at(state, buf_all(&text), at);
		if (r < 0) {
			print_message("no tracing here, left out\n");
			break;
		}
		log_aside(state);
		now = log_whole(state);
		assert_in_range(now, size, size + 1);
		published += now > size;
		lost += now == size;
		/* The next one, of another record, must go through; it may
		 * carry the one that was cut short into the log. */
		test_text(test_decision("reject", REF, (unsigned)at), &text);
		if (append_run(state, buf_all(&text), &receipt, &err))
			fail_msg("call %d: %s", at, err.text);
		assert_in_range(receipt.index, now, size + 1);
		size = log_whole(state);
		assert_int_equal(size, receipt.size);
	}
	if (r >= 0) {
		assert_true(at < CALLS_MAX);
		/* It was killed before publishing, and after. */
		assert_true(lost > 1);
		assert_true(published > 1);
	}
	buf_free(&text);
	free(state);
	log_remove(dir);
}

static void test_every_call(void **unused)
{
	(void)unused;
	kill_each(3, 1, UNIT_STEP);
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
		if (killed_at(state, buf_all(&text), firsts[i]) >= 0) {
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
		cmocka_unit_test(test_full_tile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * An append in which one system call fails, each of them in turn: it is
 * acknowledged only if it is in the log, the log verifies, and the next append
 * works.
 */
#include "../../support/unit.h"

#include "../../support/logwhole.h"
#include "../../support/records.h"
#include "log/append.h"
#include "parse/record.h"

#if defined(__x86_64__)

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

#define REF "refs/heads/main"
#define CALLS_MAX 2000

/* What happens to the call. */
enum fault {
	FAULT_IO,
	FAULT_FULL,
	FAULT_SIGNAL,
	FAULT_SHORT, /* of a write, half is done */
	FAULTS
};

static const int error_of[FAULTS] = {EIO, ENOSPC, EINTR, 0};

struct outcome {
	bool traced, struck; /* the call was of a kind that can fail so */
	long nr;             /* -1: there was no such call any more */
	int status;          /* of the child: 0 acknowledged, 1 refused */
};

static void child(const char *state, struct span record)
{
	struct log_receipt r;
	struct err err = ERR_INIT;

	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(77);
	raise(SIGSTOP);
	_exit(append_run(state, record, &r, &err) ? 1 : 0);
}

static bool is_write(long nr)
{
	return nr == SYS_write || nr == SYS_pwrite64;
}

static bool can_fail(long nr, enum fault f)
{
	if (nr == SYS_exit_group || nr == SYS_exit || nr == SYS_getrandom)
		return false;
	return f != FAULT_SHORT || is_write(nr);
}

/* At the entry of a call. It is not made, or with half of its bytes. */
static bool strike(pid_t pid, enum fault f, long *nr)
{
	struct user_regs_struct regs;

	assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &regs), 0);
	*nr = (long)regs.orig_rax;
	if (!can_fail(*nr, f) || (f == FAULT_SHORT && regs.rdx < 2))
		return false;
	if (f == FAULT_SHORT)
		regs.rdx /= 2;
	else
		regs.orig_rax = (unsigned long long)-1;
	assert_int_equal(ptrace(PTRACE_SETREGS, pid, NULL, &regs), 0);
	return true;
}

/* At its end. */
static void answer(pid_t pid, enum fault f)
{
	struct user_regs_struct regs;

	if (f == FAULT_SHORT)
		return;
	assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &regs), 0);
	regs.rax = (unsigned long long)-error_of[f];
	assert_int_equal(ptrace(PTRACE_SETREGS, pid, NULL, &regs), 0);
}

static struct outcome faulty(
	const char *state, struct span record, int at, enum fault f)
{
	struct outcome o = {.nr = -1};
	bool entry = true, here = false;
	int st, calls = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		child(state, record);
	assert_int_equal(waitpid(pid, &st, 0), pid);
	if (WIFEXITED(st))
		return o;
	o.traced = true;
	ptrace(PTRACE_SETOPTIONS, pid, NULL,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (;;) {
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &st, 0), pid);
		/* What cannot go on may die, and that is no acknowledgement. */
		if (!WIFSTOPPED(st)) {
			o.status = WIFEXITED(st) ? WEXITSTATUS(st) : 1;
			return o;
		}
		if (WSTOPSIG(st) != (SIGTRAP | 0x80)) {
			ptrace(PTRACE_SYSCALL, pid, NULL, (long)WSTOPSIG(st));
			assert_int_equal(waitpid(pid, &st, 0), pid);
			o.status = 1;
			return o;
		}
		if (entry && ++calls == at)
			here = o.struck = strike(pid, f, &o.nr);
		else if (!entry && here) {
			answer(pid, f);
			here = false;
		}
		entry = !entry;
	}
}

static bool is_sync(long nr)
{
	return nr == SYS_fsync || nr == SYS_fdatasync;
}

/* From a log of ${start} entries, until no call is left. */
static void each_call(unsigned start, enum fault f)
{
	char *dir = log_folder(), *state = test_log(dir, start);
	struct buf text = BUF_INIT(RECORD_MAX);
	unsigned refused = 0, done = 0;
	uint64_t size = start;
	int at;

	for (at = 1; at < CALLS_MAX; at += UNIT_STEP * UNIT_STEP) {
		struct log_receipt receipt;
		struct err err = ERR_INIT;
		struct outcome o;
		uint64_t now;

		test_text(test_decision("accept", REF, (unsigned)at), &text);
		o = faulty(state, buf_all(&text), at, f);
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
		if (o.struck && is_sync(o.nr) && f != FAULT_SIGNAL && !o.status)
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

#else

static void test_left_out(void **unused)
{
	(void)unused;
	skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_left_out)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif

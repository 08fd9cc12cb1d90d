#include "fault.h"

#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>

bool fault_is_sync(long nr)
{
	return nr == SYS_fsync || nr == SYS_fdatasync;
}

#if defined(__x86_64__)

static const int error_of[FAULTS] = {
	[FAULT_IO] = EIO, [FAULT_FULL] = ENOSPC, [FAULT_SIGNAL] = EINTR};

bool fault_possible(enum fault f)
{
	(void)f;
	return true;
}

static bool can_fail(const struct user_regs_struct *r, enum fault f)
{
	long nr = (long)r->orig_rax;

	if (nr == SYS_exit_group || nr == SYS_exit || nr == SYS_getrandom)
		return false;
	return f != FAULT_SHORT ||
		((nr == SYS_write || nr == SYS_pwrite64) && r->rdx >= 2);
}

/* At the entry of a call. It is not made, or with half of its bytes. */
static void strike(pid_t pid, enum fault f, struct fault_end *o)
{
	struct user_regs_struct regs;

	assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &regs), 0);
	o->nr = (long)regs.orig_rax;
	o->struck = can_fail(&regs, f);
	if (!o->struck)
		return;
	if (f == FAULT_SHORT)
		regs.rdx /= 2;
	else
		regs.orig_rax = (unsigned long long)-1;
	assert_int_equal(ptrace(PTRACE_SETREGS, pid, NULL, &regs), 0);
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

#else

bool fault_possible(enum fault f)
{
	return f == FAULT_KILL;
}

static void strike(pid_t pid, enum fault f, struct fault_end *o)
{
	(void)pid;
	(void)f;
	(void)o;
}

static void answer(pid_t pid, enum fault f)
{
	(void)pid;
	(void)f;
}

#endif

static void child(int (*run)(void *ctx), void *ctx)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(77);
	raise(SIGSTOP);
	_exit(run(ctx) ? 1 : 0);
}

/* To the next stop; false when it ended. A signal is handed on. */
static bool next(pid_t pid, int *st)
{
	long sig = 0;

	do {
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, sig), 0);
		assert_int_equal(waitpid(pid, st, 0), pid);
		if (!WIFSTOPPED(*st))
			return false;
		sig = WSTOPSIG(*st);
	} while (sig != (SIGTRAP | 0x80));
	return true;
}

struct fault_end fault_run(
	int (*run)(void *ctx), void *ctx, int at, enum fault f)
{
	struct fault_end o = {.nr = -1, .status = 1};
	bool entry = true, here = false;
	int st, calls = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		child(run, ctx);
	assert_int_equal(waitpid(pid, &st, 0), pid);
	if (WIFEXITED(st))
		return o;
	o.traced = true;
	ptrace(PTRACE_SETOPTIONS, pid, NULL,
		PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (; next(pid, &st); entry = !entry) {
		if (entry && ++calls == at && f == FAULT_KILL) {
			o.struck = true;
			o.nr = 0;
			kill(pid, SIGKILL);
			assert_int_equal(waitpid(pid, &st, 0), pid);
			return o;
		}
		if (entry && calls == at) {
			strike(pid, f, &o);
			here = o.struck;
		} else if (!entry && here) {
			answer(pid, f);
			here = false;
		}
	}
	/* What cannot go on may die, and that is no acknowledgement. */
	o.status = WIFEXITED(st) ? WEXITSTATUS(st) : 1;
	return o;
}

#include "killed.h"

#include "unit.h"

#include <signal.h>
#include <sys/ptrace.h>

static void child(int (*run)(void *ctx), void *ctx)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(77);
	raise(SIGSTOP);
	_exit(run(ctx) ? 1 : 0);
}

int killed_at(int (*run)(void *ctx), void *ctx, int at)
{
	int st, calls = 0;
	bool entry = true;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		child(run, ctx);
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

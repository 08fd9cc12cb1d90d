/* What every unit test includes: cmocka and its needs, and a few helpers. */
#ifndef SUPPORT_UNIT_H
#define SUPPORT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/proc.h"

/*
 * UNIT_STEP: how far to go in a loop over very many cases of one sort. All of
 * them are taken in a plain build; the sanitizers, which look at each access
 * and not at what comes out, and take five times as long, get every fourth.
 */
#if defined(__SANITIZE_ADDRESS__)
#define UNIT_STEP 4
#else
#define UNIT_STEP 1
#endif

/* unit_span_is(s, text): ${s} holds exactly the bytes of the C string. */
#define unit_span_is(s, text)                                          \
	do {                                                           \
		struct span unit_s = (s);                              \
		assert_int_equal(unit_s.n, strlen(text));              \
		if (unit_s.n)                                          \
			assert_memory_equal(unit_s.p, text, unit_s.n); \
	} while (0)

/* unit_status(run): exit status of ${run} in a child whose stderr is dropped;
 * 128 plus the number when a signal ended it. For what must die(). */
static inline int unit_status(void (*run)(void))
{
	int st;
	pid_t pid = fork();

	if (pid < 0)
		return -1;
	if (!pid) {
		close(2);
		run();
		_exit(0);
	}
	if (waitpid(pid, &st, 0) != pid)
		return -1;
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

/* unit_dir(path, n): make a folder of one's own under $TMPDIR. */
static inline void unit_dir(char *path, size_t n)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(path, n, "%s/sluice-unit-XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(path));
}

/* unit_shell(dir, script): a script of sh that must succeed, in that folder. */
static inline void unit_shell(const char *dir, const char *script)
{
	const char *const argv[] = {"sh", "-ec", script, NULL};
	struct proc p = {.argv = argv, .dir = dir, .timeout_ms = 60000};
	struct err err = ERR_INIT;
	struct proc_end end;

	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(end.status, 0);
}

/* unit_rm(path): remove it with what is in it. */
static inline void unit_rm(const char *path)
{
	pid_t pid = fork();

	if (!pid) {
		execlp("rm", "rm", "-rf", "--", path, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

#endif

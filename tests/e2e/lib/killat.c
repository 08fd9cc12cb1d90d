/*
 * A preload for end-to-end tests: interfere with sluice at its Nth step.
 * A step is a call that changes what is on disk, starts a child or waits for
 * one; they are counted over all processes of one run in the file KILLAT_COUNT.
 *	KILLAT_STEP=N KILLAT_HOW=kill	SIGKILL just before step N
 *	KILLAT_STEP=N KILLAT_HOW=full	from step N on there is no space left
 *	KILLAT_HOW=pause		a short sleep before each step
 *	KILLAT_SYNCS=FILE		a byte in it for each fdatasync
 * Programs of other names are left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static long count_in(const char *file)
{
	struct stat st = {0};
	int fd;

	if (!file)
		return 0;
	fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return 0;
	/* Not write(), which is counted. */
	if (dprintf(fd, ".") != 1 || fstat(fd, &st))
		st.st_size = 0;
	close(fd);
	return (long)st.st_size;
}

static int ours(void)
{
	return !strncmp(program_invocation_short_name, "sluice", 6);
}

/* 1 when the step must fail for want of space. */
static int step(int writes)
{
	const char *at = getenv("KILLAT_STEP"), *how = getenv("KILLAT_HOW");
	long n, want;

	if (!how || !ours())
		return 0;
	n = count_in(getenv("KILLAT_COUNT"));
	want = at ? strtol(at, NULL, 10) : 0;
	if (!strcmp(how, "pause"))
		usleep(2000);
	if (!strcmp(how, "kill") && n == want)
		kill(getpid(), SIGKILL);
	if (!strcmp(how, "full") && writes && want && n >= want) {
		errno = ENOSPC;
		return 1;
	}
	return 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int fd)
{
	return step(1) ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
	if (ours())
		count_in(getenv("KILLAT_SYNCS"));
	return step(1) ? -1 : REAL(fdatasync)(fd);
}

int rename(const char *from, const char *to)
{
	step(0);
	return REAL(rename)(from, to);
}

int renameat(int a, const char *from, int b, const char *to)
{
	step(0);
	return REAL(renameat)(a, from, b, to);
}

int unlink(const char *path)
{
	step(0);
	return REAL(unlink)(path);
}

int mkdir(const char *path, mode_t mode)
{
	return step(1) ? -1 : REAL(mkdir)(path, mode);
}

ssize_t write(int fd, const void *p, size_t n)
{
	struct stat st;

	/* Pipes and terminals are no disk. */
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return REAL(write)(fd, p, n);
	return step(1) ? -1 : REAL(write)(fd, p, n);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t at)
{
	return step(1) ? -1 : REAL(pwrite64)(fd, p, n, at);
}

pid_t fork(void)
{
	step(0);
	return REAL(fork)();
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	step(0);
	return REAL(waitpid)(pid, status, options);
}

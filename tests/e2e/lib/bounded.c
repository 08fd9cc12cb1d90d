/*
 * bounded MIB SECONDS COMMAND...: run it; status 99 if it took longer, or if
 * it or a child that it waited for had more memory than that at a time. The
 * peak is said at the end.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	time_t start = time(NULL);
	struct rusage used;
	long mib, seconds;
	int status;
	pid_t pid;

	if (argc < 4)
		return 64;
	pid = fork();
	if (!pid) {
		execv(argv[3], argv + 3);
		err(127, "%s", argv[3]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 ||
		getrusage(RUSAGE_CHILDREN, &used))
		err(99, "%s", argv[3]);
	mib = used.ru_maxrss >> 10;
	seconds = (long)(time(NULL) - start);
	printf("peak %ld MiB, %ld s\n", mib, seconds);
	if (mib > strtol(argv[1], NULL, 10) ||
		seconds > strtol(argv[2], NULL, 10) || !WIFEXITED(status))
		return 99;
	return WEXITSTATUS(status);
}

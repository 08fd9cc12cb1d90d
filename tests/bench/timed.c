/*
 * timed COMMAND…: run it, print "<microseconds> <status> <CPU microseconds>
 * <KiB>": CPU time of everything it waited for, and the most memory that one
 * of those had. A push takes some milliseconds; date(1) before and after would
 * add one.
 */
#include <stdio.h>
#include <stdlib.h>

#include <sys/resource.h>

#include "base/clock.h"
#include "base/proc.h"

extern char **environ;

static long long us(struct timeval t)
{
	return (long long)t.tv_sec * 1000000 + t.tv_usec;
}

int main(int argc, char **argv)
{
	struct buf out = BUF_INIT(64u << 20), talk = BUF_INIT(64u << 20);
	const struct proc p = {
		.argv = (const char *const *)(argv + 1),
		.env = (const char *const *)environ,
		.out = &out,
		.talk = &talk,
	};
	struct proc_end end;
	struct err err = ERR_INIT;
	struct rusage used;
	int64_t start;

	if (argc < 2) {
		fprintf(stderr, "usage: timed COMMAND…\n");
		return 64;
	}
	start = clock_us();
	if (proc_run(&p, &end, &err)) {
		fprintf(stderr, "timed: %s\n", err.text);
		return 2;
	}
	start = clock_us() - start;
	if (getrusage(RUSAGE_CHILDREN, &used))
		return 2;
	printf("%lld %d %lld %ld\n", (long long)start,
		end.signal ? 128 + end.signal : end.status,
		us(used.ru_utime) + us(used.ru_stime), used.ru_maxrss);
	/* What the command said is worth reading only when it failed. */
	if (end.signal || end.status)
		fprintf(stderr, "%s", buf_cstr(&talk));
	buf_free(&out);
	buf_free(&talk);
	return 0;
}

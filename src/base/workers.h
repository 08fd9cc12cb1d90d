/* The same work done by several threads. */
#ifndef BASE_WORKERS_H
#define BASE_WORKERS_H

#define WORKERS_MAX 8u

/* workers_count(): as many as there are processors, at most WORKERS_MAX. */
unsigned workers_count(void);

/*
 * workers_run(n, work, ctx):
 * Call ${work} in up to ${n} threads (at most WORKERS_MAX), of which this is
 * number 0, and come back when all have. They share out among themselves what
 * there is to do: there may be fewer than ${n} of them.
 */
void workers_run(
	unsigned n, void (*work)(void *ctx, unsigned worker), void *ctx);

#endif

#include "base/workers.h"

#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

struct worker {
	pthread_t thread;
	void (*work)(void *ctx, unsigned worker);
	void *ctx;
	unsigned number;
};

unsigned workers_count(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 1)
		return 1;
	return n > (long)WORKERS_MAX ? WORKERS_MAX : (unsigned)n;
}

static void *run(void *arg)
{
	struct worker *w = arg;

	w->work(w->ctx, w->number);
	return NULL;
}

void workers_run(
	unsigned n, void (*work)(void *ctx, unsigned worker), void *ctx)
{
	struct worker w[WORKERS_MAX];
	unsigned i, started = 1;

	for (; started < n && started < WORKERS_MAX; started++) {
		w[started] = (struct worker){
			.work = work, .ctx = ctx, .number = started};
		/* Fewer threads only take longer. */
		if (pthread_create(&w[started].thread, NULL, run, &w[started]))
			break;
	}
	work(ctx, 0);
	for (i = 1; i < started; i++)
		pthread_join(w[i].thread, NULL);
}

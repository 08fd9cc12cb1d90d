#include "scan/packwalk.h"

#include <pthread.h>
#include <stdatomic.h>

#include "scan/packstack.h"

#define CLAIM 16 /* roots taken at a time */

struct shared {
	struct packstack_setup setup;
	unsigned types;
	atomic_uint next; /* the first root not yet taken */
	atomic_bool stop;
	pthread_mutex_t lock;
	struct err *err; /* of the first that failed */
};

struct thread {
	struct shared *shared;
	unsigned number;
};

static bool wanted(const struct shared *s, uint32_t i)
{
	unsigned type = s->setup.map->type[i];

	return type != OBJECT_NONE && (!s->types || s->types >> type & 1);
}

static int walk_some(struct shared *s, struct packstack *stack, uint32_t from,
	struct err *err)
{
	const struct packmap *map = s->setup.map;
	uint32_t i;

	for (i = from; i < map->n && i - from < CLAIM; i++) {
		/* What has no type hangs together with nothing that can be
		 * trusted: each is told by itself. */
		if (map->type[i] == OBJECT_NONE) {
			if (packstack_tell_lost(stack, i, err))
				return -1;
		} else if (map->up[i] == PACKMAP_NONE && wanted(s, i)) {
			if (packstack_walk(stack, i, err))
				return -1;
		}
	}
	return 0;
}

static void *work(void *arg)
{
	const struct thread *t = arg;
	struct shared *s = t->shared;
	struct packstack *stack = packstack_new(&s->setup, t->number);
	struct err err = ERR_INIT;
	uint32_t from;

	while (!atomic_load(&s->stop)) {
		from = atomic_fetch_add(&s->next, CLAIM);
		if (from >= s->setup.map->n)
			break;
		if (!walk_some(s, stack, from, &err))
			continue;
		pthread_mutex_lock(&s->lock);
		if (!atomic_exchange(&s->stop, true))
			*s->err = err;
		pthread_mutex_unlock(&s->lock);
	}
	packstack_free(stack);
	return NULL;
}

/* The type of what has its base outside the pack is that of the base. */
static void find_outside(
	const struct packwalk *w, struct packmap *p, struct buf *bytes)
{
	struct packfile_entry head;
	struct err err = ERR_INIT;
	enum object_type type;
	struct span body;
	uint32_t i;

	for (i = 0; w->fetch && i < p->n; i++) {
		if (p->type[i] != OBJECT_NONE || p->up[i] != PACKMAP_NONE ||
			packmap_entry(p, i, &head, &body, &err) ||
			head.kind != PACKFILE_BY_NAME)
			continue;
		buf_reset(bytes);
		if (!w->fetch(w->ctx, &head.base, w->max, &type, bytes, &err))
			packmap_set_root(p, i, type);
	}
}

int packwalk_run(const struct packwalk *w, struct packmap *p, struct err *err)
{
	struct shared s = {.setup = {.walk = w, .map = p},
		.types = w->types,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.err = err};
	struct thread thread[PACKWALK_WORKERS_MAX];
	pthread_t id[PACKWALK_WORKERS_MAX];
	unsigned i, n = w->workers ? w->workers : 1, started;
	struct buf bytes = BUF_INIT(SIZE_MAX);

	if (n > PACKWALK_WORKERS_MAX)
		n = PACKWALK_WORKERS_MAX;
	find_outside(w, p, &bytes);
	buf_free(&bytes);
	packstack_share(&s.setup);
	for (started = 1; started < n; started++) {
		thread[started] = (struct thread){&s, started};
		/* Fewer threads only take longer. */
		if (pthread_create(&id[started], NULL, work, &thread[started]))
			break;
	}
	thread[0] = (struct thread){&s, 0};
	work(&thread[0]);
	for (i = 1; i < started; i++)
		pthread_join(id[i], NULL);
	packstack_unshare(&s.setup);
	pthread_mutex_destroy(&s.lock);
	map_forget(&p->pack);
	return atomic_load(&s.stop) ? -1 : 0;
}

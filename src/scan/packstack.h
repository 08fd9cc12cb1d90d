/* One thread's part of a walk: a root and all that is built on it. Nothing but
 * scan/packwalk.c has a use for this. */
#ifndef SCAN_PACKSTACK_H
#define SCAN_PACKSTACK_H

#include <pthread.h>
#include <stdatomic.h>

#include "scan/packwalk.h"

struct packstack_setup {
	const struct packwalk *walk;
	const struct packmap *map;
	/* Shared by all threads. */
	pthread_mutex_t big;   /* held while at work on large objects */
	pthread_mutex_t fetch; /* held while asking for a base */
	atomic_ullong read;    /* bytes of the pack looked at */
};
void packstack_share(struct packstack_setup *s);
void packstack_unshare(struct packstack_setup *s);

struct packstack;
struct packstack *packstack_new(struct packstack_setup *s, unsigned worker);
void packstack_free(struct packstack *k);

/* packstack_walk(k, root, err): tell the root and all that is built on it. */
MUST_USE int packstack_walk(
	struct packstack *k, uint32_t root, struct err *err);

/* packstack_tell_lost(k, i, err): tell an object that has no type. */
MUST_USE int packstack_tell_lost(
	struct packstack *k, uint32_t i, struct err *err);

#endif

/*
 * Things that die together are allocated together. One push, one judge, one
 * arena: nothing in it is freed singly, and nothing secret goes into it.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/span.h"

struct arena;

/* arena_new(cap): at most ${cap} bytes in all; passing that dies. */
struct arena *arena_new(size_t cap);
/* arena_free(a): everything at once. NULL is fine. */
void arena_free(struct arena *a);
/* arena_reset(a): empty again, for the next of many: what was got is no more,
 * and one block is kept, so that this costs what was used of it. */
void arena_reset(struct arena *a);

/* arena_get(a, n, each): ${n} zeroed items of ${each} bytes, never NULL,
 * aligned for any type. Dies on overflow or past the cap. */
void *arena_get(struct arena *a, size_t n, size_t each);
/* ARENA_NEW(a, type): one zeroed object. */
#define ARENA_NEW(a, type) ((type *)arena_get((a), 1, sizeof(type)))

/* Copies. arena_copy's bytes are followed by a NUL that is not counted. */
struct span arena_copy(struct arena *a, struct span s);
char *arena_str(struct arena *a, struct span s);
char *arena_fmt(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

/*
 * arena_grow(a, old, n, cap, each):
 * Room for item number ${n} (0-based) in an array that is now at ${old} with
 * *${cap} items: returns the array, moved and doubled when it is full. Items
 * past the old ones are zero.
 *	list->v = arena_grow(a, list->v, list->n, &list->cap, sizeof(*list->v));
 */
void *arena_grow(
	struct arena *a, void *old, size_t n, size_t *cap, size_t each);

/* arena_reserve(a, old, n, cap, more, each): the same for ${more} items behind
 * the first ${n}, at once: growing step by step leaves each step behind. */
void *arena_reserve(struct arena *a, void *old, size_t n, size_t *cap,
	size_t more, size_t each);

#endif

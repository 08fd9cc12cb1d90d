/* Arrays that grow by doubling. */
#ifndef BASE_GROW_H
#define BASE_GROW_H

#include <stddef.h>

#include "base/compiler.h"

/* grow_more(v, cap, each): for grow(). */
void *grow_more(void *v, size_t *cap, size_t each);

/*
 * grow(v, n, cap, each):
 * ${v}, an array from malloc of *${cap} elements of ${each} bytes, of which
 * ${n} are in use, with room for one more: where it is then. NULL and 0 are an
 * array without elements. Dies without memory.
 */
static inline void *grow(void *v, size_t n, size_t *cap, size_t each)
{
	return n < *cap ? v : grow_more(v, cap, each);
}

#endif

/* Chance that is the same in every run, so that a failure can be repeated. */
#ifndef SUPPORT_CHANCE_H
#define SUPPORT_CHANCE_H

#include <stddef.h>
#include <stdint.h>

static uint64_t chance_state = 88172645463325252u;

/* below(n): a number from 0 to n - 1 (xorshift, Marsaglia). */
static inline size_t below(size_t n)
{
	chance_state ^= chance_state << 13;
	chance_state ^= chance_state >> 7;
	chance_state ^= chance_state << 17;
	return (size_t)(chance_state % n);
}

#endif

/* Sets of small numbers: a bit each, in words of 64. */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* BIT_WORDS(n): words that hold the bits 0 to n - 1. */
#define BIT_WORDS(n) (((n) + 63) / 64)

/* bit_get(bits, n): false where ${bits} is NULL. */
static inline bool bit_get(const uint64_t *bits, size_t n)
{
	return bits && (bits[n / 64] >> (n % 64) & 1);
}

static inline void bit_set(uint64_t *bits, size_t n)
{
	bits[n / 64] |= UINT64_C(1) << (n % 64);
}

#endif

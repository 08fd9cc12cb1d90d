/* Some bytes looked at together: a bit each says what they are, the lowest for
 * the first. */
#ifndef SCAN_BLOCK_H
#define SCAN_BLOCK_H

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/span.h"

#define BLOCK 64

/* block_at(bytes, at, tail): the BLOCK bytes from ${at} on, which is not past
 * the end. Where there are fewer, they are put into ${tail}, with zeros behind
 * them. */
static inline const unsigned char *block_at(
	struct span bytes, size_t at, unsigned char tail[BLOCK])
{
	if (bytes.n - at >= BLOCK)
		return bytes.p + at;
	memset(tail, 0, BLOCK);
	if (at < bytes.n)
		memcpy(tail, bytes.p + at, bytes.n - at);
	return tail;
}

#ifdef __SSE2__
static inline unsigned block_feeds16(const unsigned char *p)
{
	__m128i c = _mm_loadu_si128((const void *)p);

	return (unsigned)_mm_movemask_epi8(
		_mm_cmpeq_epi8(c, _mm_set1_epi8('\n')));
}

static inline unsigned block_dense16(const unsigned char *p)
{
	__m128i c = _mm_loadu_si128((const void *)p);
	__m128i letter = _mm_cmpgt_epi8(c, _mm_set1_epi8('@' - 1));
	__m128i digit = _mm_sub_epi8(c, _mm_set1_epi8('+'));

	digit = _mm_cmpeq_epi8(_mm_min_epu8(digit, _mm_set1_epi8(14)), digit);
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(letter, digit));
}
#else
static inline unsigned block_feeds16(const unsigned char *p)
{
	unsigned bits = 0, i;

	for (i = 0; i < 16; i++)
		bits |= (unsigned)(p[i] == '\n') << i;
	return bits;
}

static inline unsigned block_dense16(const unsigned char *p)
{
	unsigned bits = 0, i;

	for (i = 0; i < 16; i++)
		bits |= (unsigned)((p[i] >= '@' && p[i] < 0x80) ||
				(p[i] >= '+' && p[i] <= '9'))
			<< i;
	return bits;
}
#endif

/* block_feeds(p): which of BLOCK bytes are line feeds. */
static inline uint64_t block_feeds(const unsigned char *p)
{
	return block_feeds16(p) | (uint64_t)block_feeds16(p + 16) << 16 |
		(uint64_t)block_feeds16(p + 32) << 32 |
		(uint64_t)block_feeds16(p + 48) << 48;
}

/* block_dense(p): which of BLOCK bytes may be of an alphabet of base64. The
 * other characters from "+" to "9" and from "@" on count as well, which is half
 * the work and seldom matters. */
static inline uint64_t block_dense(const unsigned char *p)
{
	return block_dense16(p) | (uint64_t)block_dense16(p + 16) << 16 |
		(uint64_t)block_dense16(p + 32) << 32 |
		(uint64_t)block_dense16(p + 48) << 48;
}

#endif

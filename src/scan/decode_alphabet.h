/* The characters of base64, RFC 4648 sections 4 and 5. */
#ifndef SCAN_DECODE_ALPHABET_H
#define SCAN_DECODE_ALPHABET_H

#include <stddef.h>

/* decode_base64_digit: of a character, in either alphabet; 0 for others. */
extern const unsigned char decode_base64_digit[256];

/* decode_base64_byte(quad, k): byte ${k}, 0 to 2, that four characters say.
 * Byte k needs the characters k and k + 1 only. */
static inline unsigned decode_base64_byte(const unsigned char *quad, size_t k)
{
	unsigned a = decode_base64_digit[quad[k]];
	unsigned b = decode_base64_digit[quad[k + 1]];

	return (a << (2 + 2 * k) | b >> (4 - 2 * k)) & 0xff;
}

#endif

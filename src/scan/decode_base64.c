#include "scan/decode_alphabet.h"
#include "scan/decodestep.h"

const unsigned char decode_base64_digit[256] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 0, 0, 0, 62, 0, 62, 0, 63, 52, 53, 54, 55, 56, 57, 58,
	59, 60, 61, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
	12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 0, 0, 0, 0, 63,
	0, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42,
	43, 44, 45, 46, 47, 48, 49, 50, 51, 0, 0, 0, 0, 0};

/* Characters that a piece takes up, at the least. */
#define CHARS_MIN (DECODE_MIN / 3 * 4)

/*
 * A bit for each of the four ways to read character ${i} of a run, as the
 * first, second, third or last of a quad: whether the byte that starts in it
 * may be ASCII. None starts in the last. A run that is read in one way has the
 * same bit all along.
 */
static unsigned readable(unsigned char c, size_t i)
{
	unsigned high = ~(unsigned)decode_base64_digit[c];
	unsigned ways = (high >> 5 & 1) | (high >> 2 & 2) | (high << 1 & 4) | 8;

	return (ways | ways << 4) >> i % 4 & 15;
}

/*
 * Whether there may be a piece: so many characters in a row that can be read
 * in one of the ways. A name or a path cannot for long, in any; looked at is
 * first where a piece would end.
 */
static bool may_speak(struct span chars)
{
	size_t at = 0, i;
	unsigned ways;

	while (at + CHARS_MIN <= chars.n) {
		i = at + CHARS_MIN;
		for (ways = 15; ways && i > at; i--)
			ways &= readable(chars.p[i - 1], i - 1);
		if (ways)
			return true;
		at = i + 1;
	}
	return false;
}

int decode_base64_run(
	struct decode_search *s, const struct dense_run *run, struct err *err)
{
	size_t phase;

	if (!may_speak(run->chars))
		return 0;
	for (phase = 0; phase < 4; phase++)
		if (decode_stretches(
			    s, run, ENCODING_BASE64, phase, run->chars.n, err))
			return -1;
	return 0;
}

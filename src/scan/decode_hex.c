#include "scan/decodestep.h"

#define DIGITS_MIN ((size_t)2 * DECODE_MIN)

/* The digits [from, to) as pairs, from the first one on and from the second. */
static int pairs(struct decode_search *s, const struct dense_run *run,
	size_t from, size_t to, struct err *err)
{
	if (decode_stretches(s, run, ENCODING_HEX, from, to, err))
		return -1;
	return decode_stretches(s, run, ENCODING_HEX, from + 1, to, err);
}

int decode_hex_run(
	struct decode_search *s, const struct dense_run *run, struct err *err)
{
	struct span c = run->chars;
	size_t at = 0, left, right;

	while (at + DIGITS_MIN <= c.n) {
		left = right = at + DIGITS_MIN - 1;
		if (!is_a(c.p[left], IS_HEX)) {
			at = left + 1;
			continue;
		}
		while (left > at && is_a(c.p[left - 1], IS_HEX))
			left--;
		while (right < c.n && is_a(c.p[right], IS_HEX))
			right++;
		if (right - left >= DIGITS_MIN &&
			pairs(s, run, left, right, err))
			return -1;
		at = right;
	}
	return 0;
}

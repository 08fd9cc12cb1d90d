#include <string.h>

#include "scan/decodestep.h"

struct decode_step decode_percent_step(struct span s)
{
	struct decode_step step = {.in = 1, .out = {s.p[0]}, .n = 1};

	if (s.p[0] != '%' || s.n < 3 || !is_a(s.p[1], IS_HEX) ||
		!is_a(s.p[2], IS_HEX))
		return step;
	step.in = 3;
	step.out[0] = (unsigned char)(decode_hex_digit(s.p[1]) << 4 |
		decode_hex_digit(s.p[2]));
	/* A blank has to be; and "%20s" is common in C. */
	step.hit = step.out[0] > ' ' && step.out[0] < 0x7f;
	return step;
}

size_t decode_percent_first(struct span s)
{
	const unsigned char *end = s.p + s.n, *p = s.p;

	while ((p = memchr(p, '%', (size_t)(end - p)))) {
		if (decode_percent_step(span_of(p, (size_t)(end - p))).hit)
			return (size_t)(p - s.p);
		p++;
	}
	return SIZE_MAX;
}

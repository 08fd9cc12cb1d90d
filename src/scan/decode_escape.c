#include <string.h>

#include "scan/decodestep.h"

#define SLASHES_MAX 8

/* ${n} hex digits from ${at} on. */
static bool hex(struct span s, size_t at, size_t n, uint32_t *c)
{
	*c = 0;
	if (at > s.n || s.n - at < n)
		return false;
	while (n--) {
		if (!is_a(s.p[at], IS_HEX))
			return false;
		*c = *c << 4 | decode_hex_digit(s.p[at++]);
	}
	return true;
}

/* "{1f600}": its length. */
static size_t braced(struct span s, size_t at, uint32_t *c)
{
	size_t n;

	if (at >= s.n || s.p[at] != '{')
		return 0;
	for (n = 1; n <= 6 && at + n < s.n && is_a(s.p[at + n], IS_HEX); n++)
		;
	if (n < 2 || at + n >= s.n || s.p[at + n] != '}')
		return 0;
	return hex(s, at + 1, n - 1, c) ? n + 1 : 0;
}

/* A backslash is escaped again in a string within a string. */
static size_t slashes(struct span s)
{
	size_t n = 0;

	while (n < s.n && n < SLASHES_MAX && s.p[n] == '\\')
		n++;
	return n;
}

/* "\ud83d\ude00": the second half. Its length. */
static size_t low_half(struct span s, uint32_t *c)
{
	size_t n = slashes(s);
	uint32_t low;

	if (!n || n >= s.n || s.p[n] != 'u' || !hex(s, n + 1, 4, &low) ||
		low < 0xdc00 || low > 0xdfff)
		return 0;
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return n + 5;
}

/* "\u0041" from its "u" on, and so on. Its length, or 0. */
static size_t coded(struct span s, uint32_t *c, bool *byte)
{
	size_t n;

	*byte = s.p[0] != 'u' && s.p[0] != 'U';
	switch (s.p[0]) {
	case 'u':
		n = braced(s, 1, c);
		if (n)
			return n + 1;
		if (!hex(s, 1, 4, c))
			return 0;
		if (*c >= 0xd800 && *c < 0xdc00)
			return 5 + low_half(span_from(s, 5), c);
		return 5;
	case 'U':
		return hex(s, 1, 8, c) ? 9 : 0;
	case 'x':
		return hex(s, 1, 2, c) ? 3 : 0;
	case '/':
		*c = '/';
		return 1;
	default:
		break;
	}
	if (s.n < 3 || s.p[0] < '0' || s.p[0] > '3' || s.p[1] < '0' ||
		s.p[1] > '7' || s.p[2] < '0' || s.p[2] > '7')
		return 0;
	*c = (uint32_t)(s.p[0] - '0') << 6 | (uint32_t)(s.p[1] - '0') << 3 |
		(uint32_t)(s.p[2] - '0');
	return 3;
}

struct decode_step decode_escape_step(struct span s)
{
	struct decode_step step = {.in = 1, .out = {s.p[0]}, .n = 1};
	size_t bar = slashes(s), n = 0;
	uint32_t c = 0;
	bool byte = false;

	if (!bar || s.n < 2)
		return step;
	if (bar < s.n)
		n = coded(span_from(s, bar), &c, &byte);
	if (n) {
		step.in = bar + n;
		step.hit = c > ' ' && c < 0x7f;
		step.out[0] = (unsigned char)c;
		if (!byte)
			step.n = decode_utf8(c, step.out);
		return step;
	}
	step.in = 2;
	switch (s.p[1]) {
	case 'n':
		step.out[0] = '\n';
		break;
	case 'r':
		step.out[0] = '\r';
		break;
	case 't':
		step.out[0] = '\t';
		break;
	case '\\':
	case '"':
	case '\'':
		step.out[0] = s.p[1];
		break;
	default:
		step.in = 1;
		break;
	}
	return step;
}

/* What a backslash may stand before, of several the last one, that codes a
 * character. */
static bool may_code(unsigned char c)
{
	return c == 'u' || c == 'x' || c == 'U' || (c >= '/' && c <= '3');
}

size_t decode_escape_first(struct span s)
{
	const unsigned char *end = s.p + s.n, *p = s.p;

	while ((p = memchr(p, '\\', (size_t)(end - p)))) {
		struct decode_step step = {.in = 1};
		size_t n = (size_t)(end - p);

		if (n > 1 && may_code(p[1]))
			step = decode_escape_step(span_of(p, n));
		if (step.hit)
			return (size_t)(p - s.p);
		p += step.in;
	}
	return SIZE_MAX;
}

#include "base/span.h"

struct span span_str(const char *s)
{
	return s ? span_of(s, strlen(s)) : SPAN_EMPTY;
}

bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool span_is(struct span a, const char *s)
{
	return span_eq(a, span_str(s));
}

bool span_starts(struct span s, struct span prefix)
{
	return s.n >= prefix.n && span_eq(span_sub(s, 0, prefix.n), prefix);
}

bool span_ends(struct span s, struct span suffix)
{
	return s.n >= suffix.n && span_eq(span_from(s, s.n - suffix.n), suffix);
}

int span_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n ? memcmp(a.p, b.p, n) : 0;

	if (r)
		return r;
	return (a.n > b.n) - (a.n < b.n);
}

struct span span_from(struct span s, size_t at)
{
	if (at >= s.n)
		return SPAN_EMPTY;
	return span_of(s.p + at, s.n - at);
}

struct span span_sub(struct span s, size_t at, size_t n)
{
	s = span_from(s, at);
	if (s.n > n)
		s.n = n;
	return s;
}

size_t span_find(struct span s, unsigned char c)
{
	const unsigned char *hit = s.n ? memchr(s.p, c, s.n) : NULL;

	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t span_search(struct span s, struct span what)
{
	const unsigned char *hit;

	if (!what.n)
		return 0;
	if (!s.n)
		return SIZE_MAX;
	hit = memmem(s.p, s.n, what.p, what.n);
	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

bool span_line(struct span *rest, struct span *line, bool *lf)
{
	size_t at;

	if (!rest->n)
		return false;
	at = span_find(*rest, '\n');
	if (lf)
		*lf = at != SIZE_MAX;
	if (at == SIZE_MAX) {
		*line = *rest;
		*rest = SPAN_EMPTY;
		return true;
	}
	*line = span_of(rest->p, at);
	*rest = span_from(*rest, at + 1);
	return true;
}

static bool is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
	while (s.n && is_blank(s.p[0]))
		s = span_of(s.p + 1, s.n - 1);
	while (s.n && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

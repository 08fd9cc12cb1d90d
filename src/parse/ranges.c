#include "parse/ranges.h"

#include "base/text.h"

void ranges_put(struct buf *out, const size_t *v, size_t n)
{
	size_t i, end;

	for (i = 0; i < n; i = end + 1) {
		for (end = i; end + 1 < n && v[end + 1] == v[end] + 1; end++)
			;
		buf_fmt(out, i ? ",%zu" : "%zu", v[i]);
		if (end > i)
			buf_fmt(out, "-%zu", v[end]);
	}
}

/* A number as it is written: no zero before it. */
static bool number(struct span s, size_t max, size_t *out)
{
	uint64_t v;

	if (!max || (s.n > 1 && s.p[0] == '0') || !text_to_u64(s, max - 1, &v))
		return false;
	*out = (size_t)v;
	return true;
}

/* One "3" or "3-7". */
static bool part(struct span s, size_t max, size_t *from, size_t *to)
{
	size_t dash = span_find(s, '-');

	if (!number(span_sub(s, 0, dash), max, from))
		return false;
	*to = *from;
	return dash == SIZE_MAX ||
		(number(span_from(s, dash + 1), max, to) && *to > *from);
}

bool ranges_read(
	struct span text, size_t max, struct arena *a, size_t **out, size_t *n)
{
	size_t comma, from, to, k = 0, *v;
	struct span rest = text;
	bool *seen;

	*out = NULL;
	*n = 0;
	if (!text.n)
		return true;
	seen = arena_get(a, max + 1, sizeof(*seen));
	*out = v = arena_get(a, max + 1, sizeof(*v));
	while (rest.n) {
		comma = span_find(rest, ',');
		if (!part(span_sub(rest, 0, comma), max, &from, &to) ||
			(k && from == v[k - 1] + 1)) /* one range, then */
			return false;
		for (; from <= to; from++) {
			if (seen[from])
				return false;
			seen[from] = true;
			v[k++] = from;
		}
		rest = comma == SIZE_MAX ? SPAN_EMPTY
					 : span_from(rest, comma + 1);
		if (comma != SIZE_MAX && !rest.n)
			return false;
	}
	*n = k;
	return true;
}

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

void ranges_add(struct buf *out, struct range r)
{
	buf_fmt(out, out->n ? ",%llu" : "%llu", (unsigned long long)r.from);
	if (r.to > r.from)
		buf_fmt(out, "-%llu", (unsigned long long)r.to);
}

/* A number as it is written: no zero before it. */
static bool number(struct span s, uint64_t max, uint64_t *out)
{
	return max && (s.n <= 1 || s.p[0] != '0') &&
		text_to_u64(s, max - 1, out);
}

/* One "3" or "3-7". */
static bool part(struct span s, uint64_t max, uint64_t *from, uint64_t *to)
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
	size_t comma, k = 0, *v;
	struct span rest = text;
	uint64_t from, to;
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
			v[k++] = (size_t)from;
		}
		rest = comma == SIZE_MAX ? SPAN_EMPTY
					 : span_from(rest, comma + 1);
		if (comma != SIZE_MAX && !rest.n)
			return false;
	}
	*n = k;
	return true;
}

bool ranges_ascending(struct span text, uint64_t max, struct arena *a,
	struct range **out, size_t *n)
{
	struct span rest = text;
	struct range *v = NULL;
	size_t comma, k = 0, cap = 0;

	*out = NULL;
	*n = 0;
	do {
		v = arena_grow(a, v, k, &cap, sizeof(*v));
		comma = span_find(rest, ',');
		if (!part(span_sub(rest, 0, comma), max, &v[k].from,
			    &v[k].to) ||
			(k && v[k].from <= v[k - 1].to + 1))
			return false;
		k++;
		rest = comma == SIZE_MAX ? SPAN_EMPTY
					 : span_from(rest, comma + 1);
	} while (comma != SIZE_MAX);
	*out = v;
	*n = k;
	return true;
}

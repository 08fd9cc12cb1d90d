#include "scan/fresh.h"

#include <stdlib.h>

#include "base/grow.h"

/* Windows closer than this are one: each call of the engine has a price. */
#define NEAR 16

/* Where a start may lie whose match ends past ${at}, at the least. */
static size_t before(
	struct span bytes, size_t at, const struct fresh_reach *reach)
{
	size_t low = at > reach->far ? at - reach->far : 0, from = at, feeds;
	const unsigned char *feed;

	for (feeds = 0; from > low && feeds <= reach->lines; feeds++) {
		feed = memrchr(bytes.p + low, '\n', from - low);
		from = feed ? (size_t)(feed - bytes.p) : low;
	}
	/* Past the line feed that is one too many. */
	if (from > low)
		from++;
	return from + reach->near < at ? from
		: at > reach->near     ? at - reach->near
				       : 0;
}

/* Where a match may end that starts at ${at} or before. */
static size_t behind(
	struct span bytes, size_t at, const struct fresh_reach *reach)
{
	size_t high = bytes.n - at > reach->far ? at + reach->far : bytes.n;
	size_t to = at, feeds;
	const unsigned char *feed;

	for (feeds = 0; to < high && feeds <= reach->lines; feeds++) {
		feed = memchr(bytes.p + to, '\n', high - to);
		to = feed ? (size_t)(feed - bytes.p) + 1 : high;
	}
	if (to - at >= reach->near)
		return to;
	return bytes.n - at > reach->near ? at + reach->near : bytes.n;
}

static size_t less(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

static size_t more(size_t a, size_t b, size_t most)
{
	return most - a > b ? a + b : most;
}

static void finish(struct fresh_window *w, struct span bytes,
	const struct fresh_reach *reach)
{
	size_t to = behind(bytes, more(w->to, FRESH_CONTEXT, bytes.n), reach);

	w->n = more(to, FRESH_CONTEXT, bytes.n) - w->at;
}

/*
 * ${from}, ${to}: what is new; nothing, where it is a join. Most of them lie
 * close behind the last one, and then there is nothing to look for in between:
 * whatever is within reach->near is in both their windows.
 */
static void add(struct fresh *f, size_t from, size_t to, struct span bytes,
	const struct fresh_reach *reach)
{
	struct fresh_window *last = f->n ? &f->v[f->n - 1] : NULL;
	size_t lo;

	if (last && from - last->to <= reach->near) {
		last->to = to;
		return;
	}
	if (last)
		finish(last, bytes, reach);
	lo = less(
		before(bytes, less(from, FRESH_CONTEXT), reach), FRESH_CONTEXT);
	if (last && lo <= last->at + last->n + NEAR) {
		last->to = to;
		return;
	}
	f->v = grow(f->v, f->n, &f->cap, sizeof(*f->v));
	f->v[f->n++] = (struct fresh_window){.at = lo, .first = from, .to = to};
}

int fresh_windows(const struct scan_copy *copy, size_t ncopy, size_t base,
	struct span bytes, const struct fresh_reach *reach, struct fresh *out,
	struct err *err)
{
	size_t at = 0, from = 0, n = bytes.n, i;

	out->n = out->bytes = 0;
	for (i = 0; i < ncopy; i++) {
		const struct scan_copy *c = &copy[i];

		if (!c->n || c->at < at || c->at > n || c->n > n - c->at ||
			c->from > base || c->n > base - c->from)
			return err_set(err, ERR_INPUT,
				"piece %zu of a delta is not where it may be",
				i);
		if (c->at != at || c->from != from)
			add(out, at, c->at, bytes, reach);
		at = c->at + c->n;
		from = c->from + c->n;
	}
	if (at != n || from != base)
		add(out, at, n, bytes, reach);
	if (out->n)
		finish(&out->v[out->n - 1], bytes, reach);
	for (i = 0; i < out->n; i++)
		out->bytes += out->v[i].n;
	return 0;
}

void fresh_free(struct fresh *f)
{
	free(f->v);
	*f = (struct fresh){0};
}

#include "scan/fresh.h"

#include <stdlib.h>

#include "base/grow.h"
#include "scan/block.h"

/* Windows closer than this are one: each call of the engine has a price. */
#define NEAR 16

#define LAST ((uint64_t)1 << (BLOCK - 1))

static size_t less(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

static size_t more(size_t a, size_t b, size_t most)
{
	return most - a > b ? a + b : most;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t bigger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Where the line starts that is ${lines} before that of ${at}; ${low}, where it
 * starts further back. */
static size_t line_start(struct span bytes, size_t at, size_t low, size_t lines)
{
	unsigned char tail[BLOCK];
	size_t start;
	uint64_t bits;

	for (; at > low; at = start) {
		start = less(at, BLOCK);
		bits = block_feeds(block_at(bytes, start, tail));
		/* The last bit is for the byte before ${at}. */
		bits <<= BLOCK - (at - start);
		for (; bits && lines; lines--)
			bits ^= LAST >> __builtin_clzll(bits);
		if (bits)
			return bigger(at - (size_t)__builtin_clzll(bits), low);
	}
	return low;
}

/* Where the line ends, its line feed included, that is ${lines} behind that of
 * ${at}; ${high}, where it ends further on. */
static size_t line_end(struct span bytes, size_t at, size_t high, size_t lines)
{
	unsigned char tail[BLOCK];
	uint64_t bits;

	for (; at < high; at += BLOCK) {
		bits = block_feeds(block_at(bytes, at, tail));
		for (; bits && lines; lines--)
			bits &= bits - 1;
		if (bits)
			return smaller(
				at + (size_t)__builtin_ctzll(bits) + 1, high);
	}
	return high;
}

/* Where a start may lie whose match ends past ${at}, at the least. */
static size_t before(
	struct span bytes, size_t at, const struct fresh_reach *reach)
{
	size_t low = less(at, reach->far);

	return smaller(line_start(bytes, at, low, reach->lines),
		less(at, reach->near));
}

/* Where a match may end that starts at ${at} or before. */
static size_t behind(
	struct span bytes, size_t at, const struct fresh_reach *reach)
{
	size_t high = more(at, reach->far, bytes.n);

	return bigger(line_end(bytes, at, high, reach->lines),
		more(at, reach->near, bytes.n));
}

static void finish(struct fresh_window *w, struct span bytes,
	const struct fresh_reach *reach)
{
	size_t to = behind(bytes, more(w->to, FRESH_CONTEXT, bytes.n), reach);

	w->n = more(to, FRESH_CONTEXT, bytes.n) - w->at;
}

/* Where lines decide whether the last window goes on as far as this one. */
static void add_apart(struct fresh *f, size_t from, size_t to,
	struct span bytes, const struct fresh_reach *reach)
{
	struct fresh_window *last = f->n ? &f->v[f->n - 1] : NULL;
	size_t lo = before(bytes, less(from, FRESH_CONTEXT), reach);

	lo = less(lo, FRESH_CONTEXT);
	if (last)
		finish(last, bytes, reach);
	if (last && lo <= last->at + last->n + NEAR) {
		last->to = to;
		return;
	}
	f->v = grow(f->v, f->n, &f->cap, sizeof(*f->v));
	f->v[f->n++] = (struct fresh_window){.at = lo, .first = from, .to = to};
}

/*
 * ${from}, ${to}: what is new; nothing, where it is a join. Most of them lie
 * so close behind the last one that the windows meet wherever the lines end.
 */
static void add(struct fresh *f, size_t from, size_t to, struct span bytes,
	const struct fresh_reach *reach)
{
	const size_t least = 2 * (reach->near + 2 * FRESH_CONTEXT) + NEAR;

	if (f->n && from - f->v[f->n - 1].to <= least)
		f->v[f->n - 1].to = to;
	else
		add_apart(f, from, to, bytes, reach);
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

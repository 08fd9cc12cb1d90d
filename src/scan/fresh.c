#include "scan/fresh.h"

#include <stdlib.h>

#include "base/grow.h"

/* Windows closer than this are one: each call of the engine has a price. */
#define NEAR 128

static void add(struct fresh *f, size_t lo, size_t hi, size_t n, size_t pad)
{
	struct window *last = f->n ? &f->v[f->n - 1] : NULL;

	lo = lo > pad ? lo - pad : 0;
	hi = n - hi > pad ? hi + pad : n;
	if (last && lo <= last->at + last->n + NEAR) {
		f->bytes += hi - (last->at + last->n);
		last->n = hi - last->at;
		return;
	}
	f->v = grow(f->v, f->n, &f->cap, sizeof(*f->v));
	f->v[f->n++] = (struct window){lo, hi - lo};
	f->bytes += hi - lo;
}

int fresh_windows(const struct scan_copy *copy, size_t ncopy, size_t base,
	size_t n, size_t pad, struct fresh *out, struct err *err)
{
	size_t at = 0, from = 0, i;

	out->n = out->bytes = 0;
	for (i = 0; i < ncopy; i++) {
		const struct scan_copy *c = &copy[i];

		if (!c->n || c->at < at || c->at > n || c->n > n - c->at ||
			c->from > base || c->n > base - c->from)
			return err_set(err, ERR_INPUT,
				"piece %zu of a delta is not where it may be",
				i);
		if (c->at != at || c->from != from)
			add(out, at, c->at, n, pad);
		at = c->at + c->n;
		from = c->from + c->n;
	}
	if (at != n || from != base)
		add(out, at, n, n, pad);
	return 0;
}

void fresh_free(struct fresh *f)
{
	free(f->v);
	*f = (struct fresh){0};
}

/* Text in which single characters are encoded. */
#include <string.h>

#include "scan/decodestep.h"

#define RUN_MIN 12

static bool has_hit(struct span s, unsigned char mark,
	struct decode_step (*step)(struct span))
{
	for (;;) {
		size_t at = span_find(s, mark);
		struct decode_step now;

		if (at == SIZE_MAX)
			return false;
		s = span_from(s, at);
		now = step(s);
		if (now.hit)
			return true;
		s = span_from(s, now.in);
	}
}

int decode_sparse(struct decode_search *s, unsigned char mark, unsigned of,
	enum encoding encoding, struct decode_step (*step)(struct span s),
	struct err *err)
{
	struct span bytes = s->bytes;
	size_t from = s->lo, to = s->hi;

	while (from > s->done && is_a(bytes.p[from - 1], of))
		from--;
	while (to < bytes.n && is_a(bytes.p[to], of))
		to++;
	if (to > s->done)
		s->done = to;
	while (from < to) {
		size_t at = span_find(span_sub(bytes, from, to - from), mark);
		size_t end;
		struct decode_piece p = {.encoding = encoding};

		if (at == SIZE_MAX)
			break;
		at += from;
		end = at + 1;
		while (at > from && is_a(bytes.p[at - 1], of))
			at--;
		while (end < to && is_a(bytes.p[end], of))
			end++;
		from = end;
		p.at = p.run = at;
		p.n = p.nrun = end - at;
		if (p.n < RUN_MIN ||
			!has_hit(span_sub(bytes, at, p.n), mark, step))
			continue;
		if (s->found(s->ctx, &p, err))
			return -1;
	}
	return 0;
}

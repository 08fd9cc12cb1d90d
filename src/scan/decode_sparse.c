/* Text in which single characters are encoded. */
#include <string.h>

#include "scan/decodestep.h"

#define RUN_MIN 12

/* Where in ${s} the first character is that is encoded and need not be. */
static size_t first_hit(struct span s, unsigned char mark,
	struct decode_step (*step)(struct span))
{
	size_t at = 0, next;
	struct decode_step now;

	for (;;) {
		next = span_find(span_from(s, at), mark);
		if (next == SIZE_MAX)
			return SIZE_MAX;
		at += next;
		now = step(span_from(s, at));
		if (now.hit)
			return at;
		at += now.in;
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
		size_t at =
			first_hit(span_sub(bytes, from, to - from), mark, step);
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
		if (p.n >= RUN_MIN && s->found(s->ctx, &p, err))
			return -1;
	}
	return 0;
}

/* Text in which single characters are encoded. */
#include "scan/decodestep.h"

#define RUN_MIN 12

struct kind {
	enum encoding encoding;
	unsigned of; /* what a run is made of */
	size_t (*first)(struct span s);
};
static const struct kind kinds[] = {
	{ENCODING_PERCENT, IS_URL, decode_percent_first},
	{ENCODING_ESCAPES, IS_LINE, decode_escape_first},
};
/* Every run is part of a stretch of these. */
#define OF_ALL IS_LINE

/* The runs in [from, to); none goes on outside. */
static int tell_runs(struct decode_search *s, const struct kind *kind,
	size_t from, size_t to, struct err *err)
{
	struct span bytes = s->bytes;

	while (from < to) {
		size_t at = kind->first(span_of(bytes.p + from, to - from));
		size_t end;
		struct decode_piece p = {.encoding = kind->encoding};

		if (at == SIZE_MAX)
			break;
		at += from;
		end = at + 1;
		while (at > from && is_a(bytes.p[at - 1], kind->of))
			at--;
		while (end < to && is_a(bytes.p[end], kind->of))
			end++;
		from = end;
		p.at = p.run = at;
		p.n = p.nrun = end - at;
		if (p.n >= RUN_MIN && s->found(s->ctx, &p, err))
			return -1;
	}
	return 0;
}

int decode_sparse(struct decode_search *s, struct err *err)
{
	struct span bytes = s->bytes;
	size_t from = s->lo, to = s->hi, i;

	while (from > s->done && is_a(bytes.p[from - 1], OF_ALL))
		from--;
	while (to < bytes.n && is_a(bytes.p[to], OF_ALL))
		to++;
	if (to > s->done)
		s->done = to;
	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (tell_runs(s, &kinds[i], from, to, err))
			return -1;
	return 0;
}

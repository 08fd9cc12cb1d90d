#include "parse/reflog.h"

#include "base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void within(struct span all, struct span s)
{
	if (s.n && (s.p < all.p || s.p + s.n > all.p + all.n))
		die("reflog: bytes from elsewhere");
}

/* The last move to a place is one of the moves. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span all = span_of(data, size), text = all;
	struct reflog_line line, last;

	while (reflog_next(&text, &line)) {
		within(all, line.who.name);
		within(all, line.who.email);
		within(all, line.why);
		if (!reflog_last(all, &line.new, &last) ||
			!oid_eq(&last.new, &line.new))
			die("reflog: a move was lost");
		if (size > 4096)
			break;
	}
	return 0;
}

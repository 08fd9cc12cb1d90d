#include "parse/addcheckpoint.h"

#include "base/text.h"

static int bad(struct err *err, const char *why)
{
	return err_set(err, ERR_INPUT, "not a request to a witness: %s", why);
}

int addcheckpoint_parse(
	struct span in, struct addcheckpoint *out, struct err *err)
{
	struct addcheckpoint a = {0};
	struct span rest = in, line;
	const char *why;
	bool lf;

	memset(out, 0, sizeof(*out));
	if (!span_line(&rest, &line, &lf) || !lf ||
		!span_starts(line, SPAN_LIT("old ")) ||
		!text_to_u64(span_from(line, 4), LOG_SIZE_MAX, &a.old))
		return bad(err, "it does not begin with 'old' and a size");
	if (!prooflines_read(&rest, &a.growth, &why))
		return bad(err, why);
	if (!rest.n)
		return bad(err, "no checkpoint");
	a.checkpoint = rest;
	*out = a;
	return 0;
}

void addcheckpoint_text(const struct addcheckpoint *a, struct buf *out)
{
	buf_fmt(out, "old %llu\n", (unsigned long long)a->old);
	prooflines_write(&a->growth, out);
	buf_span(out, a->checkpoint);
}

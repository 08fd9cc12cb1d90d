#include "parse/tlogproof.h"

#include "base/text.h"

#define FIRST_LINE "c2sp.org/tlog-proof@v1"
#define EXTRA_MAX 100000u

static int bad(struct err *err, const char *why)
{
	return err_set(err, ERR_INPUT, "not a tlog-proof: %s", why);
}

static int extra(struct span text, struct err *err)
{
	struct buf raw = BUF_INIT(EXTRA_MAX);
	bool ok = text_base64_read(text, &raw);

	buf_free(&raw);
	return ok ? 0 : bad(err, "the extra line is not base64");
}

int tlogproof_parse(struct span in, struct tlogproof *out, struct err *err)
{
	struct span rest = in, line;
	struct tlogproof p = {0};
	const char *why;
	bool lf;

	memset(out, 0, sizeof(*out));
	if (!span_line(&rest, &line, &lf) || !lf || !span_is(line, FIRST_LINE))
		return bad(err, "does not begin with '" FIRST_LINE "'");
	if (!span_line(&rest, &line, &lf))
		return bad(err, "no index");
	if (span_starts(line, SPAN_LIT("extra "))) {
		if (extra(span_from(line, 6), err))
			return -1;
		if (!span_line(&rest, &line, &lf))
			return bad(err, "no index");
	}
	if (!lf || !span_starts(line, SPAN_LIT("index ")) ||
		!text_to_u64(span_from(line, 6), LOG_SIZE_MAX, &p.index))
		return bad(err, "no index");
	if (!prooflines_read(&rest, &p.path, &why))
		return bad(err, why);
	if (!rest.n)
		return bad(err, "no checkpoint");
	p.checkpoint = rest;
	*out = p;
	return 0;
}

void tlogproof_text(const struct tlogproof *p, struct buf *out)
{
	buf_fmt(out, FIRST_LINE "\nindex %llu\n", (unsigned long long)p->index);
	prooflines_write(&p->path, out);
	buf_span(out, p->checkpoint);
}

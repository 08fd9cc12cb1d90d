#include "parse/receipt.h"

#include "base/text.h"

void receipt_write(const struct receipt *r, struct buf *out)
{
	switch (r->word) {
	case RECEIPT_OK:
		buf_fmt(out, "ok %llu %llu %s\n",
			(unsigned long long)r->log.index,
			(unsigned long long)r->log.size, r->log.record);
		break;
	case RECEIPT_FAIL:
		buf_fmt(out, "fail %d %d\n%s\n%s\n", (int)r->failure.code,
			r->failure.sys, r->failure.text, r->failure.hint);
		break;
	case RECEIPT_BUSY:
		buf_str(out, "busy\n");
		break;
	case RECEIPT_LOG:
		buf_fmt(out, "log %llu %llu %.*s\n",
			(unsigned long long)r->log.size,
			(unsigned long long)r->uid, SPAN_FMT(r->vkey));
		break;
	case RECEIPT_NONE:
		die("receipt_write: nothing to say");
	}
}

static bool word(struct span *rest, struct span *out)
{
	size_t at = span_find(*rest, ' ');

	*out = span_sub(*rest, 0, at);
	*rest = at == SIZE_MAX ? SPAN_EMPTY : span_from(*rest, at + 1);
	return out->n > 0;
}

static bool number(struct span *rest, uint64_t max, uint64_t *out)
{
	struct span w;

	return word(rest, &w) && text_to_u64(w, max, out);
}

static bool ok_read(struct span rest, struct receipt *out)
{
	unsigned char sum[32];

	if (!number(&rest, INT64_MAX, &out->log.index) ||
		!number(&rest, INT64_MAX, &out->log.size) ||
		out->log.index >= out->log.size ||
		!text_hex_read(rest, sum, sizeof(sum)))
		return false;
	memcpy(out->log.record, rest.p, sizeof(out->log.record) - 1);
	return true;
}

static bool log_read(struct span rest, struct receipt *out)
{
	if (!number(&rest, INT64_MAX, &out->log.size) ||
		!number(&rest, UINT32_MAX, &out->uid) || !rest.n ||
		rest.n > RECEIPT_VKEY_MAX || text_has_control(rest))
		return false;
	out->vkey = rest;
	return true;
}

static bool fail_read(struct span codes, struct span rest, struct receipt *out)
{
	struct span text = SPAN_EMPTY, hint = SPAN_EMPTY;
	bool lf = false, hint_lf = false;
	uint64_t c, s;

	if (!number(&codes, ERR_SYS, &c) || !number(&codes, INT32_MAX, &s) ||
		codes.n || c == ERR_NONE || !span_line(&rest, &text, &lf) ||
		!lf || !span_line(&rest, &hint, &hint_lf) || !hint_lf ||
		rest.n || text.n >= ERR_TEXT_MAX || hint.n >= ERR_HINT_MAX ||
		text_has_control(text) || text_has_control(hint))
		return false;
	err_set(&out->failure, (enum err_code)c, "%.*s", SPAN_FMT(text));
	out->failure.sys = (int)s;
	if (hint.n)
		err_hint(&out->failure, "%.*s", SPAN_FMT(hint));
	return true;
}

/* One line and nothing after it. */
static bool line_read(struct span line, struct receipt *out)
{
	struct span rest = line, first;

	if (!word(&rest, &first))
		return false;
	if (span_is(first, "ok")) {
		out->word = RECEIPT_OK;
		return ok_read(rest, out);
	}
	if (span_is(first, "log")) {
		out->word = RECEIPT_LOG;
		return log_read(rest, out);
	}
	out->word = RECEIPT_BUSY;
	return span_is(line, "busy");
}

int receipt_parse(struct span in, struct receipt *out, struct err *err)
{
	struct span rest = in, line = SPAN_EMPTY;
	bool lf = false, good;

	memset(out, 0, sizeof(*out));
	good = in.n <= RECEIPT_MAX && span_line(&rest, &line, &lf) && lf;
	if (good && span_starts(line, SPAN_LIT("fail "))) {
		out->word = RECEIPT_FAIL;
		good = fail_read(span_from(line, 5), rest, out);
	} else if (good) {
		good = !rest.n && line_read(line, out);
	}
	if (good)
		return 0;
	memset(out, 0, sizeof(*out));
	return err_set(err, ERR_LOG, "no readable answer came");
}

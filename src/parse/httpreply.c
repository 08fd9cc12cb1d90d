#include "parse/httpreply.h"

#include "base/text.h"
#include "parse/keyline.h"

#define FIRST_LINE "sluice-http/1 answer"

static bool is_type(struct span s)
{
	size_t i;

	if (!s.n || s.n > HTTP_TYPE_MAX)
		return false;
	for (i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

void http_reply_head(const struct http_reply *r, struct buf *out)
{
	buf_fmt(out, FIRST_LINE "\nstatus %u\n", r->status);
	if (is_type(r->type)) {
		buf_str(out, "type ");
		buf_span(out, r->type);
		buf_byte(out, '\n');
	}
	buf_fmt(out, "body %zu\n\n", r->body.n);
}

int http_reply_next(struct span *rest, struct http_reply *out, struct err *err)
{
	struct http_reply r = {.status = 0};
	struct span left = *rest, v;
	uint64_t n;

	*out = r;
	if (!span_line(&left, &v, NULL) || !span_is(v, FIRST_LINE))
		return err_set(err, ERR_INPUT, "not an answer of sluice-http");
	if (!keyline_take(&left, "status", &v) || !text_to_u64(v, 599, &n) ||
		n < 200)
		return err_set(err, ERR_INPUT, "the answer has no status");
	r.status = (unsigned)n;
	if (keyline_take(&left, "type", &v)) {
		if (!is_type(v))
			return err_set(err, ERR_INPUT,
				"the answer has a type that is not one");
		r.type = v;
	}
	if (!keyline_take(&left, "body", &v) ||
		!text_to_u64(v, UINT32_MAX, &n) || !left.n || left.p[0] != '\n')
		return err_set(
			err, ERR_INPUT, "the head of the answer does not end");
	left = span_from(left, 1);
	if (left.n < n)
		return err_set(err, ERR_INPUT, "the answer is cut short");
	r.body = span_sub(left, 0, (size_t)n);
	*rest = span_from(left, (size_t)n);
	*out = r;
	return 0;
}

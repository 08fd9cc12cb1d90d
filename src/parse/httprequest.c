#include "parse/httprequest.h"

#include "base/text.h"
#include "parse/keyline.h"

#define FIRST_LINE "sluice-http/1 request"

/* A value fits on its line: printable ASCII and, in headers, bytes above. */
static bool fits_line(struct span s, size_t max)
{
	size_t i;

	if (!s.n || s.n > max)
		return false;
	for (i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return true;
}

/* "Name: value" with a token for a name (RFC 9110 section 5.6.2). */
static bool is_header(struct span s)
{
	static const char marks[] = "!#$%&'*+-.^_`|~";
	size_t colon = span_find(s, ':'), i;

	if (colon == SIZE_MAX || colon == 0 || !fits_line(s, HTTP_HEADER_MAX))
		return false;
	for (i = 0; i < colon; i++) {
		unsigned char c = text_lower(s.p[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
			!strchr(marks, c))
			return false;
	}
	return colon + 2 < s.n && s.p[colon + 1] == ' ';
}

static int check(const struct http_request *r, struct err *err)
{
	size_t i;

	if (!r->nurl || r->nurl > HTTP_URLS_MAX)
		return err_set(err, ERR_INPUT,
			"a request has 1 to %d addresses, not %zu",
			HTTP_URLS_MAX, r->nurl);
	for (i = 0; i < r->nurl; i++)
		if (!fits_line(r->url[i], HTTP_URL_MAX))
			return err_set(err, ERR_INPUT,
				"address %zu is empty, too long or has a "
				"control character",
				i + 1);
	if (r->nheader > HTTP_HEADERS_MAX)
		return err_set(err, ERR_INPUT, "more than %d headers",
			HTTP_HEADERS_MAX);
	for (i = 0; i < r->nheader; i++)
		if (!is_header(r->header[i]))
			return err_set(err, ERR_INPUT,
				"header %zu is not 'Name: value'", i + 1);
	if (r->ca_file.n &&
		(!fits_line(r->ca_file, HTTP_URL_MAX) ||
			r->ca_file.p[0] != '/'))
		return err_set(err, ERR_INPUT,
			"the file of authorities needs an absolute path");
	if (r->proxy.n && !fits_line(r->proxy, HTTP_URL_MAX))
		return err_set(err, ERR_INPUT, "the proxy is not an address");
	if (!r->timeout_ms || r->timeout_ms > HTTP_TIMEOUT_MAX_MS)
		return err_set(err, ERR_INPUT,
			"the deadline is not within 1 to %d ms",
			HTTP_TIMEOUT_MAX_MS);
	if (!r->max_bytes || r->max_bytes > HTTP_BYTES_MAX)
		return err_set(err, ERR_INPUT,
			"the size limit is not within 1 to %llu bytes",
			(unsigned long long)HTTP_BYTES_MAX);
	if (r->method == HTTP_GET && r->body.n)
		return err_set(err, ERR_INPUT, "a GET request with a body");
	if (r->method == HTTP_POST && r->nurl != 1)
		return err_set(
			err, ERR_INPUT, "a POST request has one address");
	return 0;
}

static void line(struct buf *out, const char *key, struct span value)
{
	buf_str(out, key);
	buf_byte(out, ' ');
	buf_span(out, value);
	buf_byte(out, '\n');
}

int http_request_write(
	const struct http_request *r, struct buf *out, struct err *err)
{
	size_t i;

	if (check(r, err))
		return -1;
	buf_str(out, FIRST_LINE "\n");
	buf_fmt(out, "method %s\n", r->method == HTTP_POST ? "POST" : "GET");
	for (i = 0; i < r->nurl; i++)
		line(out, "url", r->url[i]);
	for (i = 0; i < r->nheader; i++)
		line(out, "header", r->header[i]);
	if (r->ca_file.n)
		line(out, "ca-file", r->ca_file);
	if (r->proxy.n)
		line(out, "proxy", r->proxy);
	if (r->no_redirects)
		line(out, "redirects", SPAN_LIT("refused"));
	buf_fmt(out, "timeout-ms %u\n", (unsigned)r->timeout_ms);
	buf_fmt(out, "max-bytes %llu\n", (unsigned long long)r->max_bytes);
	buf_fmt(out, "body %zu\n\n", r->body.n);
	buf_span(out, r->body);
	return buf_check(out, "request", err);
}

static bool take_number(
	struct span *rest, const char *key, uint64_t max, uint64_t *out)
{
	struct span v;

	return keyline_take(rest, key, &v) && text_to_u64(v, max, out);
}

int http_request_read(
	struct span text, struct http_request *out, struct err *err)
{
	struct http_request r = {.method = HTTP_GET};
	struct span rest = text, v;
	uint64_t n;

	*out = r;
	if (text.n > HTTP_REQUEST_MAX)
		return err_set(err, ERR_LIMIT, "the request is too long");
	if (!span_line(&rest, &v, NULL) || !span_is(v, FIRST_LINE))
		return err_set(err, ERR_INPUT, "not a request of this version");
	if (!keyline_take(&rest, "method", &v))
		return err_set(err, ERR_INPUT, "the request has no method");
	if (span_is(v, "POST"))
		r.method = HTTP_POST;
	else if (!span_is(v, "GET"))
		return err_set(err, ERR_INPUT, "the method is unknown");
	while (keyline_take(&rest, "url", &v)) {
		if (r.nurl == HTTP_URLS_MAX)
			return err_set(err, ERR_LIMIT, "too many addresses");
		r.url[r.nurl++] = v;
	}
	while (keyline_take(&rest, "header", &v)) {
		if (r.nheader == HTTP_HEADERS_MAX)
			return err_set(err, ERR_LIMIT, "too many headers");
		r.header[r.nheader++] = v;
	}
	if (keyline_take(&rest, "ca-file", &v)) {
		if (!v.n)
			return err_set(err, ERR_INPUT, "ca-file is empty");
		r.ca_file = v;
	}
	if (keyline_take(&rest, "proxy", &v)) {
		if (!v.n)
			return err_set(err, ERR_INPUT, "proxy is empty");
		r.proxy = v;
	}
	if (keyline_take(&rest, "redirects", &v)) {
		if (!span_is(v, "refused"))
			return err_set(err, ERR_INPUT,
				"redirects can be refused only");
		r.no_redirects = true;
	}
	if (!take_number(&rest, "timeout-ms", HTTP_TIMEOUT_MAX_MS, &n))
		return err_set(err, ERR_INPUT, "the request has no deadline");
	r.timeout_ms = (uint32_t)n;
	if (!take_number(&rest, "max-bytes", HTTP_BYTES_MAX, &r.max_bytes))
		return err_set(err, ERR_INPUT, "the request has no size limit");
	if (!take_number(&rest, "body", HTTP_REQUEST_MAX, &n) || !rest.n ||
		rest.p[0] != '\n')
		return err_set(
			err, ERR_INPUT, "the head of the request does not end");
	r.body = span_from(rest, 1);
	if (r.body.n != n)
		return err_set(err, ERR_INPUT,
			"the body of the request has another length than it "
			"says");
	if (check(&r, err))
		return -1;
	*out = r;
	return 0;
}

/* RE2's expressions: what is accepted, PCRE2 takes, with as many groups. */
#include "base/text.h"
#include "parse/re2.h"
#include "port/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct buf out = BUF_INIT(PATTERN_TEXT_MAX);
	struct pattern *p = NULL;
	struct err err = ERR_INIT;
	unsigned groups = 0;

	if (n > 300 || !text_is_utf8(span_of(data, n)))
		return 0;
	if (re2_translate(span_of(data, n), &out, &groups, &err)) {
		if (!err.text[0])
			abort();
	} else if (!pattern_new(buf_all(&out), &p, &err)) {
		if (pattern_groups(p) != groups)
			abort();
	} else if (!strstr(err.text, "too large") &&
		!strstr(err.text, "too long") &&
		!strstr(err.text, "too complicated")) {
		fprintf(stderr, "%s: %s\n", buf_cstr(&out), err.text);
		abort();
	}
	pattern_free(p);
	buf_free(&out);
	return 0;
}

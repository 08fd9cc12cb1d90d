#include "scan/loose64.h"

static int digit64(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	if (c == '/' || c == '_')
		return 63;
	return -1;
}

bool loose64(struct span s, struct buf *out)
{
	const struct span between = SPAN_LIT(" \t\r\n\"',=");
	uint32_t bits = 0;
	unsigned have = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		int v;

		if (s.p[i] == '\\') {
			i++;
			continue;
		}
		if (span_find(between, s.p[i]) != SIZE_MAX)
			continue;
		v = digit64(s.p[i]);
		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_byte(out, (unsigned char)(bits >> have));
		}
	}
	return !out->full;
}

bool loose64_doc(struct span s, struct doc **out)
{
	struct buf text = BUF_INIT(LOOSE64_MAX);
	struct err err = ERR_INIT;
	bool yes;

	*out = NULL;
	yes = loose64(s, &text) && !doc_parse(buf_all(&text), out, &err);
	buf_wipe(&text);
	return yes;
}

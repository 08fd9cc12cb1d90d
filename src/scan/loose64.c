#include "scan/loose64.h"

#include "scan/decode_alphabet.h"
#include "scan/decodestep.h"

bool loose64(struct span s, struct buf *out)
{
	const struct span between = SPAN_LIT(" \t\r\n\"',=");
	uint32_t bits = 0;
	unsigned have = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\\') {
			i++;
			continue;
		}
		if (span_find(between, s.p[i]) != SIZE_MAX)
			continue;
		if (!is_a(s.p[i], IS_DENSE))
			return false;
		bits = bits << 6 | decode_base64_digit[s.p[i]];
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

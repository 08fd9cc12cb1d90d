/* An expression up to the first NUL, then a text: no match in it may hold more
 * line feeds than was said. */
#include "parse/regexlines.h"
#include "port/pattern.h"

#define TEXT_MAX 400

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t feeds(struct span s)
{
	size_t i, found = 0;

	for (i = 0; i + 1 < s.n; i++)
		found += s.p[i] == '\n';
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span all = span_of(data, n), text, regex;
	struct pattern *p = NULL;
	struct pattern_match m;
	struct err err = ERR_INIT;
	size_t cut = span_find(all, 0), most, i;

	regex = span_sub(all, 0, cut);
	text = cut < n ? span_from(all, cut + 1) : SPAN_EMPTY;
	if (text.n > TEXT_MAX)
		text.n = TEXT_MAX;
	most = regexlines_most(regex);
	if (most == REGEXLINES_UNKNOWN || regex.n > 500 ||
		pattern_new(regex, &p, &err))
		return 0;
	for (i = 0; i < text.n; i++) {
		if (pattern_find(p, text, i, i, &m) != PATTERN_MATCH)
			continue;
		if (feeds(span_sub(text, m.at[0].from,
			    m.at[0].to - m.at[0].from)) > most)
			abort();
	}
	pattern_free(p);
	return 0;
}

#include "parse/regexnames.h"

#include "base/text.h"
#include "parse/regexlines.h"

static bool is_letter(unsigned char c)
{
	unsigned char low = text_lower(c);

	return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9');
}

static bool is_one_of(const char *set, struct span s, size_t at)
{
	return at < s.n && s.p[at] && strchr(set, s.p[at]);
}

static bool repeats(struct span s, size_t at)
{
	return is_one_of("*+?{", s, at);
}

/* How long "[:alpha:]" or its like is that starts at ${at}; 0 where none does:
 * then the bracket stands for itself. */
static size_t named_set(struct span s, size_t at)
{
	size_t end = at + 2;

	if (!span_starts(span_from(s, at), SPAN_LIT("[:")))
		return 0;
	while (end < s.n && (s.p[end] == '^' || is_letter(s.p[end])))
		end++;
	return span_starts(span_from(s, end), SPAN_LIT(":]")) ? end + 2 - at
							      : 0;
}

/* Behind the class that starts at ${at}. */
static size_t class_end(struct span s, size_t at)
{
	at++;
	if (at < s.n && s.p[at] == '^')
		at++;
	if (at < s.n && s.p[at] == ']')
		at++;
	while (at < s.n && s.p[at] != ']') {
		size_t set = named_set(s, at);

		at += set ? set : s.p[at] == '\\' ? 2 : 1;
	}
	return at < s.n ? at + 1 : s.n;
}

/* One name from ${*at} up to what ends it: whether it is one. */
static bool name(struct span s, size_t *at)
{
	size_t letters = 0;

	while (*at < s.n && s.p[*at] != '|' && s.p[*at] != ')') {
		unsigned char c = s.p[*at];

		if (c == '[') {
			*at = class_end(s, *at);
			if (*at < s.n && s.p[*at] == '?')
				++*at;
		} else if (c == '\\') {
			if (!is_one_of(".-/", s, *at + 1))
				return false;
			*at += 2;
		} else if (is_letter(c) || is_one_of("_- /:", s, *at)) {
			letters += is_letter(c);
			++*at;
		} else {
			return false;
		}
		if (repeats(s, *at))
			return false;
	}
	return letters >= REGEXNAMES_LETTERS;
}

/* Whether there is another alternative to all that stands before ${at}. */
static bool has_other(struct span s, size_t at)
{
	size_t depth = 0;

	while (at < s.n) {
		switch (s.p[at]) {
		case '[':
			at = class_end(s, at);
			continue;
		case '\\':
			at++;
			break;
		case '(':
			depth++;
			break;
		case ')':
			depth--;
			break;
		case '|':
			if (!depth)
				return true;
			break;
		default:
			break;
		}
		at++;
	}
	return false;
}

size_t regexnames_head(struct span regex)
{
	size_t at, names = 0;

	if (span_starts(regex, SPAN_LIT("(?i:")))
		at = 4;
	else if (span_starts(regex, SPAN_LIT("(?:")))
		at = 3;
	else
		return 0;
	do {
		if (!name(regex, &at))
			return 0;
		names++;
	} while (at < regex.n && regex.p[at++] == '|');
	if (names < REGEXNAMES_MIN || repeats(regex, at) ||
		has_other(regex, at) ||
		regexlines_most(regex) == REGEXLINES_UNKNOWN)
		return 0;
	return at;
}

#include "parse/pushreport.h"

#define HEAD 4 /* digits of a length, which counts them */

static bool hex_digit(unsigned char c, size_t *value)
{
	if (c >= '0' && c <= '9')
		*value = *value * 16 + (size_t)(c - '0');
	else if (c >= 'a' && c <= 'f')
		*value = *value * 16 + (size_t)(c - 'a' + 10);
	else
		return false;
	return true;
}

/* The next line without its LF; empty with ${flush} for a flush. */
static bool next(struct span *rest, struct span *line, bool *flush)
{
	size_t i, n = 0;

	*line = SPAN_EMPTY;
	*flush = false;
	if (rest->n < HEAD)
		return false;
	for (i = 0; i < HEAD; i++)
		if (!hex_digit(rest->p[i], &n))
			return false;
	*flush = n == 0;
	if (*flush) {
		*rest = span_from(*rest, HEAD);
		return true;
	}
	if (n < HEAD || n > rest->n)
		return false;
	*line = span_sub(*rest, HEAD, n - HEAD);
	if (line->n && line->p[line->n - 1] == '\n')
		line->n--;
	*rest = span_from(*rest, n);
	return true;
}

/* Of one line of the report; NONE when it is about something else. */
static enum pushreport about(
	struct span line, struct span ref, struct span *reason)
{
	bool done = span_starts(line, SPAN_LIT("ok "));

	if (!done && !span_starts(line, SPAN_LIT("ng ")))
		return PUSHREPORT_NONE;
	line = span_from(line, 3);
	if (done)
		return span_eq(line, ref) ? PUSHREPORT_DONE : PUSHREPORT_NONE;
	if (!span_starts(line, ref) || line.n <= ref.n || line.p[ref.n] != ' ')
		return PUSHREPORT_NONE;
	*reason = span_from(line, ref.n + 1);
	return PUSHREPORT_REFUSED;
}

enum pushreport pushreport_read(
	struct span all, struct span ref, struct span *reason)
{
	enum pushreport answer = PUSHREPORT_NONE;
	struct span line;
	bool flush = false;

	*reason = SPAN_EMPTY;
	while (!flush)
		if (!next(&all, &line, &flush))
			return PUSHREPORT_NONE;
	if (!next(&all, &line, &flush) || !span_is(line, "unpack ok"))
		return PUSHREPORT_NONE;
	while (answer == PUSHREPORT_NONE && next(&all, &line, &flush) && !flush)
		answer = about(line, ref, reason);
	return answer;
}

#include "parse/ident.h"

#include "base/text.h"

bool ident_mail_next(struct span *rest, struct span *mail)
{
	size_t open = span_find(*rest, '<'), end;
	struct span in;

	*mail = SPAN_EMPTY;
	if (open == SIZE_MAX)
		return false;
	in = span_from(*rest, open + 1);
	end = span_find(in, '>');
	if (end == SIZE_MAX)
		return false;
	*mail = span_trim(span_sub(in, 0, end));
	*rest = span_from(in, end + 1);
	return true;
}

/* Seconds after 1970, up to what both git and a signed 64-bit number hold. */
static bool date(struct span s, int64_t *out)
{
	uint64_t t;
	size_t sp;

	if (s.n == 0 || s.p[0] != ' ')
		return false;
	s = span_from(s, 1);
	sp = span_find(s, ' ');
	if (sp != SIZE_MAX)
		s = span_sub(s, 0, sp);
	if (!text_to_u64(s, INT64_MAX, &t))
		return false;
	*out = (int64_t)t;
	return true;
}

const char *ident_parse(struct span line, struct ident *out)
{
	size_t open = span_find(line, '<'), end;
	struct span in, after;

	memset(out, 0, sizeof(*out));
	if (open == SIZE_MAX) {
		out->name = span_trim(line);
		return "a name without a mail address";
	}
	out->name = span_trim(span_sub(line, 0, open));
	in = span_from(line, open + 1);
	end = span_find(in, '>');
	if (end == SIZE_MAX)
		return "a mail address without its end";
	out->email = span_trim(span_sub(in, 0, end));
	after = span_from(in, end + 1);
	if (span_find(out->name, '>') != SIZE_MAX ||
		span_find(out->email, '<') != SIZE_MAX ||
		span_find(after, '<') != SIZE_MAX ||
		span_find(after, '>') != SIZE_MAX)
		return "more than one mail address in a name";
	if (!date(after, &out->time))
		return "an unreadable date";
	return NULL;
}

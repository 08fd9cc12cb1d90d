#include "parse/reflog.h"

#include "parse/ident.h"

static bool read_line(struct span line, struct reflog_line *out)
{
	size_t tab;

	if (line.n < 2 * (OID_HEX + 1) || line.p[OID_HEX] != ' ' ||
		line.p[2 * OID_HEX + 1] != ' ' ||
		!oid_read(span_sub(line, 0, OID_HEX), &out->old) ||
		!oid_read(span_sub(line, OID_HEX + 1, OID_HEX), &out->new))
		return false;
	line = span_from(line, 2 * (OID_HEX + 1));
	tab = span_find(line, '\t');
	if (tab != SIZE_MAX)
		out->why = span_from(line, tab + 1);
	return !ident_parse(span_sub(line, 0, tab), &out->who);
}

bool reflog_next(struct span *text, struct reflog_line *out)
{
	struct span line;

	while (span_line(text, &line, NULL)) {
		*out = (struct reflog_line){0};
		if (read_line(line, out))
			return true;
	}
	*out = (struct reflog_line){0};
	return false;
}

bool reflog_last(
	struct span text, const struct oid *new, struct reflog_line *out)
{
	struct reflog_line line;
	bool found = false;

	*out = (struct reflog_line){0};
	while (reflog_next(&text, &line)) {
		if (!oid_eq(&line.new, new))
			continue;
		*out = line;
		found = true;
	}
	return found;
}

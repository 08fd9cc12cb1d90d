#include "parse/statement.h"

#define BEGIN "{\"_type\":\"" STATEMENT_TYPE "\",\"predicate\":"

/* Of outcomes and of what was observed the kind comes first or second. */
static bool behind(struct span rest, enum record_kind *kind)
{
	struct span observed = SPAN_LIT("\"observed\",");

	if (canonical_take(&rest, SPAN_LIT("{\"decision\":"))) {
		while (rest.n && *rest.p >= '0' && *rest.p <= '9')
			rest = span_from(rest, 1);
		if (!canonical_take(&rest, SPAN_LIT(",\"kind\":")))
			return false;
		*kind = span_starts(rest, observed) ? RECORD_OBSERVED
						    : RECORD_OUTCOME;
		return true;
	}
	*kind = RECORD_OBSERVED;
	return canonical_take(&rest, SPAN_LIT("{\"kind\":")) &&
		span_starts(rest, observed);
}

bool statement_begin(struct span *rest, enum record_kind *kind)
{
	if (!canonical_take(rest, SPAN_LIT(BEGIN)))
		return false;
	if (span_starts(*rest, SPAN_LIT("{\"admitted\":")))
		*kind = RECORD_DECISION;
	else if (span_starts(*rest, SPAN_LIT("{\"commits")))
		*kind = RECORD_ADOPT;
	else
		return behind(*rest, kind);
	return true;
}

bool statement_is(struct span value, enum record_kind kind)
{
	return span_is(canonical_inside(value), record_kind_name(kind));
}

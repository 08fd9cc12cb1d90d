#include "parse/unitstate.h"

#include <string.h>

static bool value_of(struct span line, const char *name, struct span *out)
{
	size_t n = strlen(name);

	if (!span_starts(line, span_of(name, n)) || line.n <= n ||
		line.p[n] != '=')
		return false;
	*out = span_from(line, n + 1);
	return true;
}

/* One unit, up to an empty line or the end. */
static struct unitstate next(struct span *rest, struct span *id)
{
	struct unitstate u = {false, false, false};
	struct span line, v;

	*id = SPAN_EMPTY;
	while (span_line(rest, &line, NULL) && line.n) {
		if (value_of(line, "Id", &v))
			*id = v;
		else if (value_of(line, "LoadState", &v))
			u.loaded = span_is(v, "loaded");
		else if (value_of(line, "UnitFileState", &v))
			u.enabled = span_is(v, "enabled") ||
				span_is(v, "enabled-runtime");
		else if (value_of(line, "ActiveState", &v))
			u.active = span_is(v, "active") ||
				span_is(v, "activating");
	}
	return u;
}

bool unitstate_find(struct span text, const char *id, struct unitstate *out)
{
	struct span rest = text, name;

	memset(out, 0, sizeof(*out));
	while (rest.n) {
		struct unitstate u = next(&rest, &name);

		if (!span_is(name, id))
			continue;
		*out = u;
		return true;
	}
	return false;
}

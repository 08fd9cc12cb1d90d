/*
 * What 'systemctl show --property=Id,LoadState,UnitFileState,ActiveState' says
 * of units: lines "Name=value", an empty one between units.
 */
#ifndef PARSE_UNITSTATE_H
#define PARSE_UNITSTATE_H

#include <stdbool.h>

#include "base/span.h"

struct unitstate {
	bool loaded;  /* there is such a unit */
	bool enabled; /* it begins with the system */
	bool active;  /* it is under way */
};

/* unitstate_find(text, id, out): false when ${text} has nothing of it. */
MUST_USE bool unitstate_find(
	struct span text, const char *id, struct unitstate *out);

#endif

#include "parse/keyline.h"

bool keyline_take(struct span *rest, const char *key, struct span *value)
{
	struct span left = *rest, line, k = span_str(key);
	bool lf;

	if (!span_line(&left, &line, &lf) || !lf || line.n <= k.n ||
		!span_starts(line, k) || line.p[k.n] != ' ')
		return false;
	*value = span_from(line, k.n + 1);
	*rest = left;
	return true;
}

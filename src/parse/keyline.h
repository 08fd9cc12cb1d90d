/* "key value" lines in a fixed order, as in our little protocols. */
#ifndef PARSE_KEYLINE_H
#define PARSE_KEYLINE_H

#include "base/span.h"

/*
 * keyline_take(rest, key, value):
 * If the next line of ${rest} is "${key} <value>" and ends in LF, take it off
 * and answer true; the value may be empty. Otherwise leave ${rest} as it is.
 */
MUST_USE bool keyline_take(
	struct span *rest, const char *key, struct span *value);

#endif

/* What the fast readers of entries and of records share: how both begin. */
#ifndef PARSE_STATEMENT_H
#define PARSE_STATEMENT_H

#include "parse/canonical.h"
#include "parse/record.h"

/*
 * statement_begin(rest, kind):
 * Take the beginning of a canonical statement off ${rest}, up to the predicate,
 * and say what kind that must be of, if it is one: by the keys it begins with.
 * False when that cannot be told.
 */
MUST_USE bool statement_begin(struct span *rest, enum record_kind *kind);

/* statement_is(value, kind): whether a predicate's "kind" as it is written says
 * that kind. */
MUST_USE bool statement_is(struct span value, enum record_kind kind);

#endif

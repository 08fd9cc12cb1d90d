/*
 * Revision lists: what runs, one a line, "NAME REVISION" or "REVISION". Empty
 * lines and lines that start with '#' are passed over. Fields are parted by
 * spaces or tabs; CR LF ends a line as well as LF.
 */
#ifndef PARSE_REVLIST_H
#define PARSE_REVLIST_H

#include "base/err.h"
#include "model/deployed.h"

#define REVLIST_MAX ((size_t)64 << 20)

/*
 * revlist_parse(text, out, err):
 * Append an item a line. A line that cannot be read becomes an item that is
 * unfit, so that it is reported and hides no other. ERR_LIMIT past
 * DEPLOYED_MAX items.
 */
MUST_USE int revlist_parse(
	struct span text, struct deployed_list *out, struct err *err);

#endif

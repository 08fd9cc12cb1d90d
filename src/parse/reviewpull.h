/* Pull requests in the form that GitHub's API gave them and Gitea's took over:
 * {"number": 7, "state": "open", "base": {"ref": …}, "head": {"sha": …}}. */
#ifndef PARSE_REVIEWPULL_H
#define PARSE_REVIEWPULL_H

#include "parse/reviewread.h"

/* review_pull(j, arena, out, err): one of them. */
MUST_USE int review_pull(const struct doc *j, struct arena *arena,
	struct review_hit *out, struct err *err);

/* review_pulls(body, out, n, err): find_read of a dialect, for a list. */
MUST_USE int review_pulls(
	struct span body, struct review_hits *out, size_t *n, struct err *err);

#endif

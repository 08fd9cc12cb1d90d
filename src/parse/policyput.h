/* Inside policytext and policyexplain: parts of a policy as text. */
#ifndef PARSE_POLICYPUT_H
#define PARSE_POLICYPUT_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/policy.h"

/* put_text(out, text): made printable, but for backslashes, which are left as
 * they were written: regular expressions are full of them. */
void put_text(struct buf *out, const char *text);

/* put_list(out, v, n, between): "none" when there is nothing. */
void put_list(
	struct buf *out, const char *const *v, size_t n, const char *between);

/* put_size(out, n): "50 MiB", "1000 bytes". */
void put_size(struct buf *out, uint64_t n);

/* put_people(out, p, arena): by name; "nobody" when there is nobody. */
void put_people(struct buf *out, const struct people *p, struct arena *arena);
/* people_sorted(v, n, arena): a copy, by name. */
const struct person **people_sorted(
	const struct person *const *v, size_t n, struct arena *arena);

/* put_patterns(out, v, n): "/a/  /b/", or "none". */
void put_patterns(struct buf *out, const struct pattern_ref *v, size_t n);

#endif

/*
 * Moments as forges write them: RFC 3339, with or without a fraction, in UTC or
 * with an offset ("2026-01-02T03:04:05.678+01:00"), and Gerrit's form, always
 * UTC ("2026-01-02 03:04:05.678000000").
 */
#ifndef PARSE_REVIEWTIME_H
#define PARSE_REVIEWTIME_H

#include "parse/doc.h"

/* From the first microsecond that may be meant to the first one that may not:
 * what is written in seconds may be anywhere in that second. */
struct review_time {
	int64_t from, to; /* since 1970, UTC */
};

MUST_USE bool review_time_read(struct span s, struct review_time *out);

/* review_moment(object, key, out, err): a member that must be there and be a
 * moment; the error names ${key}. */
MUST_USE int review_moment(const struct doc *object, const char *key,
	struct review_time *out, struct err *err);

/* review_time_after(a, b): ${a} is later however they were rounded. */
bool review_time_after(
	const struct review_time *a, const struct review_time *b);

#endif

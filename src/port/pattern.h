/*
 * One regular expression over bytes (PCRE2). It sees bytes, not characters:
 * '$' is the very end of the subject, '.' is anything but LF, \w \d \s \b are
 * ASCII. Every search runs under a step, depth and memory limit; passing one
 * is an outcome of its own and never "no match".
 */
#ifndef PORT_PATTERN_H
#define PORT_PATTERN_H

#include "base/err.h"
#include "base/span.h"

struct pattern;

#define PATTERN_TEXT_MAX 16384 /* longest expression, bytes */
#define PATTERN_GROUPS_MAX 64  /* groups that are reported, group 0 too */

/*
 * pattern_new(text, out, err):
 * Compile. On failure *${out} is NULL; the error (ERR_INPUT) names the byte
 * where the expression stops making sense.
 */
MUST_USE int pattern_new(
	struct span text, struct pattern **out, struct err *err);
/* pattern_free(p): NULL is fine. */
void pattern_free(struct pattern *p);

/* pattern_groups(p): how many capture groups there are, without group 0. */
unsigned pattern_groups(const struct pattern *p);

/* 0 is the answer that must refuse. */
enum pattern_result {
	PATTERN_LIMIT, /* gave up at a limit: nothing is known */
	PATTERN_NONE,
	PATTERN_MATCH,
};

/* Byte offsets into the subject; an unset group has from == to == SIZE_MAX. */
struct pattern_match {
	size_t n; /* groups filled in, at least 1 */
	struct {
		size_t from, to;
	} at[PATTERN_GROUPS_MAX];
};

/*
 * pattern_find(p, subject, from, last, m):
 * The leftmost match that is not empty and starts in [${from}, ${last}]; what
 * precedes ${from} is still seen by \b and lookbehind. ${last} may be SIZE_MAX.
 * ${m} is filled in for PATTERN_MATCH.
 */
MUST_USE enum pattern_result pattern_find(struct pattern *p,
	struct span subject, size_t from, size_t last, struct pattern_match *m);

/* pattern_test(p, subject): whether it matches anywhere. */
MUST_USE enum pattern_result pattern_test(
	struct pattern *p, struct span subject);

/* pattern_holds(p, subject): the same, but a match of no bytes counts too. */
MUST_USE enum pattern_result pattern_holds(
	struct pattern *p, struct span subject);

#endif

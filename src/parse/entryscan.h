/* The two ways of reading an entry, for parse/entry.c and for tests that hold
 * one against the other. */
#ifndef PARSE_ENTRYSCAN_H
#define PARSE_ENTRYSCAN_H

#include "parse/canonical.h"
#include "parse/entry.h"

/* entry_scan(bytes, a, out): the fast one. False: entry_read judges it. */
MUST_USE bool entry_scan(struct span bytes, struct arena *a, struct entry *out);

/* entry_read(bytes, a, out, err): the one that takes every entry and has words
 * for what is none. */
MUST_USE int entry_read(
	struct span bytes, struct arena *a, struct entry *out, struct err *err);

/* entry_shape(kind): what its predicate holds; NULL: the fast way does not know
 * that kind. entry_subjects: what stands before it. */
const struct shape *entry_shape(enum record_kind kind);
extern const struct shape entry_subjects;

/* entry_shown_ref(shown, a): the ref of which the log shows ${shown}. */
struct span entry_shown_ref(struct span shown, struct arena *a);

#endif

/*
 * A reflog (gitrevisions(7), "<ref>@{<n>}"), as git writes it below logs/: a
 * line for each move of a ref, the oldest first:
 *
 *   <old> SP <new> SP <name> SP '<' <mail> '>' SP <time> SP <zone> TAB <why> LF
 */
#ifndef PARSE_REFLOG_H
#define PARSE_REFLOG_H

#include "model/change.h"

#define REFLOG_MAX ((size_t)64 << 20)

struct reflog_line {
	struct oid old, new;
	struct ident who; /* whom git was told that it works for */
	struct span why;  /* "push", "update by push" …; may be empty */
};

/*
 * reflog_next(text, out):
 * Take the next line off ${text}; lines that are none are passed over, so that
 * a damaged one does not hide the rest. False at the end. Spans point into
 * ${text}.
 */
bool reflog_next(struct span *text, struct reflog_line *out);

/* reflog_last(text, new, out): the last move to that value; false when there is
 * none. */
bool reflog_last(
	struct span text, const struct oid *new, struct reflog_line *out);

#endif

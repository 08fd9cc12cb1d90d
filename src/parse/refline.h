/*
 * The standard input of pre-receive and post-receive (githooks(5)): lines of
 * "<old> SP <new> SP <ref> LF".
 */
#ifndef PARSE_REFLINE_H
#define PARSE_REFLINE_H

#include "base/arena.h"
#include "base/err.h"
#include "model/push.h"

#define REFLINES_MAX 100000
#define REF_NAME_MAX 4096

/*
 * refline_parse(text, arena, out, n, err):
 * Every line or none: a missing LF at the end, a NUL, a name that does not
 * start with "refs/", 64-digit ids (a SHA-256 repository), the same ref twice
 * and more than REFLINES_MAX lines are each an error (ERR_INPUT, ERR_LIMIT)
 * that names the line. Spans point into ${text}.
 */
MUST_USE int refline_parse(struct span text, struct arena *arena,
	struct ref_update **out, size_t *n, struct err *err);

#endif

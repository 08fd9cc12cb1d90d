/*
 * The standard input of pre-push (githooks(5)): lines of
 * "<local ref> SP <local oid> SP <remote ref> SP <remote oid> LF".
 */
#ifndef PARSE_PUSHLINE_H
#define PARSE_PUSHLINE_H

#include "base/buf.h"

/*
 * pushline_turn(text, out, err):
 * The same as a server's hook would get it, for refline_parse: remote oid,
 * local oid, remote ref. Local names are dropped; what the rest holds is not
 * looked at. ERR_INPUT names the line that has not four parts or no LF.
 */
MUST_USE int pushline_turn(struct span text, struct buf *out, struct err *err);

#endif

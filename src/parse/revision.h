/* How a workload states the commit it was built from. */
#ifndef PARSE_REVISION_H
#define PARSE_REVISION_H

#include "model/deployed.h"

/*
 * revision_read(text, a, out):
 * Fill revision, oid, digits, dirty and unfit of ${out}. Taken are the 40 hex
 * digits of a commit, in either case; a beginning of at least
 * REVISION_DIGITS_MIN of them; and both followed by "-dirty", "+dirty" or
 * "-modified", which is what builds append to say that files were changed.
 * Everything else (a version, a branch, an artifact digest) is unfit: it names
 * no commit by itself. ${text} is copied into ${a}.
 */
void revision_read(struct span text, struct arena *a, struct deployed *out);

#endif

/* What may be told about a secret, and how random it looks. */
#ifndef SCAN_REDACT_H
#define SCAN_REDACT_H

#include "base/buf.h"

/* entropy_of(s): Shannon entropy of the bytes, bits a byte; 0 when empty. */
double entropy_of(struct span s);

/*
 * redact(secret, out):
 * Enough to find it again and no more: the first four bytes, "…", the last
 * two; of a short one less, never more than a quarter in all. What is not
 * printable ASCII shows as '?'.
 */
void redact(struct span secret, struct buf *out);

#define REDACT_MAX 16

#endif

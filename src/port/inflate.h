/* zlib streams of known length, through libdeflate. */
#ifndef PORT_INFLATE_H
#define PORT_INFLATE_H

#include "base/err.h"
#include "base/span.h"

struct inflater;

/* inflater_new(): for one thread at a time; dies without memory. */
struct inflater *inflater_new(void);
void inflater_free(struct inflater *f); /* NULL is fine */

/*
 * inflate_exact(f, in, out, n, err):
 * The stream at the start of ${in}, which may go on after it, must give exactly
 * ${n} bytes with the right checksum; they are written to ${out}. ERR_INPUT
 * otherwise; ${out} may then hold anything.
 */
MUST_USE int inflate_exact(struct inflater *f, struct span in,
	unsigned char *out, size_t n, struct err *err);

#endif

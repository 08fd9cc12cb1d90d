/* zlib streams of known length, and whole gzip members, through libdeflate. */
#ifndef PORT_INFLATE_H
#define PORT_INFLATE_H

#include "base/buf.h"

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

/* inflate_gzip(f, in, out, n, err): ${in} is one gzip member that gives exactly
 * ${n} bytes, likewise. */
MUST_USE int inflate_gzip(struct inflater *f, struct span in,
	unsigned char *out, size_t n, struct err *err);

struct deflater;

/* deflater_new(): for one thread at a time; dies without memory. */
struct deflater *deflater_new(void);
void deflater_free(struct deflater *d); /* NULL is fine */

/* deflate_gzip(d, in, out): ${in} as one gzip member, added to ${out}. */
void deflate_gzip(struct deflater *d, struct span in, struct buf *out);

#endif

/*
 * The heads of a tar file (POSIX ustar), to write one. A member is its head,
 * its bytes, and zeros up to the next multiple of 512; two blocks of zeros are
 * the end.
 */
#ifndef PARSE_USTAR_H
#define PARSE_USTAR_H

#include "base/buf.h"

#define USTAR_BLOCK 512u
#define USTAR_NAME_MAX 100u

struct ustar_member {
	const char *name; /* at most 100 bytes; of a folder it ends in '/' */
	unsigned mode;
	uint64_t size; /* below 8 GiB */
	int64_t time;  /* seconds since 1970, not before; below 2^33 */
};

/* ustar_head(m, out): a block. Owner and group are number 0, without names.
 * False when it cannot be said in this form. */
MUST_USE bool ustar_head(const struct ustar_member *m, struct buf *out);

/* ustar_pad(size): how many zeros follow that many bytes. */
size_t ustar_pad(uint64_t size);

#endif

/*
 * Git LFS pointers (git-lfs docs/spec.md, version 1): what a commit holds in
 * place of a large file. Three lines:
 *
 *	version https://git-lfs.github.com/spec/v1
 *	oid sha256:<64 hex digits>
 *	size <bytes>
 */
#ifndef PARSE_LFSPOINTER_H
#define PARSE_LFSPOINTER_H

#include "base/span.h"

#define LFSPOINTER_MAX 200

struct lfspointer {
	unsigned char sha256[32];
	uint64_t size;
};

/* lfspointer_read(text, out): false for anything else, pointers with extension
 * lines among it: their file is not the one that is named. */
MUST_USE bool lfspointer_read(struct span text, struct lfspointer *out);

#endif

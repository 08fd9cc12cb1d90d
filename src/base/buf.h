/*
 * A growable byte buffer with a hard maximum. Adding past the maximum adds
 * nothing more and marks the buffer; buf_check says so once, at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"
#include "base/span.h"

struct buf {
	unsigned char *p; /* owned; NULL until the first byte; what is added is
			   * followed by a NUL that does not count */
	size_t n, cap, max;
	bool full; /* something did not fit */
};

#define BUF_INIT(maximum)                   \
	{                                   \
		.p = NULL, .max = (maximum) \
	}

void buf_add(struct buf *b, const void *p, size_t n);
void buf_span(struct buf *b, struct span s);
void buf_str(struct buf *b, const char *s);
void buf_byte(struct buf *b, unsigned char c);
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF(2, 3);

/* buf_room(b, n): ${n} writable bytes at the end, or NULL when they do not
 * fit; the caller adds to b->n what it wrote. */
unsigned char *buf_room(struct buf *b, size_t n);

/* buf_cstr(b): the bytes as a C string, for buffers without NUL inside. */
const char *buf_cstr(struct buf *b);
static inline struct span buf_all(const struct buf *b)
{
	return span_of(b->p, b->n);
}

/* buf_check(b, what, err): -1 with ERR_LIMIT naming ${what} if it was full. */
MUST_USE int buf_check(const struct buf *b, const char *what, struct err *err);

void buf_reset(struct buf *b); /* empty, memory kept, mark cleared */
void buf_free(struct buf *b);  /* empty, memory given back, reusable */
void buf_wipe(struct buf *b);  /* overwritten first: keys, tokens */

#endif

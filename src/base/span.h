/* Borrowed bytes: a pointer and a length, never assumed to end in NUL. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct span {
	const unsigned char *p;
	size_t n;
};

#define SPAN_EMPTY ((struct span){NULL, 0})
/* SPAN_LIT("text"): a string literal as a span, without its NUL. */
#define SPAN_LIT(s) ((struct span){(const unsigned char *)(s), sizeof(s) - 1})
/* For printf's "%.*s"; the bytes must already be printable. */
#define SPAN_FMT(s) (int)((s).n > 4096 ? 4096 : (s).n), (const char *)(s).p

static inline struct span span_of(const void *p, size_t n)
{
	return (struct span){p, n};
}

/* span_str(s): the bytes of a C string without its NUL; NULL gives empty. */
struct span span_str(const char *s);

bool span_eq(struct span a, struct span b);
bool span_is(struct span a, const char *s);
bool span_starts(struct span s, struct span prefix);
bool span_ends(struct span s, struct span suffix);

/* Ordering of bytes as memcmp, the shorter first; for qsort and lists. */
int span_cmp(struct span a, struct span b);

/* span_from(s, at): what is left of ${s} from byte ${at}; empty if past it. */
struct span span_from(struct span s, size_t at);
/* span_sub(s, at, n): at most ${n} bytes from ${at}, cut to what is there. */
struct span span_sub(struct span s, size_t at, size_t n);

/* span_find(s, c): index of the first byte ${c}, or SIZE_MAX. */
size_t span_find(struct span s, unsigned char c);
/* span_search(s, what): index of the first occurrence, or SIZE_MAX. */
size_t span_search(struct span s, struct span what);

/*
 * span_line(rest, line):
 * Take one line off ${rest}: ${line} without its LF. The last line may lack the
 * LF; *lf (if not NULL) says whether it had one. False when nothing is left.
 */
bool span_line(struct span *rest, struct span *line, bool *lf);

/* span_trim(s): without space, tab, CR, LF at both ends. */
struct span span_trim(struct span s);

#endif

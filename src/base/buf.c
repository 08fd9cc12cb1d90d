#include "base/buf.h"

#include <stdarg.h>

unsigned char *buf_room(struct buf *b, size_t n)
{
	size_t want;
	unsigned char *p;

	if (b->full || n > b->max || b->n > b->max - n) {
		b->full = true;
		return NULL;
	}
	if (b->n + n + 1 > b->cap) {
		want = b->cap ? b->cap : 256;
		while (want < b->n + n + 1)
			want *= 2;
		p = realloc(b->p, want);
		if (!p)
			die("out of memory");
		b->p = p;
		b->cap = want;
	}
	return b->p + b->n;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	unsigned char *at;

	if (!n)
		return;
	at = buf_room(b, n);
	if (!at)
		return;
	memcpy(at, p, n);
	b->n += n;
	b->p[b->n] = '\0'; /* buf_room leaves a byte for it */
}

void buf_span(struct buf *b, struct span s)
{
	buf_add(b, s.p, s.n);
}

void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_byte(struct buf *b, unsigned char c)
{
	buf_add(b, &c, 1);
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	unsigned char *at;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		die("buf_fmt: bad format");
	at = buf_room(b, (size_t)n);
	if (!at)
		return;
	va_start(ap, fmt);
	vsnprintf((char *)at, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

const char *buf_cstr(struct buf *b)
{
	if (!b->p)
		return "";
	b->p[b->n] = '\0';
	return (const char *)b->p;
}

int buf_check(const struct buf *b, const char *what, struct err *err)
{
	if (b->full)
		return err_set(err, ERR_LIMIT, "%s is larger than %zu bytes",
			what, b->max);
	return 0;
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->full = false;
}

void buf_free(struct buf *b)
{
	free(b->p);
	b->p = NULL;
	b->n = b->cap = 0;
	b->full = false;
}

void buf_wipe(struct buf *b)
{
	if (b->p)
		explicit_bzero(b->p, b->cap);
	buf_free(b);
}

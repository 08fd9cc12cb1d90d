#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>

#include "base/err.h"

#define CHUNK (64u * 1024)

struct chunk {
	struct chunk *next;
	size_t used, size;
	alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *head;
	size_t cap, total;
};

struct arena *arena_new(size_t cap)
{
	struct arena *a = calloc(1, sizeof(*a));

	if (!a)
		die("out of memory");
	a->cap = cap;
	return a;
}

void arena_free(struct arena *a)
{
	struct chunk *c, *next;

	if (!a)
		return;
	for (c = a->head; c; c = next) {
		next = c->next;
		free(c);
	}
	free(a);
}

void arena_reset(struct arena *a)
{
	struct chunk *c, *next, *kept = NULL;

	for (c = a->head; c; c = next) {
		next = c->next;
		if (kept || c->size > CHUNK)
			free(c);
		else
			kept = c;
	}
	a->head = kept;
	a->total = 0;
	if (!kept)
		return;
	memset(kept->data, 0, kept->used);
	kept->next = NULL;
	kept->used = 0;
	a->total = kept->size;
}

static struct chunk *chunk_add(struct arena *a, size_t need)
{
	size_t size = need > CHUNK ? need : CHUNK;
	struct chunk *c;

	if (size > a->cap - a->total)
		die("arena: past its limit of %zu bytes", a->cap);
	c = calloc(1, sizeof(*c) + size);
	if (!c)
		die("out of memory");
	c->size = size;
	a->total += size;
	/* A large block goes behind the open one, which still has room. */
	if (a->head && need > CHUNK) {
		c->next = a->head->next;
		a->head->next = c;
	} else {
		c->next = a->head;
		a->head = c;
	}
	return c;
}

void *arena_get(struct arena *a, size_t n, size_t each)
{
	const size_t align = alignof(max_align_t);
	struct chunk *c = a->head;
	size_t need;
	void *p;

	if (each && n > (SIZE_MAX - align) / each)
		die("arena: %zu items of %zu bytes", n, each);
	need = (n * each + align - 1) / align * align;
	if (!need)
		need = align;
	if (!c || need > c->size - c->used)
		c = chunk_add(a, need);
	p = c->data + c->used;
	c->used += need;
	return p;
}

struct span arena_copy(struct arena *a, struct span s)
{
	unsigned char *p = arena_get(a, s.n + 1, 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	return span_of(p, s.n);
}

char *arena_str(struct arena *a, struct span s)
{
	char *p = arena_get(a, s.n + 1, 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	return p;
}

char *arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		die("arena_fmt: bad format");
	p = arena_get(a, (size_t)n + 1, 1);
	va_start(ap, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

static void *move(struct arena *a, const void *old, size_t n, size_t *cap,
	size_t want, size_t each)
{
	void *p = arena_get(a, want, each);

	if (n)
		memcpy(p, old, n * each);
	*cap = want;
	return p;
}

void *arena_grow(struct arena *a, void *old, size_t n, size_t *cap, size_t each)
{
	if (n < *cap)
		return old;
	return move(a, old, n, cap, *cap ? *cap * 2 : 16, each);
}

void *arena_reserve(struct arena *a, void *old, size_t n, size_t *cap,
	size_t more, size_t each)
{
	if (n <= *cap && more <= *cap - n)
		return old;
	return move(a, old, n, cap, n + more, each);
}

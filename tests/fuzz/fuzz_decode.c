/*
 * The decoders on any bytes, all of them at once and in two parts: pieces lie
 * inside, say no more than there is room for, each byte of what they say comes
 * from somewhere in them; and a search of the second part finds nothing that
 * the search of all did not.
 */
#include "scan/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct seen {
	struct span bytes;
	struct decode_piece *v;
	size_t n, cap;
	const struct seen *whole;
};

static bool has(const struct seen *s, const struct decode_piece *p)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct decode_piece *q = &s->v[i];

		if (q->encoding == p->encoding && q->at == p->at &&
			q->n == p->n && q->skip == p->skip &&
			q->text == p->text && q->run == p->run &&
			q->nrun == p->nrun)
			return true;
	}
	return false;
}

static void check(struct span bytes, const struct decode_piece *p)
{
	struct buf said = BUF_INIT((size_t)1 << 24);
	size_t k, from, to, last = p->at, step;

	if (p->run > p->at || p->at + p->n > p->run + p->nrun ||
		p->run + p->nrun > bytes.n)
		abort();
	decode_text(bytes, p, &said);
	if (said.full || said.n > 2 * p->n + 4 ||
		(p->text && said.n != p->text))
		abort();
	step = said.n / 64 + 1;
	for (k = 0; k < said.n; k += step) {
		decode_place(bytes, p, k, NULL, &from, &to);
		if (from < last || from >= to || to > p->at + p->n)
			abort();
		last = from;
	}
	buf_free(&said);
}

static int on_piece(void *ctx, const struct decode_piece *p, struct err *err)
{
	struct seen *s = ctx;

	(void)err;
	if (s->whole) {
		if (!has(s->whole, p))
			abort();
		return 0;
	}
	check(s->bytes, p);
	if (s->n == s->cap) {
		s->cap = s->cap ? 2 * s->cap : 64;
		s->v = reallocarray(s->v, s->cap, sizeof(*s->v));
		if (!s->v)
			die("no memory");
	}
	s->v[s->n++] = *p;
	return 0;
}

static void find(struct seen *s, size_t lo, size_t hi)
{
	static int (*const all[])(struct decode_search * s,
		struct err * err) = {decode_dense, decode_sparse, decode_utf};
	struct buf work = BUF_INIT((size_t)1 << 24);
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < ARRAY_LEN(all); i++) {
		struct decode_search search = {.bytes = s->bytes,
			.lo = lo,
			.hi = hi,
			.work = &work,
			.found = on_piece,
			.ctx = s};

		if (all[i](&search, &err))
			abort();
	}
	buf_free(&work);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct seen whole = {.bytes = span_of(data, n)};
	struct seen part = {.bytes = whole.bytes, .whole = &whole};

	find(&whole, 0, n);
	if (n)
		find(&part, data[0] * n / 256, n);
	free(whole.v);
	return 0;
}

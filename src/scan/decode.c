#include "scan/decodestep.h"

#include "base/grow.h"

/* One letter each; what is behind the table is of no class. */
enum {
	_ = 0,
	T = IS_TEXT,           /* NUL, quotes */
	N = IS_TEXT | IS_SOFT, /* CR, LF */
	Q = IS_TEXT | IS_LINE, /* < and > */
	B = Q | IS_SOFT,       /* blanks */
	P = Q | IS_URL,        /* other marks */
	E = P | IS_SOFT,       /* backslash */
	D = E | IS_DENSE,      /* + - / _ */
	A = D | IS_ALNUM,      /* letters */
	H = A | IS_HEX,        /* hex digits */
};

const unsigned char decode_class[256] = {T, _, _, _, _, _, _, _, _, B, N, _, _,
	N, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, B, P, T, P, P,
	P, P, T, P, P, P, D, P, D, P, D, H, H, H, H, H, H, H, H, H, H, P, P, Q,
	P, Q, P, P, H, H, H, H, H, H, A, A, A, A, A, A, A, A, A, A, A, A, A, A,
	A, A, A, A, A, A, P, E, P, P, D, T, H, H, H, H, H, H, A, A, A, A, A, A,
	A, A, A, A, A, A, A, A, A, A, A, A, A, A, P, P, P, P, _};

const char *encoding_name(enum encoding e)
{
	static const char *const names[] = {"base64", "hex", "percent",
		"escapes", "utf-16le", "utf-16be", "utf-32le", "utf-32be"};

	return names[e];
}

/* Base64 and hex: characters stand for a fixed number of bits. */
static bool is_dense(enum encoding e)
{
	return e == ENCODING_BASE64 || e == ENCODING_HEX;
}

static struct decode_step step(struct span s, enum encoding e)
{
	switch (e) {
	case ENCODING_PERCENT:
		return decode_percent_step(s);
	case ENCODING_ESCAPES:
		return decode_escape_step(s);
	case ENCODING_UTF16LE:
	case ENCODING_UTF16BE:
	case ENCODING_UTF32LE:
	case ENCODING_UTF32BE:
		return decode_utf_step(s, e);
	case ENCODING_BASE64:
	case ENCODING_HEX:
		break;
	}
	return (struct decode_step){0};
}

void decode_text(
	struct span bytes, const struct decode_piece *p, struct buf *out)
{
	struct span s = span_sub(bytes, p->at, p->n);

	if (is_dense(p->encoding)) {
		decode_dense_text(s, p, out);
		return;
	}
	while (s.n) {
		struct decode_step now = step(s, p->encoding);

		buf_add(out, now.out, now.n);
		s = span_from(s, now.in);
	}
}

#define TRAIL_STEP 256

struct decode_mark trail_find(const struct decode_trail *t, size_t k)
{
	size_t lo = 0, hi = t ? t->n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->v[mid].k <= k)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? t->v[lo - 1] : (struct decode_mark){0, 0};
}

void trail_note(struct decode_trail *t, struct decode_mark m)
{
	if (!t || m.k < (t->n ? t->v[t->n - 1].k : 0) + TRAIL_STEP)
		return;
	t->v = grow(t->v, t->n, &t->cap, sizeof(*t->v));
	t->v[t->n++] = m;
}

void decode_place(struct span bytes, const struct decode_piece *p, size_t k,
	struct decode_trail *trail, size_t *from, size_t *to)
{
	struct span s = span_sub(bytes, p->at, p->n);
	struct decode_step now = {0};
	struct decode_mark m;

	if (is_dense(p->encoding)) {
		decode_dense_place(s, p, k, trail, from, to);
		*from += p->at;
		*to += p->at;
		return;
	}
	m = trail_find(trail, k);
	s = span_from(s, m.at);
	while (s.n) {
		now = step(s, p->encoding);
		if (k < m.k + now.n)
			break;
		m.k += now.n;
		m.at += now.in;
		s = span_from(s, now.in);
		trail_note(trail, m);
	}
	*from = p->at + p->n - s.n;
	*to = *from + (s.n ? now.in : 0);
}

size_t decode_utf8(uint32_t c, unsigned char out[4])
{
	if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		c = 0xfffd;
	if (c < 0x80) {
		out[0] = (unsigned char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (unsigned char)(0xc0 | c >> 6);
		out[1] = (unsigned char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (unsigned char)(0xe0 | c >> 12);
		out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (unsigned char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (unsigned char)(0xf0 | c >> 18);
	out[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (unsigned char)(0x80 | (c & 0x3f));
	return 4;
}

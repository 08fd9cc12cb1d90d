/*
 * UTF-16 and UTF-32. With a byte order mark all of it is such text. Without
 * one, a run of characters of ASCII and Latin-1 tells itself by its zeros; what
 * else there is parts two runs.
 */
#include "scan/decodestep.h"

#define SAMPLE 64 /* characters after the mark */

struct form {
	enum encoding encoding;
	size_t size, low; /* of a unit, and where in it the low byte is */
};
static const struct form le16 = {ENCODING_UTF16LE, 2, 0};
static const struct form be16 = {ENCODING_UTF16BE, 2, 1};
static const struct form le32 = {ENCODING_UTF32LE, 4, 0};
static const struct form be32 = {ENCODING_UTF32BE, 4, 3};

static const struct form *form_of(enum encoding e)
{
	switch (e) {
	case ENCODING_UTF16BE:
		return &be16;
	case ENCODING_UTF32LE:
		return &le32;
	case ENCODING_UTF32BE:
		return &be32;
	case ENCODING_BASE64:
	case ENCODING_HEX:
	case ENCODING_PERCENT:
	case ENCODING_ESCAPES:
	case ENCODING_UTF16LE:
		break;
	}
	return &le16;
}

static uint32_t unit(struct span s, const struct form *f)
{
	uint32_t c = 0;
	size_t i;

	for (i = 0; i < f->size; i++)
		c |= (uint32_t)s.p[i] << 8 * (f->low ? f->size - 1 - i : i);
	return c;
}

struct decode_step decode_utf_step(struct span s, enum encoding e)
{
	const struct form *f = form_of(e);
	struct decode_step step = {.in = f->size};
	uint32_t c, low;

	if (s.n < f->size) {
		step.in = s.n;
		return step;
	}
	c = unit(s, f);
	if (f->size == 2 && c >= 0xd800 && c < 0xdc00 && s.n >= 4) {
		low = unit(span_from(s, 2), f);
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			step.in = 4;
		}
	}
	step.n = decode_utf8(c, step.out);
	return step;
}

/* Text has neither NUL nor halves of characters. */
static bool goes_on(struct span s, const struct form *f)
{
	size_t i;

	if (s.n < f->size)
		return false;
	for (i = 0; i < SAMPLE && s.n >= f->size; i++) {
		struct decode_step step = decode_utf_step(s, f->encoding);

		if (!step.out[0] ||
			(step.n == 3 && step.out[0] == 0xef &&
				step.out[1] == 0xbf && step.out[2] == 0xbd))
			return false;
		s = span_from(s, step.in);
	}
	return true;
}

bool decode_has_mark(struct span bytes, enum encoding *e)
{
	static const struct form *const forms[] = {&le32, &be32, &le16, &be16};
	size_t i;

	/* Asked of every input: none of them starts with a letter. */
	if (!bytes.n || (bytes.p[0] && bytes.p[0] < 0xfe))
		return false;
	for (i = 0; i < ARRAY_LEN(forms); i++) {
		const struct form *f = forms[i];

		if (bytes.n < f->size || unit(bytes, f) != 0xfeff ||
			!goes_on(span_from(bytes, f->size), f))
			continue;
		if (e)
			*e = f->encoding;
		return true;
	}
	return false;
}

static bool is_low(unsigned char c)
{
	return c && (is_a(c, IS_TEXT) || c >= 0xa0);
}

/* The end of the characters that start at ${at}. */
static size_t run_end(struct span bytes, size_t at, const struct form *f)
{
	size_t i;

	for (; bytes.n - at >= f->size; at += f->size) {
		if (!is_low(bytes.p[at + f->low]))
			return at;
		for (i = 0; i < f->size; i++)
			if (i != f->low && bytes.p[at + i])
				return at;
	}
	return at;
}

static int tell(struct decode_search *s, const struct form *f, size_t at,
	size_t end, struct err *err)
{
	const struct decode_piece p = {.encoding = f->encoding,
		.at = at,
		.n = end - at,
		.run = at,
		.nrun = end - at};

	return s->found(s->ctx, &p, err);
}

/*
 * The run whose first zero is at ${at}, and not before ${floor}: either byte
 * order, whichever makes more of it; when both make as much, either may be
 * meant. *${end} is its end, or 0.
 */
static int tell_run(struct decode_search *s, size_t floor, size_t at,
	const struct form *le, const struct form *be, size_t *end,
	struct err *err)
{
	size_t a = 0, b, na = 0, nb;

	*end = 0;
	if (at > floor) {
		a = run_end(s->bytes, at - 1, le);
		na = (a - (at - 1)) / le->size;
	}
	b = run_end(s->bytes, at, be);
	nb = (b - at) / be->size;
	if (na >= DECODE_MIN && na >= nb) {
		*end = a;
		if (a > s->lo && tell(s, le, at - 1, a, err))
			return -1;
	}
	if (nb >= DECODE_MIN && nb >= na) {
		*end = b > *end ? b : *end;
		if (b > s->lo && tell(s, be, at, b, err))
			return -1;
	}
	return 0;
}

static bool has_zero(struct span bytes, size_t from, size_t to)
{
	return span_find(span_sub(bytes, from, to - from), 0) != SIZE_MAX;
}

/* Where a run may have its first zero behind the one at ${at}, which is of
 * none: of zeros in a row it is the first of all, or one of the last three. */
static size_t next_zero(struct span bytes, size_t at)
{
	size_t end = at + 1;

	while (end < bytes.n && !bytes.p[end])
		end++;
	return end - at > 4 ? end - 3 : at + 1;
}

static int tell_runs(struct decode_search *s, size_t floor, size_t from,
	size_t to, struct err *err)
{
	while (from < to) {
		size_t at = span_find(span_sub(s->bytes, from, to - from), 0);
		size_t end;

		if (at == SIZE_MAX)
			break;
		at += from;
		if (tell_run(s, floor, at, &le32, &be32, &end, err) ||
			(!end &&
				tell_run(
					s, floor, at, &le16, &be16, &end, err)))
			return -1;
		if (end)
			floor = end;
		from = end ? end : next_zero(s->bytes, at);
	}
	return 0;
}

int decode_utf(struct decode_search *s, struct err *err)
{
	struct span bytes = s->bytes;
	size_t floor = s->done, from = s->lo, to = s->hi;
	enum encoding e;

	if (decode_has_mark(bytes, &e)) {
		const size_t mark = form_of(e)->size;
		const struct decode_piece p = {.encoding = e,
			.at = mark,
			.n = bytes.n - mark,
			.nrun = bytes.n};

		s->done = bytes.n;
		return floor ? 0 : s->found(s->ctx, &p, err);
	}
	/* No run goes on where four bytes in a row are not zero. Most text
	 * has none at all. */
	if (!has_zero(bytes, from - floor > 4 ? from - 4 : floor, to + 4)) {
		s->done = to;
		return 0;
	}
	while (from > floor && (from < 4 || has_zero(bytes, from - 4, from)))
		from--;
	while (to < bytes.n && has_zero(bytes, to, to + 4))
		to++;
	s->done = to > floor ? to : floor;
	return tell_runs(s, floor, from, to, err);
}

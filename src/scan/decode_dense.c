/*
 * Runs of characters that base64 and hex are made of, and in them stretches
 * that say text. Where in a run an encoded text starts is not known ("/" is a
 * character of base64 as well as of paths), so a run is read from each place
 * where one may start. What is no encoded text says bytes that look like
 * chance: of fifteen in a row one in a million is text.
 */
#include <string.h>

#include "scan/block.h"
#include "scan/decode_alphabet.h"
#include "scan/decodestep.h"

#define RUN_MIN 20  /* characters that say DECODE_MIN bytes */
#define LINE_MIN 20 /* a shorter line is not wrapped */
#define BLANKS_BEFORE 4
#define BLANKS_AFTER 24
#define ALNUM_MIN 6
#define WALK 256

static size_t blanks(struct span bytes, size_t at, size_t max)
{
	size_t n = 0;

	while (n < max && at + n < bytes.n &&
		(bytes.p[at + n] == ' ' || bytes.p[at + n] == '\t'))
		n++;
	return n;
}

/* LF, CR LF; or these as escapes in a string. */
static size_t line_break(struct span bytes, size_t at)
{
	struct span s;

	/* Mostly there is none. */
	if (at >= bytes.n ||
		(bytes.p[at] != '\n' && bytes.p[at] != '\r' &&
			bytes.p[at] != '\\'))
		return 0;
	if (bytes.p[at] == '\n')
		return 1;
	s = span_from(bytes, at);
	if (span_starts(s, SPAN_LIT("\r\n")) || span_starts(s, SPAN_LIT("\\n")))
		return 2;
	return span_starts(s, SPAN_LIT("\\r\\n")) ? 4 : 0;
}

size_t decode_wrap(struct span bytes, size_t at)
{
	size_t end = at + blanks(bytes, at, BLANKS_BEFORE);
	size_t n = line_break(bytes, end);

	if (!n)
		return 0;
	end += n;
	end += blanks(bytes, end, BLANKS_AFTER);
	return end < bytes.n && is_a(bytes.p[end], IS_DENSE) ? end - at : 0;
}

static size_t line_end(struct span bytes, size_t at)
{
	while (at < bytes.n && is_a(bytes.p[at], IS_DENSE))
		at++;
	return at;
}

/* The line [at, end) and those that it goes on in. */
static void run_from(
	struct decode_search *s, size_t at, size_t end, struct dense_run *run)
{
	struct span bytes = s->bytes;
	size_t line = at, wrap;

	*run = (struct dense_run){.at = at};
	buf_reset(s->work);
	while (end - line >= LINE_MIN && (wrap = decode_wrap(bytes, end))) {
		buf_add(s->work, bytes.p + line, end - line);
		line = end + wrap;
		end = line_end(bytes, line);
	}
	run->n = end - at;
	run->chars = span_sub(bytes, at, run->n);
	if (line != at) {
		buf_add(s->work, bytes.p + line, end - line);
		run->chars = buf_all(s->work);
	}
}

static int tell_run(
	struct decode_search *s, const struct dense_run *run, struct err *err)
{
	if (decode_base64_run(s, run, err))
		return -1;
	return decode_hex_run(s, run, err);
}

/* A bit is set where it and the 19 behind it are: RUN_MIN of them. */
static uint64_t run_starts(uint64_t bits)
{
	bits &= bits >> 1;
	bits &= bits >> 2;
	bits &= bits >> 4;
	bits &= bits >> 8;
	return bits & bits >> 4;
}

/* How many bits are set from the lowest on. */
static size_t ones(uint64_t bits)
{
	return ~bits ? (size_t)__builtin_ctzll(~bits) : BLOCK;
}

/* Where RUN_MIN bytes start that may be dense: the first such place in
 * [at, hi), or one that is not in it. */
static size_t maybe_run(struct span bytes, size_t at, size_t hi)
{
	unsigned char tail[BLOCK];
	size_t open = 0; /* so many before ${at} may be */
	uint64_t bits, starts;

	for (; at < bytes.n && at < hi + open; at += BLOCK) {
		bits = block_dense(block_at(bytes, at, tail));
		if (open + ones(bits) >= RUN_MIN)
			return at - open;
		starts = run_starts(bits);
		if (starts)
			return at + (size_t)__builtin_ctzll(starts);
		open = (size_t)__builtin_clzll(~bits);
	}
	return hi;
}

/* Where the first run in [at, hi) starts, or a place that is not in it. No run
 * goes on over ${at}. */
static size_t next_run(struct span bytes, size_t at, size_t hi)
{
	size_t i;

	while ((at = maybe_run(bytes, at, hi)) < hi) {
		for (i = at + RUN_MIN; i > at; i--)
			if (!is_a(bytes.p[i - 1], IS_DENSE))
				break;
		if (i == at)
			break;
		at = i;
	}
	return at;
}

int decode_dense(struct decode_search *s, struct err *err)
{
	struct span bytes = s->bytes;
	size_t at = s->lo;
	struct dense_run run;

	while (at > s->done && is_a(bytes.p[at - 1], IS_SOFT))
		at--;
	while (at < s->hi && (at = next_run(bytes, at, s->hi)) < s->hi) {
		run_from(s, at, line_end(bytes, at + RUN_MIN), &run);
		at += run.n;
		if (at > s->lo && tell_run(s, &run, err))
			return -1;
	}
	s->done = at > s->hi ? at : s->hi;
	return 0;
}

static unsigned byte_at(struct span chars, enum encoding e, size_t k)
{
	if (e == ENCODING_HEX)
		return decode_hex_digit(chars.p[2 * k]) << 4 |
			decode_hex_digit(chars.p[2 * k + 1]);
	return decode_base64_byte(chars.p + k / 3 * 4, k % 3);
}

static size_t bytes_of(size_t chars, enum encoding e)
{
	if (e == ENCODING_HEX)
		return chars / 2;
	return chars / 4 * 3 + (chars % 4 ? chars % 4 - 1 : 0);
}

/* The first character that has to do with byte ${k}, and the one behind the
 * last. */
static size_t first_char(size_t k, enum encoding e)
{
	return e == ENCODING_HEX ? 2 * k : k + k / 3;
}

static size_t last_char(size_t k, enum encoding e)
{
	return e == ENCODING_HEX ? 2 * k + 2 : k + k / 3 + 2;
}

/* Blanks and zeros are text as well. */
static bool speaks(struct span chars, enum encoding e, size_t k, size_t end)
{
	size_t alnum = 0, n = end - k;

	for (; k < end; k++)
		alnum += is_a((unsigned char)byte_at(chars, e, k), IS_ALNUM);
	return alnum >= ALNUM_MIN && alnum >= n / 8;
}

/* Where in the bytes a character of a run is; asked for in ascending order. */
static size_t walk_to(struct span bytes, struct decode_mark *w, size_t index)
{
	while (w->k < index && w->at + 1 < bytes.n) {
		w->at++;
		if (!is_a(bytes.p[w->at], IS_DENSE))
			w->at += decode_wrap(bytes, w->at);
		w->k++;
	}
	return w->at;
}

int decode_stretches(struct decode_search *s, const struct dense_run *run,
	enum encoding e, size_t from, size_t to, struct err *err)
{
	struct span chars = span_sub(run->chars, from, to - from);
	size_t n = bytes_of(chars.n, e), k = 0, a, b;
	bool wrapped = run->n != run->chars.n;
	struct decode_mark w = {0, run->at};

	while (k + DECODE_MIN <= n) {
		struct decode_piece p = {
			.encoding = e, .run = run->at, .nrun = run->n};

		for (a = k + DECODE_MIN; a > k; a--)
			if (!is_a((unsigned char)byte_at(chars, e, a - 1),
				    IS_TEXT))
				break;
		if (a > k) {
			k = a;
			continue;
		}
		for (b = k + DECODE_MIN; b < n; b++)
			if (!is_a((unsigned char)byte_at(chars, e, b), IS_TEXT))
				break;
		k = b + 1;
		if (!speaks(chars, e, a, b))
			continue;
		p.skip = e == ENCODING_HEX ? 0 : a % 3;
		p.text = b - a;
		p.at = from + first_char(a - p.skip, e);
		p.n = from + last_char(b - 1, e) - 1;
		if (wrapped) {
			p.at = walk_to(s->bytes, &w, p.at);
			p.n = walk_to(s->bytes, &w, p.n) + 1 - p.at;
		} else {
			p.n = p.n + 1 - p.at;
			p.at += run->at;
		}
		if (s->found(s->ctx, &p, err))
			return -1;
	}
	return 0;
}

void decode_dense_text(
	struct span s, const struct decode_piece *p, struct buf *out)
{
	unsigned char group[4];
	size_t per = p->encoding == ENCODING_HEX ? 2 : 4;
	size_t each = p->encoding == ENCODING_HEX ? 1 : 3;
	size_t skip = p->skip, left = p->text, have = 0, k, at = 0;

	memset(group, 'A', sizeof(group));
	while (left && at < s.n) {
		if (!is_a(s.p[at], IS_DENSE)) {
			size_t wrap = decode_wrap(s, at);

			if (!wrap)
				break;
			at += wrap;
			continue;
		}
		group[have++] = s.p[at++];
		if (have < per && at < s.n)
			continue;
		for (k = skip; k < each && left; k++, left--)
			buf_byte(out,
				(unsigned char)byte_at(
					span_of(group, 4), p->encoding, k));
		skip = have = 0;
	}
}

void decode_dense_place(struct span s, const struct decode_piece *p, size_t k,
	struct decode_trail *trail, size_t *from, size_t *to)
{
	size_t first = first_char(k + p->skip, p->encoding);
	size_t last = last_char(k + p->skip, p->encoding) - 1;
	struct decode_mark w = trail_find(trail, first);

	while (first - w.k > WALK) {
		walk_to(s, &w, w.k + WALK);
		trail_note(trail, w);
	}
	*from = walk_to(s, &w, first);
	*to = walk_to(s, &w, last) + 1;
}

/*
 * Decoders where it is a matter of one byte: pieces of just the length that
 * counts, one less and one more, at each place and at the ends, found in one
 * search and in many that go on from each other. What base64 and hex say is
 * held against a decoder that is as plain as can be.
 */
#include "support/unit.h"

#include "scan/decode.h"
#include "support/chance.h"

#define BLOCKS 66 /* some more than what is looked at together */
#define LIST_MAX 256

struct piece {
	enum encoding encoding;
	size_t at, n;
};
struct list {
	struct piece v[LIST_MAX];
	size_t n;
};

typedef int decoder(struct decode_search *s, struct err *err);

static void list_add(struct list *l, enum encoding e, size_t at, size_t n)
{
	assert_true(l->n < LIST_MAX);
	l->v[l->n++] = (struct piece){e, at, n};
}

static int by_place(const void *x, const void *y)
{
	const struct piece *a = x, *b = y;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return (int)a->encoding - (int)b->encoding;
}

static void same(struct list *a, struct list *b)
{
	size_t i;

	qsort(a->v, a->n, sizeof(*a->v), by_place);
	qsort(b->v, b->n, sizeof(*b->v), by_place);
	assert_int_equal(a->n, b->n);
	for (i = 0; i < a->n; i++)
		assert_int_equal(by_place(&a->v[i], &b->v[i]), 0);
}

static int on_piece(void *ctx, const struct decode_piece *p, struct err *err)
{
	(void)err;
	list_add(ctx, p->encoding, p->at, p->n);
	return 0;
}

/* In parts of ${width} bytes. */
static void find(decoder *d, struct span bytes, size_t width, struct list *out)
{
	struct buf work = BUF_INIT(1u << 16);
	struct decode_search s = {
		.bytes = bytes, .work = &work, .found = on_piece, .ctx = out};
	struct err err = ERR_INIT;
	size_t at;

	out->n = 0;
	for (at = 0; at < bytes.n; at += width) {
		s.hi = bytes.n - at > width ? at + width : bytes.n;
		s.lo = at > s.done ? at : s.done;
		if (s.hi > s.done)
			assert_int_equal(d(&s, &err), 0);
	}
	buf_free(&work);
}

/* All of them, and each once, however the search goes. */
static void finds(decoder *d, const struct buf *text, struct list *want)
{
	static const size_t widths[] = {1, 7, 20, 64, SIZE_MAX / 2};
	/* In memory of its own, so that ASan sees an end. */
	unsigned char *copy = malloc(text->n + 1);
	struct list got;
	size_t i;

	assert_non_null(copy);
	memcpy(copy, text->p, text->n);
	for (i = 0; i < ARRAY_LEN(widths); i++) {
		find(d, span_of(copy, text->n), widths[i], &got);
		same(&got, want);
	}
	free(copy);
}

static bool is_one_of(unsigned char c, const char *of)
{
	return c && strchr(of, c);
}

static bool is_alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		(c >= 'a' && c <= 'z');
}

static bool is_dense(unsigned char c)
{
	return is_alnum(c) || is_one_of(c, "+/-_");
}

static bool is_hex(unsigned char c)
{
	return is_alnum(c) && is_one_of(c, "0123456789abcdefABCDEF");
}

static bool is_text(unsigned char c)
{
	return (c >= ' ' && c <= '~') || !c || is_one_of(c, "\t\r\n");
}

static unsigned digit(unsigned char c, enum encoding e)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				     "opqrstuvwxyz0123456789+/";

	if (e == ENCODING_HEX)
		return c <= '9' ? c - (unsigned)'0' : (c & 15) + 9u;
	if (c == '-' || c == '_')
		return c == '-' ? 62 : 63;
	return (unsigned)(strchr(digits, c) - digits);
}

/* What is said by the characters [at, end), read from the first one on: of
 * bytes that are all text those that there are enough of. */
static void say(
	struct span s, size_t at, size_t end, enum encoding e, struct list *out)
{
	size_t bits = e == ENCODING_HEX ? 4 : 6,
	       group = e == ENCODING_HEX ? 1 : 3;
	unsigned char said[512];
	size_t n = 0, i, have = 0, a, b;
	unsigned value = 0;

	for (i = at; i < end; i++) {
		value = value << bits | digit(s.p[i], e);
		have += bits;
		if (have < 8)
			continue;
		have -= 8;
		said[n++] = (unsigned char)(value >> have);
	}
	for (a = 0; a < n; a = b + 1) {
		size_t alnum = 0, from, to;

		for (b = a; b < n && is_text(said[b]); b++)
			alnum += is_alnum(said[b]);
		if (b - a < DECODE_MIN || alnum < 6 || alnum < (b - a) / 8)
			continue;
		from = at + a / group * group * 8 / bits;
		to = at + (b * 8 + bits - 1) / bits;
		list_add(out, e, from, to - from);
	}
}

static void say_all(struct span s, struct list *out)
{
	size_t at, end, hex, hexend, i;

	out->n = 0;
	for (at = 0; at < s.n; at = end + 1) {
		for (end = at; end < s.n && is_dense(s.p[end]); end++)
			;
		for (i = at; i < at + 4 && i < end; i++)
			say(s, i, end, ENCODING_BASE64, out);
		for (hex = at; hex < end; hex = hexend + 1) {
			for (hexend = hex; hexend < end && is_hex(s.p[hexend]);
				hexend++)
				;
			for (i = hex; i < hex + 2 && i < hexend; i++)
				say(s, i, hexend, ENCODING_HEX, out);
		}
	}
}

static void put_base64(struct buf *out, const char *s, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				     "opqrstuvwxyz0123456789-_";
	unsigned value = 0;
	size_t i, have = 0;

	for (i = 0; i < n; i++) {
		value = value << 8 | (unsigned char)s[i];
		for (have += 8; have >= 6; have -= 6)
			buf_byte(out,
				(unsigned char)
					digits[value >> (have - 6) & 63]);
	}
	if (have)
		buf_byte(out, (unsigned char)digits[value << (6 - have) & 63]);
}

static void put_hex(struct buf *out, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_fmt(out, "%02x", (unsigned char)s[i]);
}

static void put_many(struct buf *out, unsigned char c, size_t n)
{
	while (n--)
		buf_byte(out, c);
}

static void dense_of_each_length(void **state)
{
	static const char said[] = "Sixteen and more";
	struct buf text = BUF_INIT(4096);
	struct list want;
	size_t before, lead, n, how, enough = 0, few = 0;

	(void)state;
	for (before = 0; before < BLOCKS; before++)
		for (lead = 0; lead < 5; lead++)
			for (n = 13; n < 17; n++)
				for (how = 0; how < 8; how++) {
					buf_reset(&text);
					/* A dot may well be looked at as if it
					 * were of a run, a blank not. */
					put_many(&text, how & 1 ? '.' : ' ',
						before);
					put_many(&text, 'z', lead);
					if (how & 2)
						put_base64(&text, said, n);
					else
						put_hex(&text, said, n);
					if (how & 4)
						buf_str(&text, ".");
					say_all(buf_all(&text), &want);
					enough += n >= DECODE_MIN && want.n;
					few += n < DECODE_MIN && want.n;
					finds(decode_dense, &text, &want);
				}
	assert_int_equal(enough, BLOCKS * 5 * 2 * 8);
	assert_int_equal(few, 0);
	buf_free(&text);
}

/* Runs of any length, and what is next to the alphabet in between. */
static void put_anything(struct buf *out)
{
	static const char marks[] = "+/-_";
	static const unsigned char others[] = {0, 1, ' ', '!', '*', ',', '.',
		':', '@', '[', '^', '`', '{', 0x7f, 0x80, 0xff};
	char said[40];
	size_t n = below(sizeof(said)), i;

	for (i = 0; i < n; i++)
		said[i] = (char)(below(40) ? ' ' + (char)below(95) : -1);
	switch (below(5)) {
	case 0:
		put_base64(out, said, n);
		break;
	case 1:
		put_hex(out, said, n);
		break;
	case 2:
		for (i = 0; i < n; i++)
			buf_byte(out,
				(unsigned char)(below(8) ? 'a' + (int)below(26)
							 : marks[below(4)]));
		break;
	case 3:
		put_many(out, (unsigned char)"Az09"[below(4)], below(6));
		break;
	default:
		for (n = below(4); n; n--)
			buf_byte(out, others[below(sizeof(others))]);
		break;
	}
}

static void dense_of_any_sort(void **state)
{
	struct buf text = BUF_INIT(4096);
	struct list want;
	size_t i, n, found = 0;

	(void)state;
	for (i = 0; i < 20000 / UNIT_STEP; i++) {
		buf_reset(&text);
		for (n = below(10); n; n--)
			put_anything(&text);
		say_all(buf_all(&text), &want);
		finds(decode_dense, &text, &want);
		found += want.n;
	}
	assert_true(found > i / 2);
	buf_free(&text);
}

/* Twelve bytes at least, of which one is encoded, wherever. */
static void sparse_of_each_length(void **state)
{
	static const struct {
		enum encoding encoding;
		const char *one;
	} facts[] = {{ENCODING_PERCENT, "%41"}, {ENCODING_ESCAPES, "\\x41"},
		{ENCODING_ESCAPES, "\\/"}, {ENCODING_ESCAPES, "\\\\u0041"},
		{ENCODING_ESCAPES, "\\u{41}"},
		{ENCODING_ESCAPES, "\\U00000041"}, {ENCODING_ESCAPES, "\\101"},
		{ENCODING_ESCAPES, "\\\\\\\\\\/"}};
	struct buf text = BUF_INIT(4096);
	struct list want;
	size_t i, before, n, at, last;

	(void)state;
	for (i = 0; i < ARRAY_LEN(facts); i++)
		for (before = 0; before < 20; before++)
			for (n = 11; n < 14; n++)
				for (at = 0; at <= n - strlen(facts[i].one);
					at++)
					for (last = 0; last < 2; last++) {
						buf_reset(&text);
						put_many(&text, '"', before);
						put_many(&text, 'x', at);
						buf_str(&text, facts[i].one);
						put_many(&text, 'x',
							before + n - text.n);
						put_many(&text, '\'', last);
						want.n = 0;
						if (n >= 12)
							list_add(&want,
								facts[i].encoding,
								before, n);
						finds(decode_sparse, &text,
							&want);
					}
	buf_free(&text);
}

static void wide_of_each_length(void **state)
{
	static const struct {
		enum encoding encoding;
		size_t size, low;
	} facts[] = {{ENCODING_UTF16LE, 2, 0}, {ENCODING_UTF16BE, 2, 1},
		{ENCODING_UTF32LE, 4, 0}, {ENCODING_UTF32BE, 4, 3}};
	struct buf text = BUF_INIT(4096);
	struct list want;
	size_t i, k, before, n, last;

	(void)state;
	for (i = 0; i < ARRAY_LEN(facts); i++)
		for (before = 0; before < 10; before++)
			for (n = DECODE_MIN - 1; n <= DECODE_MIN + 1; n++)
				for (last = 0; last < 6; last++) {
					buf_reset(&text);
					put_many(&text, 1, before);
					for (k = 0; k < n * facts[i].size; k++)
						buf_byte(&text,
							k % facts[i].size ==
									facts[i].low
								? 'x'
								: 0);
					put_many(&text, 1, last);
					want.n = 0;
					if (n >= DECODE_MIN)
						list_add(&want,
							facts[i].encoding,
							before,
							n * facts[i].size);
					finds(decode_utf, &text, &want);
				}
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dense_of_each_length),
		cmocka_unit_test(dense_of_any_sort),
		cmocka_unit_test(sparse_of_each_length),
		cmocka_unit_test(wide_of_each_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Decoders: what is found, what it says, where it came from. */
#include "support/unit.h"

#include "scan/decode.h"

struct found {
	struct span bytes;
	struct buf text; /* "base64 3+20: what it says\n" */
	size_t n;
};

static int on_piece(void *ctx, const struct decode_piece *p, struct err *err)
{
	struct found *f = ctx;
	struct buf said = BUF_INIT(1u << 16);
	struct decode_trail trail = {0};
	size_t a, b, k, from = 0, to = 0, last = p->at;

	(void)err;
	f->n++;
	decode_text(f->bytes, p, &said);
	buf_fmt(&f->text, "%s %zu+%zu: ", encoding_name(p->encoding), p->at,
		p->n);
	buf_span(&f->text, buf_all(&said));
	buf_byte(&f->text, '\n');
	/* Each byte comes from somewhere in the piece, in order. */
	for (k = 0; k < said.n; k++) {
		decode_place(f->bytes, p, k, NULL, &from, &to);
		decode_place(f->bytes, p, k, &trail, &a, &b);
		assert_true(a == from && b == to);
		assert_true(from >= last && from < to);
		assert_true(to <= p->at + p->n);
		last = from;
	}
	if (p->text)
		assert_int_equal(said.n, p->text);
	assert_true(p->run <= p->at);
	assert_true(p->at + p->n <= p->run + p->nrun);
	assert_true(p->run + p->nrun <= f->bytes.n);
	free(trail.v);
	buf_free(&said);
	return 0;
}

static void find(struct found *f, struct span bytes, size_t lo, size_t hi)
{
	static int (*const all[])(struct decode_search * s,
		struct err * err) = {decode_dense, decode_sparse, decode_utf};
	struct buf work = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	size_t i;

	f->bytes = bytes;
	f->n = 0;
	f->text.max = 1u << 20;
	buf_reset(&f->text);
	for (i = 0; i < ARRAY_LEN(all); i++) {
		struct decode_search s = {.bytes = bytes,
			.lo = lo,
			.hi = hi,
			.work = &work,
			.found = on_piece,
			.ctx = f};

		assert_int_equal(all[i](&s, &err), 0);
		assert_true(s.done >= hi);
	}
	buf_free(&work);
}

static const struct {
	const char *bytes;
	const char *found;
} facts[] = {
	/* Base64: both alphabets, padded or not. */
	{"k: VGhpcyBpcyBhIHNlY3JldCBvZiBtaW5l.",
		"base64 3+32: This is a secret of mine\n"},
	{"VGhpcyBpcyBhIHNlY3JldCBvZiBtaW5lISE=",
		"base64 0+35: This is a secret of mine!!\n"},
	{"VGhpcyBpcyBhIHNlY3JldCBvZiBtaW5lIQ==",
		"base64 0+34: This is a secret of mine!\n"},
	{"VGhpcyBpcyBhIHNlY3JldCBvZiBtaW5lISE",
		"base64 0+35: This is a secret of mine!!\n"},
	{"YWJjPz8/ZGVmfn5+Z2hpPz8/",
		"base64 0+24: abc?"
		"??def~~~ghi?"
		"??\n"},
	{"YWJjPz8_ZGVmfn5-Z2hpPz8_",
		"base64 0+24: abc?"
		"??def~~~ghi?"
		"??\n"},
	/* Inside of more of the alphabet. */
	{"dir/VGhpcyBpcyBhIHNlY3JldCBvZiBtaW5l",
		"base64 4+32: This is a secret of mine\n"},
	{"a/VGhpcyBpcyBhIHNlY3JldCBvZiBtaW5l",
		"base64 2+32: This is a secret of mine\n"},
	/* What is no text parts two pieces; a byte of it is skipped. */
	{"VGhpcyBpcyBhIHNlY3JldP9UaGlzIGlzIGEgc2VjcmV0",
		"base64 0+22: This is a secret\n"
		"base64 20+24: This is a secret\n"},
	/* Over lines. */
	{"x\n  VGhpcyBpcyBhIHNlY3Jl\r\n  dCBvZiBtaW5lIHRoYXQg\n  aXM=\n",
		"base64 4+50: This is a secret of mine that is\n"},
	{"\"VGhpcyBpcyBhIHNlY3Jl\\ndCBvZiBtaW5l\\n\"",
		"base64 1+34: This is a secret of mine\n"},
	/* Too short, or says nothing. */
	{"VGhpcyBpcyBhIHNl", ""},
	{"some_identifier_of_a_program_that_is_long", ""},
	{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ""},
	{"ICAgICAgICAgICAgICAgICAgICAgICAgICAg", ""},
	/* Hex. */
	{"0x5468697320697320612073656372657421 ",
		"hex 2+34: This is a secret!\n"},
	{"54686973206973206120736563726574", "hex 0+32: This is a secret\n"},
	{"854686973206973206120736563726574", "hex 1+32: This is a secret\n"},
	{"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", ""},
	{"0000000000000000000000000000000000000000", ""},
	{"546869732069732061207365637265", "hex 0+30: This is a secre\n"},
	{"5468697320697320612073656372", ""},
	/* Percent. */
	{"see http%3A%2F%2Fa%3ab%40c/d \"x\"",
		"percent 4+24: http://a:b@c/d\n"},
	{"printf(\"%20s %2d\\n\", a, b);", ""},
	{"100%of%zz%4", ""},
	{"abcdefghijklm%4", ""},
	{"caf%C3%A9s%21%21%21", "percent 0+19: caf\xc3\xa9s!!!\n"},
	/* Escapes. */
	{"a = \"\\u0041\\u0042\\u0043\\u0044\";", "escapes 5+24: ABCD\n"},
	{"'\\x41\\x42\\103\\104\\n\\t\\\\'", "escapes 1+22: ABCD\n\t\\\n"},
	{"`\\u{41}\\U00000042\\/ \\q`", "escapes 1+21: AB/ \\q\n"},
	{"\"\\\\u0041\\\\\\\\u0042xxx\"", "escapes 1+19: ABxxx\n"},
	{"\"\\ud83d\\ude00\\u0041 \\ud83d \\ude00\"",
		"escapes 1+32: \xf0\x9f\x98\x80"
		"A \xef\xbf\xbd \xef\xbf\xbd"
		"\n"},
	{"\"line one\\nline two\\n\"", ""},
	{"\"\\u004\\u00zz\\x4\\40\\u{\\u{}\"", ""},
	{"\\u{1234567}\\U0000004\\u0041",
		"escapes 0+26: \\u{1234567}\\U0000004A\n"},
};

static void finds(void **state)
{
	struct found f = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(facts); i++) {
		struct span s = span_str(facts[i].bytes);

		find(&f, s, 0, s.n);
		assert_string_equal(
			f.text.n ? buf_cstr(&f.text) : "", facts[i].found);
	}
	buf_free(&f.text);
}

struct wide {
	enum encoding encoding;
	size_t size;
	bool big;
};
static const struct wide wides[] = {{ENCODING_UTF16LE, 2, false},
	{ENCODING_UTF16BE, 2, true}, {ENCODING_UTF32LE, 4, false},
	{ENCODING_UTF32BE, 4, true}};

static void put(struct buf *out, const struct wide *w, uint32_t c)
{
	size_t i;

	for (i = 0; i < w->size; i++)
		buf_byte(out,
			(unsigned char)(c >>
				8 * (w->big ? w->size - 1 - i : i)));
}

static void put_text(struct buf *out, const struct wide *w, const char *s)
{
	for (; *s; s++)
		put(out, w, (unsigned char)*s);
}

static void wide_text(void **state)
{
	struct buf text = BUF_INIT(4096), want = BUF_INIT(4096);
	struct found f = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(wides); i++) {
		const struct wide *w = &wides[i];
		size_t start;

		/* No mark: where it starts and ends shows. */
		buf_reset(&text);
		buf_str(&text, "\x01\x02\x03");
		start = text.n;
		put_text(&text, w, "Sixteen or more \xe4\r\n");
		buf_str(&text, "\x01\x02\x03");
		find(&f, buf_all(&text), 0, text.n);
		buf_reset(&want);
		buf_fmt(&want, "%s %zu+%zu: Sixteen or more \xc3\xa4\r\n\n",
			encoding_name(w->encoding), start, 19 * w->size);
		assert_string_equal(buf_cstr(&f.text), buf_cstr(&want));

		/* A mark: all of it, whatever the characters. */
		buf_reset(&text);
		put(&text, w, 0xfeff);
		put_text(&text, w, "a");
		put(&text, w, 0x416);
		if (w->size == 2) {
			put(&text, w, 0xd83d);
			put(&text, w, 0xde00);
		} else {
			put(&text, w, 0x1f600);
		}
		put_text(&text, w, "b");
		assert_true(decode_has_mark(buf_all(&text), NULL));
		find(&f, buf_all(&text), 0, text.n);
		buf_reset(&want);
		buf_fmt(&want,
			"%s %zu+%zu: a\xd0\x96\xf0\x9f\x98\x80"
			"b\n",
			encoding_name(w->encoding), w->size, text.n - w->size);
		assert_string_equal(buf_cstr(&f.text), buf_cstr(&want));

		/* Half a character at the end is nothing. */
		buf_byte(&text, 'x');
		find(&f, buf_all(&text), 0, text.n);
		assert_int_equal(f.n, 1);

		/* A mark before what is no text. */
		buf_reset(&text);
		put(&text, w, 0xfeff);
		put_text(&text, w, "a");
		put(&text, w, 0);
		assert_false(decode_has_mark(buf_all(&text), NULL));
	}
	buf_free(&text);
	buf_free(&want);
	buf_free(&f.text);
}

/* However many zeros stand around it. */
static void wide_text_among_zeros(void **state)
{
	static const unsigned char zeros[16];
	struct buf text = BUF_INIT(4096);
	struct found f = {0};
	size_t i, n, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(wides); i++) {
		for (n = 0; n < 256; n++) {
			buf_reset(&text);
			for (k = 0; k < 2; k++) {
				buf_add(&text, zeros, n % 16);
				put_text(&text, &wides[i], "Sixteen or more");
				buf_add(&text, zeros, n / 16);
				buf_str(&text, "\x01\x02\x03\x04");
			}
			find(&f, buf_all(&text), 0, text.n);
			assert_int_equal(f.n, 2);
			assert_int_equal(span_search(buf_all(&f.text),
						 SPAN_LIT(": Sixteen or more")),
				span_find(buf_all(&f.text), ':'));
		}
	}
	buf_free(&text);
	buf_free(&f.text);
}

/* A search of a part finds each run that touches it, and no other. */
static void part_of_the_whole(void **state)
{
	struct found whole = {0}, part = {0};
	struct buf text = BUF_INIT(1u << 16);
	size_t i, at;

	(void)state;
	for (i = 0; i < ARRAY_LEN(facts); i++) {
		buf_str(&text, facts[i].bytes);
		buf_str(&text, "\n.\n");
		put_text(&text, &wides[i % 4], "Sixteen or more of it");
		buf_str(&text, "\n.\n");
	}
	find(&whole, buf_all(&text), 0, text.n);
	for (at = 0; at < text.n; at++) {
		struct span rest;
		struct span line;

		find(&part, buf_all(&text), at, at + 1);
		rest = buf_all(&part.text);
		while (span_line(&rest, &line, NULL))
			assert_true(span_search(buf_all(&whole.text), line) !=
				SIZE_MAX);
	}
	buf_free(&text);
	buf_free(&whole.text);
	buf_free(&part.text);
}

static void any_prefix(void **state)
{
	struct found f = {0};
	struct buf text = BUF_INIT(4096);
	size_t i, n;

	(void)state;
	for (i = 0; i < ARRAY_LEN(facts); i++) {
		struct span s = span_str(facts[i].bytes);

		for (n = 0; n <= s.n; n++) {
			/* In memory of its own, so that ASan sees an end. */
			unsigned char *copy = malloc(n + 1);

			assert_non_null(copy);
			memcpy(copy, s.p, n);
			find(&f, span_of(copy, n), 0, n);
			free(copy);
		}
	}
	for (i = 0; i < ARRAY_LEN(wides); i++) {
		buf_reset(&text);
		put(&text, &wides[i], 0xfeff);
		put_text(&text, &wides[i], "Sixteen or more of it");
		for (n = 0; n <= text.n; n++)
			find(&f, span_sub(buf_all(&text), 0, n), 0, n);
	}
	buf_free(&f.text);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(wide_text),
		cmocka_unit_test(wide_text_among_zeros),
		cmocka_unit_test(part_of_the_whole),
		cmocka_unit_test(any_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

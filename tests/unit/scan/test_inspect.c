/* Secrets in encoded text: places, depth, deltas, what is known. */
#include "support/unit.h"

#include "scan/inspect.h"
#include "support/chance.h"

#define TOKEN "tok_AAAABBBBCCCCDDDD0000"

static const char rules[] =
	"{\"name\":\"n\",\"rules\":["
	"{\"id\":\"tok\",\"regex\":\"\\\\btok_[A-Z0-9]{20}\\\\b\","
	"\"confidence\":\"high\",\"description\":\"d\",\"remediation\":\"r\","
	"\"examples\":{\"match\":[\"x\"]}},"
	"{\"id\":\"block\",\"regex\":\"BEG[^-]{3,}END\",\"keywords\":[\"beg\"],"
	"\"confidence\":\"low\",\"description\":\"d\",\"remediation\":\"r\","
	"\"examples\":{\"match\":[\"x\"]}},"
	"{\"id\":\"word\",\"regex\":\"(?i)pass(?:word)?[:=] ?\\\"?([^ "
	"\\\"\\\\n]"
	"{4,40})\",\"group\":1,\"generic\":true,\"confidence\":\"low\","
	"\"description\":\"d\",\"remediation\":\"r\","
	"\"examples\":{\"match\":[\"x\"]}}]}";

struct world {
	struct arena *arena;
	struct pack pack;
	struct inspector *in;
};

static void world_open(struct world *w, unsigned depth)
{
	struct scanner_setup setup = {.packs = &w->pack, .npacks = 1};
	struct scanner *s;
	struct err err = ERR_INIT;

	w->arena = arena_new(1u << 28);
	memset(&w->pack, 0, sizeof(w->pack));
	if (rulepack_parse(SPAN_LIT(rules), w->arena, &w->pack.rules, &err) ||
		scanner_new(&setup, &s, &err))
		fail_msg("%s", err.text);
	w->in = inspector_new(s, depth);
}

static void world_close(struct world *w)
{
	inspector_free(w->in);
	arena_free(w->arena);
}

static struct scan_result look(struct world *w, struct span bytes)
{
	struct scan_result r;
	struct err err = ERR_INIT;

	if (inspect_scan(w->in, bytes, SPAN_EMPTY, w->arena, &r, &err))
		fail_msg("%s", err.text);
	return r;
}

/* Encoders, as simple as they can be. */
static void base64(struct buf *out, struct span s, size_t line)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				     "opqrstuvwxyz0123456789+/";
	size_t i, k, n = 0;

	for (i = 0; i < s.n; i += 3) {
		uint32_t v = 0;

		for (k = 0; k < 3; k++)
			v = v << 8 | (i + k < s.n ? s.p[i + k] : 0u);
		for (k = 0; k < 4; k++, n++) {
			if (line && n && n % line == 0)
				buf_str(out, "\n  ");
			if (i + k > s.n)
				buf_byte(out, '=');
			else
				buf_byte(out, (unsigned char)digits[v >> 18]);
			v = v << 6 & 0xffffff;
		}
	}
}

static void each(struct buf *out, struct span s, const char *form)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		switch (form[0]) {
		case '%':
			buf_fmt(out, "%%%02X", s.p[i]);
			break;
		case 'u':
			buf_fmt(out, "\\u%04x", s.p[i]);
			break;
		case 'h':
			buf_fmt(out, "%02x", s.p[i]);
			break;
		case 'l':
			buf_byte(out, s.p[i]);
			buf_byte(out, 0);
			break;
		default:
			buf_byte(out, 0);
			buf_byte(out, s.p[i]);
			break;
		}
	}
}

static void encode(struct buf *out, struct span s, unsigned how)
{
	static const char *const forms[] = {"%", "u", "h", "l", "b"};

	if (how < 5)
		each(out, s, forms[how]);
	else
		base64(out, s, how == 5 ? 0 : how * 4);
}

static const char *const names[] = {
	"percent", "escapes", "hex", "utf-16le", "utf-16be", "base64"};

static void places_and_names(void **state)
{
	struct buf inner = BUF_INIT(4096), text = BUF_INIT(4096);
	struct world w;
	unsigned how;

	(void)state;
	world_open(&w, 2);
	for (how = 0; how < 6; how++) {
		struct scan_result r;
		size_t at;

		buf_reset(&text);
		buf_str(&text, "line one\nline ");
		at = text.n;
		encode(&text, SPAN_LIT(TOKEN), how);
		buf_str(&text, " end\n");
		r = look(&w, buf_all(&text));
		assert_int_equal(r.outcome, SCAN_DONE);
		if (r.nhit != 1)
			fail_msg("%s: %zu hits", names[how], r.nhit);
		assert_string_equal(r.hit[0].encoding, names[how]);
		assert_int_equal(r.hit[0].at, at);
		assert_int_equal(r.hit[0].n, text.n - 5 - at);
		assert_int_equal(r.hit[0].line, 2);
		assert_int_equal(r.hit[0].column, 6);
		assert_null(strstr(r.hit[0].redacted, "AAAABBBB"));
	}
	/* In the middle of what is encoded, over lines. */
	buf_str(&inner, "some words before it, then " TOKEN " and others");
	buf_reset(&text);
	buf_str(&text, "data:\n  ");
	base64(&text, buf_all(&inner), 24);
	{
		struct scan_result r = look(&w, buf_all(&text));

		assert_int_equal(r.nhit, 1);
		/* 27 bytes are 36 characters: the second line, 12 on. */
		assert_int_equal(r.hit[0].line, 3);
		assert_int_equal(r.hit[0].column, 3 + 12);
		assert_int_equal(r.hit[0].match, r.hit[0].at);
	}
	buf_free(&inner);
	buf_free(&text);
	world_close(&w);
}

static void depth_is_kept(void **state)
{
	struct buf text[4];
	size_t i, depth;

	(void)state;
	for (i = 0; i < 4; i++)
		text[i] = (struct buf)BUF_INIT(65536);
	buf_str(&text[0], "the " TOKEN " is here");
	for (i = 1; i < 4; i++)
		base64(&text[i], buf_all(&text[i - 1]), 0);
	for (depth = 0; depth < 4; depth++) {
		struct world w;

		world_open(&w, (unsigned)depth);
		for (i = 0; i < 4; i++)
			assert_int_equal(look(&w, buf_all(&text[i])).nhit,
				i <= depth ? 1 : 0);
		if (depth == 3)
			assert_string_equal(
				look(&w, buf_all(&text[3])).hit[0].encoding,
				"base64, base64, base64");
		world_close(&w);
	}
	for (i = 0; i < 4; i++)
		buf_free(&text[i]);
}

/* Once, whatever way it is read; and not what was judged as it stands. */
static void not_twice(void **state)
{
	static const struct {
		const char *text;
		size_t hits;
		const char *encoding;
	} facts[] = {
		{"https://host/?a=%41bc&t=" TOKEN " x", 1, NULL},
		{"https%3A%2F%2Fhost%2F%3Ft%3D" TOKEN, 1, "percent"},
		{"password=p%40ssw0rd%21%21", 1, NULL},
		{"\\u0041 " TOKEN " x", 1, NULL},
		/* "abcdefghijklmnopqrstuvwxyz" is no secret for its name. */
		{"data: YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo= x", 0, NULL},
		{"passcode is YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=", 0, NULL},
		{"pass: YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=", 1, NULL},
	};
	struct world w;
	size_t i;

	(void)state;
	world_open(&w, 2);
	for (i = 0; i < ARRAY_LEN(facts); i++) {
		struct scan_result r = look(&w, span_str(facts[i].text));

		if (r.nhit != facts[i].hits)
			fail_msg("%s: %zu hits", facts[i].text, r.nhit);
		if (!r.nhit)
			continue;
		if (facts[i].encoding)
			assert_string_equal(
				r.hit[0].encoding, facts[i].encoding);
		else
			assert_null(r.hit[0].encoding);
	}
	world_close(&w);
}

/* Encoded text is bounded by what was given: past it nothing is passed. */
static void bounds(void **state)
{
	struct buf text = BUF_INIT(1u << 24);
	struct scan_result r;
	struct world w;
	size_t i;

	(void)state;
	world_open(&w, 5);
	for (i = 0; i < SCAN_HITS_MAX + 1; i++) {
		base64(&text, SPAN_LIT(TOKEN " !"), 0);
		buf_byte(&text, '\n');
		buf_byte(&text, ' ');
		buf_byte(&text, '.');
	}
	r = look(&w, buf_all(&text));
	assert_int_equal(r.outcome, SCAN_NOT_DONE);
	assert_true(r.why[0]);
	buf_free(&text);
	world_close(&w);
}

/* All of them, and in time that grows with the text and not with its square. */
static void many_in_one_piece(void **state)
{
	struct buf text[3];
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++)
		text[i] = (struct buf)BUF_INIT(1u << 24);
	for (i = 0; i < 9000; i++)
		buf_fmt(&text[0], "tok_AAAABBBBCCCCDDDD%04zu\n", i);
	base64(&text[1], buf_all(&text[0]), 76);
	base64(&text[2], buf_all(&text[1]), 0);
	world_open(&w, 2);
	for (i = 0; i < 3; i++) {
		struct scan_result r = look(&w, buf_all(&text[i]));

		assert_int_equal(r.outcome, SCAN_DONE);
		assert_int_equal(r.nhit, 9000);
		buf_free(&text[i]);
	}
	world_close(&w);
}

static void fill(struct buf *out)
{
	static const char *const words[] = {"a", " ", "\n", "\n  ", "\"", "=",
		"int main(void);\n", "some_long_name_of_a_thing", "/", "%41",
		"\\u0041", "\\", "password: ", "0123456789abcdef", "%",
		"deadbeefdeadbeefdeadbeefdeadbeefdeadbeef", "...", "\r\n",
		"''"};
	struct buf in = BUF_INIT(4096), mid = BUF_INIT(65536);
	size_t n;

	if (!below(30))
		buf_byte(out, 0);
	if (below(6)) {
		buf_str(out, words[below(ARRAY_LEN(words))]);
		return;
	}
	for (n = below(5); n; n--)
		buf_str(&in, words[below(6)]);
	if (below(3))
		buf_str(&in, "pass=hidden_" TOKEN + below(13));
	if (!below(4))
		buf_str(&in, below(2) ? " BEGxyz" : " and END or so");
	for (n = below(8); n; n--)
		buf_str(&in, words[below(8)]);
	if (!below(3)) {
		encode(&mid, buf_all(&in), (unsigned)below(12));
		encode(out, buf_all(&mid), (unsigned)below(12));
	} else {
		encode(out, buf_all(&in), (unsigned)below(12));
	}
	buf_free(&in);
	buf_free(&mid);
}

struct delta {
	struct buf text;
	struct scan_copy copy[64];
	size_t n;
};

static void copy_piece(
	struct delta *d, const struct buf *base, size_t from, size_t to)
{
	if (from >= to || d->n == ARRAY_LEN(d->copy))
		return;
	d->copy[d->n++] = (struct scan_copy){d->text.n, from, to - from};
	buf_add(&d->text, base->p + from, to - from);
}

static void edit(const struct buf *base, struct delta *d)
{
	size_t at = 0, i, to;

	buf_reset(&d->text);
	d->n = 0;
	for (i = below(3) + 1; i && at < base->n; i--) {
		to = at + below(base->n - at + 1);
		copy_piece(d, base, at, to);
		at = to;
		switch (below(4)) {
		case 0:
			at += below(base->n - at + 1) / 4;
			break;
		case 1:
			at += at < base->n;
			/* fall through */
		case 2:
			buf_byte(&d->text,
				(unsigned char)"aB1=\n +/%\\\"."[below(12)]);
			break;
		default:
			fill(&d->text);
			break;
		}
	}
	if (below(20))
		copy_piece(d, base, at, base->n);
}

static void same(const struct scan_result *a, const struct scan_result *b)
{
	size_t i;

	assert_int_equal(a->outcome, SCAN_DONE);
	assert_int_equal(b->outcome, SCAN_DONE);
	for (i = 0; i < a->nhit && i < b->nhit; i++) {
		const struct scan_hit *x = &a->hit[i], *y = &b->hit[i];

		assert_ptr_equal(x->rule, y->rule);
		assert_int_equal(x->at, y->at);
		assert_int_equal(x->n, y->n);
		assert_int_equal(x->line, y->line);
		assert_int_equal(x->column, y->column);
		assert_int_equal(x->match, y->match);
		assert_string_equal(x->redacted, y->redacted);
		assert_string_equal(x->encoding ? x->encoding : "",
			y->encoding ? y->encoding : "");
	}
	assert_int_equal(a->nhit, b->nhit);
}

static size_t chain(struct world *w, struct inspector *other)
{
	struct inspect_carry *base = inspect_carry_new(),
			     *next = inspect_carry_new(), *swap;
	struct buf text = BUF_INIT(1u << 20);
	struct delta d = {.text = BUF_INIT(1u << 20)};
	struct scan_result a, b;
	struct err err = ERR_INIT;
	size_t i, k, found = 0;

	if (!below(8))
		buf_str(&text, "\xff\xfe");
	while (text.n < 4000)
		fill(&text);
	assert_int_equal(
		inspect_open(w->in, buf_all(&text), base, w->arena, &a, &err),
		0);
	for (i = 0; i < 6 && text.n && text.n < 40000; i++) {
		edit(&text, &d);
		if (inspect_new(other, buf_all(&d.text), d.copy, d.n, base,
			    next, w->arena, &b, &err) ||
			inspect_open(w->in, buf_all(&d.text), NULL, w->arena,
				&a, &err))
			fail_msg("%s", err.text);
		same(&a, &b);
		for (k = 0; k < a.nhit; k++)
			found += a.hit[k].encoding != NULL;
		swap = base;
		base = next;
		next = swap;
		buf_reset(&text);
		buf_span(&text, buf_all(&d.text));
	}
	inspect_carry_free(base);
	inspect_carry_free(next);
	buf_free(&text);
	buf_free(&d.text);
	return found;
}

static void deltas_find_the_same(void **state)
{
	struct inspector *other;
	struct err err = ERR_INIT;
	struct world w;
	size_t i, found = 0;

	(void)state;
	world_open(&w, 2);
	assert_int_equal(inspector_clone(w.in, &other, &err), 0);
	for (i = 0; i < 1500; i++) {
		struct arena *rules_in = w.arena;

		w.arena = arena_new(1u << 28);
		found += chain(&w, other);
		arena_free(w.arena);
		w.arena = rules_in;
	}
	assert_true(found > 5000);
	inspector_free(other);
	world_close(&w);
}

static void known_when_old(void **state)
{
	struct inspect_carry *base = inspect_carry_new(),
			     *next = inspect_carry_new();
	struct buf text = BUF_INIT(4096), more = BUF_INIT(4096);
	struct scan_copy copy;
	struct scan_result r;
	struct err err = ERR_INIT;
	struct world w;
	int old;

	(void)state;
	world_open(&w, 2);
	buf_str(&text, "key ");
	base64(&text, SPAN_LIT("the " TOKEN), 0);
	buf_str(&text, "\n");
	buf_span(&more, buf_all(&text));
	copy = (struct scan_copy){0, 0, more.n};
	buf_str(&more, "other ");
	base64(&more, SPAN_LIT("a tok_ZZZZYYYYXXXXWWWW9999"), 0);
	for (old = 0; old < 2; old++) {
		assert_int_equal(inspect_open(w.in, buf_all(&text), base,
					 w.arena, &r, &err),
			0);
		assert_int_equal(r.nhit, 1);
		if (old)
			inspect_carry_old(base);
		assert_int_equal(inspect_new(w.in, buf_all(&more), &copy, 1,
					 base, next, w.arena, &r, &err),
			0);
		assert_int_equal(r.nhit, 2);
		assert_int_equal(r.hit[0].known, old);
		assert_false(r.hit[1].known);
	}
	inspect_carry_free(base);
	inspect_carry_free(next);
	buf_free(&text);
	buf_free(&more);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_and_names),
		cmocka_unit_test(depth_is_kept),
		cmocka_unit_test(not_twice),
		cmocka_unit_test(bounds),
		cmocka_unit_test(many_in_one_piece),
		cmocka_unit_test(deltas_find_the_same),
		cmocka_unit_test(known_when_old),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

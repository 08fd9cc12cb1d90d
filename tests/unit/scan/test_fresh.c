/* What is new in a blob made by a delta, and what goes along with it. */
#include "support/unit.h"

#include <pthread.h>

#include "scan/fresh.h"
#include "scan/scanner.h"
#include "support/chance.h"

#define RULE(id, regex, more)                              \
	"{\"id\":\"" id "\",\"regex\":\"" regex "\"," more \
	"\"confidence\":\"low\",\"description\":\"d\","    \
	"\"remediation\":\"r\",\"examples\":{\"match\":[\"x\"]}}"
static struct scanner *made(
	const char *json, struct arena *arena, struct pack *pack)
{
	struct scanner_setup setup = {.packs = pack, .npacks = 1};
	struct scanner *s = NULL;
	struct err err = ERR_INIT;

	*pack = (struct pack){0};
	if (rulepack_parse(span_str(json), arena, &pack->rules, &err) ||
		scanner_new(&setup, &s, &err))
		fail_msg("%s", err.text);
	return s;
}

/* Of a text without line feeds. */
static int windows_of(const struct scan_copy *copy, size_t ncopy, size_t base,
	size_t n, size_t near, struct fresh *out, struct err *err)
{
	static unsigned char text[10000];
	const struct fresh_reach reach = {
		.near = near - 2 * FRESH_CONTEXT, .far = 0};

	assert_true(n <= sizeof(text));
	return fresh_windows(
		copy, ncopy, base, span_of(text, n), &reach, out, err);
}

static void window_is(const struct fresh *f, size_t i, size_t at, size_t n)
{
	assert_true(i < f->n);
	assert_int_equal(f->v[i].at, at);
	assert_int_equal(f->v[i].n, n);
}

static void windows(void **state)
{
	struct fresh f = {0};
	struct err err = ERR_INIT;
	/* A byte at 5000 of 10000 replaced. */
	const struct scan_copy byte[] = {{0, 0, 5000}, {5001, 5001, 4999}};
	/* A cut at 5000; then the end is gone too. */
	const struct scan_copy cut[] = {{0, 0, 5000}, {5000, 5100, 900}};
	/* Two instructions that meet, and the same copied again. */
	const struct scan_copy twice[] = {
		{0, 0, 10}, {10, 10, 990}, {1000, 0, 1000}};
	const struct scan_copy wrong[][2] = {{{0, 0, 10}, {9, 10, 10}},
		{{0, 0, 10}, {10, 15, 10}}, {{0, 0, 10}, {15, 10, 10}},
		{{0, 0, 10}, {10, 10, 0}}, {{0, 0, 10}, {10, SIZE_MAX, 2}},
		{{0, 0, 10}, {SIZE_MAX, 10, 2}},
		{{0, 0, SIZE_MAX}, {10, 10, 2}}};
	size_t i;

	(void)state;
	assert_int_equal(windows_of(byte, 2, 10000, 10000, 100, &f, &err), 0);
	assert_int_equal(f.n, 1);
	window_is(&f, 0, 4900, 201);
	assert_int_equal(f.bytes, 201);
	assert_int_equal(windows_of(cut, 2, 6000, 5900, 100, &f, &err), 0);
	assert_int_equal(f.n, 1);
	window_is(&f, 0, 4900, 200);
	assert_int_equal(windows_of(cut, 2, 6001, 5900, 100, &f, &err), 0);
	assert_int_equal(f.n, 2);
	window_is(&f, 1, 5800, 100);
	assert_int_equal(windows_of(twice, 3, 1000, 2000, 30, &f, &err), 0);
	assert_int_equal(f.n, 1);
	window_is(&f, 0, 970, 60);
	/* The same as the base; nothing of it; nothing at all. */
	assert_int_equal(windows_of(twice, 2, 1000, 1000, 30, &f, &err), 0);
	assert_int_equal(f.n, 0);
	assert_int_equal(windows_of(NULL, 0, 1000, 50, 30, &f, &err), 0);
	window_is(&f, 0, 0, 50);
	assert_int_equal(windows_of(NULL, 0, 0, 0, 30, &f, &err), 0);
	assert_int_equal(f.n, 0);
	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_int_equal(
			windows_of(wrong[i], 2, 20, 20, 30, &f, &err), -1);
		assert_int_equal(err.code, ERR_INPUT);
		err_clear(&err);
	}
	fresh_free(&f);
}

/* As far as some lines go, and no further than the widest match. */
static void windows_by_line(void **state)
{
	struct fresh f = {0};
	struct err err = ERR_INIT;
	unsigned char text[2000];
	const struct fresh_reach one = {.near = 10, .far = 500, .lines = 1};
	const struct fresh_reach wide = {.near = 300, .far = 500, .lines = 1};
	struct scan_copy copy[3] = {{0, 0, 1000}, {1001, 1001, 999}};
	size_t i;

	(void)state;
	/* Lines of 100 bytes, with the line feed. */
	for (i = 0; i < sizeof(text); i++)
		text[i] = i % 100 == 99 ? '\n' : 'x';
	assert_int_equal(fresh_windows(copy, 2, 2000, span_of(text, 2000), &one,
				 &f, &err),
		0);
	assert_int_equal(f.n, 1);
	/* From 992 back past the line feed at 899; the one at 799 is one too
	 * many. From 1009 on with those at 1099 and 1199. */
	window_is(&f, 0, 800 - FRESH_CONTEXT, 400 + 2 * FRESH_CONTEXT);
	assert_int_equal(f.v[0].first, 1000);
	assert_int_equal(f.bytes, f.v[0].n);
	assert_int_equal(fresh_windows(copy, 2, 2000, span_of(text, 2000),
				 &wide, &f, &err),
		0);
	window_is(
		&f, 0, 1000 - 300 - 2 * FRESH_CONTEXT, 601 + 4 * FRESH_CONTEXT);
	/* A second place close by goes along; one further off does not. */
	copy[1] = (struct scan_copy){1001, 1001, 9};
	copy[2] = (struct scan_copy){1011, 1011, 989};
	assert_int_equal(fresh_windows(copy, 3, 2000, span_of(text, 2000), &one,
				 &f, &err),
		0);
	assert_int_equal(f.n, 1);
	window_is(&f, 0, 800 - FRESH_CONTEXT, 400 + 2 * FRESH_CONTEXT);
	copy[1] = (struct scan_copy){1001, 1001, 599};
	copy[2] = (struct scan_copy){1601, 1601, 399};
	assert_int_equal(fresh_windows(copy, 3, 2000, span_of(text, 2000), &one,
				 &f, &err),
		0);
	assert_int_equal(f.n, 2);
	window_is(&f, 1, 1400 - FRESH_CONTEXT, 400 + 2 * FRESH_CONTEXT);
	assert_int_equal(f.v[1].first, 1600);
	/* No line feeds at all. */
	memset(text, 'x', sizeof(text));
	copy[1] = (struct scan_copy){1001, 1001, 999};
	assert_int_equal(fresh_windows(copy, 2, 2000, span_of(text, 2000), &one,
				 &f, &err),
		0);
	window_is(&f, 0, 1000 - 500 - 2 * FRESH_CONTEXT,
		1001 + 4 * FRESH_CONTEXT);
	fresh_free(&f);
}

/* From ${at} back, or on: ${far} bytes, but no more than ${lines} lines and the
 * rest of one; and ${near} bytes. */
static size_t back(struct span s, size_t at, const struct fresh_reach *r)
{
	size_t n, feeds = 0;

	for (n = 0; n < r->far && n < at; n++)
		if (s.p[at - n - 1] == '\n' && feeds++ == r->lines)
			break;
	while (n < r->near && n < at)
		n++;
	return at - n;
}

static size_t on(struct span s, size_t at, const struct fresh_reach *r)
{
	size_t n, feeds = 0;

	for (n = 0; n < r->far && at + n < s.n && feeds <= r->lines; n++)
		feeds += s.p[at + n] == '\n';
	while (n < r->near && at + n < s.n)
		n++;
	return at + n;
}

/* What is new in [from, to), as plainly as can be. */
static void window_put(struct fresh *f, struct span s, size_t from, size_t to,
	const struct fresh_reach *r)
{
	const size_t k = FRESH_CONTEXT;
	size_t lo = back(s, from > k ? from - k : 0, r);
	size_t hi = on(s, s.n - to > k ? to + k : s.n, r);
	struct fresh_window *last = f->n ? &f->v[f->n - 1] : NULL;

	lo = lo > k ? lo - k : 0;
	hi = s.n - hi > k ? hi + k : s.n;
	if (!last || lo > last->at + last->n + 16) {
		assert_true(f->n < f->cap);
		f->v[f->n++] = (struct fresh_window){
			.at = lo, .n = hi - lo, .first = from, .to = to};
		return;
	}
	last->n = hi - last->at;
	last->to = to;
}

/* Any text, any places, any reach. */
static void windows_of_any_sort(void **state)
{
	struct fresh got = {0};
	struct fresh_window v[64];
	unsigned char *text = malloc(3000);
	size_t i, k, many = 0;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < 20000 / UNIT_STEP; i++) {
		const struct fresh_reach reach = {.near = below(80),
			.far = below(500),
			.lines = below(4)};
		/* At the end of its memory, so that ASan sees it. */
		size_t n = 1 + below(3000), line = 1 + below(120), at = 0;
		struct span s = span_of(text + 3000 - n, n);
		struct fresh want = {.v = v, .cap = ARRAY_LEN(v)};
		struct scan_copy copy[60];
		struct err err = ERR_INIT;

		for (k = 0; k < n; k++)
			text[3000 - n + k] = below(line) ? 'x' : '\n';
		for (k = 0; k < ARRAY_LEN(copy) && at < n; k++) {
			size_t from = at + below(2) * below(200);

			if (from >= n)
				break;
			if (from > at || k)
				window_put(&want, s, at, from, &reach);
			copy[k] = (struct scan_copy){from, 2 * from + 1,
				1 + below(n - from < 900 ? n - from : 900)};
			if (!k && !from)
				copy[k].from = 0;
			at = copy[k].at + copy[k].n;
		}
		window_put(&want, s, at, n, &reach);
		assert_int_equal(
			fresh_windows(copy, k, 10000, s, &reach, &got, &err),
			0);
		assert_int_equal(got.n, want.n);
		for (k = 0; k < got.n; k++)
			assert_memory_equal(
				&got.v[k], &want.v[k], sizeof(*got.v));
		many += got.n;
	}
	assert_true(many > 2 * i);
	free(text);
	fresh_free(&got);
}

/* A text with two secrets of which one is old. */
static void known_is_from_the_repository(void **state)
{
	struct arena *arena = arena_new(1u << 24);
	struct scanner *s, *other;
	struct pack pack;
	struct scan_carry *base = scan_carry_new(), *next = scan_carry_new();
	struct scan_carry *last = scan_carry_new();
	struct buf text = BUF_INIT(1u << 16);
	struct scan_copy copy;
	struct scan_result r;
	struct err err = ERR_INIT;
	static const char json[] = "{\"name\":\"n\",\"rules\":[" RULE("tok",
		"TOK_[0-9]{4}", "") "," RULE("key", "KEY_[0-9]{4}", "") "]}";

	(void)state;
	s = made(json, arena, &pack);
	if (scanner_clone(s, &other, &err))
		fail_msg("%s", err.text);
	buf_str(&text, "TOK_1234 ");
	while (text.n < 1000)
		buf_byte(&text, '.');
	assert_int_equal(
		scanner_scan_open(s, buf_all(&text), base, arena, &r, &err), 0);
	assert_int_equal(r.nhit, 1);
	assert_false(r.hit[0].known);
	/* A base that came in the same push makes nothing known. */
	copy = (struct scan_copy){0, 0, text.n};
	buf_str(&text, " TOK_1234 TOK_1235");
	assert_int_equal(scanner_scan_new(other, buf_all(&text), &copy, 1, base,
				 next, arena, &r, &err),
		0);
	assert_int_equal(r.nhit, 3);
	assert_false(r.hit[0].known || r.hit[1].known || r.hit[2].known);
	scan_carry_old(base);
	assert_int_equal(scanner_scan_new(other, buf_all(&text), &copy, 1, base,
				 next, arena, &r, &err),
		0);
	assert_int_equal(r.nhit, 3);
	assert_true(r.hit[0].known);
	/* The same secret in a second place is known as well. */
	assert_true(r.hit[1].known);
	assert_false(r.hit[2].known);
	/* And so it is in what is made from that, but no other is, nor the
	 * same bytes under another rule. */
	copy = (struct scan_copy){0, 0, text.n};
	buf_str(&text, " KEY_1234 ");
	assert_int_equal(scanner_scan_new(s, buf_all(&text), &copy, 1, next,
				 last, arena, &r, &err),
		0);
	assert_int_equal(r.nhit, 4);
	assert_true(r.hit[0].known && r.hit[1].known);
	assert_false(r.hit[2].known || r.hit[3].known);
	scan_carry_free(base);
	scan_carry_free(next);
	scan_carry_free(last);
	scanner_free(s);
	scanner_free(other);
	arena_free(arena);
	buf_free(&text);
}

/* A base that was not read to its end tells nothing, and what is too large is
 * so however it is made. */
static void limits_go_along(void **state)
{
	static const char json[] = "{\"name\":\"n\",\"rules\":[" RULE(
		"tok", "TOK_[0-9]{4}", "") "]}";
	struct arena *arena = arena_new(1u << 24);
	struct scan_carry *base = scan_carry_new(), *next = scan_carry_new();
	struct pack pack = {0};
	struct scanner_setup setup = {.packs = &pack, .npacks = 1, .max = 2000};
	struct scan_copy copy = {0, 0, 1900};
	struct buf text = BUF_INIT(1u << 16);
	struct scanner *s = NULL;
	struct scan_result r;
	struct err err = ERR_INIT;

	(void)state;
	if (rulepack_parse(SPAN_LIT(json), arena, &pack.rules, &err) ||
		scanner_new(&setup, &s, &err))
		fail_msg("%s", err.text);
	buf_str(&text, "TOK_1234 ");
	while (text.n < 2001)
		buf_byte(&text, '.');
	assert_int_equal(
		scanner_scan_open(s, buf_all(&text), base, arena, &r, &err), 0);
	assert_int_equal(r.outcome, SCAN_NOT_DONE);
	text.n = 1900;
	assert_int_equal(scanner_scan_new(s, buf_all(&text), &copy, 1, base,
				 next, arena, &r, &err),
		0);
	assert_int_equal(r.outcome, SCAN_DONE);
	assert_int_equal(r.nhit, 1);
	/* From a sound base to one that is too large. */
	while (text.n < 2001)
		buf_byte(&text, '.');
	assert_int_equal(scanner_scan_new(s, buf_all(&text), &copy, 1, next,
				 base, arena, &r, &err),
		0);
	assert_int_equal(r.outcome, SCAN_NOT_DONE);
	/* Pieces that are not where they may be. */
	copy.from = 1;
	text.n = 1900;
	assert_int_equal(scanner_scan_new(s, buf_all(&text), &copy, 1, next,
				 base, arena, &r, &err),
		-1);
	assert_int_equal(err.code, ERR_INPUT);
	scan_carry_free(base);
	scan_carry_free(next);
	scanner_free(s);
	arena_free(arena);
	buf_free(&text);
}

static void *other_thread(void *arg)
{
	struct scanner *s = arg;
	struct arena *arena = arena_new(1u << 24);
	struct scan_result r;
	struct err err = ERR_INIT;
	size_t i, found = 0;

	for (i = 0; i < 2000; i++) {
		if (!scanner_scan(s, SPAN_LIT("aab 123 aaab 555 xb0"),
			    SPAN_EMPTY, arena, &r, &err))
			found += r.nhit;
	}
	arena_free(arena);
	scanner_free(s);
	return (void *)(uintptr_t)found;
}

/* Clones at work at once, the first scanner gone before them. */
static void clones_outlive(void **state)
{
	struct scanner *first;
	struct pack pack;
	static const char json[] = "{\"name\":\"n\",\"rules\":[" RULE(
		"aab", "a[ab]{1,4}b", "") "," RULE("behind", "(?<=x)b[01]",
		"") "," RULE("num", "\\\\b[0-9]{3}\\\\b", "") "]}";
	struct arena *arena = arena_new(1u << 24);
	struct scanner *more[3];
	pthread_t thread[3];
	struct err err = ERR_INIT;
	void *found[3];
	size_t i;

	(void)state;
	first = made(json, arena, &pack);
	for (i = 0; i < 3; i++) {
		if (scanner_clone(first, &more[i], &err))
			fail_msg("%s", err.text);
		assert_string_equal(
			scanner_digest(more[i]), scanner_digest(first));
	}
	scanner_free(first);
	for (i = 0; i < 3; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, other_thread, more[i]),
			0);
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_join(thread[i], &found[i]), 0);
	assert_true(found[0] && found[0] == found[1] && found[1] == found[2]);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows),
		cmocka_unit_test(windows_by_line),
		cmocka_unit_test(windows_of_any_sort),
		cmocka_unit_test(known_is_from_the_repository),
		cmocka_unit_test(limits_go_along),
		cmocka_unit_test(clones_outlive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

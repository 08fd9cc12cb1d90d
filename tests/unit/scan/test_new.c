/* What a delta brings: the same as reading the whole, in chains of edits. */
#include "support/unit.h"

#include <pthread.h>

#include "base/io.h"
#include "scan/state.h"

#define TEXT_MAX (1u << 20)
#define COPIES 64

static uint64_t seed = 88172645463325252u;
static size_t below(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed % n);
}

/* Rules that lie close to every edge there is: what looks one byte past its
 * match, what is cut short by the match before, what has no bound, what the
 * engine cannot take, what is refused after it matched. */
#define RULE(id, regex, more)                              \
	"{\"id\":\"" id "\",\"regex\":\"" regex "\"," more \
	"\"confidence\":\"low\",\"description\":\"d\","    \
	"\"remediation\":\"r\",\"examples\":{\"match\":[\"x\"]}}"
static const char *const edges[] = {
	RULE("greedy", "a[ab]{1,9}b", ""),
	RULE("lazy", "b[ab01]{2,12}?1", "\"allow\":[\"odd\"],"),
	RULE("border", "\\\\bK[0-9]{2,6}\\\\b", "\"generic\":true,"),
	RULE("inside", "\\\\BK[0-9]{2}", ""),
	RULE("last", "K[0-9a]{1,4}$", ""),
	RULE("first", "^[ab]{2}", ""),
	RULE("line", "(?m)^[0-9]{1,3}\\\\r?$", "\"entropy\":0.5,"),
	RULE("either", "(?:^|[^0-9K])([0-9]{3,8})(?:[^0-9]|$)", "\"group\":1,"),
	RULE("path", "[ab]1[ab]", "\"path\":\"[.]p$\","),
	RULE("open", "BEG[^-]{3,}END", "\"keywords\":[\"beg\"],"),
	RULE("wide", "K[^K]{20,4000}?x", "\"keywords\":[\"k\"],"),
	RULE("free", "x[0-9]+y", ""),
	RULE("behind", "(?<=x)b[01]", ""),
	RULE("behind_word", "(?<=1)(?:aK|Ka)[01]",
		"\"keywords\":[\"aK\",\"Ka\"],"),
	RULE("widest", "W[.K]{40}V", ""),
	RULE("own", "([ab])(?>0|1)\\\\1(?R)?", ""),
};

struct world {
	struct arena *arena;
	struct pack pack;
	struct scanner *scanner, *other;
	void (*fill)(const struct world *w, struct buf *out);
	size_t size; /* of a first blob, about */
	size_t windowed, hits, chains;
};

#define WIDEST "W........................................"
static void fill_edges(const struct world *w, struct buf *out)
{
	static const char *const parts[] = {"a", "b", "a", "b", "K", "0", "1",
		"23", "456", " ", "\n", "\r\n", "x", "y", "-", "_", "BEG",
		"END", "K12", "aab", "b01", "\xc3", "", "00000000", "K1234"};

	(void)w;
	/* And stretches where nothing is. */
	if (!below(12)) {
		size_t n = below(200);

		while (n--)
			buf_byte(out, '.');
	}
	if (!below(40))
		buf_byte(out, 0);
	/* The widest there is, for want of one byte or not. */
	if (!below(20))
		buf_str(out, WIDEST + below(2));
	if (!below(20))
		buf_byte(out, 'V');
	buf_str(out, parts[below(ARRAY_LEN(parts))]);
}

static void fill_builtin(const struct world *w, struct buf *out)
{
	static const char *const between[] = {"\n", " ", "\"", "", "=", ": ",
		"\r\n", "x", "_", "-", "key = ", "\t", "\n\n", "';\n"};
	static const char plain[] = "int main(void) { return frotz(nitfol); } ";
	const struct rulepack *p = w->pack.rules;
	const struct rule *r = &p->rules[below(p->n)];
	struct span s = below(4) || !r->no_match.n
		? r->match.v[below(r->match.n)]
		: r->no_match.v[below(r->no_match.n)];

	switch (below(8)) {
	case 0:
		s = span_from(s, below(s.n));
		break;
	case 1:
		s = span_sub(s, 0, below(s.n) + 1);
		break;
	case 2:
	case 3:
	case 4: {
		size_t n = below(12);

		while (n--)
			buf_str(out, plain + below(30));
		if (below(2))
			buf_byte(out, '\n');
		return;
	}
	default:
		break;
	}
	buf_span(out, s);
	buf_str(out, between[below(ARRAY_LEN(between))]);
}

struct delta {
	struct buf text;
	struct scan_copy copy[COPIES];
	size_t n;
};

static void copy_piece(
	struct delta *d, const struct buf *base, size_t from, size_t to)
{
	size_t cut = below(3) ? to : from + below(to - from + 1), i;
	const size_t part[2][2] = {{from, cut}, {cut, to}};

	/* As one instruction or as two that meet. */
	for (i = 0; i < 2; i++) {
		size_t n = part[i][1] - part[i][0];

		if (!n || d->n == COPIES)
			continue;
		d->copy[d->n++] = (struct scan_copy){d->text.n, part[i][0], n};
		buf_add(&d->text, base->p + part[i][0], n);
	}
}

/* Copies with a few edits between: insertions, deletions, one byte replaced,
 * a stretch that comes twice or out of order, an end cut off. */
static void edit(const struct world *w, const struct buf *base, struct delta *d)
{
	size_t edits = 1 + below(3), at = 0, i, k, to;

	buf_reset(&d->text);
	d->n = 0;
	if (!below(10))
		at = below(base->n);
	for (i = 0; i < edits && at < base->n && d->n < COPIES - 8; i++) {
		to = at + below(base->n - at + 1);
		copy_piece(d, base, at, to);
		at = to;
		switch (below(7)) {
		case 0:
			at += below(base->n - at + 1);
			break;
		case 1:
			at += below(40);
			break;
		case 2:
			if (at < base->n)
				at++;
			/* fall through */
		case 3:
			buf_byte(&d->text,
				(unsigned char)"abVW01K \n-x"[below(11)]);
			break;
		case 4:
			k = below(base->n);
			copy_piece(d, base, k, k + below(base->n - k + 1) / 8);
			break;
		default:
			for (k = below(3) + 1; k; k--)
				w->fill(w, &d->text);
			break;
		}
	}
	if (at < base->n && below(10))
		copy_piece(d, base, at, base->n);
}

static int by_rule(const void *x, const void *y)
{
	const struct spot *a = x, *b = y;

	if (a->rule != b->rule)
		return a->rule < b->rule ? -1 : 1;
	return a->lo < b->lo ? -1 : a->lo > b->lo;
}

static void same_hits(
	struct scan_result *a, struct scan_result *b, const struct delta *d)
{
	size_t i;

	assert_int_equal(a->outcome, SCAN_DONE);
	assert_int_equal(b->outcome, SCAN_DONE);
	for (i = 0; i < a->nhit && i < b->nhit; i++) {
		struct scan_hit *x = &a->hit[i], *y = &b->hit[i];

		if (x->rule == y->rule && x->at == y->at && x->n == y->n) {
			assert_int_equal(x->line, y->line);
			assert_int_equal(x->column, y->column);
			assert_int_equal(x->validity, y->validity);
			assert_int_equal(x->confidence, y->confidence);
			assert_string_equal(x->redacted, y->redacted);
			continue;
		}
		fail_msg("%zu bytes, %zu pieces, hit %zu: %.*s at %zu for "
			 "%.*s at %zu",
			d->text.n, d->n, i, SPAN_FMT(y->rule->id), y->at,
			SPAN_FMT(x->rule->id), x->at);
	}
	if (a->nhit != b->nhit)
		fail_msg("%zu hits for %zu", b->nhit, a->nhit);
}

/* The matches behind the hits too: the next in the chain relies on them. */
static void same_carry(struct scan_carry *a, struct scan_carry *b)
{
	size_t i;

	assert_int_equal(a->n, b->n);
	assert_int_equal(a->whole, b->whole);
	assert_int_equal(a->nspot, b->nspot);
	if (!a->nspot)
		return;
	qsort(a->spot, a->nspot, sizeof(*a->spot), by_rule);
	qsort(b->spot, b->nspot, sizeof(*b->spot), by_rule);
	for (i = 0; i < a->nspot; i++) {
		assert_int_equal(a->spot[i].rule, b->spot[i].rule);
		assert_int_equal(a->spot[i].lo, b->spot[i].lo);
		assert_int_equal(a->spot[i].hi, b->spot[i].hi);
	}
}

static void settles(struct world *w, struct scan_result *open, struct span text)
{
	static const char *const paths[] = {"a.p", "a.yaml", "b.c"};
	struct span path = span_str(paths[below(ARRAY_LEN(paths))]);
	struct scan_result plain;
	struct err err = ERR_INIT;
	struct delta none = {.text = BUF_INIT(1)};

	assert_int_equal(
		scanner_scan(w->scanner, text, path, w->arena, &plain, &err),
		0);
	assert_int_equal(scanner_settle(w->scanner, path, open, &err), 0);
	same_hits(&plain, open, &none);
}

static void chain(struct world *w, size_t length)
{
	struct scan_carry *base = scan_carry_new(), *next = scan_carry_new();
	struct scan_carry *whole = scan_carry_new(), *swap;
	struct buf text = BUF_INIT(TEXT_MAX);
	struct delta d = {.text = BUF_INIT(TEXT_MAX)};
	struct scan_result a, b;
	struct err err = ERR_INIT;
	size_t i;

	while (text.n < w->size)
		w->fill(w, &text);
	assert_int_equal(scanner_scan_open(w->scanner, buf_all(&text), base,
				 w->arena, &a, &err),
		0);
	assert_int_equal(a.outcome, SCAN_DONE);
	scan_carry_old(base);
	w->chains++;
	for (i = 0; i < length && text.n; i++) {
		struct scanner *s = below(2) ? w->scanner : w->other;

		edit(w, &text, &d);
		if (scanner_scan_new(s, buf_all(&d.text), d.copy, d.n, base,
			    next, w->arena, &b, &err) ||
			scanner_scan_open(w->scanner, buf_all(&d.text), whole,
				w->arena, &a, &err))
			fail_msg("%s", err.text);
		w->windowed += !base->whole && d.text.n &&
			s->fresh.bytes <= d.text.n / 4 * 3;
		w->hits += a.nhit;
		same_hits(&a, &b, &d);
		same_carry(whole, next);
		settles(w, &b, buf_all(&d.text));
		swap = base;
		base = next;
		next = swap;
		buf_reset(&text);
		buf_span(&text, buf_all(&d.text));
		if (text.n > 8 * w->size)
			break;
	}
	scan_carry_free(base);
	scan_carry_free(next);
	scan_carry_free(whole);
	buf_free(&text);
	buf_free(&d.text);
}

static void world_open(struct world *w)
{
	const struct scanner_setup s = {.packs = &w->pack, .npacks = 1};
	struct err err = ERR_INIT;

	if (scanner_new(&s, &w->scanner, &err) ||
		scanner_clone(w->scanner, &w->other, &err))
		fail_msg("%s", err.text);
}

static void run(struct world *w, size_t chains)
{
	size_t i;

	for (i = 0; i < chains; i++) {
		w->arena = arena_new(1u << 28);
		chain(w, 8);
		arena_free(w->arena);
	}
	/* Or the test would say nothing. */
	assert_true(w->windowed > chains);
	assert_true(w->hits > chains);
	scanner_free(w->scanner);
	scanner_free(w->other);
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
	assert_int_equal(
		fresh_windows(byte, 2, 10000, 10000, 100, &f, &err), 0);
	assert_int_equal(f.n, 1);
	window_is(&f, 0, 4900, 201);
	assert_int_equal(f.bytes, 201);
	assert_int_equal(fresh_windows(cut, 2, 6000, 5900, 100, &f, &err), 0);
	assert_int_equal(f.n, 1);
	window_is(&f, 0, 4900, 200);
	assert_int_equal(fresh_windows(cut, 2, 6001, 5900, 100, &f, &err), 0);
	assert_int_equal(f.n, 2);
	window_is(&f, 1, 5800, 100);
	assert_int_equal(fresh_windows(twice, 3, 1000, 2000, 30, &f, &err), 0);
	assert_int_equal(f.n, 1);
	window_is(&f, 0, 970, 60);
	/* The same as the base; nothing of it; nothing at all. */
	assert_int_equal(fresh_windows(twice, 2, 1000, 1000, 30, &f, &err), 0);
	assert_int_equal(f.n, 0);
	assert_int_equal(fresh_windows(NULL, 0, 1000, 50, 30, &f, &err), 0);
	window_is(&f, 0, 0, 50);
	assert_int_equal(fresh_windows(NULL, 0, 0, 0, 30, &f, &err), 0);
	assert_int_equal(f.n, 0);
	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_int_equal(
			fresh_windows(wrong[i], 2, 20, 20, 30, &f, &err), -1);
		assert_int_equal(err.code, ERR_INPUT);
		err_clear(&err);
	}
	fresh_free(&f);
}

/* A text with two secrets of which one is old. */
static void known_is_from_the_repository(void **state)
{
	struct world w = {.arena = arena_new(1u << 24)};
	struct scan_carry *base = scan_carry_new(), *next = scan_carry_new();
	struct scan_carry *last = scan_carry_new();
	struct buf text = BUF_INIT(1u << 16);
	struct scan_copy copy;
	struct scan_result r;
	struct err err = ERR_INIT;
	static const char json[] = "{\"name\":\"n\",\"rules\":[" RULE("tok",
		"TOK_[0-9]{4}", "") "," RULE("key", "KEY_[0-9]{4}", "") "]}";

	(void)state;
	if (rulepack_parse(SPAN_LIT(json), w.arena, &w.pack.rules, &err))
		fail_msg("%s", err.text);
	world_open(&w);
	buf_str(&text, "TOK_1234 ");
	while (text.n < 1000)
		buf_byte(&text, '.');
	assert_int_equal(scanner_scan_open(w.scanner, buf_all(&text), base,
				 w.arena, &r, &err),
		0);
	assert_int_equal(r.nhit, 1);
	assert_false(r.hit[0].known);
	/* A base that came in the same push makes nothing known. */
	copy = (struct scan_copy){0, 0, text.n};
	buf_str(&text, " TOK_1234 TOK_1235");
	assert_int_equal(scanner_scan_new(w.other, buf_all(&text), &copy, 1,
				 base, next, w.arena, &r, &err),
		0);
	assert_int_equal(r.nhit, 3);
	assert_false(r.hit[0].known || r.hit[1].known || r.hit[2].known);
	scan_carry_old(base);
	assert_int_equal(scanner_scan_new(w.other, buf_all(&text), &copy, 1,
				 base, next, w.arena, &r, &err),
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
	assert_int_equal(scanner_scan_new(w.scanner, buf_all(&text), &copy, 1,
				 next, last, w.arena, &r, &err),
		0);
	assert_int_equal(r.nhit, 4);
	assert_true(r.hit[0].known && r.hit[1].known);
	assert_false(r.hit[2].known || r.hit[3].known);
	scan_carry_free(base);
	scan_carry_free(next);
	scan_carry_free(last);
	scanner_free(w.scanner);
	scanner_free(w.other);
	arena_free(w.arena);
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
		if (!scanner_scan(s, SPAN_LIT("aab K123 aaab 555 xb0"),
			    SPAN_EMPTY, arena, &r, &err))
			found += r.nhit;
	}
	arena_free(arena);
	scanner_free(s);
	return (void *)(uintptr_t)found;
}

static void edges_pack(struct world *w, struct arena *arena)
{
	struct buf json = BUF_INIT(1u << 16);
	struct err err = ERR_INIT;
	size_t i;

	buf_str(&json,
		"{\"name\":\"n\",\"allow\":{\"odd\":{\"secret\":[\"b1\"],"
		"\"match\":[\"^aa\"],\"words\":[\"00\"]}},\"rules\":[");
	for (i = 0; i < ARRAY_LEN(edges); i++)
		buf_fmt(&json, "%s%s", i ? "," : "", edges[i]);
	buf_str(&json, "]}");
	if (rulepack_parse(buf_all(&json), arena, &w->pack.rules, &err))
		fail_msg("%s", err.text);
	buf_free(&json);
}

/* Clones at work at once, the first scanner gone before them. */
static void clones_outlive(void **state)
{
	struct world w = {.fill = fill_edges};
	struct arena *arena = arena_new(1u << 24);
	struct scanner *more[3];
	pthread_t thread[3];
	struct err err = ERR_INIT;
	void *found[3];
	size_t i;

	(void)state;
	edges_pack(&w, arena);
	world_open(&w);
	scanner_free(w.other);
	for (i = 0; i < 3; i++) {
		if (scanner_clone(w.scanner, &more[i], &err))
			fail_msg("%s", err.text);
		assert_string_equal(
			scanner_digest(more[i]), scanner_digest(w.scanner));
	}
	scanner_free(w.scanner);
	for (i = 0; i < 3; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, other_thread, more[i]),
			0);
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_join(thread[i], &found[i]), 0);
	assert_true(found[0] && found[0] == found[1] && found[1] == found[2]);
	arena_free(arena);
}

static void edges_of_matches(void **state)
{
	struct world w = {.fill = fill_edges, .size = 1500};
	struct arena *arena = arena_new(1u << 24);
	static const enum multi_kind kinds[] = {MULTI_EXACT, MULTI_EXACT,
		MULTI_EXACT, MULTI_EXACT, MULTI_EXACT, MULTI_EXACT, MULTI_EXACT,
		MULTI_EXACT, MULTI_EXACT, MULTI_WORDS, MULTI_WORDS,
		MULTI_PRESENT, MULTI_PRESENT, MULTI_WORDS, MULTI_EXACT,
		MULTI_ALWAYS};
	size_t i;

	(void)state;
	edges_pack(&w, arena);
	world_open(&w);
	for (i = 0; i < ARRAY_LEN(kinds); i++)
		assert_int_equal(multi_kind(w.scanner->multi, i), kinds[i]);
	run(&w, 1500);
	arena_free(arena);
}

static void builtin_rules(void **state)
{
	struct world w = {.fill = fill_builtin, .size = 12000};
	struct arena *arena = arena_new(1u << 28);
	struct buf text = BUF_INIT(RULEPACK_TEXT_MAX);
	struct err err = ERR_INIT;

	(void)state;
	/* With its examples, which the program does not carry. */
	if (io_read_file("policies/secrets/builtin.json", &text, &err) ||
		pack_of(buf_all(&text), arena, &w.pack, &err))
		fail_msg("%s", err.text);
	world_open(&w);
	run(&w, 150);
	buf_free(&text);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows),
		cmocka_unit_test(known_is_from_the_repository),
		cmocka_unit_test(limits_go_along),
		cmocka_unit_test(clones_outlive),
		cmocka_unit_test(edges_of_matches),
		cmocka_unit_test(builtin_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What a delta brings: the same as reading the whole, in chains of edits. */
#include "support/unit.h"

#include "base/io.h"
#include "scan/carry.h"
#include "support/chance.h"

#define TEXT_MAX (1u << 20)
#define COPIES 64

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
	/* Found by a word that not every match has; longer than a window. */
	RULE("far", "N[^Q]{4,700}Q", "\"keywords\":[\"nz\"],"),
	/* On as many lines as the windows reach over, and one more. */
	RULE("lines",
		"V[^V\\\\n]{0,90}\\\\n[^V\\\\n]{0,90}\\\\n[^V\\\\n]{0,90}[VK]",
		""),
	RULE("line_more", "V1[^V]{0,9}\\\\n\\\\n?[^V]{0,9}\\\\n[VK]", ""),
	/* Found by the names it begins with. */
	RULE("names",
		"(?i:kaab|abaa|bab[.]?b|bbab|k123|k456|x0b1|aaba)[abk]{0,9}?"
		"[^a][ab0-9]{1,290}",
		""),
	RULE("own", "([ab])(?>0|1)\\\\1(?R)?", ""),
};

#define NAMES (ARRAY_LEN(edges) - 2)

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
		"END", "K12", "aab", "b01", "\xc3", "", "z", "00000000",
		"K1234"};

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
	if (!below(50))
		buf_str(out, below(2) ? "N" : "Nz");
	if (!below(50))
		buf_byte(out, 'Q');
	if (!below(400)) {
		size_t n = 640 + below(70);

		buf_byte(out, 'N');
		while (n--)
			buf_byte(out, '.');
	}
	/* More names than are searched from one by one. */
	if (!below(600)) {
		size_t n = 50 + below(30);

		while (n--)
			buf_str(out, below(9) ? "bbab " : "k123");
	}
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
		/* To the end of a run, where one byte decides. */
		while (i % 2 && to < base->n && base->p[to] == '.')
			to++;
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
				(unsigned char)"abVVVQQz01K \n-"[below(15)]);
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

/* Reading the whole looks for no rule whose words have gone; the chain does. */
static void drop_wordless(const struct world *w, const struct scan_carry *whole,
	struct scan_carry *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->nspot; i++) {
		size_t rule = c->spot[i].rule;

		if (multi_kind(w->scanner->multi, rule) != MULTI_WORDS ||
			carry_word(whole, rule))
			c->spot[n++] = c->spot[i];
	}
	c->nspot = n;
}

/* The matches behind the hits too: the next in the chain relies on them. */
static void same_carry(const struct world *w, struct scan_carry *a,
	const struct scan_carry *chained)
{
	struct scan_carry copy = *chained, *b = &copy;
	struct spot spots[1024];
	size_t i;

	assert_true(b->nspot <= ARRAY_LEN(spots));
	if (b->nspot)
		memcpy(spots, b->spot, b->nspot * sizeof(*spots));
	b->spot = spots;
	drop_wordless(w, a, b);

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
		same_carry(w, whole, next);
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
	const struct scanner_setup s = {.packs = &w->pack,
		.npacks = 1,
		.cache = getenv("SLUICE_TEST_CACHE")};
	struct err err = ERR_INIT;

	if (scanner_new(&s, &w->scanner, &err) ||
		scanner_clone(w->scanner, &w->other, &err))
		fail_msg("%s", err.text);
}

static void run(struct world *w, size_t chains)
{
	size_t i;

	for (i = 0; i < chains; i += UNIT_STEP) {
		w->arena = arena_new(1u << 28);
		chain(w, 8);
		arena_free(w->arena);
	}
	/* Or the test would say nothing. */
	assert_true(w->windowed > chains / UNIT_STEP);
	assert_true(w->hits > chains / UNIT_STEP);
	scanner_free(w->scanner);
	scanner_free(w->other);
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

static void edges_of_matches(void **state)
{
	struct world w = {.fill = fill_edges, .size = 3000};
	struct arena *arena = arena_new(1u << 24);
	static const enum multi_kind kinds[] = {MULTI_EXACT, MULTI_EXACT,
		MULTI_EXACT, MULTI_EXACT, MULTI_EXACT, MULTI_EXACT, MULTI_EXACT,
		MULTI_EXACT, MULTI_EXACT, MULTI_WORDS, MULTI_WORDS,
		MULTI_PRESENT, MULTI_PRESENT, MULTI_WORDS, MULTI_EXACT,
		MULTI_WORDS, MULTI_EXACT, MULTI_EXACT, MULTI_EXACT,
		MULTI_ALWAYS};
	size_t i;

	(void)state;
	edges_pack(&w, arena);
	world_open(&w);
	for (i = 0; i < ARRAY_LEN(kinds); i++)
		assert_int_equal(multi_kind(w.scanner->multi, i), kinds[i]);
	/* The names alone, in what is wide. */
	assert_int_equal(multi_width(w.scanner->multi, NAMES), 5);
	assert_int_equal(multi_reach(w.scanner->multi, NAMES), 305);
	/* Of the many lines and of the few. */
	assert_int_equal(w.scanner->reach.near, 24);
	assert_int_equal(w.scanner->reach.far, 305);
	run(&w, 1000);
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
		cmocka_unit_test(edges_of_matches),
		cmocka_unit_test(builtin_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

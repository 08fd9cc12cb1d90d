/*
 * worst [-n ROUNDS] [-o FOLDER] [PACK]: looks for the text on which each rule
 * is slowest. For each rule alone, many texts are made from what it looks for:
 * its examples and keywords, whole, cut, spoiled, repeated without end, and
 * matches that are refused at the last step. The slowest is then changed at
 * random, ROUNDS times, and kept when slower. Prints for each rule the
 * milliseconds of processor time that 1 MiB of its worst takes, slowest first; with -o the repeated piece of each goes to FOLDER/worst-<rule>.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "scan/scanner.h"
#include "support/chance.h"

#define SMALL ((size_t)1 << 16)
#define LARGE ((size_t)1 << 20)
#define PIECE_MAX 8192

struct worst {
	const struct rule *rule;
	const struct rulepack *pack;
	struct buf piece;
	int64_t us; /* of SMALL, then of LARGE */
	enum scan_outcome outcome;
	struct scanner *scanner;
	size_t tried;
};

static struct buf text = BUF_INIT(LARGE);

static int64_t time_of(
	struct scanner *s, struct span piece, size_t n, enum scan_outcome *how)
{
	struct arena *arena = arena_new(1u << 28);
	struct scan_result r;
	struct err err = ERR_INIT;
	int64_t start, us;

	buf_reset(&text);
	while (text.n + piece.n <= n)
		buf_span(&text, piece);
	start = clock_cpu_us();
	if (scanner_scan(s, buf_all(&text), SPAN_EMPTY, arena, &r, &err))
		die("%s", err.text);
	us = clock_cpu_us() - start;
	*how = r.outcome;
	arena_free(arena);
	return us;
}

static void try(struct worst *w, struct span piece)
{
	enum scan_outcome how;
	int64_t us;

	if (!piece.n || piece.n > PIECE_MAX)
		return;
	us = time_of(w->scanner, piece, SMALL, &how);
	w->tried++;
	if (us <= w->us)
		return;
	/* Not for a moment of the machine. */
	us = time_of(w->scanner, piece, SMALL, &how);
	if (us <= w->us)
		return;
	w->us = us;
	buf_reset(&w->piece);
	buf_span(&w->piece, piece);
}

static const char *const between[] = {"", "\n", " ", "=", "_", "\"", ": "};

static void try_with(struct worst *w, struct span a, struct span b)
{
	struct buf piece = BUF_INIT(PIECE_MAX);
	size_t i;

	for (i = 0; i < ARRAY_LEN(between); i++) {
		buf_reset(&piece);
		buf_span(&piece, a);
		buf_str(&piece, between[i]);
		buf_span(&piece, b);
		try(w, buf_all(&piece));
	}
	buf_free(&piece);
}

/* What follows a start for a long time, in many alphabets. */
static void try_tails(struct worst *w, struct span start)
{
	static const char *const tails[] = {"a", "A", "0", "f", " ", "\n", "-",
		"_", ".", "/", "a.", "a-", "a_", "a:", "a ", " a\n", "a: b\n",
		"\t", "://", "\"", "='", "%", "Aa0", "\\\n", "\xff", "", " -u ",
		"key", "data:\n"};
	static const size_t lengths[] = {30, 300, 3000};
	struct buf tail = BUF_INIT(PIECE_MAX);
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(tails); i++) {
		for (k = 0; k < ARRAY_LEN(lengths); k++) {
			size_t n = tails[i][0] ? lengths[k] : 0;

			buf_reset(&tail);
			buf_span(&tail, start);
			while (tail.n < start.n + n)
				buf_str(&tail, tails[i]);
			try(w, buf_all(&tail));
		}
	}
	buf_free(&tail);
}

/* Dense matches that the judging of a match has to refuse: each other word for
 * the one that is there, and values that entropy, check digits and allow-lists
 * turn down, as late as can be. */
static void try_refused(struct worst *w, struct span example)
{
	static const char *const ends[] = {"0000000", "xxxxxxx", "EXAMPL",
		"placeholde", "AaaaaaBbbb", "a.b.c.d.e.f", "_a_b_c_d_e"};
	struct buf other = BUF_INIT(PIECE_MAX);
	const struct word_list *words = &w->rule->keywords;
	size_t i, j, k, n;

	for (i = 0; i < words->n; i++) {
		for (k = 0; k + words->v[i].n <= example.n; k++) {
			if (text_same(span_sub(example, k, words->v[i].n),
				    words->v[i]))
				break;
		}
		for (j = 0; k + words->v[i].n <= example.n && j < words->n;
			j += 1 + words->n / 8) {
			buf_reset(&other);
			buf_span(&other, span_sub(example, 0, k));
			buf_span(&other, words->v[words->n - 1 - j]);
			buf_span(&other, span_from(example, k + words->v[i].n));
			try_with(w, buf_all(&other), SPAN_EMPTY);
		}
	}
	for (i = 0; i < ARRAY_LEN(ends); i++) {
		n = strlen(ends[i]);
		if (example.n < 2 * n)
			continue;
		buf_reset(&other);
		buf_span(&other, example);
		memcpy(other.p + example.n - n - 1, ends[i], n);
		try_with(w, buf_all(&other), SPAN_EMPTY);
	}
	buf_free(&other);
}

/* A prefix of it without end, so that a match may start at every byte or two,
 * and one start with everything else behind it. */
static void try_prefixes(struct worst *w, struct span example)
{
	struct buf dense = BUF_INIT(PIECE_MAX);
	size_t n;

	for (n = 2; n <= 16 && n < example.n; n++) {
		buf_reset(&dense);
		while (dense.n < 300)
			buf_span(&dense, span_sub(example, 0, n));
		try_with(w, buf_all(&dense), example);
		try_with(w, example, buf_all(&dense));
	}
	buf_free(&dense);
}

static void try_example(struct worst *w, struct span example)
{
	struct buf spoiled = BUF_INIT(PIECE_MAX);
	size_t cut;

	if (example.n > PIECE_MAX)
		return;
	try_with(w, example, SPAN_EMPTY);
	try_refused(w, example);
	try_prefixes(w, example);
	for (cut = 1; cut < 4; cut++)
		try_with(w, span_sub(example, 0, example.n * cut / 4),
			SPAN_EMPTY);
	for (cut = 0; cut < 4 && cut < example.n; cut++) {
		buf_reset(&spoiled);
		buf_span(&spoiled, example);
		spoiled.p[example.n - 1 - cut] = '!';
		try_with(w, buf_all(&spoiled), SPAN_EMPTY);
	}
	try_tails(w, span_sub(example, 0, example.n / 2));
	try_tails(w, span_sub(example, 0, example.n - 1));
	buf_free(&spoiled);
}

static void mutate(struct worst *w, size_t rounds)
{
	struct buf piece = BUF_INIT(PIECE_MAX);
	const struct rule *rule = w->rule;
	size_t round, at, n;

	for (round = 0; round < rounds && w->piece.n; round++) {
		struct span old = buf_all(&w->piece), more;

		at = below(old.n);
		n = 1 + below(old.n - at) / (1 + below(20));
		more = below(3) && rule->keywords.n
			? rule->keywords.v[below(rule->keywords.n)]
			: rule->match.v[below(rule->match.n)];
		buf_reset(&piece);
		buf_span(&piece, span_sub(old, 0, at));
		switch (below(5)) {
		case 0: /* left out */
			at += n;
			break;
		case 1: /* once more */
			buf_span(&piece, span_sub(old, at, n));
			break;
		case 2:
			buf_span(&piece, span_sub(more, 0, 1 + below(more.n)));
			break;
		case 3:
			buf_str(&piece, between[below(ARRAY_LEN(between))]);
			break;
		default:
			buf_byte(&piece, (unsigned char)(32 + below(95)));
			at++;
			break;
		}
		buf_span(&piece, span_from(old, at));
		try(w, buf_all(&piece));
	}
	buf_free(&piece);
}

static void search(struct worst *w, size_t rounds)
{
	const struct rule *rule = w->rule;
	struct rule alone = *rule;
	struct rulepack one = {.name = SPAN_LIT("one"),
		.rules = &alone,
		.n = 1,
		.sets = w->pack->sets,
		.nsets = w->pack->nsets};
	struct pack pack = {&one, "one"};
	const struct scanner_setup setup = {.packs = &pack, .npacks = 1};
	struct err err = ERR_INIT;
	size_t i;

	if (scanner_new(&setup, &w->scanner, &err))
		die("%s", err.text);
	for (i = 0; i < rule->match.n; i++)
		try_example(w, rule->match.v[i]);
	for (i = 0; i < rule->no_match.n; i++)
		try_example(w, rule->no_match.v[i]);
	for (i = 0; i < rule->keywords.n; i++) {
		try_with(w, rule->keywords.v[i], SPAN_EMPTY);
		try_tails(w, rule->keywords.v[i]);
	}
	try_tails(w, SPAN_EMPTY);
	mutate(w, rounds);
	if (w->piece.n)
		w->us = time_of(
			w->scanner, buf_all(&w->piece), LARGE, &w->outcome);
	scanner_free(w->scanner);
}

static int by_time(const void *x, const void *y)
{
	const struct worst *a = x, *b = y;

	return a->us < b->us ? 1 : a->us > b->us ? -1 : 0;
}

static void report(const struct worst *w)
{
	struct buf shown = BUF_INIT(200);

	text_printable(&shown, span_sub(buf_all(&w->piece), 0, 60), 60);
	printf("%8.1f  %-28.*s %-8s %6zu  %s\n", (double)w->us / 1000,
		SPAN_FMT(w->rule->id),
		w->outcome == SCAN_DONE ? "done" : "limit", w->piece.n,
		buf_cstr(&shown));
	buf_free(&shown);
}

static void keep(const char *dir, const struct worst *w)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	buf_fmt(&path, "%s/worst-%.*s", dir, SPAN_FMT(w->rule->id));
	if (io_replace(buf_cstr(&path), buf_all(&w->piece), 0644, &err))
		die("%s", err.text);
	buf_free(&path);
}

int main(int argc, char **argv)
{
	const char *dir = NULL;
	size_t rounds = 200, i, n = 0;
	struct buf json = BUF_INIT(RULEPACK_TEXT_MAX);
	struct arena *arena = arena_new(1u << 28);
	struct err err = ERR_INIT;
	struct worst *all;
	struct pack pack;
	int c;

	while ((c = getopt(argc, argv, "n:o:")) != -1) {
		if (c == 'n')
			rounds = strtoul(optarg, NULL, 10);
		else if (c == 'o')
			dir = optarg;
		else
			return 64;
	}
	if (io_read_file(optind < argc ? argv[optind]
				       : "policies/secrets/builtin.json",
		    &json, &err) ||
		pack_of(buf_all(&json), arena, &pack, &err))
		die("%s", err.text);
	all = arena_get(arena, pack.rules->n, sizeof(*all));
	for (i = 0; i < pack.rules->n; i++) {
		if (!pack.rules->rules[i].regex.n)
			continue;
		all[n] = (struct worst){.rule = &pack.rules->rules[i],
			.pack = pack.rules,
			.piece = BUF_INIT(PIECE_MAX)};
		search(&all[n++], rounds);
	}
	qsort(all, n, sizeof(*all), by_time);
	printf("ms a MiB  %-28s %-8s %6s  %s\n", "rule", "outcome", "bytes",
		"of");
	for (i = 0; i < n; i++) {
		report(&all[i]);
		if (dir)
			keep(dir, &all[i]);
	}
	return 0;
}

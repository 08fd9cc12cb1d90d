/*
 * What gitleaks does with a match, for rules that come from its configuration
 * (parse/gitleaks.h): which bytes are the secret, entropy, allow-lists, rules
 * that require others, generic rules that give way.
 *
 * gitleaks looks at pieces of files and at what commits add; here the piece is
 * the whole input.
 */
#ifndef SCAN_LEAKS_H
#define SCAN_LEAKS_H

#include "parse/gitleaks.h"
#include "port/pattern.h"
#include "scan/scanner.h"

/* The expressions of a pack's allow-lists, compiled when first needed. */
struct leaks;
struct leaks *leaks_new(size_t nallow);
void leaks_free(struct leaks *l); /* NULL is fine */

/* 0 and 1 must refuse. */
enum leaks_answer {
	LEAKS_FAIL,  /* err says why */
	LEAKS_LIMIT, /* an expression gave up */
	LEAKS_NO,
	LEAKS_YES,
};

/* What a rule is asked about. */
struct leaks_text {
	struct span bytes;
	struct span path; /* p is NULL: not known */
	bool obey_comments;
	bool by_path; /* answer: excused, but elsewhere it might stand */
};

/*
 * leaks_skips(l, rule, path, err):
 * Whether an allow-list excuses the path by itself.
 */
MUST_USE enum leaks_answer leaks_skips(struct leaks *l, const struct rule *rule,
	struct span path, struct err *err);

/*
 * leaks_judge(l, rule, regex, text, from, to, hit, err):
 * What becomes of the match [from, to). For LEAKS_YES at, n, match and waits of
 * ${hit} are set.
 */
MUST_USE enum leaks_answer leaks_judge(struct leaks *l, const struct rule *rule,
	struct pattern *regex, struct leaks_text *text, size_t from, size_t to,
	struct scan_hit *hit, struct err *err);

/*
 * leaks_stands(l, hit, path, commit, err):
 * LEAKS_NO when one of the allow-lists that the hit waits for excuses it at
 * this path (p NULL: not known) in this commit (hex; NULL: none).
 */
MUST_USE enum leaks_answer leaks_stands(struct leaks *l,
	const struct scan_hit *hit, struct span path, const char *commit,
	struct err *err);

/* leaks_waits(rule): for what a rule on the path alone has found: the lists
 * that depend on the commit. */
uint64_t leaks_waits(const struct rule *rule);

/* leaks_near(bytes, r, a, b): whether matches that start at ${a} and ${b} are
 * as close as ${r} asks. */
bool leaks_near(struct span bytes, const struct gitleaks_required *r, size_t a,
	size_t b);

/* leaks_match_line(bytes, match, at, line): the line of a match at ${match},
 * when byte ${at} of it is in ${line}. */
size_t leaks_match_line(
	struct span bytes, size_t match, size_t at, size_t line);

/* leaks_yield(bytes, hit, n): set `yields` of generic hits whose secret is in
 * that of another on the same line. */
void leaks_yield(struct span bytes, struct scan_hit *hit, size_t n);
/* leaks_give_way(hit, n): take those out whose better is there; returns how
 * many stay, in their order. */
size_t leaks_give_way(struct scan_hit *hit, size_t n);

/* leaks_entropy(s): Shannon's, of characters, but a byte. */
double leaks_entropy(struct span s);

#endif

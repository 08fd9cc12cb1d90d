/*
 * gitleaks.toml, the rules of gitleaks (github.com/gitleaks/gitleaks), version
 * 8.30: what its loader makes of a file, with its ways: keys in any case, keys
 * it does not know passed over, numbers as strings, one string as a list.
 * Regular expressions are checked and put into the dialect of port/pattern.h
 * here (parse/re2.h).
 *
 * One file is read by gitleaks_parse, which says what else is to be read;
 * gitleaks_extend puts the two together; gitleaks_finish makes the rule pack.
 */
#ifndef PARSE_GITLEAKS_H
#define PARSE_GITLEAKS_H

#include "parse/rulepack.h"

#define GITLEAKS_DEPTH_MAX 2  /* files that are extended, one by the other */
#define GITLEAKS_ALLOW_MAX 64 /* allow-lists that one rule meets */

/* What an allow-list's expressions are held against. */
enum gitleaks_target {
	GITLEAKS_SECRET,
	GITLEAKS_MATCH,
	GITLEAKS_LINE, /* all lines that the match touches */
};

struct gitleaks_allow {
	size_t index; /* of all lists of the pack */
	bool all;     /* every kind that is there must hold; else one */
	enum gitleaks_target target;
	struct word_list commits;   /* full ids, lower case */
	struct span paths, regexes; /* one expression each; empty: none */
	struct word_list stopwords; /* lower case; within the secret */
};

struct gitleaks_required {
	struct span id;
	bool lines, columns; /* whether there is a bound */
	uint64_t within_lines, within_columns;
};

/* What a rule from such a file has besides (struct rule). */
struct gitleaks_rule {
	const struct gitleaks_allow **allow; /* the global ones first */
	size_t nallow;
	const struct gitleaks_required *required;
	size_t nrequired;
	bool skip_report; /* only counts for rules that require it */
	bool generic;     /* gives way to others with its secret on its line */
};

struct gitleaks_file;

/*
 * gitleaks_parse(text, depth, arena, out, err):
 * One file, ${depth} files away from the first. The error (ERR_POLICY) names
 * line and rule, as in "line 12: rule 'x': …"; the caller adds the file's name.
 */
MUST_USE int gitleaks_parse(struct span text, unsigned depth,
	struct arena *arena, struct gitleaks_file **out, struct err *err);

/* What the file extends: nothing, another file, or the default rules. */
enum gitleaks_base {
	GITLEAKS_ALONE,
	GITLEAKS_PATH,
	GITLEAKS_DEFAULT
};
/* gitleaks_base(f, path): ${path} (NUL after it) is set for GITLEAKS_PATH. */
enum gitleaks_base gitleaks_base(
	const struct gitleaks_file *f, struct span *path);

/* gitleaks_extend(f, base, arena): take over what ${base} has and ${f} does
 * not disable or replace. */
void gitleaks_extend(struct gitleaks_file *f, const struct gitleaks_file *base,
	struct arena *arena);

/*
 * gitleaks_finish(f, arena, out, err):
 * Check what can only be checked now, and make the pack. Every rule has
 * rule->leak; pack->nleak is how many allow-lists there are.
 */
MUST_USE int gitleaks_finish(struct gitleaks_file *f, struct arena *arena,
	const struct rulepack **out, struct err *err);

#endif

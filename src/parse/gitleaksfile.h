/* Inside the reader of gitleaks.toml: one file as it stands. */
#ifndef PARSE_GITLEAKSFILE_H
#define PARSE_GITLEAKSFILE_H

#include "parse/gitleaks.h"

struct leak_allow {
	struct gitleaks_allow list;
	struct leak_allow *next;
};
struct leak_allows {
	struct leak_allow *first, *last;
};

/* An allow-list of the whole file that is meant for some rules only. */
struct leak_target {
	struct word_list ids;
	const struct gitleaks_allow *list;
	size_t line;
	struct leak_target *next;
};

struct leak_rule {
	struct span id, description;
	struct span regex, path; /* in our dialect; empty: none */
	bool has_regex;          /* an empty one is none, but "(?:)" is one */
	unsigned groups;         /* of the regex */
	uint64_t group;
	double entropy;
	struct word_list keywords; /* lower case */
	struct leak_allows allow;
	struct gitleaks_required *required;
	size_t nrequired;
	bool skip_report;
	size_t line, depth; /* where it was written */
};

struct gitleaks_file {
	struct leak_rule *rule;
	size_t n;
	struct leak_allows allow;
	struct leak_target *target;
	struct span path; /* [extend] */
	bool use_default;
	struct word_list disabled;
	unsigned depth;
};

/* leak_allow_add(to, list, arena): a copy of it at the end. */
void leak_allow_add(struct leak_allows *to, const struct gitleaks_allow *list,
	struct arena *arena);

/* leak_rule_find(f, id): the rule, or NULL. */
struct leak_rule *leak_rule_find(const struct gitleaks_file *f, struct span id);

/* leak_bad(line, id, err, what): the error; an empty ${id} names no rule. */
int leak_bad(size_t line, struct span id, struct err *err, const char *what);

#endif

/* Values of a gitleaks.toml under the loose rules of its loader. */
#ifndef PARSE_GITLEAKSKEY_H
#define PARSE_GITLEAKSKEY_H

#include "parse/rulepack.h"
#include "parse/toml.h"

/* Where a value belongs, for errors. */
struct leak_at {
	struct span rule; /* empty: none */
	struct arena *arena;
	struct err *err;
};

/* leak_get(at, table, key, out): the member whose name is ${key} but for case;
 * NULL when it is not there. Twice is an error. */
MUST_USE int leak_get(const struct leak_at *at, const struct toml *table,
	const char *key, const struct toml **out);

/* Members of a kind; an absent one leaves ${out} as it is. */
MUST_USE int leak_text(const struct leak_at *at, const struct toml *table,
	const char *key, struct span *out);
MUST_USE int leak_bool(const struct leak_at *at, const struct toml *table,
	const char *key, bool *out);
MUST_USE int leak_real(const struct leak_at *at, const struct toml *table,
	const char *key, double *out);
/* A whole number that is not negative; *${has} may be NULL. */
MUST_USE int leak_count(const struct leak_at *at, const struct toml *table,
	const char *key, bool *has, uint64_t *out);
/* A list of strings; one string is split at its commas. With ${lower} in lower
 * case; an empty string in it is refused then. */
MUST_USE int leak_list(const struct leak_at *at, const struct toml *table,
	const char *key, bool lower, struct word_list *out);
/* A list of tables, or one table: the first of them and how many. */
MUST_USE int leak_tables(const struct leak_at *at, const struct toml *table,
	const char *key, const struct toml **first, size_t *n);

/* leak_fail(at, line, what, key): -1, "line N: rule 'x': key: what". */
int leak_fail(const struct leak_at *at, size_t line, const char *key,
	const char *what);

#endif

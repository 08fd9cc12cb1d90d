/*
 * TOML 1.0, read strictly: keys twice, tables declared twice, control
 * characters, bytes that are not UTF-8 and integers past 64 bits are refused
 * with their line. Times are checked and kept as text.
 */
#ifndef PARSE_TOML_H
#define PARSE_TOML_H

#include "base/arena.h"
#include "base/err.h"

#define TOML_TEXT_MAX ((size_t)1 << 20)
#define TOML_DEPTH_MAX 64 /* arrays and tables in one value, parts of a key */
#define TOML_MEMBERS_MAX 4096 /* of one table */

enum toml_kind {
	TOML_NONE, /* no such value (NULL) */
	TOML_STRING,
	TOML_INT,
	TOML_REAL,
	TOML_BOOL,
	TOML_TIME,
	TOML_ARRAY,
	TOML_TABLE,
};

struct toml {
	enum toml_kind kind;
	size_t line;      /* where the value starts, or the table is named */
	struct span key;  /* in a table; a NUL follows */
	struct span text; /* of a string or time; a NUL follows */
	int64_t integer;
	double real;
	bool boolean;
	struct toml *first, *last; /* items or members, in their order */
	size_t count;
	struct toml *next; /* beside it in the same array or table */
	/* While parsing: */
	bool declared;  /* by a header of its own */
	bool frozen;    /* a value: nothing may be added */
	size_t section; /* that a dotted key opened it in, from 1 */
};

/*
 * toml_parse(text, arena, out, err):
 * The whole document as a table, in the arena. The error (ERR_INPUT) starts
 * with "line N: ".
 */
MUST_USE int toml_parse(struct span text, struct arena *arena,
	const struct toml **out, struct err *err);

/* toml_get(table, key): a member by its exact name, or NULL. */
const struct toml *toml_get(const struct toml *table, struct span key);

/* toml_kind_name(k): "a string", "an array" … */
const char *toml_kind_name(enum toml_kind k);

#endif

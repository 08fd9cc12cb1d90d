/* What entries and records say alike: the words and the tables of both. */
#ifndef PARSE_STATEMENTKEYS_H
#define PARSE_STATEMENTKEYS_H

#include "parse/record.h"
#include "parse/rotation.h"
#include "parse/shape.h"

/* Git's 4096 bytes, each written out as \xNN. */
#define STATEMENT_REF_MAX 16400u

/* Each ends in NULL; the first three are in the order of their enums. */
extern const char *const statement_kinds[];
extern const char *const statement_verdicts[];
extern const char *const statement_modes[];
extern const char *const statement_types[];

extern const struct shape statement_subject_keys[];
extern const struct shape statement_update_keys[];

/* Rows of a table: of what was pruned, and of a change of the log's key. */
#define STATEMENT_PRUNED_KEYS                                             \
	{"before", SHAPE_TIME, true, 0, NULL, NULL},                      \
		{"by", SHAPE_NAME, true, 512, NULL, NULL},                \
		{"count", SHAPE_COUNT, true, 0, NULL, NULL},              \
	{                                                                 \
		"entries", SHAPE_NAME, true, ENTRY_PRUNED_MAX, NULL, NULL \
	}
#define STATEMENT_KEY_KEYS                                             \
	{"kind", SHAPE_WORD, true, 0, statement_kinds, NULL},          \
		{"time", SHAPE_TIME, true, 0, NULL, NULL},             \
	{                                                              \
		"rotation", SHAPE_TEXT, true, ROTATION_MAX, NULL, NULL \
	}

/* statement_rotation(predicate, what, err): the form of a change of keys; whose
 * signatures they are is for who knows the log. ${what} is "entry" or "record",
 * for the error. */
MUST_USE int statement_rotation(
	const struct doc *predicate, const char *what, struct err *err);

#endif

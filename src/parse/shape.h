/*
 * What a JSON object may hold, as a table: every key, its type and size.
 * Anything else is refused, with the place.
 */
#ifndef PARSE_SHAPE_H
#define PARSE_SHAPE_H

#include "parse/doc.h"

#define SHAPE_ITEM_MAX 4096

enum shape_type {
	SHAPE_TEXT,   /* 0 to max bytes */
	SHAPE_NAME,   /* 1 to max bytes without control characters */
	SHAPE_ID,     /* a finding's id: lower case, digits, ". _ -" */
	SHAPE_OID,    /* 40 hex digits */
	SHAPE_SHA256, /* 64 hex digits */
	SHAPE_HEX,    /* up to max hex digits, may be empty */
	SHAPE_TIME,   /* "2026-11-23T08:00:00Z" */
	SHAPE_BOOL,
	SHAPE_COUNT,   /* a whole number from 0 */
	SHAPE_WORD,    /* one of words */
	SHAPE_OBJECT,  /* of keys */
	SHAPE_OBJECTS, /* up to max objects of keys */
	SHAPE_TEXTS,   /* up to max texts of at most SHAPE_ITEM_MAX bytes */
	SHAPE_OIDS,    /* up to max object names */
	SHAPE_COUNTS,  /* an object of up to max numbers, keys as SHAPE_ID */
};

struct shape {
	const char *key; /* NULL ends a table */
	enum shape_type type;
	bool required;
	size_t max;
	const char *const *words; /* NULL ends the list */
	const struct shape *keys;
};

/* An item of SHAPE_TEXTS, of SHAPE_OIDS and of SHAPE_COUNTS. */
extern const struct shape shape_item_text, shape_item_oid, shape_item_count;

/* shape_check(j, keys, where, err): ${j} is an object of exactly that shape.
 * Errors (ERR_INPUT) start with the place below ${where}. */
MUST_USE int shape_check(const struct doc *j, const struct shape *keys,
	const char *where, struct err *err);

/* shape_text(s, t): whether ${t} is a text as ${s} wants it; false when that is
 * no text at all. */
bool shape_text(const struct shape *s, struct span t);

#endif

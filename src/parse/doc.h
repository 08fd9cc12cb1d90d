/*
 * JSON documents (RFC 8259): strict reading, building, and one canonical way to
 * write. Jansson lives behind this file and nowhere else.
 *
 * Reading refuses duplicate keys, NUL in strings, invalid UTF-8, integers
 * outside the signed 64-bit range and anything after the document.
 */
#ifndef PARSE_DOC_H
#define PARSE_DOC_H

#include "base/buf.h"

/* A value. A document is freed through its root; values inside are borrowed. */
struct doc;

enum doc_kind {
	DOC_NONE, /* no such value (NULL) */
	DOC_NULL,
	DOC_BOOL,
	DOC_INT,
	DOC_REAL,
	DOC_STRING,
	DOC_ARRAY,
	DOC_OBJECT,
};

/*
 * doc_parse(text, out, err):
 * One document: any value at the top. On failure *${out} is NULL and the error
 * (ERR_INPUT) names line and column.
 */
MUST_USE int doc_parse(struct span text, struct doc **out, struct err *err);
/* doc_free(j): a root; NULL is fine. */
void doc_free(struct doc *j);

/* Reading. Each takes NULL and answers "nothing there". */
enum doc_kind doc_kind(const struct doc *j);
const char *doc_kind_name(enum doc_kind k); /* "an object", "a string" … */
const struct doc *doc_get(const struct doc *object, const char *key);
size_t doc_count(const struct doc *j); /* items or members; else 0 */
const struct doc *doc_at(const struct doc *array, size_t i);
bool doc_text(const struct doc *j, struct span *out); /* NUL follows it */
bool doc_int(const struct doc *j, int64_t *out);
bool doc_bool(const struct doc *j, bool *out);
bool doc_real(const struct doc *j, double *out); /* an integer counts */

/* Members of an object in the order of the document. Start with *${pos} NULL:
 *	const void *pos = NULL;
 *	while (doc_next(obj, &pos, &key, &value)) …                     */
bool doc_next(const struct doc *object, const void **pos, struct span *key,
	const struct doc **value);

/* Shorthands for members: empty span, 0 or false when absent or another kind.
 * For documents that we wrote ourselves or whose shape was checked. */
struct span doc_get_text(const struct doc *object, const char *key);
int64_t doc_get_int(const struct doc *object, const char *key);
bool doc_get_bool(const struct doc *object, const char *key);

/* Building. Memory running out dies. Text that is not UTF-8 or holds NUL is
 * passed through text_printable, so it never fails. */
struct doc *doc_object(void);
struct doc *doc_array(void);
struct doc *doc_of_text(struct span s);
struct doc *doc_of_str(const char *s);
struct doc *doc_of_int(int64_t v);
struct doc *doc_of_real(double v);
struct doc *doc_of_bool(bool v);
struct doc *doc_of_null(void);
struct doc *doc_copy(const struct doc *j); /* deep */

/* ${value} is handed over, to be freed with ${to}. Keys are ours: UTF-8. */
void doc_set(struct doc *to, const char *key, struct doc *value);
void doc_add(struct doc *to, struct doc *value);

/*
 * doc_canonical(j, out): sorted keys, no white space, UTF-8, one line without
 * LF. Equal documents give equal bytes; these are what is hashed and signed.
 * doc_pretty(j, out): for people, two spaces, keys in the order they were set,
 * ends in LF.
 */
void doc_canonical(const struct doc *j, struct buf *out);
void doc_pretty(const struct doc *j, struct buf *out);

#endif

/* Git object names. SHA-1 only: SHA-256 repositories are refused early. */
#ifndef MODEL_OID_H
#define MODEL_OID_H

#include "base/span.h"

#define OID_RAW 20
#define OID_HEX 40

struct oid {
	unsigned char b[OID_RAW];
};

/* oid_read(hex, out): exactly 40 lower-case digits. */
MUST_USE bool oid_read(struct span hex, struct oid *out);
/* oid_hex(o, out): 40 digits and a NUL; returns ${out}. */
char *oid_hex(const struct oid *o, char out[OID_HEX + 1]);
bool oid_is_zero(const struct oid *o);
bool oid_eq(const struct oid *a, const struct oid *b);
int oid_cmp(const void *a, const void *b); /* for qsort and bsearch */

/* Object names, each with a number; grows, never shrinks. As a plain set the
 * numbers are not kept (value stays NULL). The zero name is never in it. */
struct oid_set {
	struct oid *slot; /* owned; all-zero is empty */
	size_t *value;    /* owned; beside slot, for oid_set_put */
	size_t n, cap;
};
void oid_set_add(struct oid_set *s, const struct oid *o);
/* oid_set_reserve(s, n): room for ${n} more; saves growing step by step. */
void oid_set_reserve(struct oid_set *s, size_t n);
bool oid_set_has(const struct oid_set *s, const struct oid *o);
/* oid_set_put(s, o, number): add with a number; use on a set that was filled by
 * this function only. An old number is replaced. */
void oid_set_put(struct oid_set *s, const struct oid *o, size_t number);
/* oid_set_get(s, o): its number, SIZE_MAX when it is not there. */
size_t oid_set_get(const struct oid_set *s, const struct oid *o);
void oid_set_free(struct oid_set *s);

/* What an object is. */
enum object_type {
	OBJECT_NONE, /* there is none of that name */
	OBJECT_COMMIT,
	OBJECT_TREE,
	OBJECT_BLOB,
	OBJECT_TAG,
};
const char *object_type_name(enum object_type t); /* "commit" … */

#endif

/* Rows of the index that are collected in the order of the log, and added or
 * compared in their own. Private to the index. */
#ifndef LOG_INDEX_ROWS_H
#define LOG_INDEX_ROWS_H

#include "model/oid.h"
#include "port/database.h"

/* Tables of which a log has few rows. */
enum rows_table {
	ROW_WAIVER,
	ROW_WITHDRAWN,
	ROW_WAIVED,
	ROW_CERTIFICATE,
};

/* Of one width, as bytes that sort by memcmp. */
struct rows {
	unsigned char *v;
	size_t n, cap;
};

void rows_free(struct rows *r);

/* rows_object(r, o, entry): an object that an entry brought. */
void rows_object(struct rows *r, const struct oid *o, uint64_t entry);
/* rows_sort_objects(r): in order of names, each pair once; then
 * rows_object_at(r, i, o, entry) is number ${i} of r->n. */
void rows_sort_objects(struct rows *r);
void rows_object_at(
	const struct rows *r, size_t i, struct oid *o, uint64_t *entry);
/* rows_same_objects(r, db, err): whether the table has each of them once, and
 * no other. ${r} is sorted. 0: yes; -1 with an error: no, or not known. */
MUST_USE int rows_same_objects(struct rows *r, struct db *db, struct err *err);

/* rows_add(r, table, repo, ref, entry, a, b): a row of one of the others, in
 * numbers of the table of names; 0 and NULL for what it has not. */
void rows_add(struct rows *r, enum rows_table table, int64_t repo, int64_t ref,
	uint64_t entry, const struct oid *a, const struct oid *b);
/* rows_certificate(r, repo, entry, sha256): the same; 64 hex digits. */
void rows_certificate(
	struct rows *r, int64_t repo, uint64_t entry, struct span sha256);
/* rows_same(r, db, err): as rows_same_objects. */
MUST_USE int rows_same(struct rows *r, struct db *db, struct err *err);

#endif

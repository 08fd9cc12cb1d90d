#include "log/index_rows.h"

#include <stdlib.h>

#include "base/grow.h"
#include "base/text.h"

#define NUMBER 8
#define OBJECT_WIDTH (OID_RAW + NUMBER)
#define ROW_WIDTH (1 + 3 * NUMBER + 2 * OID_RAW)

void rows_free(struct rows *r)
{
	free(r->v);
	*r = (struct rows){.n = 0};
}

static unsigned char *put_number(unsigned char *p, uint64_t v)
{
	int i;

	for (i = NUMBER; i-- > 0; v >>= 8)
		p[i] = (unsigned char)v;
	return p + NUMBER;
}

static unsigned char *put_oid(unsigned char *p, const struct oid *o)
{
	if (o)
		memcpy(p, o->b, OID_RAW);
	else
		memset(p, 0, OID_RAW);
	return p + OID_RAW;
}

static unsigned char *next(struct rows *r, size_t width)
{
	r->v = grow(r->v, r->n, &r->cap, width);
	return r->v + r->n++ * width;
}

void rows_object(struct rows *r, const struct oid *o, uint64_t entry)
{
	put_number(put_oid(next(r, OBJECT_WIDTH), o), entry);
}

void rows_add(struct rows *r, enum rows_table table, int64_t repo, int64_t ref,
	uint64_t entry, const struct oid *a, const struct oid *b)
{
	unsigned char *p = next(r, ROW_WIDTH);

	*p++ = (unsigned char)table;
	p = put_number(p, (uint64_t)repo);
	p = put_number(p, (uint64_t)ref);
	p = put_number(p, entry);
	put_oid(put_oid(p, a), b);
}

void rows_certificate(
	struct rows *r, int64_t repo, uint64_t entry, struct span sha256)
{
	unsigned char *digest;

	rows_add(r, ROW_CERTIFICATE, repo, 0, entry, NULL, NULL);
	digest = r->v + r->n * ROW_WIDTH - 2 * OID_RAW;
	/* What is no digest is none that an entry has. */
	if (!text_hex_read(sha256, digest, 32))
		memset(digest, 0xff, 2 * OID_RAW);
}

static int by_object(const void *a, const void *b)
{
	return memcmp(a, b, OBJECT_WIDTH);
}

static int by_row(const void *a, const void *b)
{
	return memcmp(a, b, ROW_WIDTH);
}

/* In order, each once. */
static void settle(struct rows *r, size_t width,
	int (*compare)(const void *a, const void *b))
{
	size_t i, n = 0;

	if (!r->n)
		return;
	qsort(r->v, r->n, width, compare);
	for (i = 0; i < r->n; i++) {
		const unsigned char *p = r->v + i * width;

		if (n && !memcmp(p, r->v + (n - 1) * width, width))
			continue;
		memmove(r->v + n++ * width, p, width);
	}
	r->n = n;
}

void rows_sort_objects(struct rows *r)
{
	settle(r, OBJECT_WIDTH, by_object);
}

void rows_object_at(
	const struct rows *r, size_t i, struct oid *o, uint64_t *entry)
{
	const unsigned char *p = r->v + i * OBJECT_WIDTH;
	size_t k;

	memcpy(o->b, p, OID_RAW);
	for (*entry = 0, k = OID_RAW; k < OBJECT_WIDTH; k++)
		*entry = *entry << 8 | p[k];
}

static int differs(struct err *err)
{
	return err_set(err, ERR_LOG, "the index differs");
}

static bool is_number(struct query *q, int column)
{
	return query_is_int(q, column, query_int(q, column));
}

/* Whether the next row is number ${i}, or there is none left of either. */
static int same_object(
	struct rows *r, size_t i, struct query *q, bool *more, struct err *err)
{
	struct oid o;
	uint64_t n;

	if (query_step(q, more, err))
		return -1;
	if (!*more)
		return i == r->n ? 0 : differs(err);
	if (i == r->n)
		return differs(err);
	rows_object_at(r, i, &o, &n);
	return query_is_int(q, 1, (int64_t)n) &&
			span_eq(query_blob(q, 0), span_of(o.b, OID_RAW))
		? 0
		: differs(err);
}

int rows_same_objects(struct rows *r, struct db *db, struct err *err)
{
	struct query *q;
	bool more = true;
	size_t i;
	int ret;

	rows_sort_objects(r);
	ret = query_new(db, "SELECT oid, entry FROM object ORDER BY oid, entry",
		&q, err);
	for (i = 0; !ret && more; i++)
		ret = same_object(r, i, q, &more, err);
	query_free(q);
	return ret;
}

static bool take_oid(struct query *q, int column, struct oid *o)
{
	struct span s = query_blob(q, column);

	if (s.n != OID_RAW)
		return false;
	memcpy(o->b, s.p, OID_RAW);
	return true;
}

/* A table's rows as they would have been added. */
static int read_table(struct rows *r, enum rows_table table, const char *sql,
	struct db *db, struct err *err)
{
	struct query *q = NULL;
	bool row, good = true;
	int ret = -1;

	if (query_new(db, sql, &q, err))
		goto out;
	while (good) {
		struct oid a = {{0}}, b = {{0}};

		if (query_step(q, &row, err))
			goto out;
		if (!row) {
			ret = 0;
			goto out;
		}
		good = is_number(q, 0) && is_number(q, 1) && is_number(q, 2);
		if (table == ROW_CERTIFICATE) {
			rows_certificate(r, query_int(q, 0),
				(uint64_t)query_int(q, 2), query_blob(q, 3));
			continue;
		}
		good = good && take_oid(q, 3, &a) && take_oid(q, 4, &b);
		rows_add(r, table, query_int(q, 0), query_int(q, 1),
			(uint64_t)query_int(q, 2), &a, &b);
	}
	differs(err);
out:
	query_free(q);
	return ret;
}

int rows_same(struct rows *r, struct db *db, struct err *err)
{
	static const char *const sql[] = {
		[ROW_WAIVER] =
			"SELECT repo, 0, entry, oid, zeroblob(20) FROM waiver",
		[ROW_WITHDRAWN] = "SELECT repo, 0, entry, oid, zeroblob(20)"
				  " FROM withdrawn",
		[ROW_WAIVED] = "SELECT repo, ref, entry, old, new FROM waived",
		[ROW_CERTIFICATE] = "SELECT repo, 0, entry, sha256"
				    " FROM certificate",
	};
	struct rows stands = {.n = 0};
	size_t i;
	int ret = -1;

	for (i = 0; i < ARRAY_LEN(sql); i++)
		if (read_table(&stands, (enum rows_table)i, sql[i], db, err))
			goto out;
	settle(r, ROW_WIDTH, by_row);
	settle(&stands, ROW_WIDTH, by_row);
	ret = r->n == stands.n &&
			(!r->n || !memcmp(r->v, stands.v, r->n * ROW_WIDTH))
		? 0
		: differs(err);
out:
	rows_free(&stands);
	return ret;
}

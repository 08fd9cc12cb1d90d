#include "../../support/unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/io.h"
#include "port/database.h"

static int64_t count(struct db *db)
{
	struct query *q;
	struct err err = ERR_INIT;
	int64_t n;
	bool row;

	assert_int_equal(query_new(db, "SELECT count(*) FROM t", &q, &err), 0);
	assert_int_equal(query_step(q, &row, &err), 0);
	assert_true(row);
	n = query_int(q, 0);
	query_free(q);
	return n;
}

static void test_values(void **unused)
{
	struct db *db;
	struct query *q;
	struct err err = ERR_INIT;
	bool row;

	(void)unused;
	assert_int_equal(db_open(NULL, &db, &err), 0);
	assert_int_equal(
		db_run(db, "CREATE TABLE t (a INTEGER, b TEXT, c BLOB)", &err),
		0);
	assert_int_equal(
		query_new(db, "INSERT INTO t VALUES (?1, ?2, ?3)", &q, &err),
		0);
	query_bind_int(q, 1, INT64_MIN);
	query_bind_text(q, 2, SPAN_LIT("'; DROP TABLE t; --"));
	query_bind_blob(q, 3, span_of("\0\xff", 2));
	assert_int_equal(query_run(q, &err), 0);
	query_bind_text(q, 2, SPAN_EMPTY);
	assert_int_equal(query_run(q, &err), 0);
	query_free(q);
	assert_int_equal(
		query_new(db, "SELECT a, b, c FROM t ORDER BY rowid", &q, &err),
		0);
	assert_int_equal(query_step(q, &row, &err), 0);
	assert_true(row);
	assert_true(query_int(q, 0) == INT64_MIN);
	unit_span_is(query_text(q, 1), "'; DROP TABLE t; --");
	assert_true(span_eq(query_blob(q, 2), span_of("\0\xff", 2)));
	assert_int_equal(query_step(q, &row, &err), 0);
	assert_true(row);
	assert_true(query_null(q, 0));
	assert_false(query_null(q, 1));
	assert_int_equal(query_text(q, 1).n, 0);
	assert_int_equal(query_step(q, &row, &err), 0);
	assert_false(row);
	query_free(q);
	/* A place that the statement does not have is told, not ignored. */
	assert_int_equal(query_new(db, "SELECT ?1", &q, &err), 0);
	query_bind_int(q, 2, 1);
	assert_int_equal(query_step(q, &row, &err), -1);
	query_free(q);
	assert_int_equal(query_new(db, "SELEC 1", &q, &err), -1);
	assert_null(q);
	db_close(db);
}

static void test_file(void **unused)
{
	char dir[512], path[600];
	struct db *db;
	struct stat st;
	struct err err = ERR_INIT;

	(void)unused;
	unit_dir(dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/db", dir);
	assert_int_equal(db_open(path, &db, &err), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(db_run(db, "CREATE TABLE t (a)", &err), 0);
	assert_int_equal(
		db_run(db, "BEGIN; INSERT INTO t VALUES (1)", &err), 0);
	db_close(db); /* not committed */
	assert_int_equal(db_open(path, &db, &err), 0);
	assert_int_equal(count(db), 0);
	assert_int_equal(db_run(db, "INSERT INTO t VALUES (1)", &err), 0);
	db_close(db);
	assert_int_equal(db_open(path, &db, &err), 0);
	assert_int_equal(count(db), 1);
	db_close(db);
	unit_rm(dir);
}

/* What is not a database is told from what cannot be opened. */
static void test_damaged(void **unused)
{
	char dir[512], path[600], other[600];
	struct db *db;
	struct err err = ERR_INIT;

	(void)unused;
	unit_dir(dir, sizeof(dir));
	snprintf(path, sizeof(path), "%s/db", dir);
	assert_int_equal(io_replace(path,
				 SPAN_LIT("this is a text of some length, and "
					  "no database at all"),
				 0600, &err),
		0);
	assert_int_equal(db_open(path, &db, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	assert_null(db);
	snprintf(path, sizeof(path), "%s/none/db", dir);
	assert_int_equal(db_open(path, &db, &err), -1);
	assert_int_equal(err.code, ERR_SYS);
	/* A link is not followed: it could lead out of the state folder. */
	snprintf(path, sizeof(path), "%s/link", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(db_open(path, &db, &err), -1);
	unit_rm(dir);
}

static void test_boot(void **unused)
{
	char a[DB_BOOT_MAX], b[DB_BOOT_MAX];

	(void)unused;
	db_boot(a);
	db_boot(b);
	assert_string_equal(a, b);
	assert_true(strlen(a) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_boot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

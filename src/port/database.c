#include "port/database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/io.h"

#define BUSY_MS 60000

struct db {
	sqlite3 *h;
	char *path;
};

struct query {
	sqlite3_stmt *h;
	struct db *db;
	int bound; /* first failure of a bind, told by the next step */
};

static int fail(struct db *db, const char *what, struct err *err)
{
	int code = db->h ? sqlite3_errcode(db->h) & 0xff : SQLITE_NOMEM;
	bool damaged = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;

	return err_set(err, damaged ? ERR_INPUT : ERR_SYS,
		"database '%s': %s: %s", db->path, what,
		db->h ? sqlite3_errmsg(db->h) : "out of memory");
}

/* SQLite would create the file under the umask of whoever comes first. */
static int create(const char *path, struct err *err)
{
	int fd = io_create(path, 0600, err);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		io_close(fd);
		return err_set(
			err, ERR_INPUT, "'%s' is not a regular file", path);
	}
	io_close(fd);
	return 0;
}

int db_open(const char *path, struct db **out, struct err *err)
{
	struct db *db = NULL;
	int ret = -1;

	*out = NULL;
	if (path && create(path, err))
		return -1;
	db = calloc(1, sizeof(*db));
	if (!db || !(db->path = strdup(path ? path : "memory")))
		die("out of memory");
	if (sqlite3_open_v2(path ? path : ":memory:", &db->h,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
			    SQLITE_OPEN_PRIVATECACHE,
		    NULL) != SQLITE_OK) {
		fail(db, "cannot open", err);
		goto out;
	}
	sqlite3_busy_timeout(db->h, BUSY_MS);
	sqlite3_extended_result_codes(db->h, 1);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* No sync: see the header. The journal is still what makes a killed
	 * process leave whole transactions; emptying its head is the cheapest
	 * way to end one. */
	if (db_run(db,
		    "PRAGMA journal_mode=PERSIST; PRAGMA synchronous=OFF;"
		    "PRAGMA journal_size_limit=1048576;"
		    "PRAGMA trusted_schema=OFF;",
		    err))
		goto out;
	*out = db;
	db = NULL;
	ret = 0;
out:
	db_close(db);
	return ret;
}

void db_boot(char out[DB_BOOT_MAX])
{
	struct buf b = BUF_INIT(DB_BOOT_MAX - 1);
	struct err err = ERR_INIT;

	snprintf(out, DB_BOOT_MAX, "unknown");
	if (!io_read_file("/proc/sys/kernel/random/boot_id", &b, &err))
		snprintf(out, DB_BOOT_MAX, "%s", buf_cstr(&b));
	buf_free(&b);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	sqlite3_close(db->h);
	free(db->path);
	free(db);
}

int db_run(struct db *db, const char *sql, struct err *err)
{
	if (sqlite3_exec(db->h, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(db, "cannot run a statement", err);
	return 0;
}

int query_new(
	struct db *db, const char *sql, struct query **out, struct err *err)
{
	struct query *q;

	*out = NULL;
	q = calloc(1, sizeof(*q));
	if (!q)
		die("out of memory");
	q->db = db;
	q->bound = SQLITE_OK;
	if (sqlite3_prepare_v2(db->h, sql, -1, &q->h, NULL) != SQLITE_OK) {
		free(q);
		return fail(db, "cannot prepare a statement", err);
	}
	*out = q;
	return 0;
}

void query_free(struct query *q)
{
	if (!q)
		return;
	sqlite3_finalize(q->h);
	free(q);
}

static void note(struct query *q, int r)
{
	if (q->bound == SQLITE_OK)
		q->bound = r;
}

void query_bind_int(struct query *q, int at, int64_t v)
{
	note(q, sqlite3_bind_int64(q->h, at, v));
}

void query_bind_text(struct query *q, int at, struct span s)
{
	note(q,
		sqlite3_bind_text64(q->h, at, s.n ? (const char *)s.p : "", s.n,
			SQLITE_TRANSIENT, SQLITE_UTF8));
}

void query_bind_blob(struct query *q, int at, struct span s)
{
	note(q,
		sqlite3_bind_blob64(q->h, at, s.n ? s.p : (const void *)"", s.n,
			SQLITE_TRANSIENT));
}

int query_step(struct query *q, bool *row, struct err *err)
{
	int r;

	*row = false;
	if (q->bound != SQLITE_OK)
		return fail(q->db, "cannot bind a value", err);
	r = sqlite3_step(q->h);
	if (r != SQLITE_ROW && r != SQLITE_DONE)
		return fail(q->db, "cannot read or write", err);
	*row = r == SQLITE_ROW;
	return 0;
}

int query_run(struct query *q, struct err *err)
{
	bool row = true;
	int ret = 0;

	while (row && !ret)
		ret = query_step(q, &row, err);
	query_reset(q);
	return ret;
}

void query_reset(struct query *q)
{
	sqlite3_reset(q->h);
	sqlite3_clear_bindings(q->h);
	q->bound = SQLITE_OK;
}

int64_t query_int(struct query *q, int column)
{
	return sqlite3_column_int64(q->h, column);
}

struct span query_text(struct query *q, int column)
{
	const unsigned char *p = sqlite3_column_text(q->h, column);

	return p ? span_of(p, (size_t)sqlite3_column_bytes(q->h, column))
		 : SPAN_EMPTY;
}

struct span query_blob(struct query *q, int column)
{
	const void *p = sqlite3_column_blob(q->h, column);

	return p ? span_of(p, (size_t)sqlite3_column_bytes(q->h, column))
		 : SPAN_EMPTY;
}

bool query_is_int(struct query *q, int column, int64_t v)
{
	return sqlite3_column_type(q->h, column) == SQLITE_INTEGER &&
		sqlite3_column_int64(q->h, column) == v;
}

bool query_null(struct query *q, int column)
{
	return sqlite3_column_type(q->h, column) == SQLITE_NULL;
}

int64_t db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->h);
}

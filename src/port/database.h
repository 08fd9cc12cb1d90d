/*
 * A small SQLite database: open, run, ask. Nothing of SQLite shows here.
 *
 * The databases kept this way are derived from something else. A database that
 * is damaged or locked out is an error; the owner removes and rebuilds it.
 */
#ifndef PORT_DATABASE_H
#define PORT_DATABASE_H

#include "base/err.h"
#include "base/span.h"

struct db;
struct query;

/*
 * db_open(path, out, err):
 * Opened for reading and writing, created (mode 0600 under any umask) when it
 * is missing. A process that is killed leaves whole transactions. A machine
 * that is cut off may leave anything: nothing is synced, because a transaction
 * would cost every push two syncs for what can be derived again. db_boot tells
 * the two apart. Waits up to 60 s for another writer.
 * NULL opens one in memory. Here and below a damaged file is ERR_INPUT, all
 * else that fails ERR_SYS.
 */
MUST_USE int db_open(const char *path, struct db **out, struct err *err);
void db_close(struct db *db); /* NULL is fine */

/*
 * db_boot(out): a text that is another after each start of the machine. Kept
 * in a database it says whether what is read was written by this same kernel,
 * and so cannot have been lost half-way.
 */
#define DB_BOOT_MAX 64
void db_boot(char out[DB_BOOT_MAX]);

/* db_run(db, sql, err): one or more statements without results. */
MUST_USE int db_run(struct db *db, const char *sql, struct err *err);

/*
 * query_new(db, sql, out, err):
 * A prepared statement, bound by position from 1 and run as often as needed:
 *	query_int(q, 1, v); … while (!query_step(q, &row, err) && row) …
 *	query_reset(q);
 * What query_text and query_blob answer lasts until the next step or reset.
 */
MUST_USE int query_new(
	struct db *db, const char *sql, struct query **out, struct err *err);
void query_free(struct query *q); /* NULL is fine */
void query_bind_int(struct query *q, int at, int64_t v);
void query_bind_text(struct query *q, int at, struct span s); /* copied */
void query_bind_blob(struct query *q, int at, struct span s); /* copied */
MUST_USE int query_step(struct query *q, bool *row, struct err *err);
/* query_run(q, err): step to the end of a statement without results, reset. */
MUST_USE int query_run(struct query *q, struct err *err);
void query_reset(struct query *q);

int64_t query_int(struct query *q, int column); /* from 0; NULL gives 0 */
struct span query_text(struct query *q, int column);
struct span query_blob(struct query *q, int column);
/* Whether a column holds exactly that number, as a number. */
bool query_is_int(struct query *q, int column, int64_t v);
bool query_null(struct query *q, int column);

/* db_last_id(db): the row number of the last insertion. */
int64_t db_last_id(struct db *db);

#endif

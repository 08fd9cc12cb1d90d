#include "log/index_build.h"

#include "base/text.h"
#include "log/entrylists.h"
#include "log/index.h"
#include "log/index_rows.h"
#include "parse/entry.h"

#define VERSION 7
#define ENTRY_ARENA ((size_t)1 << 30)
#define OBJECTS_MAX 4000000u /* kept back at once */

/*
 * entry.outcome and entry.applied of a decision are set by its outcomes.
 * moved: the updates of every entry; good: an adoption or admitted.
 * object: commits an entry brought, and new values of its updates.
 * waiver: those that a decision was made by; withdrawn: old values of refs that
 * held one. waived: the updates of decisions made by waivers.
 * tip: of each ref's good new values that are not deletions, the newest two and
 * the newest that an outcome or an adoption vouches for: decisions that came to
 * nothing do not drive out where the ref really is.
 * certificate: what was signed with a push that was let in.
 */
static const char schema[] =
	"PRAGMA user_version = 7;"
	"CREATE TABLE meta (one INTEGER PRIMARY KEY CHECK (one = 1),"
	" vkey TEXT, boot TEXT, size INTEGER, root BLOB);"
	"CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT UNIQUE);"
	"CREATE TABLE entry (n INTEGER PRIMARY KEY, kind INTEGER,"
	" repo INTEGER, time TEXT, verdict INTEGER, observe INTEGER,"
	" admitted INTEGER, pusher INTEGER, decision INTEGER,"
	" outcome INTEGER, applied INTEGER, record BLOB);"
	"CREATE INDEX entry_repo ON entry (repo);"
	"CREATE INDEX entry_adopt ON entry (repo) WHERE kind = 0;"
	"CREATE TABLE moved (entry INTEGER, at INTEGER, repo INTEGER,"
	" ref INTEGER, old BLOB, new BLOB, good INTEGER, applied INTEGER,"
	" PRIMARY KEY (entry, at)) WITHOUT ROWID;"
	"CREATE INDEX moved_ref ON moved (repo, ref);"
	"CREATE TABLE object (oid BLOB, entry INTEGER,"
	" PRIMARY KEY (oid, entry)) WITHOUT ROWID;"
	"CREATE TABLE waiver (repo INTEGER, oid BLOB, entry INTEGER,"
	" PRIMARY KEY (repo, oid, entry)) WITHOUT ROWID;"
	"CREATE TABLE withdrawn (repo INTEGER, oid BLOB, entry INTEGER,"
	" PRIMARY KEY (repo, oid, entry)) WITHOUT ROWID;"
	"CREATE TABLE waived (repo INTEGER, entry INTEGER, ref INTEGER,"
	" old BLOB, new BLOB, PRIMARY KEY (repo, entry, ref)) WITHOUT ROWID;"
	"CREATE TABLE tip (repo INTEGER, ref INTEGER, entry INTEGER, oid BLOB,"
	" applied INTEGER, PRIMARY KEY (repo, ref, entry)) WITHOUT ROWID;"
	"CREATE TABLE certificate (repo INTEGER, entry INTEGER, sha256 TEXT,"
	" PRIMARY KEY (repo, entry)) WITHOUT ROWID;";

static const char drop[] = "DROP TABLE IF EXISTS meta;"
			   "DROP TABLE IF EXISTS name;"
			   "DROP TABLE IF EXISTS entry;"
			   "DROP TABLE IF EXISTS moved;"
			   "DROP TABLE IF EXISTS object;"
			   "DROP TABLE IF EXISTS waiver;"
			   "DROP TABLE IF EXISTS withdrawn;"
			   "DROP TABLE IF EXISTS waived;"
			   "DROP TABLE IF EXISTS tip;"
			   "DROP TABLE IF EXISTS certificate;";

enum statement {
	NAME_FIND,
	NAME_ADD,
	ENTRY_ADD,
	MOVED_ADD,
	OBJECT_ADD,
	WAIVER_ADD,
	WITHDRAWN_ADD,
	WAIVED_ADD,
	TIP_ADD,
	TIP_SET,
	TIP_TRIM,
	DECISION_OF,
	DECISION_SET,
	MOVED_SET,
	CERTIFICATE_ADD,
	STATEMENTS,
};

/* Memory while all is built, in KiB; what is added to later fits in less. */
#define BUILD_CACHE "PRAGMA cache_size=-131072"

/* One of an entry's updates. The repository is there for the index by refs: a
 * push of ten thousand would be searched as often. */
#define UPDATE_IS \
	"repo = ?5 AND ref = ?2 AND entry = ?1 AND old = ?3 AND new = ?4"

static const char *const sql[STATEMENTS] = {
	[NAME_FIND] = "SELECT id FROM name WHERE text = ?1",
	[NAME_ADD] = "INSERT INTO name (text) VALUES (?1)",
	[ENTRY_ADD] = "INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
		      " ?8, ?9, NULL, ?10, ?11)",
	[MOVED_ADD] = "INSERT INTO moved VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
		      " ?8)",
	[OBJECT_ADD] = "INSERT OR IGNORE INTO object VALUES (?1, ?2)",
	[WAIVER_ADD] = "INSERT OR IGNORE INTO waiver VALUES (?1, ?2, ?3)",
	[WITHDRAWN_ADD] = "INSERT OR IGNORE INTO withdrawn"
			  " VALUES (?1, ?2, ?3)",
	[WAIVED_ADD] = "INSERT OR IGNORE INTO waived"
		       " VALUES (?1, ?2, ?3, ?4, ?5)",
	[TIP_ADD] = "INSERT OR IGNORE INTO tip VALUES (?1, ?2, ?3, ?4, ?5)",
	[TIP_SET] = "INSERT OR REPLACE INTO tip SELECT repo, ref, entry, new, 1"
		    " FROM moved WHERE " UPDATE_IS
		    " AND good AND new <> zeroblob(20)",
	[TIP_TRIM] = "DELETE FROM tip WHERE repo = ?1 AND ref = ?2 AND entry <"
		     " (SELECT entry FROM tip WHERE repo = ?1 AND ref = ?2"
		     " ORDER BY entry DESC LIMIT 1 OFFSET 1)"
		     " AND entry IS NOT (SELECT max(entry) FROM tip"
		     " WHERE repo = ?1 AND ref = ?2 AND applied)",
	[DECISION_OF] = "SELECT 1 FROM entry WHERE n = ?1 AND kind = 1"
			" AND repo = ?2",
	[DECISION_SET] = "UPDATE entry SET outcome = ?2,"
			 " applied = applied OR ?3 WHERE n = ?1",
	[MOVED_SET] = "UPDATE moved SET applied = 1 WHERE " UPDATE_IS,
	[CERTIFICATE_ADD] = "INSERT INTO certificate VALUES (?1, ?2, ?3)",
};

struct build {
	struct db *db;
	struct log_reader *log;
	struct query *q[STATEMENTS];
	struct arena *arena; /* of one entry */
	struct buf list;
	/* Kept back to be added in the order of names: each by itself would
	 * have a page of its own read and written. */
	struct rows objects;
};

static int statement(
	struct build *b, enum statement s, struct query **out, struct err *err)
{
	*out = NULL;
	if (!b->q[s] && query_new(b->db, sql[s], &b->q[s], err))
		return -1;
	*out = b->q[s];
	return 0;
}

static int name_id(
	struct build *b, struct span text, int64_t *id, struct err *err)
{
	struct query *q;
	bool row;

	if (statement(b, NAME_FIND, &q, err))
		return -1;
	query_bind_text(q, 1, text);
	if (query_step(q, &row, err))
		return -1;
	if (row)
		*id = query_int(q, 0);
	query_reset(q);
	if (row)
		return 0;
	if (statement(b, NAME_ADD, &q, err))
		return -1;
	query_bind_text(q, 1, text);
	if (query_run(q, err))
		return -1;
	*id = db_last_id(b->db);
	return 0;
}

static struct span raw(const struct oid *o)
{
	return span_of(o->b, OID_RAW);
}

static int add_objects(struct build *b, struct err *err)
{
	struct query *q;
	struct oid o;
	uint64_t n;
	size_t i;

	rows_sort_objects(&b->objects);
	if (statement(b, OBJECT_ADD, &q, err))
		return -1;
	for (i = 0; i < b->objects.n; i++) {
		rows_object_at(&b->objects, i, &o, &n);
		query_bind_blob(q, 1, raw(&o));
		query_bind_int(q, 2, (int64_t)n);
		if (query_run(q, err))
			return -1;
	}
	rows_free(&b->objects);
	return 0;
}

static int add_object(
	struct build *b, const struct oid *o, uint64_t n, struct err *err)
{
	rows_object(&b->objects, o, n);
	return b->objects.n < OBJECTS_MAX ? 0 : add_objects(b, err);
}

static int trim_tips(
	struct build *b, int64_t repo, int64_t ref, struct err *err)
{
	struct query *q;

	if (statement(b, TIP_TRIM, &q, err))
		return -1;
	query_bind_int(q, 1, repo);
	query_bind_int(q, 2, ref);
	return query_run(q, err);
}

static int add_tip(struct build *b, int64_t repo, int64_t ref, uint64_t n,
	const struct oid *o, bool applied, struct err *err)
{
	struct query *q;

	if (statement(b, TIP_ADD, &q, err))
		return -1;
	query_bind_int(q, 1, repo);
	query_bind_int(q, 2, ref);
	query_bind_int(q, 3, (int64_t)n);
	query_bind_blob(q, 4, raw(o));
	query_bind_int(q, 5, applied);
	if (query_run(q, err))
		return -1;
	return trim_tips(b, repo, ref, err);
}

/* An outcome says that this update of a decision was made. */
static int confirm_update(struct build *b, uint64_t decision,
	const struct entry_update *u, int64_t repo, int64_t ref,
	struct err *err)
{
	static const enum statement both[] = {MOVED_SET, TIP_SET};
	struct query *q;
	size_t i;

	for (i = 0; i < ARRAY_LEN(both); i++) {
		if (statement(b, both[i], &q, err))
			return -1;
		query_bind_int(q, 1, (int64_t)decision);
		query_bind_int(q, 2, ref);
		query_bind_blob(q, 3, raw(&u->old));
		query_bind_blob(q, 4, raw(&u->new));
		query_bind_int(q, 5, repo);
		if (query_run(q, err))
			return -1;
	}
	return trim_tips(b, repo, ref, err);
}

/* A row of WAIVER_ADD or WITHDRAWN_ADD. */
static int add_waiver(struct build *b, enum statement s, int64_t repo,
	const struct oid *o, uint64_t n, struct err *err)
{
	struct query *q;

	if (statement(b, s, &q, err))
		return -1;
	query_bind_int(q, 1, repo);
	query_bind_blob(q, 2, raw(o));
	query_bind_int(q, 3, (int64_t)n);
	return query_run(q, err);
}

static int add_waived(struct build *b, const struct entry_update *u,
	int64_t repo, int64_t ref, uint64_t n, struct err *err)
{
	struct query *q;

	if (statement(b, WAIVED_ADD, &q, err))
		return -1;
	query_bind_int(q, 1, repo);
	query_bind_int(q, 2, (int64_t)n);
	query_bind_int(q, 3, ref);
	query_bind_blob(q, 4, raw(&u->old));
	query_bind_blob(q, 5, raw(&u->new));
	return query_run(q, err);
}

/* Of an admitted decision: what its updates say of waivers. */
static int note_waivers(struct build *b, const struct entry *e, uint64_t n,
	const struct entry_update *u, int64_t repo, int64_t ref,
	struct err *err)
{
	if (e->kind != RECORD_DECISION || !e->admitted)
		return 0;
	if (span_starts(u->ref, SPAN_LIT("refs/sluice/waivers/")) &&
		!oid_is_zero(&u->old) && !oid_eq(&u->old, &u->new) &&
		add_waiver(b, WITHDRAWN_ADD, repo, &u->old, n, err))
		return -1;
	if (e->nwaiver && !oid_is_zero(&u->new) &&
		!span_starts(u->ref, SPAN_LIT("refs/sluice/")))
		return add_waived(b, u, repo, ref, n, err);
	return 0;
}

static int add_update(struct build *b, const struct entry *e, uint64_t n,
	size_t at, const struct entry_update *u, int64_t repo, struct err *err)
{
	struct query *q;
	int64_t ref;

	if (name_id(b, u->ref, &ref, err) || statement(b, MOVED_ADD, &q, err))
		return -1;
	query_bind_int(q, 1, (int64_t)n);
	query_bind_int(q, 2, (int64_t)at);
	query_bind_int(q, 3, repo);
	query_bind_int(q, 4, ref);
	query_bind_blob(q, 5, raw(&u->old));
	query_bind_blob(q, 6, raw(&u->new));
	query_bind_int(q, 7, e->admitted);
	query_bind_int(q, 8, e->kind == RECORD_ADOPT);
	if (query_run(q, err))
		return -1;
	if (e->settles)
		return confirm_update(b, e->decision, u, repo, ref, err);
	/* What was only seen vouches for nothing. */
	if (e->kind == RECORD_OBSERVED)
		return 0;
	/* Zeros too: a deletion is found by its update as well. */
	if (note_waivers(b, e, n, u, repo, ref, err) ||
		add_object(b, &u->new, n, err))
		return -1;
	if (e->admitted && !oid_is_zero(&u->new))
		return add_tip(
			b, repo, ref, n, &u->new, e->kind == RECORD_ADOPT, err);
	return 0;
}

/* An outcome speaks for a decision only if there is such a decision, earlier
 * and of the same repository. */
static int set_decision(struct build *b, const struct entry *e, uint64_t n,
	int64_t repo, size_t moved, struct err *err)
{
	struct query *q;
	bool row;

	if (statement(b, DECISION_OF, &q, err))
		return -1;
	query_bind_int(q, 1, (int64_t)e->decision);
	query_bind_int(q, 2, repo);
	if (query_step(q, &row, err))
		return -1;
	query_reset(q);
	if (!row)
		return err_set(err, ERR_LOG,
			"entry %llu: names entry %llu, which is no decision "
			"of its repository",
			(unsigned long long)n, (unsigned long long)e->decision);
	if (statement(b, DECISION_SET, &q, err))
		return -1;
	query_bind_int(q, 1, (int64_t)e->decision);
	query_bind_int(q, 2, (int64_t)n);
	query_bind_int(q, 3, moved > 0);
	return query_run(q, err);
}

static int add_row(struct build *b, const struct entry *e, uint64_t n,
	int64_t repo, struct err *err)
{
	unsigned char record[HASH_LEN];
	struct query *q;
	int64_t pusher;

	if (!text_hex_read(span_str(e->record), record, sizeof(record)))
		return err_set(err, ERR_LOG, "entry %llu: bad record digest",
			(unsigned long long)n);
	if (e->pusher.n && name_id(b, e->pusher, &pusher, err))
		return -1;
	if (statement(b, ENTRY_ADD, &q, err))
		return -1;
	query_bind_int(q, 1, (int64_t)n);
	query_bind_int(q, 2, (int64_t)e->kind);
	query_bind_int(q, 3, repo);
	query_bind_text(q, 4, e->time);
	query_bind_int(q, 5, (int64_t)e->verdict);
	query_bind_int(q, 6, e->observe);
	query_bind_int(q, 7, e->admitted);
	if (e->pusher.n)
		query_bind_int(q, 8, pusher);
	if (e->settles)
		query_bind_int(q, 9, (int64_t)e->decision);
	query_bind_int(q, 10, e->kind == RECORD_ADOPT);
	query_bind_blob(q, 11, span_of(record, sizeof(record)));
	return query_run(q, err);
}

static int add_certificate(struct build *b, const struct entry *e, uint64_t n,
	int64_t repo, struct err *err)
{
	struct query *q;

	if (!e->admitted || !e->certificate[0])
		return 0;
	if (statement(b, CERTIFICATE_ADD, &q, err))
		return -1;
	query_bind_int(q, 1, repo);
	query_bind_int(q, 2, (int64_t)n);
	query_bind_text(q, 3, span_str(e->certificate));
	return query_run(q, err);
}

static int add_entry(struct build *b, const struct entry *e, uint64_t n,
	struct arena *a, struct err *err)
{
	struct entry_update *update;
	struct oid *commit;
	size_t nupdate, ncommit, i;
	int64_t repo;

	if (entrylists_updates(
		    b->log, e, &b->list, a, &update, &nupdate, err) ||
		entrylists_commits(
			b->log, e, &b->list, a, &commit, &ncommit, err) ||
		name_id(b, e->repository, &repo, err) ||
		add_row(b, e, n, repo, err) ||
		add_certificate(b, e, n, repo, err))
		return -1;
	if (e->settles && set_decision(b, e, n, repo, nupdate, err))
		return -1;
	for (i = 0; i < nupdate; i++)
		if (add_update(b, e, n, i, &update[i], repo, err))
			return -1;
	for (i = 0; i < ncommit; i++)
		if (add_object(b, &commit[i], n, err))
			return -1;
	for (i = 0; e->admitted && i < e->nwaiver; i++)
		if (add_waiver(b, WAIVER_ADD, repo, &e->waiver[i], n, err))
			return -1;
	return 0;
}

static int each(void *ctx, uint64_t n, struct span bytes, struct err *err)
{
	struct build *b = ctx;
	struct entry e;

	arena_reset(b->arena);
	if (entry_parse(bytes, b->arena, &e, err)) {
		err->code = ERR_LOG;
		return err_in(err, "entry %llu", (unsigned long long)n);
	}
	return add_entry(b, &e, n, b->arena, err);
}

/* What the database covers; *${have} false when it is not of this log. */
static int covered(struct db *db, struct log_reader *log, bool *have,
	uint64_t *size, struct hash *root, struct err *err)
{
	struct query *q = NULL;
	char boot[DB_BOOT_MAX];
	struct span bytes;
	bool row;
	int ret = -1;

	*have = false;
	*size = 0;
	if (query_new(db, "PRAGMA user_version", &q, err) ||
		query_step(q, &row, err))
		goto out;
	if (query_int(q, 0) != VERSION) {
		ret = 0;
		goto out;
	}
	query_free(q);
	if (query_new(db, "SELECT vkey, boot, size, root FROM meta", &q, err) ||
		query_step(q, &row, err))
		goto out;
	ret = 0;
	if (!row || !log_knows(log, query_text(q, 0)))
		goto out;
	/* Written before the machine was last started: it may be torn. */
	db_boot(boot);
	if (!span_is(query_text(q, 1), boot))
		goto out;
	bytes = query_blob(q, 3);
	if (bytes.n != HASH_LEN)
		goto out;
	memcpy(root->b, bytes.p, HASH_LEN);
	*size = (uint64_t)query_int(q, 2);
	*have = true;
out:
	query_free(q);
	return ret;
}

static int set_meta(struct db *db, struct log_reader *log, struct err *err)
{
	struct buf vkey = BUF_INIT(ROTATION_MAX);
	char boot[DB_BOOT_MAX];
	struct query *q;
	int ret;

	if (query_new(db,
		    "INSERT OR REPLACE INTO meta VALUES (1, ?1, ?2, ?3, ?4)",
		    &q, err))
		return -1;
	db_boot(boot);
	/* The first it had, whichever is trusted by now. */
	note_key_text(keychain_key(log_keys(log), 0), &vkey);
	query_bind_text(q, 1, buf_all(&vkey));
	query_bind_text(q, 2, span_str(boot));
	query_bind_int(q, 3, (int64_t)log_size(log));
	query_bind_blob(q, 4, span_of(log_root(log)->b, HASH_LEN));
	ret = query_run(q, err);
	query_free(q);
	buf_free(&vkey);
	return ret;
}

static int fill(struct db *db, struct log_reader *log, uint64_t from,
	const struct hash *root, struct err *err)
{
	struct build b = {.db = db,
		.log = log,
		.arena = arena_new(ENTRY_ARENA),
		.list = BUF_INIT(LOG_LIST_MAX)};
	size_t i;
	int ret;

	ret = log_each(log, from, root, each, &b, err);
	if (!ret)
		ret = add_objects(&b, err);
	if (!ret)
		ret = set_meta(db, log, err);
	for (i = 0; i < STATEMENTS; i++)
		query_free(b.q[i]);
	rows_free(&b.objects);
	arena_free(b.arena);
	buf_free(&b.list);
	return ret;
}

static int rebuild(struct db *db, struct log_reader *log, struct err *err)
{
	if (db_run(db, BUILD_CACHE, err) || db_run(db, drop, err) ||
		db_run(db, schema, err))
		return -1;
	return fill(db, log, 0, NULL, err);
}

/* Inside a transaction, so that two processes do not add the same. */
static int update(
	struct db *db, struct log_reader *log, bool *ahead, struct err *err)
{
	struct hash root;
	uint64_t size;
	bool have;

	if (covered(db, log, &have, &size, &root, err))
		return -1;
	if (!have)
		return rebuild(db, log, err);
	*ahead = size > log_size(log);
	if (*ahead || (size == log_size(log) && hash_eq(&root, log_root(log))))
		return 0;
	return fill(db, log, size, &root, err);
}

int index_catch_up(
	struct db *db, struct log_reader *log, bool *ahead, struct err *err)
{
	struct err second = ERR_INIT;
	struct hash root;
	uint64_t size;
	bool have;

	*ahead = false;
	if (covered(db, log, &have, &size, &root, err))
		return -1;
	if (have && size == log_size(log) && hash_eq(&root, log_root(log)))
		return 0;
	if (db_run(db, "BEGIN IMMEDIATE", err))
		return -1;
	if (!update(db, log, ahead, err) && !db_run(db, "COMMIT", err))
		return 0;
	/* Closing would undo it as well; this only frees the lock sooner. */
	if (db_run(db, "ROLLBACK", &second))
		err_clear(&second);
	return -1;
}

#include "log/index.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "log/index_build.h"
#include "log/store.h"
#include "parse/bundle.h"
#include "parse/entry.h"
#include "port/database.h"

#define ENTRY_ARENA ((size_t)1 << 30)

/* An entry read again, with its updates by ref: a push of ten thousand refs
 * asks for the same one ten thousand times. */
struct confirmed {
	uint64_t n;
	struct arena *arena; /* NULL: there is none */
	struct entry entry;
	struct entry_update *v;
	size_t count;
};

struct index {
	struct db *db;
	struct log_reader *log;
	struct query *find; /* kept by find_update, which is asked as often */
	struct confirmed last;
};

struct log_reader *index_log(struct index *ix)
{
	return ix->log;
}

void index_close(struct index *ix)
{
	if (!ix)
		return;
	query_free(ix->find);
	db_close(ix->db);
	log_close(ix->log);
	arena_free(ix->last.arena);
	free(ix);
}

/* How often another writer may overtake us before it looks like a rollback. */
#define TRIES 4

static int open_current(
	struct index *ix, const char *state, const char *path, struct err *err)
{
	bool ahead = true;
	int i;

	if (db_open(path, &ix->db, err))
		return -1;
	for (i = 0; i < TRIES && ahead; i++) {
		log_close(ix->log);
		ix->log = NULL;
		if (log_open_state(state, &ix->log, err) ||
			index_catch_up(ix->db, ix->log, &ahead, err))
			goto fail;
	}
	if (!ahead)
		return 0;
	err_set(err, ERR_LOG,
		"the checkpoint has size %llu, fewer entries than were there "
		"before: the log was rolled back",
		(unsigned long long)log_size(ix->log));
	err_hint(err, "restore the newest copy of '%s/" STORE_LOG "'", state);
fail:
	db_close(ix->db);
	ix->db = NULL;
	return -1;
}

/* The file and what SQLite keeps beside it. */
static void remove_files(const char *path)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	struct buf name = BUF_INIT(PATH_BUF_MAX);
	size_t i;

	for (i = 0; i < ARRAY_LEN(ends); i++) {
		buf_reset(&name);
		buf_fmt(&name, "%s%s", path, ends[i]);
		unlink(buf_cstr(&name));
	}
	buf_free(&name);
}

/* One process puts a damaged file away; the others find it done. */
static int open_anew(struct index *ix, const char *state, const char *path,
	bool always, struct err *err)
{
	struct buf name = BUF_INIT(PATH_BUF_MAX);
	struct err first = ERR_INIT;
	int fd, ret = -1;

	buf_fmt(&name, "%s.lock", path);
	fd = io_create(buf_cstr(&name), 0600, err);
	if (fd < 0)
		goto out;
	if (flock(fd, LOCK_EX)) {
		err_sys(err, "cannot lock '%s'", buf_cstr(&name));
		goto out;
	}
	if (!always) {
		ret = open_current(ix, state, path, &first);
		if (!ret)
			goto out;
	}
	remove_files(path);
	ret = open_current(ix, state, path, err);
out:
	io_close(fd);
	buf_free(&name);
	return ret;
}

static int open_mode(
	const char *state, bool always, struct index **out, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	struct index *ix = calloc(1, sizeof(*ix));
	int ret = -1;

	*out = NULL;
	if (!ix)
		die("out of memory");
	store_path(&path, state, STORE_INDEX);
	if (always) {
		if (open_anew(ix, state, buf_cstr(&path), true, err))
			goto out;
	} else if (open_current(ix, state, buf_cstr(&path), err)) {
		/* ERR_INPUT: the database itself is damaged. */
		if (err->code != ERR_INPUT)
			goto out;
		err_clear(err);
		if (open_anew(ix, state, buf_cstr(&path), false, err))
			goto out;
	}
	*out = ix;
	ix = NULL;
	ret = 0;
out:
	if (ret)
		err_in(err, "index");
	index_close(ix);
	buf_free(&path);
	return ret;
}

int index_open(const char *state, struct index **out, struct err *err)
{
	return open_mode(state, false, out, err);
}

int index_rebuild(const char *state, struct err *err)
{
	struct index *ix;

	if (open_mode(state, true, &ix, err))
		return -1;
	index_close(ix);
	return 0;
}

/* Every row of one query in both, side by side. */
static int compare(struct db *a, struct db *b, const char *sql, int columns,
	bool *differs, struct err *err)
{
	struct query *q[2] = {NULL, NULL};
	bool row[2] = {true, true};
	int i, ret = -1;

	if (query_new(a, sql, &q[0], err) || query_new(b, sql, &q[1], err))
		goto out;
	while (row[0] && row[1] && !*differs) {
		if (query_step(q[0], &row[0], err) ||
			query_step(q[1], &row[1], err))
			goto out;
		*differs = row[0] != row[1];
		for (i = 0; row[0] && row[1] && i < columns; i++)
			if (!span_eq(query_blob(q[0], i), query_blob(q[1], i)))
				*differs = true;
	}
	ret = 0;
out:
	query_free(q[0]);
	query_free(q[1]);
	return ret;
}

static int check_once(const char *state, bool *differs, struct err *err)
{
	static const struct {
		const char *sql;
		int columns;
	} views[] = {
		{"SELECT vkey, size, root FROM meta", 3},
		{"SELECT n, kind, r.text, time, verdict, observe, admitted, "
		 "p.text, decision, outcome, applied, record FROM entry "
		 "LEFT JOIN name r ON r.id = repo "
		 "LEFT JOIN name p ON p.id = pusher ORDER BY n",
			12},
		{"SELECT entry, at, r.text, f.text, old, new, good, applied "
		 "FROM moved LEFT JOIN name r ON r.id = repo "
		 "LEFT JOIN name f ON f.id = ref ORDER BY entry, at",
			8},
		{"SELECT oid, entry FROM object ORDER BY oid, entry", 2},
		{"SELECT r.text, oid, entry FROM waiver "
		 "LEFT JOIN name r ON r.id = repo "
		 "ORDER BY r.text, oid, entry",
			3},
		{"SELECT r.text, oid, entry FROM withdrawn "
		 "LEFT JOIN name r ON r.id = repo "
		 "ORDER BY r.text, oid, entry",
			3},
		{"SELECT r.text, f.text, entry, old, new FROM waived "
		 "LEFT JOIN name r ON r.id = repo "
		 "LEFT JOIN name f ON f.id = ref "
		 "ORDER BY r.text, f.text, entry",
			5},
		{"SELECT r.text, f.text, entry, oid, applied FROM tip "
		 "LEFT JOIN name r ON r.id = repo "
		 "LEFT JOIN name f ON f.id = ref "
		 "ORDER BY r.text, f.text, entry",
			5},
		{"SELECT r.text, entry, sha256 FROM certificate "
		 "LEFT JOIN name r ON r.id = repo ORDER BY entry",
			3},
	};
	struct index *ix = NULL;
	struct db *fresh = NULL;
	bool ahead;
	size_t i;
	int ret = -1;

	*differs = false;
	if (index_open(state, &ix, err) || db_open(NULL, &fresh, err) ||
		index_catch_up(fresh, ix->log, &ahead, err) ||
		db_run(ix->db, "BEGIN", err))
		goto out;
	for (i = 0; i < ARRAY_LEN(views) && !*differs; i++)
		if (compare(ix->db, fresh, views[i].sql, views[i].columns,
			    differs, err))
			goto out;
	ret = 0;
out:
	db_close(fresh);
	index_close(ix);
	return ret;
}

/* A push may come in between the log and the database being read. */
#define CHECKS 3

int index_check(const char *state, bool *differs, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	bool there = io_exists(store_path(&path, state, STORE_INDEX));
	int i, ret = 0;

	*differs = there;
	for (i = 0; i < CHECKS && *differs && !ret; i++)
		ret = check_once(state, differs, err);
	buf_free(&path);
	return ret;
}

static struct oid blob_oid(struct query *q, int column)
{
	struct span s = query_blob(q, column);
	struct oid o = {{0}};

	if (s.n == OID_RAW)
		memcpy(o.b, s.p, OID_RAW);
	return o;
}

static struct span oid_span(const struct oid *o)
{
	return span_of(o->b, OID_RAW);
}

/* Rows of ref, oid, entry, verdict for the repository that ?1 names. */
static int tips_of(struct index *ix, const char *sql, struct span repo,
	struct arena *a, struct index_tips *out, struct err *err)
{
	struct query *q = NULL;
	size_t cap = 0;
	bool row;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (query_new(ix->db, sql, &q, err))
		goto out;
	query_bind_text(q, 1, repo);
	for (;;) {
		struct index_tip *t;

		if (query_step(q, &row, err))
			goto out;
		if (!row)
			break;
		out->v = arena_grow(a, out->v, out->n, &cap, sizeof(*out->v));
		t = &out->v[out->n++];
		t->ref = arena_copy(a, query_text(q, 0));
		t->oid = blob_oid(q, 1);
		t->entry = (uint64_t)query_int(q, 2);
		t->accepted = query_int(q, 3) == VERDICT_ACCEPT;
	}
	ret = 0;
out:
	query_free(q);
	return ret;
}

int index_tips(struct index *ix, struct span repo, struct arena *a,
	struct index_tips *out, struct err *err)
{
	return tips_of(ix,
		"SELECT r.text, t.oid, t.entry, e.verdict FROM tip t "
		"JOIN name r ON r.id = t.ref "
		"JOIN entry e ON e.n = t.entry "
		"WHERE t.repo = (SELECT id FROM name WHERE text = ?1) "
		"ORDER BY r.text, t.entry DESC",
		repo, a, out, err);
}

int index_refs(struct index *ix, struct span repo, struct arena *a,
	struct index_tips *out, struct err *err)
{
	/* With max(), SQLite takes the other columns from that row. */
	return tips_of(ix,
		"SELECT r.text, m.new, max(m.entry), e.verdict FROM moved m "
		"JOIN name r ON r.id = m.ref "
		"JOIN entry e ON e.n = m.entry "
		"WHERE m.repo = (SELECT id FROM name WHERE text = ?1) "
		"AND m.good GROUP BY m.ref ORDER BY r.text",
		repo, a, out, err);
}

/* Object names of a repository, ?1, as far as ?2. */
static int oids_by(struct index *ix, const char *sql, struct span repo,
	const char *limit, struct arena *a, struct oid **v, size_t *n,
	struct err *err)
{
	struct query *q = NULL;
	size_t cap = 0;
	bool row;
	int ret = -1;

	if (query_new(ix->db, sql, &q, err))
		goto out;
	query_bind_text(q, 1, repo);
	query_bind_text(q, 2, span_str(limit));
	for (;;) {
		if (query_step(q, &row, err))
			goto out;
		if (!row)
			break;
		*v = arena_grow(a, *v, *n, &cap, sizeof(**v));
		(*v)[(*n)++] = blob_oid(q, 0);
	}
	ret = 0;
out:
	query_free(q);
	return ret;
}

int index_adopted(struct index *ix, struct span repo, size_t max,
	struct arena *a, struct oid **out, size_t *n, struct err *err)
{
	*out = NULL;
	*n = 0;
	return oids_by(ix,
		"SELECT m.new FROM entry e JOIN moved m ON m.entry = e.n "
		"WHERE e.kind = 0 AND e.repo = "
		"(SELECT id FROM name WHERE text = ?1) "
		"ORDER BY e.n DESC, m.at LIMIT CAST(?2 AS INTEGER)",
		repo, arena_fmt(a, "%zu", max), a, out, n, err);
}

/* The waivers of the pushes that needed some, to the steps of those. */
static int waived_by(struct index *ix, struct span repo, struct arena *a,
	struct waiver_past *out, const int64_t *entry, struct err *err)
{
	struct query *q = NULL;
	size_t cap = 0, n = 0, i = 0;
	struct oid *v = NULL;
	int64_t of = -1;
	bool row;
	int ret = -1;

	if (query_new(ix->db,
		    "SELECT w.oid, w.entry FROM waiver w "
		    "WHERE w.repo = (SELECT id FROM name WHERE text = ?1) "
		    "ORDER BY w.entry",
		    &q, err))
		goto out;
	query_bind_text(q, 1, repo);
	for (;;) {
		if (query_step(q, &row, err))
			goto out;
		if (!row || query_int(q, 1) != of) {
			for (; i < out->nwaived && entry[i] <= of; i++) {
				if (entry[i] < of)
					continue;
				out->waived[i].by = v;
				out->waived[i].nby = n;
			}
			v = NULL;
			n = cap = 0;
		}
		if (!row)
			break;
		of = query_int(q, 1);
		v = arena_grow(a, v, n, &cap, sizeof(*v));
		v[n++] = blob_oid(q, 0);
	}
	ret = 0;
out:
	query_free(q);
	return ret;
}

static int waived_steps(struct index *ix, struct span repo, struct arena *a,
	struct waiver_past *out, struct err *err)
{
	struct query *q = NULL;
	size_t cap = 0, entries = 0;
	int64_t *entry = NULL;
	bool row;
	int ret = -1;

	if (query_new(ix->db,
		    "SELECT r.text, w.old, w.new, w.entry FROM waived w "
		    "JOIN name r ON r.id = w.ref "
		    "WHERE w.repo = (SELECT id FROM name WHERE text = ?1) "
		    "ORDER BY w.entry",
		    &q, err))
		goto out;
	query_bind_text(q, 1, repo);
	for (;;) {
		struct waived_step *s;

		if (query_step(q, &row, err))
			goto out;
		if (!row)
			break;
		out->waived = arena_grow(a, out->waived, out->nwaived, &cap,
			sizeof(*out->waived));
		s = &out->waived[out->nwaived++];
		s->ref = arena_copy(a, query_text(q, 0));
		s->old = blob_oid(q, 1);
		s->new = blob_oid(q, 2);
		entry = arena_grow(
			a, entry, out->nwaived - 1, &entries, sizeof(*entry));
		entry[out->nwaived - 1] = query_int(q, 3);
	}
	ret = waived_by(ix, repo, a, out, entry, err);
out:
	query_free(q);
	return ret;
}

int index_waivers(struct index *ix, struct span repo, const char *since,
	struct arena *a, struct waiver_past *out, struct err *err)
{
	memset(out, 0, sizeof(*out));
	if (oids_by(ix,
		    "SELECT DISTINCT w.oid FROM waiver w "
		    "JOIN entry e ON e.n = w.entry "
		    "WHERE w.repo = (SELECT id FROM name WHERE text = ?1) "
		    "AND e.applied AND e.time >= ?2",
		    repo, since, a, &out->spent, &out->nspent, err) ||
		oids_by(ix,
			"SELECT DISTINCT w.oid FROM withdrawn w "
			"JOIN entry e ON e.n = w.entry "
			"WHERE w.repo = (SELECT id FROM name WHERE text = ?1) "
			"AND e.time >= ?2",
			repo, since, a, &out->withdrawn, &out->nwithdrawn, err))
		return -1;
	return waived_steps(ix, repo, a, out, err);
}

static int by_ref(const void *a, const void *b)
{
	const struct entry_update *x = a, *y = b;

	return span_cmp(x->ref, y->ref);
}

/* Entry ${n} into ix->last. */
static int read_again(struct index *ix, uint64_t n, struct err *err)
{
	struct confirmed *c = &ix->last;
	struct arena *a = arena_new(ENTRY_ARENA);
	struct buf text = BUF_INIT(ENTRY_MAX), list = BUF_INIT(LOG_LIST_MAX);
	struct confirmed new = {.n = n, .arena = a};
	int ret = -1;

	if (log_entry(ix->log, n, &text, err) ||
		entry_parse(arena_copy(a, buf_all(&text)), a, &new.entry, err))
		goto out;
	new.v = new.entry.update;
	new.count = new.entry.nupdate;
	if (new.entry.updates_list.sha256[0]) {
		if (log_list(ix->log, new.entry.updates_list.sha256, &list,
			    err) ||
			entry_list_updates(arena_copy(a, buf_all(&list)),
				&new.entry.updates_list, a, &new.v, err))
			goto out;
		new.count = new.entry.updates_list.count;
	}
	if (new.count)
		qsort(new.v, new.count, sizeof(*new.v), by_ref);
	arena_free(c->arena);
	*c = new;
	a = NULL;
	ret = 0;
out:
	buf_free(&list);
	buf_free(&text);
	arena_free(a);
	return ret;
}

/* Whether the entry itself says what the index says of it. */
static int confirm(struct index *ix, uint64_t n, struct span repo,
	struct span ref, const struct oid *old, const struct oid *new,
	struct err *err)
{
	const struct confirmed *c = &ix->last;
	const struct entry_update key = {.ref = ref}, *u;

	if ((!c->arena || c->n != n) && read_again(ix, n, err))
		return -1;
	u = c->count ? bsearch(&key, c->v, c->count, sizeof(*c->v), by_ref)
		     : NULL;
	if (u && c->entry.admitted && span_eq(c->entry.repository, repo) &&
		oid_eq(&u->new, new) && (!old || oid_eq(&u->old, old)))
		return 0;
	err_set(err, ERR_LOG,
		"the index says of entry %llu what the entry does not",
		(unsigned long long)n);
	return err_hint(err, "'sluice log verify --reindex' builds it anew");
}

static int find_update(struct index *ix, struct span repo, struct span ref,
	const struct oid *old, const struct oid *new, enum record_kind kind,
	bool any_kind, uint64_t *entry, struct err *err)
{
	struct query *q;
	bool row;
	int ret = -1;

	*entry = ENTRY_NONE;
	if (!ix->find &&
		query_new(ix->db,
			"SELECT m.entry FROM object o "
			"JOIN moved m ON m.entry = o.entry "
			"JOIN entry e ON e.n = o.entry "
			"WHERE o.oid = ?1 AND m.new = ?1 AND m.good "
			"AND m.repo = (SELECT id FROM name WHERE text = ?2) "
			"AND m.ref = (SELECT id FROM name WHERE text = ?3) "
			"AND (?4 IS NULL OR m.old = ?4) "
			"AND (?5 IS NULL OR e.kind = ?5) "
			"ORDER BY m.entry DESC LIMIT 1",
			&ix->find, err))
		return -1;
	q = ix->find;
	query_bind_blob(q, 1, oid_span(new));
	query_bind_text(q, 2, repo);
	query_bind_text(q, 3, ref);
	if (old)
		query_bind_blob(q, 4, oid_span(old));
	if (!any_kind)
		query_bind_int(q, 5, (int64_t)kind);
	if (query_step(q, &row, err))
		goto out;
	if (row) {
		uint64_t n = (uint64_t)query_int(q, 0);

		if (confirm(ix, n, repo, ref, old, new, err))
			goto out;
		*entry = n;
	}
	ret = 0;
out:
	query_reset(q);
	return ret;
}

int index_certificates(struct index *ix, struct span repo, size_t max,
	struct arena *a, struct certificate_use **out, size_t *n,
	struct err *err)
{
	struct query *q = NULL;
	size_t cap = 0;
	bool row;
	int ret = -1;

	*out = NULL;
	*n = 0;
	if (query_new(ix->db,
		    "SELECT sha256, entry FROM certificate WHERE repo = "
		    "(SELECT id FROM name WHERE text = ?1) "
		    "ORDER BY entry DESC LIMIT ?2",
		    &q, err))
		goto out;
	query_bind_text(q, 1, repo);
	query_bind_int(q, 2, (int64_t)max);
	for (;;) {
		if (query_step(q, &row, err))
			goto out;
		if (!row)
			break;
		*out = arena_grow(a, *out, *n, &cap, sizeof(**out));
		(*out)[*n].sha256 = arena_str(a, query_text(q, 0));
		(*out)[*n].entry = (uint64_t)query_int(q, 1);
		++*n;
	}
	ret = 0;
out:
	query_free(q);
	return ret;
}

int index_was_admitted(struct index *ix, struct span repo, struct span ref,
	const struct oid *oid, uint64_t *entry, struct err *err)
{
	return find_update(
		ix, repo, ref, NULL, oid, RECORD_ADOPT, true, entry, err);
}

int index_decision(struct index *ix, struct span repo, struct span ref,
	const struct oid *old, const struct oid *new, uint64_t *entry,
	struct err *err)
{
	return find_update(
		ix, repo, ref, old, new, RECORD_DECISION, false, entry, err);
}

#define ROW_COLUMNS                                                    \
	"e.n, e.kind, e.time, e.verdict, e.observe, e.admitted, "      \
	"e.decision, e.outcome, e.applied, e.record, r.text, p.text, " \
	"EXISTS (SELECT 1 FROM waived w WHERE w.repo = e.repo "        \
	"AND w.entry = e.n) "
#define ROW_JOINS \
	"JOIN name r ON r.id = e.repo LEFT JOIN name p ON p.id = e.pusher "

static uint64_t number_or_none(struct query *q, int column)
{
	return query_null(q, column) ? ENTRY_NONE
				     : (uint64_t)query_int(q, column);
}

static void row_of(struct query *q, struct arena *a, struct index_row *r)
{
	struct buf hex = BUF_INIT(64);

	r->entry = (uint64_t)query_int(q, 0);
	r->kind = (enum record_kind)query_int(q, 1);
	r->time = arena_copy(a, query_text(q, 2));
	r->verdict = (enum verdict)query_int(q, 3);
	r->observe = query_int(q, 4) != 0;
	r->admitted = query_int(q, 5) != 0;
	r->decision = number_or_none(q, 6);
	r->outcome = number_or_none(q, 7);
	r->applied = query_int(q, 8) != 0;
	text_hex(&hex, query_blob(q, 9));
	snprintf(r->record, sizeof(r->record), "%s", buf_cstr(&hex));
	r->repository = arena_copy(a, query_text(q, 10));
	r->pusher = arena_copy(a, query_text(q, 11));
	r->waived = query_int(q, 12) != 0;
	buf_free(&hex);
}

/* The updates of each row. */
static int fill_updates(struct index *ix, struct arena *a,
	struct index_rows *rows, struct err *err)
{
	struct query *q = NULL;
	size_t i, cap;
	bool row;
	int ret = -1;

	if (query_new(ix->db,
		    "SELECT r.text, m.old, m.new, m.applied FROM moved m "
		    "JOIN name r ON r.id = m.ref WHERE m.entry = ?1 "
		    "ORDER BY m.at",
		    &q, err))
		goto out;
	for (i = 0; i < rows->n; i++) {
		struct index_row *r = &rows->v[i];

		query_bind_int(q, 1, (int64_t)r->entry);
		for (cap = 0;;) {
			struct index_update *u;

			if (query_step(q, &row, err))
				goto out;
			if (!row)
				break;
			r->update = arena_grow(a, r->update, r->nupdate, &cap,
				sizeof(*r->update));
			u = &r->update[r->nupdate++];
			u->ref = arena_copy(a, query_text(q, 0));
			u->old = blob_oid(q, 1);
			u->new = blob_oid(q, 2);
			u->applied = query_int(q, 3) != 0;
		}
		query_reset(q);
	}
	ret = 0;
out:
	query_free(q);
	return ret;
}

static int collect(struct index *ix, struct query *q, struct arena *a,
	struct index_rows *out, struct err *err)
{
	size_t cap = 0;
	bool row;

	for (;;) {
		if (query_step(q, &row, err))
			return -1;
		if (!row)
			break;
		out->v = arena_grow(a, out->v, out->n, &cap, sizeof(*out->v));
		row_of(q, a, &out->v[out->n++]);
	}
	return fill_updates(ix, a, out, err);
}

int index_commit(struct index *ix, const struct oid *oid, struct arena *a,
	struct index_rows *out, struct err *err)
{
	struct query *q = NULL;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (query_new(ix->db,
		    "SELECT " ROW_COLUMNS
		    "FROM object o JOIN entry e ON e.n = o.entry " ROW_JOINS
		    "WHERE o.oid = ?1 ORDER BY e.n",
		    &q, err))
		goto out;
	query_bind_blob(q, 1, oid_span(oid));
	ret = collect(ix, q, a, out, err);
out:
	query_free(q);
	return ret;
}

int index_abbreviated(struct index *ix, struct span hex, size_t max,
	struct arena *a, struct oid **out, size_t *n, struct err *err)
{
	char digits[2][OID_HEX + 1];
	struct query *q = NULL;
	struct oid bound[2];
	size_t cap = 0;
	bool row;
	int i, ret = -1;

	*out = NULL;
	*n = 0;
	if (hex.n < 4 || hex.n > OID_HEX)
		return err_set(err, ERR_USAGE,
			"an abbreviated object name has 4 to 40 digits");
	for (i = 0; i < 2; i++) {
		memset(digits[i], i ? 'f' : '0', OID_HEX);
		memcpy(digits[i], hex.p, hex.n);
		if (!oid_read(span_of(digits[i], OID_HEX), &bound[i]))
			return err_set(err, ERR_USAGE,
				"not an object name: lower-case hex digits");
	}
	if (query_new(ix->db,
		    "SELECT DISTINCT oid FROM object "
		    "WHERE oid BETWEEN ?1 AND ?2 ORDER BY oid LIMIT ?3",
		    &q, err))
		goto out;
	query_bind_blob(q, 1, oid_span(&bound[0]));
	query_bind_blob(q, 2, oid_span(&bound[1]));
	query_bind_int(q, 3, (int64_t)max);
	for (;;) {
		if (query_step(q, &row, err))
			goto out;
		if (!row)
			break;
		*out = arena_grow(a, *out, *n, &cap, sizeof(**out));
		(*out)[(*n)++] = blob_oid(q, 0);
	}
	ret = 0;
out:
	query_free(q);
	return ret;
}

int index_list(struct index *ix, const struct index_filter *f, struct arena *a,
	struct index_rows *out, struct err *err)
{
	struct query *q = NULL;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (query_new(ix->db,
		    "SELECT * FROM (SELECT " ROW_COLUMNS
		    "FROM entry e " ROW_JOINS "WHERE e.n >= ?1 "
		    "AND (?2 IS NULL OR "
		    "e.repo = (SELECT id FROM name WHERE text = ?2)) "
		    "AND (?3 IS NULL OR e.kind = ?3) "
		    "AND (?4 IS NULL OR (e.kind = 1 AND e.verdict = ?4)) "
		    "AND (?5 IS NULL OR EXISTS (SELECT 1 FROM moved m "
		    "WHERE m.entry = e.n AND m.ref = "
		    "(SELECT id FROM name WHERE text = ?5))) "
		    "ORDER BY e.n DESC LIMIT ?6) ORDER BY 1",
		    &q, err))
		goto out;
	query_bind_int(q, 1, (int64_t)f->since);
	if (f->repository.n)
		query_bind_text(q, 2, f->repository);
	if (f->kind)
		query_bind_int(q, 3, (int64_t)*f->kind);
	if (f->verdict)
		query_bind_int(q, 4, (int64_t)*f->verdict);
	if (f->ref.n)
		query_bind_text(q, 5, f->ref);
	query_bind_int(q, 6, f->last ? (int64_t)f->last : -1);
	ret = collect(ix, q, a, out, err);
out:
	query_free(q);
	return ret;
}

int index_entry(struct index *ix, uint64_t n, struct arena *a,
	struct index_row *out, struct err *err)
{
	struct index_rows rows = {0};
	struct query *q = NULL;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (query_new(ix->db,
		    "SELECT " ROW_COLUMNS "FROM entry e " ROW_JOINS
		    "WHERE e.n = ?1",
		    &q, err))
		goto out;
	query_bind_int(q, 1, n > INT64_MAX ? -1 : (int64_t)n);
	if (collect(ix, q, a, &rows, err))
		goto out;
	if (rows.n != 1) {
		err_set(err, ERR_INPUT,
			"no entry %llu: the log has %llu entries",
			(unsigned long long)n,
			(unsigned long long)log_size(ix->log));
		goto out;
	}
	*out = rows.v[0];
	ret = 0;
out:
	query_free(q);
	return ret;
}

/* Steps of a ref, as ${sql} chooses them. */
static int ref_steps(struct index *ix, const char *sql, struct span repo,
	struct span ref, size_t last, struct arena *a, struct index_steps *out,
	struct err *err)
{
	struct query *q = NULL;
	size_t cap = 0;
	bool row;
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (query_new(ix->db, sql, &q, err))
		goto out;
	query_bind_text(q, 1, repo);
	query_bind_text(q, 2, ref);
	query_bind_int(q, 3, last ? (int64_t)last : -1);
	for (;;) {
		struct index_step *s;

		if (query_step(q, &row, err))
			goto out;
		if (!row)
			break;
		out->v = arena_grow(a, out->v, out->n, &cap, sizeof(*out->v));
		s = &out->v[out->n++];
		s->entry = (uint64_t)query_int(q, 0);
		s->outcome = number_or_none(q, 1);
		s->kind = (enum record_kind)query_int(q, 2);
		s->old = blob_oid(q, 3);
		s->new = blob_oid(q, 4);
		s->admitted = query_int(q, 5) != 0;
		s->applied = query_int(q, 6) != 0;
	}
	ret = 0;
out:
	query_free(q);
	return ret;
}

#define STEPS_OF(which)                                                \
	"SELECT e.n, e.outcome, e.kind, m.old, m.new, e.admitted, "    \
	"m.applied FROM moved m JOIN entry e ON e.n = m.entry "        \
	"WHERE m.repo = (SELECT id FROM name WHERE text = ?1) "        \
	"AND m.ref = (SELECT id FROM name WHERE text = ?2) AND " which \
	" ORDER BY m.entry DESC LIMIT ?3"

int index_ref_history(struct index *ix, struct span repo, struct span ref,
	size_t last, struct arena *a, struct index_steps *out, struct err *err)
{
	return ref_steps(
		ix, STEPS_OF("e.kind < 2"), repo, ref, last, a, out, err);
}

int index_ref_observed(struct index *ix, struct span repo, struct span ref,
	struct arena *a, struct index_steps *out, struct err *err)
{
	return ref_steps(ix, STEPS_OF("e.kind = 3 AND e.decision IS NULL"),
		repo, ref, 0, a, out, err);
}

int index_objects(struct index *ix, struct span repo,
	int (*each)(void *ctx, const struct oid *o, uint64_t entry,
		struct err *err),
	void *ctx, struct err *err)
{
	struct query *q = NULL;
	struct oid o;
	bool row;
	int ret = -1;

	if (query_new(ix->db,
		    "SELECT o.oid, min(o.entry) FROM object o "
		    "JOIN entry e ON e.n = o.entry "
		    "WHERE e.repo = (SELECT id FROM name WHERE text = ?1) "
		    "AND e.admitted AND e.applied AND o.oid <> zeroblob(20) "
		    "GROUP BY o.oid",
		    &q, err))
		goto out;
	query_bind_text(q, 1, repo);
	for (;;) {
		if (query_step(q, &row, err))
			goto out;
		if (!row)
			break;
		o = blob_oid(q, 0);
		if (each(ctx, &o, (uint64_t)query_int(q, 1), err))
			goto out;
	}
	ret = 0;
out:
	query_free(q);
	return ret;
}

#include "log/index_same.h"

#include <stdlib.h>

#include "base/grow.h"
#include "base/io.h"
#include "base/text.h"
#include "log/entrylists.h"
#include "log/index.h"
#include "log/index_rows.h"
#include "log/store.h"
#include "log/tipbook.h"
#include "port/database.h"

#define ENTRY_ARENA ((size_t)1 << 30)
#define NAMES_ARENA ((size_t)4 << 30)
#define NO_NAME UINT32_MAX

struct name {
	struct span text;
	int64_t id;
};

/* What later entries may still change, as it should be and as it stands in the
 * tables. */
struct past {
	uint64_t outcome, stands_outcome;
	size_t moved; /* the first of its updates */
	uint32_t repo;
	enum record_kind kind;
	bool admitted, applied, stands;
};
struct moved {
	struct oid old, new;
	uint32_t ref;
	bool applied, stands;
};

struct same {
	struct db *db;
	struct log_reader *log;
	uint64_t size; /* what the tables cover of it */
	struct arena *names, *scratch;
	struct buf room;
	struct name *name; /* in the order of texts */
	size_t nname, name_cap;
	uint32_t *by_id;  /* names, in the order of ids */
	uint32_t last[3]; /* names that were asked for last */
	struct query *entry, *update;
	struct past *past;
	size_t n, cap;
	struct moved *moved;
	size_t nmoved, moved_cap;
	struct rows objects, rare;
	struct tipbook tips;
};

enum name_of {
	NAME_REPO,
	NAME_REF,
	NAME_PUSHER,
};

/* There is no word for it: whoever has to tell looks again. */
static int differs(struct err *err)
{
	return err_set(err, ERR_LOG, "the index differs");
}

/* UNIQUE gives them in order; a damaged file might not. */
static int read_names(struct same *s, struct err *err)
{
	struct query *q = NULL;
	bool row;
	int ret = -1;

	if (query_new(
		    s->db, "SELECT id, text FROM name ORDER BY text", &q, err))
		goto out;
	while (!query_step(q, &row, err)) {
		struct span text;

		if (!row) {
			ret = 0;
			goto out;
		}
		text = query_text(q, 1);
		if (s->nname && span_cmp(s->name[s->nname - 1].text, text) >= 0)
			break;
		s->name =
			grow(s->name, s->nname, &s->name_cap, sizeof(*s->name));
		s->name[s->nname++] = (struct name){
			arena_copy(s->names, text), query_int(q, 0)};
		if (s->nname == NO_NAME)
			break;
	}
	if (err->code == ERR_NONE)
		differs(err);
out:
	query_free(q);
	return ret;
}

static bool is_name(const struct same *s, uint32_t i, struct span text)
{
	return i < s->nname && span_eq(s->name[i].text, text);
}

static uint32_t name_find(struct same *s, enum name_of of, struct span text)
{
	size_t low = 0, high = s->nname;

	if (is_name(s, s->last[of], text))
		return s->last[of];
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (span_cmp(s->name[mid].text, text) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (!is_name(s, (uint32_t)low, text))
		return NO_NAME;
	s->last[of] = (uint32_t)low;
	return (uint32_t)low;
}

static bool column_name(
	const struct same *s, struct query *q, int column, uint32_t name)
{
	return query_is_int(q, column, s->name[name].id);
}

static bool column_oid(struct query *q, int column, const struct oid *o)
{
	return span_eq(query_blob(q, column), span_of(o->b, OID_RAW));
}

/* A number that may be missing: then ENTRY_NONE. */
static bool column_entry(struct query *q, int column, uint64_t *out)
{
	*out = query_null(q, column) ? ENTRY_NONE
				     : (uint64_t)query_int(q, column);
	return *out == ENTRY_NONE ? query_null(q, column)
				  : query_is_int(q, column, (int64_t)*out);
}

static bool column_bool(struct query *q, int column, bool *out)
{
	*out = query_is_int(q, column, 1);
	return *out || query_is_int(q, column, 0);
}

static int same_entry(struct same *s, const struct entry *e, uint64_t n,
	struct past *p, struct err *err)
{
	unsigned char record[HASH_LEN];
	uint32_t pusher = NO_NAME;
	struct query *q = s->entry;
	uint64_t decision;
	bool row;

	if (e->pusher.n)
		pusher = name_find(s, NAME_PUSHER, e->pusher);
	if (query_step(q, &row, err))
		return -1;
	if (!row || !text_hex_read(span_str(e->record), record, HASH_LEN) ||
		(e->pusher.n && pusher == NO_NAME) ||
		!query_is_int(q, 0, (int64_t)n) ||
		!query_is_int(q, 1, (int64_t)e->kind) ||
		!column_name(s, q, 2, p->repo) ||
		!span_eq(query_text(q, 3), e->time) ||
		!query_is_int(q, 4, (int64_t)e->verdict) ||
		!query_is_int(q, 5, e->observe) ||
		!query_is_int(q, 6, e->admitted) ||
		!(pusher == NO_NAME ? query_null(q, 7)
				    : column_name(s, q, 7, pusher)) ||
		!column_entry(q, 8, &decision) ||
		decision != (e->settles ? e->decision : ENTRY_NONE) ||
		!column_entry(q, 9, &p->stands_outcome) ||
		!column_bool(q, 10, &p->stands) ||
		!span_eq(query_blob(q, 11), span_of(record, HASH_LEN)))
		return differs(err);
	s->past = grow(s->past, s->n, &s->cap, sizeof(*s->past));
	s->past[s->n++] = *p;
	return 0;
}

static int same_update(struct same *s, const struct past *p, uint64_t n,
	size_t at, const struct entry_update *u, uint32_t ref, struct err *err)
{
	struct moved m = {.old = u->old,
		.new = u->new,
		.ref = ref,
		.applied = p->kind == RECORD_ADOPT};
	struct query *q = s->update;
	bool row;

	if (query_step(q, &row, err))
		return -1;
	if (!row || !query_is_int(q, 0, (int64_t)n) ||
		!query_is_int(q, 1, (int64_t)at) ||
		!column_name(s, q, 2, p->repo) || !column_name(s, q, 3, ref) ||
		!column_oid(q, 4, &u->old) || !column_oid(q, 5, &u->new) ||
		!query_is_int(q, 6, p->admitted) ||
		!column_bool(q, 7, &m.stands))
		return differs(err);
	s->moved = grow(s->moved, s->nmoved, &s->moved_cap, sizeof(*s->moved));
	s->moved[s->nmoved++] = m;
	return 0;
}

/* An outcome's update, in its decision; looked for from where the last one was,
 * since both have them in one order. */
static void confirm(struct same *s, uint64_t decision, size_t end, size_t *hint,
	const struct moved *u)
{
	const struct past *p = &s->past[decision];
	struct tipbook_tip tip = {
		.entry = decision, .oid = u->new, .applied = true};
	size_t n = end - p->moved, i;

	for (i = 0; i < n; i++) {
		struct moved *m = &s->moved[p->moved + (*hint + i) % n];

		if (m->ref != u->ref || !oid_eq(&m->old, &u->old) ||
			!oid_eq(&m->new, &u->new))
			continue;
		*hint = (*hint + i + 1) % n;
		m->applied = true;
		if (p->admitted && !oid_is_zero(&u->new))
			tipbook_apply(&s->tips, p->repo, u->ref, &tip);
		return;
	}
}

static int settle(struct same *s, const struct entry *e, uint64_t n,
	const struct past *p, struct err *err)
{
	struct past *d = e->decision < n ? &s->past[e->decision] : NULL;
	size_t i, hint = 0;

	if (!d || d->kind != RECORD_DECISION || d->repo != p->repo)
		return differs(err);
	d->outcome = n;
	d->applied |= s->nmoved > p->moved;
	for (i = p->moved; i < s->nmoved; i++)
		confirm(s, e->decision, s->past[e->decision + 1].moved, &hint,
			&s->moved[i]);
	return 0;
}

/* What an adoption or a decision says of one ref. */
static void judged(struct same *s, const struct entry *e, uint64_t n,
	const struct past *p, const struct entry_update *u, uint32_t ref)
{
	struct tipbook_tip tip = {
		.entry = n, .oid = u->new, .applied = e->kind == RECORD_ADOPT};
	int64_t repo = s->name[p->repo].id;

	rows_object(&s->objects, &u->new, n);
	if (e->admitted && !oid_is_zero(&u->new))
		tipbook_add(&s->tips, p->repo, ref, &tip);
	if (e->kind != RECORD_DECISION || !e->admitted)
		return;
	if (span_starts(u->ref, SPAN_LIT("refs/sluice/waivers/")) &&
		!oid_is_zero(&u->old) && !oid_eq(&u->old, &u->new))
		rows_add(&s->rare, ROW_WITHDRAWN, repo, 0, n, &u->old, NULL);
	if (e->nwaiver && !oid_is_zero(&u->new) &&
		!span_starts(u->ref, SPAN_LIT("refs/sluice/")))
		rows_add(&s->rare, ROW_WAIVED, repo, s->name[ref].id, n,
			&u->old, &u->new);
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Of an entry that names a ref twice, which the gate never makes, SQL has to
 * say what becomes. */
static bool each_once(const struct moved *v, size_t n, struct arena *a)
{
	uint32_t *ref = arena_get(a, n, sizeof(*ref));
	size_t i;

	for (i = 0; i < n; i++)
		ref[i] = v[i].ref;
	qsort(ref, n, sizeof(*ref), by_number);
	for (i = 1; i < n; i++)
		if (ref[i] == ref[i - 1])
			return false;
	return true;
}

static int updates(struct same *s, const struct entry *e, uint64_t n,
	const struct past *p, struct err *err)
{
	struct entry_update *v;
	size_t count, i;

	if (entrylists_updates(
		    s->log, e, &s->room, s->scratch, &v, &count, err))
		return -1;
	for (i = 0; i < count; i++) {
		uint32_t ref = name_find(s, NAME_REF, v[i].ref);

		if (ref == NO_NAME)
			return differs(err);
		if (same_update(s, p, n, i, &v[i], ref, err))
			return -1;
		if (!e->settles && e->kind != RECORD_OBSERVED)
			judged(s, e, n, p, &v[i], ref);
	}
	if (count > 1 && !each_once(&s->moved[p->moved], count, s->scratch))
		return differs(err);
	return e->settles ? settle(s, e, n, p, err) : 0;
}

static int others(struct same *s, const struct entry *e, uint64_t n,
	const struct past *p, struct err *err)
{
	int64_t repo = s->name[p->repo].id;
	struct oid *commit;
	size_t count, i;

	if (entrylists_commits(
		    s->log, e, &s->room, s->scratch, &commit, &count, err))
		return -1;
	for (i = 0; i < count; i++)
		rows_object(&s->objects, &commit[i], n);
	for (i = 0; e->admitted && i < e->nwaiver; i++)
		rows_add(&s->rare, ROW_WAIVER, repo, 0, n, &e->waiver[i], NULL);
	if (e->admitted && e->certificate[0])
		rows_certificate(&s->rare, repo, n, span_str(e->certificate));
	return 0;
}

static int each(void *ctx, uint64_t n, struct span bytes, struct err *err)
{
	struct same *s = ctx;
	struct past p = {.outcome = ENTRY_NONE, .moved = s->nmoved};
	struct entry e;

	if (n >= s->size)
		return 0;
	arena_reset(s->scratch);
	if (entry_parse(bytes, s->scratch, &e, err))
		return -1;
	p.kind = e.kind;
	p.admitted = e.admitted;
	p.applied = e.kind == RECORD_ADOPT;
	p.repo = name_find(s, NAME_REPO, e.repository);
	if (p.repo == NO_NAME)
		return differs(err);
	if (same_entry(s, &e, n, &p, err) || updates(s, &e, n, &p, err))
		return -1;
	return others(s, &e, n, &p, err);
}

static int at_end(struct query *q, struct err *err)
{
	bool row;

	if (query_step(q, &row, err))
		return -1;
	return row ? differs(err) : 0;
}

/* What the last entry has left, against what stands in the tables. */
static int same_past(struct same *s, struct err *err)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->past[i].outcome != s->past[i].stands_outcome ||
			s->past[i].applied != s->past[i].stands)
			return differs(err);
	for (i = 0; i < s->nmoved; i++)
		if (s->moved[i].applied != s->moved[i].stands)
			return differs(err);
	return 0;
}

static int by_id(const void *a, const void *b, void *ctx)
{
	const struct name *name = ctx;
	int64_t x = name[*(const uint32_t *)a].id;
	int64_t y = name[*(const uint32_t *)b].id;

	return (x > y) - (x < y);
}

static void sort_ids(struct same *s)
{
	size_t i;

	s->by_id = calloc(s->nname + 1, sizeof(*s->by_id));
	if (!s->by_id)
		die("out of memory");
	for (i = 0; i < s->nname; i++)
		s->by_id[i] = (uint32_t)i;
	qsort_r(s->by_id, s->nname, sizeof(*s->by_id), by_id, s->name);
}

static uint32_t name_by_id(const struct same *s, int64_t id)
{
	size_t low = 0, high = s->nname;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->name[s->by_id[mid]].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < s->nname && s->name[s->by_id[low]].id == id ? s->by_id[low]
								 : NO_NAME;
}

/* Each of the rows is one that is kept, and there are as many. */
static int same_tips(struct same *s, struct err *err)
{
	struct query *q = NULL;
	size_t i, n = 0;
	bool row;
	int ret = -1;

	sort_ids(s);
	for (i = 0; i < s->tips.n; i++)
		n += s->tips.v[i].n;
	if (query_new(s->db, "SELECT repo, ref, entry, oid, applied FROM tip",
		    &q, err))
		goto out;
	for (;;) {
		const struct tipbook_ref *r;

		if (query_step(q, &row, err))
			goto out;
		if (!row)
			break;
		r = tipbook_find(&s->tips, name_by_id(s, query_int(q, 0)),
			name_by_id(s, query_int(q, 1)));
		for (i = 0; r && i < r->n; i++)
			if (query_is_int(q, 2, (int64_t)r->tip[i].entry) &&
				column_oid(q, 3, &r->tip[i].oid) &&
				query_is_int(q, 4, r->tip[i].applied))
				break;
		if (!r || i == r->n || !n--) {
			differs(err);
			goto out;
		}
	}
	ret = n ? differs(err) : 0;
out:
	query_free(q);
	return ret;
}

/* Of this log, as far as they go: what came since is added to them when they
 * are next asked. */
static int covers(struct same *s, struct err *err)
{
	struct query *q = NULL;
	struct hash root;
	bool row;
	int ret = -1;

	if (query_new(s->db, "SELECT vkey, size, root FROM meta", &q, err) ||
		query_step(q, &row, err))
		goto out;
	if (!row || !span_is(query_blob(q, 0), log_vkey(s->log)) ||
		!column_entry(q, 1, &s->size) || s->size > log_size(s->log)) {
		differs(err);
		goto out;
	}
	if (log_root_at(s->log, s->size, &root, err))
		goto out;
	ret = span_eq(query_blob(q, 2), span_of(root.b, HASH_LEN))
		? at_end(q, err)
		: differs(err);
out:
	query_free(q);
	return ret;
}

static int compare(struct same *s, struct err *err)
{
	if (db_run(s->db, "BEGIN", err) || covers(s, err) ||
		read_names(s, err) ||
		query_new(s->db,
			"SELECT n, kind, repo, time, verdict, observe,"
			" admitted, pusher, decision, outcome, applied, record"
			" FROM entry ORDER BY n",
			&s->entry, err) ||
		query_new(s->db,
			"SELECT entry, at, repo, ref, old, new, good, applied"
			" FROM moved ORDER BY entry, at",
			&s->update, err) ||
		log_each(s->log, 0, NULL, each, s, err) ||
		at_end(s->entry, err) || at_end(s->update, err))
		return -1;
	if (same_past(s, err) || same_tips(s, err) ||
		rows_same_objects(&s->objects, s->db, err))
		return -1;
	return rows_same(&s->rare, s->db, err);
}

bool index_is_same(const char *state)
{
	struct buf path = PATH_BUF_INIT;
	struct same s = {.names = arena_new(NAMES_ARENA),
		.scratch = arena_new(ENTRY_ARENA),
		.room = BUF_INIT(LOG_LIST_MAX)};
	struct err err = ERR_INIT;
	bool same = io_exists(store_path(&path, state, STORE_INDEX)) &&
		!db_open(buf_cstr(&path), &s.db, &err) &&
		!log_open_state(state, &s.log, &err) && !compare(&s, &err);

	query_free(s.entry);
	query_free(s.update);
	db_close(s.db);
	log_close(s.log);
	tipbook_free(&s.tips);
	rows_free(&s.objects);
	rows_free(&s.rare);
	free(s.past);
	free(s.by_id);
	free(s.moved);
	free(s.name);
	arena_free(s.names);
	arena_free(s.scratch);
	buf_free(&s.room);
	buf_free(&path);
	return same;
}

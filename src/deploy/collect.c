#include "deploy/collect.h"

#include "base/text.h"
#include "parse/bundle.h"

/* One entry and its lists, for as long as it is looked at. */
#define SCRATCH_MAX ((size_t)1 << 30)

struct collect {
	struct log_reader *log;
	struct history *history;
};

static int load_updates(
	struct collect *c, struct entry *e, struct arena *a, struct err *err)
{
	struct buf text = BUF_INIT(LOG_LIST_MAX);
	int ret = -1;

	if (!e->updates_list.sha256[0])
		return 0;
	if (log_list(c->log, e->updates_list.sha256, &text, err) ||
		entry_list_updates(
			buf_all(&text), &e->updates_list, a, &e->update, err))
		goto out;
	e->nupdate = (size_t)e->updates_list.count;
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

static int load_commits(
	struct collect *c, struct entry *e, struct arena *a, struct err *err)
{
	struct buf text = BUF_INIT(LOG_LIST_MAX);
	int ret = -1;

	if (!e->commits_list.sha256[0])
		return 0;
	if (log_list(c->log, e->commits_list.sha256, &text, err) ||
		entry_list_commits(
			buf_all(&text), &e->commits_list, a, &e->commit, err))
		goto out;
	e->ncommit = (size_t)e->commits_list.count;
	ret = 0;
out:
	buf_free(&text);
	return ret;
}

static bool concerns(const struct history *h, const struct entry *e)
{
	size_t i;

	if (e->settles)
		return history_knows(h, e->decision);
	if (e->kind == RECORD_OBSERVED)
		return false;
	for (i = 0; i < e->ncommit; i++)
		if (history_wants(h, &e->commit[i]))
			return true;
	for (i = 0; i < e->nupdate; i++)
		if (history_wants(h, &e->update[i].new))
			return true;
	return false;
}

static int keep(
	struct collect *c, uint64_t n, struct span bytes, struct err *err)
{
	struct arena *a = c->history->arena;
	struct entry e;

	if (entry_parse(bytes, a, &e, err) || load_updates(c, &e, a, err) ||
		load_commits(c, &e, a, err))
		return err_in(err, "entry %llu", (unsigned long long)n);
	history_add(c->history, n, &e);
	return 0;
}

static bool wants_name(const struct history *h, struct span quoted)
{
	struct oid o;

	return quoted.n == OID_HEX && oid_read(quoted, &o) &&
		history_wants(h, &o);
}

/*
 * Whether an entry could concern anybody, from its bytes alone: reading them
 * as JSON costs twenty times as much, and nearly all are about other commits.
 * Entries are canonical, so a name stands between quotes as it is.
 */
static bool worth_reading(const struct history *h, struct span bytes)
{
	static const char decision[] = "\"decision\":";
	size_t at = span_search(bytes, SPAN_LIT(decision)), n = 0;
	struct span rest = bytes;
	uint64_t number;

	if (at != SIZE_MAX) {
		struct span digits = span_from(bytes, at + strlen(decision));

		while (n < digits.n && digits.p[n] >= '0' && digits.p[n] <= '9')
			n++;
		if (text_to_u64(span_sub(digits, 0, n), UINT64_MAX, &number) &&
			history_knows(h, number))
			return true;
	}
	if (span_search(bytes, SPAN_LIT("_list\":")) != SIZE_MAX)
		return true;
	while ((at = span_find(rest, '"')) != SIZE_MAX) {
		if (wants_name(h, span_sub(rest, 0, at)))
			return true;
		rest = span_from(rest, at + 1);
	}
	return false;
}

static int sift(void *ctx, uint64_t n, struct span bytes, struct err *err)
{
	struct collect *c = ctx;
	struct arena *scratch;
	struct entry e;
	int ret = -1;

	if (!worth_reading(c->history, bytes))
		return 0;
	scratch = arena_new(SCRATCH_MAX);
	if (entry_parse(bytes, scratch, &e, err) ||
		load_updates(c, &e, scratch, err) ||
		load_commits(c, &e, scratch, err)) {
		err_in(err, "entry %llu", (unsigned long long)n);
		goto out;
	}
	ret = concerns(c->history, &e) ? keep(c, n, bytes, err) : 0;
out:
	arena_free(scratch);
	return ret;
}

int collect_all(struct log_reader *log, const struct deployed_list *items,
	struct arena *a, struct history *out, struct err *err)
{
	struct collect c = {log, out};

	history_begin(a, items, out);
	if (log_each(log, 0, NULL, sift, &c, err))
		return -1;
	history_end(out);
	return 0;
}

/* Numbers of entries to read. */
struct numbers {
	uint64_t *v;
	size_t n, cap;
};

static void push(struct numbers *l, struct arena *a, uint64_t n)
{
	if (n == ENTRY_NONE)
		return;
	l->v = arena_grow(a, l->v, l->n, &l->cap, sizeof(*l->v));
	l->v[l->n++] = n;
}

static int ask_commit(struct index *ix, const struct oid *o, struct arena *a,
	struct numbers *out, struct err *err)
{
	struct arena *scratch = arena_new(SCRATCH_MAX);
	struct index_rows rows;
	int ret = -1;
	size_t i;

	if (index_commit(ix, o, scratch, &rows, err))
		goto out;
	for (i = 0; i < rows.n; i++) {
		push(out, a, rows.v[i].entry);
		push(out, a, rows.v[i].outcome);
	}
	ret = 0;
out:
	arena_free(scratch);
	return ret;
}

/* Two that begin alike are enough to know that the name is not one. */
static int ask_short(struct index *ix, const struct deployed *d,
	struct arena *a, struct numbers *out, struct err *err)
{
	char hex[OID_HEX + 1];
	struct oid *hit;
	size_t n, i;

	oid_hex(&d->oid, hex);
	if (index_abbreviated(ix, span_of(hex, d->digits), 2, a, &hit, &n, err))
		return -1;
	for (i = 0; i < n; i++)
		if (ask_commit(ix, &hit[i], a, out, err))
			return -1;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

int collect_indexed(struct index *ix, const struct deployed_list *items,
	struct arena *a, struct history *out, struct err *err)
{
	struct collect c = {index_log(ix), out};
	struct buf bytes = BUF_INIT(ENTRY_MAX);
	struct numbers want = {NULL, 0, 0};
	int ret = -1;
	size_t i;

	history_begin(a, items, out);
	/* out->want is sorted: one question for workloads that run the same. */
	for (i = 0; i < out->nwant; i++) {
		const struct deployed *d = &out->want[i];

		if (i && d->digits == d[-1].digits &&
			oid_eq(&d->oid, &d[-1].oid))
			continue;
		if (d->digits == OID_HEX
				? ask_commit(ix, &d->oid, a, &want, err)
				: ask_short(ix, d, a, &want, err))
			goto out;
	}
	if (want.n)
		qsort(want.v, want.n, sizeof(*want.v), by_number);
	/* In order, so that each tile and bundle is read once. */
	for (i = 0; i < want.n; i++) {
		if (i && want.v[i] == want.v[i - 1])
			continue;
		if (log_entry(c.log, want.v[i], &bytes, err) ||
			keep(&c, want.v[i], buf_all(&bytes), err))
			goto out;
	}
	history_end(out);
	ret = 0;
out:
	buf_free(&bytes);
	return ret;
}

#include "log/append.h"

#include "base/io.h"
#include "log/appender.h"
#include "log/store.h"
#include "parse/record.h"
#include "parse/tilepath.h"
#include "port/crypto.h"

/* Room that a push should find in the journal, for its decision and outcome. */
#define JOURNAL_SPARE (4 * JOURNAL_BLOCK)

/* Records that share a frame of the journal each, one sync and a checkpoint. */
struct group {
	struct append_item *item[JOURNAL_FRAMES];
	struct batch batch[JOURNAL_FRAMES];
	struct journal_frame frame[JOURNAL_FRAMES];
	size_t n;
};

void append_receipt(struct append_item *item, uint64_t index, uint64_t size)
{
	item->receipt.index = index;
	item->receipt.size = size;
	memcpy(item->receipt.record, item->entry.record,
		sizeof(item->receipt.record));
}

/* The files of each, the log growing by it. */
static int put_group(struct appender *a, struct group *g, struct err *err)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		struct journal_frame *f = &g->frame[i];
		struct append_item *item = g->item[i];
		struct tree_range range;

		if (appender_put(a, item->record, &item->entry, &g->batch[i],
			    &f->root, &range, err))
			return -1;
		f->size = a->size = range.size;
		a->range = range;
	}
	return 0;
}

static int place_group(struct group *g, struct err *err)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (batch_place(&g->batch[i], err))
			return -1;
	return 0;
}

/* One write that lasts; the files wait for nothing. */
static int publish_journaled(struct appender *a, struct group *g,
	struct batch *last, struct err *err)
{
	const struct hash *root = &g->frame[g->n - 1].root;
	bool written;
	size_t i;

	if (journal_add(appender_path(a, STORE_JOURNAL), &a->journal, g->frame,
		    g->n, &written, err)) {
		for (i = 0; i < g->n; i++)
			g->batch[i].placed = written;
		return -1;
	}
	if (place_group(g, err))
		return -1;
	return highwater_raise(appender_path(a, STORE_HIGHWATER), &a->mark,
		       a->size, root, false, err) ||
			appender_publish(a, a->size, root, last, err)
		? -1
		: 0;
}

/* What is too large for the journal, alone: every file by itself. */
static int publish_synced(struct appender *a, uint64_t from, struct group *g,
	struct batch *last, struct err *err)
{
	const struct hash *root = &g->frame[0].root;

	/* All files wait for the same write of the file system's journal. */
	if (batch_commit(&g->batch[0], err) || batch_sync(last, err) ||
		highwater_raise(appender_path(a, STORE_HIGHWATER), &a->mark,
			a->size, root, true, err) ||
		appender_publish(a, a->size, root, last, err))
		return -1;
	if (journal_restart(appender_path(a, STORE_JOURNAL), &a->journal,
		    a->size, root, err))
		return -1;
	appender_collect(a, from, a->size);
	return 0;
}

static int add(struct appender *a, struct group *g, struct err *err)
{
	bool small = journal_fits(&a->journal, g->item[0]->record.n, false);
	const struct tree_range before = a->range;
	const uint64_t from = a->size;
	struct batch last = BATCH_EMPTY;
	size_t i;
	int ret = -1;

	if (put_group(a, g, err) || appender_room(a, a->size, &last, err))
		goto out;
	if (small ? publish_journaled(a, g, &last, err)
		  : publish_synced(a, from, g, &last, err))
		goto out;
	/* Before the journal is full, and before partial tiles are many. */
	if (a->journal.n &&
		(from / TILE_WIDTH != a->size / TILE_WIDTH ||
			!journal_fits(&a->journal, JOURNAL_SPARE, true)) &&
		appender_flush(a, a->size, &g->frame[g->n - 1].root, err))
		goto out;
	for (i = 0; i < g->n; i++)
		append_receipt(g->item[i], from + i, a->size);
	ret = 0;
out:
	if (ret) {
		a->size = from;
		a->range = before;
	}
	for (i = 0; i < g->n; i++)
		batch_drop(&g->batch[i]);
	batch_drop(&last);
	return ret;
}

int appender_open(struct appender *a, const char *state, struct err *err)
{
	a->state = state;
	/* The key under the lock: another may have come while waiting. */
	if ((a->lock < 0 && store_lock(state, &a->lock, err)) ||
		logkey_open(state, appender_path(a, STORE_KEY), &a->key, err) ||
		appender_rotation(a, err))
		return -1;
	return log_source_dir(appender_path(a, STORE_LOG), &a->src, err);
}

void appender_close(struct appender *a)
{
	logkey_close(&a->key);
	logkey_close(&a->next);
	buf_free(&a->rotation);
	journal_close(&a->journal);
	log_source_close(a->src);
	io_close(a->lock);
	buf_free(&a->path);
}

/* The next items that go together: what the journal has room for, or one that
 * it never has. Answers where the others begin. */
static size_t gather(struct appender *a, const struct append_rules *rules,
	struct append_item *v, size_t at, size_t n, struct group *g)
{
	g->n = 0;
	for (; at < n && g->n < JOURNAL_FRAMES; at++) {
		struct append_item *item = &v[at];
		bool small = journal_fits(&a->journal, item->record.n, false);

		if (item->err.code != ERR_NONE)
			continue;
		g->frame[g->n] = (struct journal_frame){.record = item->record};
		if (g->n &&
			(!small ||
				journal_fitting(&a->journal, g->frame,
					g->n + 1) <= g->n))
			break;
		if (rules &&
			rules->may(
				rules->ctx, item, a->src, a->size, &item->err))
			continue;
		g->batch[g->n] = BATCH_EMPTY;
		g->item[g->n++] = item;
		if (!small)
			return at + 1;
	}
	return at;
}

static int add_all(struct appender *a, const struct append_rules *rules,
	struct append_item *v, size_t n, struct err *err)
{
	struct group g;
	struct hash root;
	size_t at = 0;

	while (at < n) {
		at = gather(a, rules, v, at, n, &g);
		if (!g.n)
			continue;
		root = tree_range_root(&a->range);
		if (!journal_fitting(&a->journal, g.frame, 1) &&
			appender_flush(a, a->size, &root, err))
			return -1;
		if (add(a, &g, err))
			return -1;
	}
	return 0;
}

void append_item_free(struct append_item *item)
{
	entry_text_free(&item->entry);
}

int append_within(struct appender *a, struct span record,
	struct log_receipt *out, struct err *err)
{
	struct append_item item = {.record = record};
	int ret = record_entry(record, sha256_of, &item.entry, err);

	if (!ret)
		ret = add_all(a, NULL, &item, 1, err);
	*out = item.receipt;
	append_item_free(&item);
	return ret;
}

/* Who sends records has no say in the log's keys. */
bool append_derive(struct append_item *item)
{
	if (record_entry(item->record, sha256_of, &item->entry, &item->err))
		return false;
	if (item->entry.kind != RECORD_KEY)
		return true;
	err_set(&item->err, ERR_LOG,
		"a change of the log's key is not taken from others");
	err_hint(&item->err, "'sluice log rotate-key' makes one");
	return false;
}

static void fail_all(struct append_item *v, size_t n, const struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].err.code == ERR_NONE && !v[i].receipt.size)
			v[i].err = *err;
}

void append_derived(struct appender *a, const struct append_rules *rules,
	struct append_item *v, size_t n)
{
	struct err err = ERR_INIT;

	if (add_all(a, rules, v, n, &err))
		fail_all(v, n, &err);
}

void append_batch(const char *state, const struct append_rules *rules,
	struct append_item *v, size_t n)
{
	struct appender a = APPENDER_NONE;
	struct err err = ERR_INIT;
	size_t i, good = 0;

	for (i = 0; i < n; i++)
		good += v[i].err.code == ERR_NONE && append_derive(&v[i]);
	if (!good)
		return;
	if (appender_open(&a, state, &err) || appender_settle(&a, &err))
		fail_all(v, n, &err);
	else
		append_derived(&a, rules, v, n);
	appender_close(&a);
}

#include "log/append.h"

#include "base/io.h"
#include "log/appender.h"
#include "log/key.h"
#include "log/store.h"
#include "parse/record.h"
#include "parse/tilepath.h"
#include "port/crypto.h"

/* Room that a push should find in the journal, for its decision and outcome. */
#define JOURNAL_SPARE (4 * JOURNAL_BLOCK)

/* One write that lasts; the files wait for nothing. */
static int publish_journaled(struct appender *a, struct span record,
	uint64_t size, const struct hash *root, struct batch *batch,
	struct batch *last, struct err *err)
{
	const struct journal_frame f = {
		.size = size, .root = *root, .record = record};
	bool written;

	if (journal_add(appender_path(a, STORE_JOURNAL), &a->journal, &f,
		    &written, err)) {
		batch->placed = written;
		return -1;
	}
	if (batch_place(batch, err))
		return -1;
	return highwater_raise(appender_path(a, STORE_HIGHWATER), &a->mark,
		       size, root, false, err) ||
			appender_publish(a, size, root, last, err)
		? -1
		: 0;
}

/* What is too large for the journal: every file by itself. */
static int publish_synced(struct appender *a, uint64_t size,
	const struct hash *root, struct batch *batch, struct batch *last,
	struct err *err)
{
	/* All files wait for the same write of the file system's journal. */
	if (batch_commit(batch, err) || batch_sync(last, err) ||
		highwater_raise(appender_path(a, STORE_HIGHWATER), &a->mark,
			size, root, true, err) ||
		appender_publish(a, size, root, last, err))
		return -1;
	if (journal_restart(appender_path(a, STORE_JOURNAL), &a->journal, size,
		    root, err))
		return -1;
	appender_collect(a, a->size, size);
	return 0;
}

static int add(struct appender *a, struct span record,
	const struct entry_text *e, struct err *err)
{
	bool small = journal_fits(&a->journal, record.n, false);
	struct batch batch = BATCH_EMPTY, last = BATCH_EMPTY;
	struct hash root = tree_range_root(&a->range);
	struct tree_range range;
	int ret = -1;

	if (!journal_fits(&a->journal, record.n, true) &&
		appender_flush(a, a->size, &root, err))
		goto out;
	if (appender_put(a, record, e, &batch, &root, &range, err) ||
		appender_room(a, range.size, &last, err))
		goto out;
	if (small ? publish_journaled(
			    a, record, range.size, &root, &batch, &last, err)
		  : publish_synced(a, range.size, &root, &batch, &last, err))
		goto out;
	/* Before the journal is full, and before partial tiles are many. */
	if (a->journal.n &&
		(range.size % TILE_WIDTH == 0 ||
			!journal_fits(&a->journal, JOURNAL_SPARE, true)) &&
		appender_flush(a, range.size, &root, err))
		goto out;
	ret = 0;
out:
	batch_drop(&batch);
	batch_drop(&last);
	return ret;
}

int appender_open(struct appender *a, const char *state, struct err *err)
{
	a->state = state;
	if (key_secret_read(
		    appender_path(a, STORE_KEY), NOTE_ED25519, &a->key, err) ||
		key_public(&a->key, &a->public, err) ||
		store_lock(state, &a->lock, err))
		return -1;
	return log_source_dir(appender_path(a, STORE_LOG), &a->src, err);
}

void appender_close(struct appender *a)
{
	key_wipe(&a->key);
	journal_close(&a->journal);
	log_source_close(a->src);
	io_close(a->lock);
	buf_free(&a->path);
}

int append_run(const char *state, struct span record, struct log_receipt *out,
	struct err *err)
{
	struct appender a = APPENDER_NONE;
	struct entry_text e = {.nlists = 0};
	int ret = -1;

	memset(out, 0, sizeof(*out));
	if (record_entry(record, sha256_of, &e, err))
		goto out;
	if (appender_open(&a, state, err) || appender_settle(&a, err) ||
		add(&a, record, &e, err))
		goto out;
	out->index = a.size;
	out->size = a.size + 1;
	memcpy(out->record, e.record, sizeof(out->record));
	ret = 0;
out:
	appender_close(&a);
	entry_text_free(&e);
	return ret;
}

#include "log/appender.h"

#include "log/keychain.h"
#include "log/store.h"
#include "log/tiles.h"
#include "parse/checkpoint.h"
#include "parse/record.h"
#include "port/crypto.h"

static int checkpoint_read(
	struct appender *a, uint64_t *size, struct hash *root, struct err *err)
{
	struct arena *arena = arena_new(4 * CHECKPOINT_MAX);
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	struct checkpoint c;
	bool found;
	int ret = -1;

	if (log_source_get(
		    a->src, "checkpoint", CHECKPOINT_MAX, &note, &found, err))
		goto out;
	if (!found) {
		err_set(err, ERR_LOG, "the log has no checkpoint");
		err_hint(err, "restore the newest copy of '%s/" STORE_LOG "'",
			a->state);
		goto out;
	}
	if (checkpoint_open(&a->key.public, buf_all(&note), arena, &c, err))
		goto out;
	*size = c.size;
	memcpy(root->b, c.root, HASH_LEN);
	ret = 0;
out:
	buf_free(&note);
	arena_free(arena);
	return ret;
}

/* The last one of an old key is the first one of the new. */
static bool by_both(const struct appender *a, uint64_t size)
{
	return a->rotating && size == a->rotate_at + 1;
}

static int checkpoint_sign(struct appender *a, uint64_t size,
	const struct hash *root, struct buf *note, struct err *err)
{
	struct checkpoint c = {
		.origin = span_str(a->key.public.name), .size = size};
	struct buf text = BUF_INIT(CHECKPOINT_MAX);
	int ret;

	memcpy(c.root, root->b, HASH_LEN);
	checkpoint_text(&c, &text);
	buf_span(note, buf_all(&text));
	note_split(note);
	ret = logkey_add(&a->key, buf_all(&text), note, err);
	if (!ret && by_both(a, size))
		ret = logkey_add(&a->next, buf_all(&text), note, err);
	buf_free(&text);
	return ret;
}

int appender_room(
	struct appender *a, uint64_t size, struct batch *batch, struct err *err)
{
	struct checkpoint c = {
		.origin = span_str(a->key.public.name), .size = size};
	const unsigned char none[LOGKEY_SIG] = {0};
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	int ret;

	checkpoint_text(&c, &note);
	note_split(&note);
	note_add_sig(
		&note, c.origin, a->key.public.id, span_of(none, sizeof(none)));
	if (by_both(a, size))
		note_add_sig(&note, c.origin, a->next.public.id,
			span_of(none, sizeof(none)));
	ret = batch_put(batch, BATCH_SWAP, appender_path(a, STORE_CHECKPOINT),
		buf_all(&note), 0644, 0755, err);
	buf_free(&note);
	return ret;
}

int appender_publish(struct appender *a, uint64_t size, const struct hash *root,
	struct batch *batch, struct err *err)
{
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	int ret = -1;

	if (checkpoint_sign(a, size, root, &note, err) ||
		batch_fill(batch, buf_all(&note), err) ||
		(batch->synced ? batch_commit(batch, err)
			       : batch_place(batch, err)))
		goto out;
	ret = highwater_settle(
		appender_path(a, STORE_HIGHWATER), &a->mark, err);
out:
	buf_free(&note);
	return ret;
}

/* The tree of ${size} entries, which must have that root. */
static int load(struct appender *a, uint64_t size, const struct hash *root,
	struct err *err)
{
	struct tiles *tiles = tiles_new(a->src, size);
	struct tree_nodes nodes = tiles_nodes(tiles);
	struct hash have;
	int ret = -1;

	if (tree_range_at(&nodes, size, &a->range, err))
		goto out;
	have = tree_range_root(&a->range);
	if (!hash_eq(&have, root)) {
		err_set(err, ERR_LOG,
			"the tiles of the log do not give the root that was "
			"signed for %llu entries",
			(unsigned long long)size);
		err_hint(err, "'sluice log verify' names the damage");
		goto out;
	}
	a->size = size;
	ret = 0;
out:
	tiles_free(tiles);
	return ret;
}

static int rolled_back(const struct appender *a, uint64_t size, struct err *err)
{
	err_set(err, ERR_LOG,
		"the log was rolled back: its checkpoint has size %llu, but "
		"%llu entries were signed before",
		(unsigned long long)size, (unsigned long long)a->mark.size);
	return err_hint(err,
		"signing from here would fork the log; 'sluice log recover' "
		"goes on from a newer copy");
}

/* The machine stopped: the files past the synced size are not to be relied on,
 * and are written again from the journal, lasting. */
static int replay_one(
	struct appender *a, const struct journal_frame *f, struct err *err)
{
	struct entry_text e = {.nlists = 0};
	struct batch batch = BATCH_EMPTY;
	struct tree_range range;
	struct hash root;
	int ret = -1;

	if (!journal_whole(f)) {
		err_set(err, ERR_LOG, "the journal's entry %llu is damaged",
			(unsigned long long)f->size - 1);
		goto out;
	}
	if (record_entry(f->record, sha256_of, &e, err) ||
		appender_put(a, f->record, &e, &batch, &root, &range, err))
		goto out;
	if (!hash_eq(&root, &f->root)) {
		err_set(err, ERR_LOG,
			"the journal does not continue the log: entry %llu "
			"gives another root",
			(unsigned long long)f->size - 1);
		goto out;
	}
	if (batch_commit(&batch, err))
		goto out;
	a->range = range;
	a->size = range.size;
	ret = 0;
out:
	batch_drop(&batch);
	entry_text_free(&e);
	return ret;
}

static int replay(struct appender *a, struct err *err)
{
	struct batch last = BATCH_EMPTY;
	struct hash root;
	size_t i;

	if (load(a, a->journal.synced, &a->journal.root, err)) {
		if (err->code == ERR_LOG)
			rolled_back(a, a->journal.synced, err);
		return -1;
	}
	for (i = 0; i < a->journal.n; i++)
		if (replay_one(a, &a->journal.frame[i], err))
			return -1;
	root = tree_range_root(&a->range);
	if (appender_room(a, a->size, &last, err) || batch_sync(&last, err) ||
		highwater_raise(appender_path(a, STORE_HIGHWATER), &a->mark,
			a->size, &root, true, err) ||
		appender_publish(a, a->size, &root, &last, err)) {
		batch_drop(&last);
		return -1;
	}
	if (appender_mend(a, err))
		return -1;
	return journal_restart(appender_path(a, STORE_JOURNAL), &a->journal,
		a->size, &root, err);
}

/* The journal's word on what was promised. */
static int settle_journal(struct appender *a, bool *replayed, struct err *err)
{
	const struct journal_frame *last;
	bool found;

	*replayed = false;
	if (highwater_read(appender_path(a, STORE_HIGHWATER), &a->mark, err) ||
		journal_open(appender_path(a, STORE_JOURNAL), &a->journal,
			&found, err))
		return -1;
	if (!found || !a->journal.n)
		return 0;
	last = &a->journal.frame[a->journal.n - 1];
	/* A log that grew without the journal made its files last itself. */
	if (a->mark.size > last->size)
		return 0;
	if (!a->journal.same_boot) {
		*replayed = true;
		return replay(a, err);
	}
	if (last->size > a->mark.size) {
		/* Cut short: it may not have come to the sync, or that failed,
		 * and others will see what is signed now. */
		if (journal_again(
			    appender_path(a, STORE_JOURNAL), &a->journal, err))
			return -1;
		a->mark.size = last->size;
		a->mark.root = last->root;
		a->mark.pending = true;
	}
	return 0;
}

/* Bring checkpoint and high-water mark together, or refuse. */
static int settle_mark(struct appender *a, struct err *err)
{
	struct batch batch = BATCH_EMPTY;
	struct hash root, before;
	uint64_t size;

	if (checkpoint_read(a, &size, &root, err))
		return -1;
	if (a->mark.size > size && !a->mark.pending)
		return rolled_back(a, size, err);
	if (a->mark.size > size) {
		if (load(a, a->mark.size, &a->mark.root, err)) {
			/* They were durable when it was promised. */
			if (err->code == ERR_LOG)
				rolled_back(a, size, err);
			return -1;
		}
		if (appender_room(a, a->mark.size, &batch, err) ||
			batch_sync(&batch, err) ||
			appender_publish(
				a, a->mark.size, &a->mark.root, &batch, err)) {
			batch_drop(&batch);
			return -1;
		}
		return 0;
	}
	if (a->mark.size < size) {
		/* An old mark was put back: it must lie on our way. */
		if (load(a, a->mark.size, &a->mark.root, err))
			return -1;
	}
	before = a->mark.root;
	if (a->mark.size == size && !hash_eq(&before, &root))
		return err_set(err, ERR_LOG,
			"another root was signed before for %llu entries",
			(unsigned long long)size);
	return load(a, size, &root, err);
}

/* From here on the journal continues the log. */
static int start_journal(struct appender *a, struct err *err)
{
	const struct journal *j = &a->journal;
	struct hash root = tree_range_root(&a->range);
	const char *path = appender_path(a, STORE_JOURNAL);
	bool found;

	if (!j->map) {
		if (journal_create(path, a->size, &root, err))
			return -1;
		return journal_open(path, &a->journal, &found, err);
	}
	if (j->synced + j->n == a->size && j->same_boot)
		return 0;
	if (!j->same_boot && appender_mend(a, err))
		return -1;
	return appender_flush(a, a->size, &root, err);
}

int appender_settle(struct appender *a, struct err *err)
{
	bool replayed;

	if (settle_journal(a, &replayed, err) ||
		(!replayed && settle_mark(a, err)) || start_journal(a, err))
		return -1;
	return appender_go_over(a, err);
}

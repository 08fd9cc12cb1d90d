#include "log/append.h"

#include <unistd.h>

#include "base/io.h"
#include "log/batch.h"
#include "log/highwater.h"
#include "log/key.h"
#include "log/store.h"
#include "log/tiles.h"
#include "parse/record.h"
#include "port/crypto.h"
#include "port/ed25519.h"

/* The log as it stands, opened for one append. */
struct append {
	const char *state;
	struct log_source *src;
	struct note_key key, public;
	struct highwater mark;
	struct buf path;
	uint64_t size;
	struct tree_range range; /* of size */
};

static const char *path_of(struct append *a, const char *name)
{
	return store_path(&a->path, a->state, name);
}

/* Where a tile or bundle is, below the state folder. */
static const char *tile_file(struct append *a, const struct tilepath *t)
{
	char path[TILEPATH_MAX];

	buf_reset(&a->path);
	buf_fmt(&a->path, "%s/" STORE_LOG "/%s", a->state,
		tilepath_text(t, path));
	return buf_cstr(&a->path);
}

static int checkpoint_read(
	struct append *a, uint64_t *size, struct hash *root, struct err *err)
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
	if (checkpoint_open(&a->public, buf_all(&note), arena, &c, err))
		goto out;
	*size = c.size;
	memcpy(root->b, c.root, HASH_LEN);
	ret = 0;
out:
	buf_free(&note);
	arena_free(arena);
	return ret;
}

static int checkpoint_sign(struct append *a, uint64_t size,
	const struct hash *root, struct buf *note, struct err *err)
{
	struct checkpoint c = {.origin = span_str(a->key.name), .size = size};
	struct buf text = BUF_INIT(CHECKPOINT_MAX);
	int ret;

	memcpy(c.root, root->b, HASH_LEN);
	checkpoint_text(&c, &text);
	ret = key_sign(&a->key, buf_all(&text), note, err);
	buf_free(&text);
	return ret;
}

/* Room aside for a checkpoint of that size, to be synced with the tiles. What
 * is in it is not signed: the mark is not raised yet. */
static int checkpoint_room(
	struct append *a, uint64_t size, struct batch *batch, struct err *err)
{
	struct checkpoint c = {.origin = span_str(a->key.name), .size = size};
	const unsigned char none[ED25519_SIG] = {0};
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	int ret;

	checkpoint_text(&c, &note);
	note_split(&note);
	note_add_sig(&note, c.origin, a->key.id, span_of(none, sizeof(none)));
	ret = batch_put(batch, BATCH_REPLACE, path_of(a, STORE_CHECKPOINT),
		buf_all(&note), 0644, 0755, err);
	buf_free(&note);
	return ret;
}

/* Signed, into the room that was made for it, and published. */
static int checkpoint_publish(struct append *a, uint64_t size,
	const struct hash *root, struct batch *batch, struct err *err)
{
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	int ret = -1;

	if (checkpoint_sign(a, size, root, &note, err) ||
		batch_fill(batch, buf_all(&note), err) ||
		batch_commit(batch, err))
		goto out;
	ret = highwater_settle(path_of(a, STORE_HIGHWATER), &a->mark, err);
out:
	buf_free(&note);
	return ret;
}

/* The tree of ${size} entries, which must have that root. */
static int load(struct append *a, uint64_t size, const struct hash *root,
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

static int rolled_back(const struct append *a, uint64_t size, struct err *err)
{
	err_set(err, ERR_LOG,
		"the log was rolled back: its checkpoint has size %llu, but "
		"%llu entries were signed before",
		(unsigned long long)size, (unsigned long long)a->mark.size);
	return err_hint(err,
		"restore the newest copy of '%s/" STORE_LOG
		"'; signing from here would fork the log",
		a->state);
}

/* Bring checkpoint and high-water mark together, or refuse. */
static int settle(struct append *a, struct err *err)
{
	struct batch batch = BATCH_EMPTY;
	struct hash root, before;
	uint64_t size;

	if (checkpoint_read(a, &size, &root, err) ||
		highwater_read(path_of(a, STORE_HIGHWATER), &a->mark, err))
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
		if (checkpoint_room(a, a->mark.size, &batch, err) ||
			batch_sync(&batch, err) ||
			checkpoint_publish(
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

/* Tile by tile upwards, as long as one becomes full. */
static int put_tiles(struct append *a, struct tiles *tiles, struct batch *batch,
	const struct hash *leaf, struct err *err)
{
	struct hash h = *leaf, v[TILE_WIDTH];
	const struct hash *old;
	uint64_t index = a->size;
	unsigned level, width;

	for (level = 0;; level++) {
		struct tilepath t = {false, level, index / TILE_WIDTH,
			(unsigned)(index % TILE_WIDTH) + 1};
		struct tree_range r = TREE_RANGE_EMPTY;
		unsigned i;

		if (t.width > 1) {
			if (tiles_hashes(tiles, level, t.n, &old, &width, err))
				return -1;
			memcpy(v, old, (t.width - 1) * sizeof(*v));
		}
		v[t.width - 1] = h;
		if (batch_put(batch, BATCH_NEW, tile_file(a, &t),
			    span_of(v, t.width * sizeof(*v)), 0644, 0755, err))
			return -1;
		if (t.width < TILE_WIDTH)
			return 0;
		for (i = 0; i < TILE_WIDTH; i++)
			tree_range_add(&r, &v[i]);
		h = tree_range_root(&r);
		index = t.n;
	}
}

/* The open bundle, whose entries must be those the tiles have, and one. */
static int put_bundle(struct append *a, struct tiles *tiles,
	struct batch *batch, struct span entry, struct err *err)
{
	struct tilepath t = {true, 0, a->size / TILE_WIDTH,
		(unsigned)(a->size % TILE_WIDTH) + 1};
	struct buf room = BUF_INIT(BUNDLE_MAX), out = BUF_INIT(BUNDLE_MAX);
	const struct hash *hashes;
	struct bundle old = {.n = 0};
	unsigned i, width;
	int ret = -1;

	if (t.width > 1) {
		if (tiles_bundle(tiles, t.n, &room, &old, err) ||
			tiles_hashes(tiles, 0, t.n, &hashes, &width, err))
			goto out;
	}
	for (i = 0; i < old.n; i++) {
		struct hash h = tree_leaf(old.entry[i]);

		if (!hash_eq(&h, &hashes[i])) {
			err_set(err, ERR_LOG,
				"entry %llu in its bundle is not the one that "
				"was signed",
				(unsigned long long)(t.n * TILE_WIDTH + i));
			err_hint(err, "'sluice log verify' names the damage");
			goto out;
		}
		bundle_add(&out, old.entry[i]);
	}
	bundle_add(&out, entry);
	if (buf_check(&out, "entry bundle", err))
		goto out;
	ret = batch_put(batch, BATCH_NEW, tile_file(a, &t), buf_all(&out), 0644,
		0755, err);
out:
	buf_free(&out);
	buf_free(&room);
	return ret;
}

/* Named by their content: one that is there may be another entry's too. */
static enum batch_kind content_kind(const char *path)
{
	return io_exists(path) ? BATCH_REPLACE : BATCH_NEW;
}

static int put_evidence(struct append *a, struct batch *batch,
	struct span record, const struct entry_text *e, struct err *err)
{
	const char *path = store_vault_path(&a->path, a->state, e->record);
	size_t i;

	if (batch_put(batch, content_kind(path), path, record, 0600, 0700, err))
		return -1;
	for (i = 0; i < e->nlists; i++) {
		buf_reset(&a->path);
		buf_fmt(&a->path, "%s/" STORE_LISTS "/%s", a->state,
			e->list_name[i]);
		path = buf_cstr(&a->path);
		if (batch_put(batch, content_kind(path), path,
			    buf_all(&e->list[i]), 0644, 0755, err))
			return -1;
	}
	return 0;
}

/* The partial files of tiles that the entry just added made full. */
static void collect(struct append *a)
{
	uint64_t index = a->size;
	unsigned level = 0;

	for (; index % TILE_WIDTH == TILE_WIDTH - 1; level++) {
		struct tilepath t = {false, level, index / TILE_WIDTH, 0};
		struct buf *p = &a->path;

		for (t.width = 1; t.width < TILE_WIDTH; t.width++) {
			unlink(tile_file(a, &t));
			t.entries = true;
			if (!level)
				unlink(tile_file(a, &t));
			t.entries = false;
		}
		t.width = 1;
		tile_file(a, &t);
		p->n -= 2; /* "/1" */
		rmdir(buf_cstr(p));
		t.entries = true;
		tile_file(a, &t);
		p->n -= 2;
		if (!level)
			rmdir(buf_cstr(p));
		index /= TILE_WIDTH;
	}
}

static int add(struct append *a, struct span record, const struct entry_text *e,
	struct err *err)
{
	struct tiles *tiles = tiles_new(a->src, a->size);
	struct batch batch = BATCH_EMPTY, last = BATCH_EMPTY;
	struct hash leaf = tree_leaf(buf_all(&e->entry)), root;
	struct tree_range range = a->range;
	int ret = -1;

	tree_range_add(&range, &leaf);
	root = tree_range_root(&range);
	if (put_evidence(a, &batch, record, e, err) ||
		put_bundle(a, tiles, &batch, buf_all(&e->entry), err) ||
		put_tiles(a, tiles, &batch, &leaf, err) ||
		checkpoint_room(a, range.size, &last, err))
		goto out;
	/* All files wait for the same write of the file system's journal. */
	if (batch_commit(&batch, err) || batch_sync(&last, err))
		goto out;
	if (highwater_raise(path_of(a, STORE_HIGHWATER), &a->mark, range.size,
		    &root, err) ||
		checkpoint_publish(a, range.size, &root, &last, err))
		goto out;
	collect(a);
	ret = 0;
out:
	batch_drop(&batch);
	batch_drop(&last);
	tiles_free(tiles);
	return ret;
}

int append_run(const char *state, struct span record, struct log_receipt *out,
	struct err *err)
{
	struct append a = {.state = state, .path = PATH_BUF_INIT};
	struct entry_text e = {.nlists = 0};
	struct doc *doc = NULL;
	int lock = -1, ret = -1;

	memset(out, 0, sizeof(*out));
	if (record_parse(record, &doc, err) ||
		entry_derive(doc, record, sha256_of, &e, err))
		goto out;
	if (key_secret_read(path_of(&a, STORE_KEY), &a.key, err) ||
		key_public(&a.key, &a.public, err))
		goto out;
	if (store_lock(state, &lock, err) ||
		log_source_dir(path_of(&a, STORE_LOG), &a.src, err) ||
		settle(&a, err) || add(&a, record, &e, err))
		goto out;
	out->index = a.size;
	out->size = a.size + 1;
	memcpy(out->record, e.record, sizeof(out->record));
	ret = 0;
out:
	key_wipe(&a.key);
	log_source_close(a.src);
	io_close(lock);
	entry_text_free(&e);
	doc_free(doc);
	buf_free(&a.path);
	return ret;
}

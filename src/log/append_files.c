#include "log/appender.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "log/store.h"
#include "log/tiles.h"
#include "log/vault.h"
#include "parse/record.h"
#include "port/crypto.h"

const char *appender_path(struct appender *a, const char *name)
{
	return store_path(&a->path, a->state, name);
}

const char *appender_tile(struct appender *a, const struct tilepath *t)
{
	char path[TILEPATH_MAX];

	buf_reset(&a->path);
	buf_fmt(&a->path, "%s/" STORE_LOG "/%s", a->state,
		tilepath_text(t, path));
	return buf_cstr(&a->path);
}

/* Tile by tile upwards, as long as one becomes full. */
static int put_tiles(struct appender *a, struct tiles *tiles,
	struct batch *batch, const struct hash *leaf, struct err *err)
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
		if (batch_put(batch, BATCH_NEW, appender_tile(a, &t),
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
static int put_bundle(struct appender *a, struct tiles *tiles,
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
	ret = batch_put(batch, BATCH_NEW, appender_tile(a, &t), buf_all(&out),
		0644, 0755, err);
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

static int put_evidence(struct appender *a, struct batch *batch,
	struct span record, const struct entry_text *e, struct err *err)
{
	bool shared = vault_shared(a->state);
	const char *path = store_vault_path(&a->path, a->state, e->record);
	size_t i;

	if (batch_put(batch, content_kind(path), path, record,
		    shared ? 0640 : 0600, shared ? 0750 : 0700, err))
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

int appender_put(struct appender *a, struct span record,
	const struct entry_text *e, struct batch *batch, struct hash *root,
	struct tree_range *range, struct err *err)
{
	struct tiles *tiles = tiles_new(a->src, a->size);
	struct hash leaf = tree_leaf(buf_all(&e->entry));
	int ret = -1;

	*range = a->range;
	tree_range_add(range, &leaf);
	*root = tree_range_root(range);
	if (put_evidence(a, batch, record, e, err) ||
		put_bundle(a, tiles, batch, buf_all(&e->entry), err) ||
		put_tiles(a, tiles, batch, &leaf, err))
		goto out;
	ret = 0;
out:
	tiles_free(tiles);
	return ret;
}

/* The partial files of the tile of that level, which is full. */
static void collect_one(
	struct appender *a, bool entries, unsigned level, uint64_t n)
{
	struct tilepath t = {entries, level, n, 1};
	struct buf *p = &a->path;

	appender_tile(a, &t);
	p->n -= 2; /* "/1" */
	if (!io_exists(buf_cstr(p)))
		return;
	for (; t.width < TILE_WIDTH; t.width++)
		unlink(appender_tile(a, &t));
	t.width = 1;
	appender_tile(a, &t);
	p->n -= 2;
	rmdir(buf_cstr(p));
}

/* The partial files of all tiles that became full between two sizes. They stay
 * until the full ones last. */
void appender_collect(struct appender *a, uint64_t from, uint64_t to)
{
	unsigned level;
	uint64_t n;

	for (level = 0; to; level++) {
		from /= TILE_WIDTH;
		to /= TILE_WIDTH;
		for (n = from; n < to; n++) {
			collect_one(a, false, level, n);
			if (!level)
				collect_one(a, true, 0, n);
		}
	}
}

static int sync_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return err_sys(err, "cannot open '%s'", path);
	if (fsync(fd)) {
		err_sys(err, "cannot fsync '%s'", path);
		io_close(fd);
		return -1;
	}
	io_close(fd);
	return 0;
}

/* The file and the folder that has its name. */
static int sync_named(const char *path, struct err *err)
{
	struct buf dir = PATH_BUF_INIT;
	int ret = sync_file(path, err);

	if (!ret) {
		buf_add(&dir, path, (size_t)(strrchr(path, '/') - path));
		ret = io_sync_dir(buf_cstr(&dir), err);
	}
	buf_free(&dir);
	return ret;
}

/* The tiles, or bundles, of one level that grew from ${from} to ${to}. */
static int sync_tiles(struct appender *a, bool entries, unsigned level,
	uint64_t from, uint64_t to, struct err *err)
{
	uint64_t n;

	for (n = from / TILE_WIDTH; n * TILE_WIDTH < to; n++) {
		uint64_t left = to - n * TILE_WIDTH;
		struct tilepath t = {entries, level, n,
			left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH};

		if (sync_named(appender_tile(a, &t), err))
			return -1;
	}
	return 0;
}

/* Gone when an earlier entry has the same record, and that is in a pack. */
static int sync_record(struct appender *a, const char *sha256, struct err *err)
{
	struct vault *v;
	bool packed;
	int ret = sync_named(store_vault_path(&a->path, a->state, sha256), err);

	if (!ret || err->code != ERR_SYS || err->sys != ENOENT)
		return ret;
	v = vault_new(a->state);
	if (!vault_in_packs(v, sha256, &packed, err) && packed) {
		err_clear(err);
		ret = 0;
	}
	vault_free(v);
	return ret;
}

static int sync_evidence(
	struct appender *a, const struct journal_frame *f, struct err *err)
{
	struct entry_text e = {.nlists = 0};
	int ret = -1;
	size_t i;

	if (record_entry(f->record, sha256_of, &e, err) ||
		sync_record(a, e.record, err))
		goto out;
	for (i = 0; i < e.nlists; i++) {
		buf_reset(&a->path);
		buf_fmt(&a->path, "%s/" STORE_LISTS "/%s", a->state,
			e.list_name[i]);
		if (sync_named(buf_cstr(&a->path), err))
			goto out;
	}
	ret = 0;
out:
	entry_text_free(&e);
	return ret;
}

static int sync_all(struct appender *a, uint64_t size, struct err *err)
{
	uint64_t from = a->journal.synced, to = size;
	unsigned level;
	size_t i;

	for (i = 0; i < a->journal.n; i++)
		if (sync_evidence(a, &a->journal.frame[i], err))
			return -1;
	if (sync_tiles(a, true, 0, from, to, err))
		return -1;
	for (level = 0; to; level++, from /= TILE_WIDTH, to /= TILE_WIDTH)
		if (sync_tiles(a, false, level, from, to, err))
			return -1;
	if (sync_named(appender_path(a, STORE_CHECKPOINT), err))
		return -1;
	return sync_file(appender_path(a, STORE_HIGHWATER), err);
}

int appender_flush(struct appender *a, uint64_t size, const struct hash *root,
	struct err *err)
{
	uint64_t from = a->journal.synced;
	struct err ignored = ERR_INIT;

	if (sync_all(a, size, err)) {
		/* The system tells a failed write once, and then forgets the
		 * bytes: a second sync would succeed and mean nothing. */
		if (journal_distrust(appender_path(a, STORE_JOURNAL),
			    &a->journal, &ignored))
			err_in(err, "not noted in the journal");
		return -1;
	}
	if (journal_restart(appender_path(a, STORE_JOURNAL), &a->journal, size,
		    root, err))
		return -1;
	appender_collect(a, from, size);
	return 0;
}

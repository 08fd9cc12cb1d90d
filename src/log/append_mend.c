/*
 * The partial files of the open tiles, of before. Only the newest is synced,
 * and with it the folder that has the names: when the machine stops, the bytes
 * of the others may be missing, and a reader with the checkpoint of that size
 * would take it for damage.
 */
#include "base/io.h"
#include "log/appender.h"
#include "log/tiles.h"
#include "parse/tilepath.h"

struct mend {
	struct appender *a;
	struct batch batch;
	struct buf have;
};

static int flush(struct mend *m, struct err *err)
{
	return m->batch.n ? batch_commit(&m->batch, err) : 0;
}

/* The file, if it is there, must be exactly ${s}. */
static int mend_file(struct mend *m, const struct tilepath *t, struct span s,
	struct err *err)
{
	const char *path = appender_tile(m->a, t);
	struct err ignored = ERR_INIT;

	buf_reset(&m->have);
	if (!io_exists(path) ||
		(!io_read_file(path, &m->have, &ignored) &&
			span_eq(buf_all(&m->have), s)))
		return 0;
	if (batch_put(&m->batch, BATCH_REPLACE, path, s, 0644, 0755, err))
		return -1;
	return m->batch.n < BATCH_MAX ? 0 : flush(m, err);
}

static int mend_tile(struct mend *m, unsigned level, uint64_t n,
	const struct hash *v, unsigned width, struct err *err)
{
	struct tilepath t = {false, level, n, 0};

	for (t.width = 1; t.width < width; t.width++)
		if (mend_file(m, &t, span_of(v, t.width * sizeof(*v)), err))
			return -1;
	return 0;
}

/* ${v}: the hashes of its entries, which are in the tree that was signed. */
static int mend_bundle(struct mend *m, struct tiles *tiles, uint64_t n,
	const struct hash *v, unsigned width, struct err *err)
{
	struct buf room = BUF_INIT(BUNDLE_MAX), out = BUF_INIT(BUNDLE_MAX);
	struct tilepath t = {true, 0, n, 0};
	struct bundle all = {.n = 0};
	int ret = -1;

	if (tiles_bundle(tiles, n, &room, &all, err))
		goto out;
	for (t.width = 1; t.width < width; t.width++) {
		struct span entry = all.entry[t.width - 1];
		struct hash h = tree_leaf(entry);

		if (!hash_eq(&h, &v[t.width - 1])) {
			err_set(err, ERR_LOG,
				"entry %llu in its bundle is not the one that "
				"was signed",
				(unsigned long long)(n * TILE_WIDTH + t.width -
					1));
			err_hint(err, "'sluice log verify' names the damage");
			goto out;
		}
		bundle_add(&out, entry);
		if (mend_file(m, &t, buf_all(&out), err))
			goto out;
	}
	ret = 0;
out:
	buf_free(&out);
	buf_free(&room);
	return ret;
}

int appender_mend(struct appender *a, struct err *err)
{
	struct mend m = {a, BATCH_EMPTY, BUF_INIT(BUNDLE_MAX)};
	struct tiles *tiles = tiles_new(a->src, a->size);
	const struct hash *v;
	uint64_t size = a->size;
	unsigned level, width;
	int ret = -1;

	for (level = 0; size; level++, size /= TILE_WIDTH) {
		uint64_t n = size / TILE_WIDTH;

		if (size % TILE_WIDTH == 0)
			continue;
		if (tiles_hashes(tiles, level, n, &v, &width, err) ||
			mend_tile(&m, level, n, v, width, err) ||
			(!level && mend_bundle(&m, tiles, n, v, width, err)))
			goto out;
	}
	ret = flush(&m, err);
out:
	batch_drop(&m.batch);
	buf_free(&m.have);
	tiles_free(tiles);
	return ret;
}

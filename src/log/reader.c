#include "log/reader.h"

#include "base/io.h"
#include "log/key.h"
#include "log/store.h"
#include "log/tiles.h"
#include "port/crypto.h"

struct log_reader {
	struct log_source *src;
	struct tiles *tiles;
	struct note_key key;
	struct buf vkey, note, room;
	uint64_t size;
	struct hash root;
	struct bundle bundle; /* the one read last, in room */
	uint64_t bundle_n;
};

/* By the checkpoint of that name. */
static int open_by(struct log_source *src, const char *checkpoint,
	struct span vkey, struct log_reader **out, struct err *err)
{
	struct arena *arena = arena_new(4 * CHECKPOINT_MAX);
	struct log_reader *r = calloc(1, sizeof(*r));
	struct checkpoint c;
	bool found;
	int ret = -1;

	*out = NULL;
	if (!r)
		die("out of memory");
	r->src = src;
	r->vkey = (struct buf)BUF_INIT(4096);
	r->note = (struct buf)BUF_INIT(CHECKPOINT_MAX);
	r->room = (struct buf)BUF_INIT(BUNDLE_MAX);
	r->bundle_n = UINT64_MAX;
	if (key_read(vkey, NOTE_ED25519, &r->key, err))
		goto out;
	note_key_text(&r->key, &r->vkey);
	buf_cstr(&r->vkey); /* log_vkey answers a C string */
	if (log_source_get(
		    src, checkpoint, CHECKPOINT_MAX, &r->note, &found, err))
		goto out;
	if (!found) {
		err_set(err, ERR_LOG, "'%s' holds no log: no %s",
			log_source_name(src), checkpoint);
		goto out;
	}
	if (checkpoint_open(&r->key, buf_all(&r->note), arena, &c, err)) {
		err_in(err, "'%s'", log_source_name(src));
		goto out;
	}
	r->size = c.size;
	memcpy(r->root.b, c.root, HASH_LEN);
	r->tiles = tiles_new(src, r->size);
	*out = r;
	r = NULL;
	ret = 0;
out:
	log_close(r);
	arena_free(arena);
	return ret;
}

int log_open(struct log_source *src, struct span vkey, struct log_reader **out,
	struct err *err)
{
	return open_by(src, "checkpoint", vkey, out, err);
}

static int open_state(const char *state, const char *checkpoint,
	struct log_reader **out, struct err *err)
{
	struct buf path = PATH_BUF_INIT, vkey = BUF_INIT(4096);
	struct log_source *src;
	int ret = -1;

	*out = NULL;
	if (store_vkey(state, &vkey, err) ||
		log_source_dir(store_path(&path, state, STORE_LOG), &src, err))
		goto out;
	ret = open_by(src, checkpoint, buf_all(&vkey), out, err);
out:
	buf_free(&vkey);
	buf_free(&path);
	return ret;
}

int log_open_state(const char *state, struct log_reader **out, struct err *err)
{
	return open_state(state, "checkpoint", out, err);
}

int log_open_witnessed(
	const char *state, struct log_reader **out, struct err *err)
{
	int ret = open_state(state, "witnessed", out, err);

	if (ret && !err->hint[0])
		err_hint(err, "'sluice log witness' has it signed");
	return ret;
}

void log_close(struct log_reader *r)
{
	if (!r)
		return;
	tiles_free(r->tiles);
	log_source_close(r->src);
	buf_free(&r->vkey);
	buf_free(&r->note);
	buf_free(&r->room);
	free(r);
}

uint64_t log_size(const struct log_reader *r)
{
	return r->size;
}

const struct hash *log_root(const struct log_reader *r)
{
	return &r->root;
}

const char *log_origin(const struct log_reader *r)
{
	return r->key.name;
}

const char *log_vkey(const struct log_reader *r)
{
	return (const char *)r->vkey.p;
}

struct span log_checkpoint(const struct log_reader *r)
{
	return buf_all(&r->note);
}

struct log_source *log_source(struct log_reader *r)
{
	return r->src;
}

static int bundle(struct log_reader *r, uint64_t n, struct err *err)
{
	if (r->bundle_n == n)
		return 0;
	r->bundle_n = UINT64_MAX;
	if (tiles_bundle(r->tiles, n, &r->room, &r->bundle, err))
		return -1;
	r->bundle_n = n;
	return 0;
}

static int prove_leaf(struct log_reader *r, uint64_t n, const struct hash *leaf,
	struct proof *out, struct err *err)
{
	struct tree_nodes nodes = tiles_nodes(r->tiles);

	if (tree_prove(&nodes, n, r->size, out, err))
		return -1;
	if (tree_check(leaf, n, r->size, out, &r->root) != PROOF_GOOD) {
		err_set(err, ERR_LOG,
			"entry %llu is not the one that was signed",
			(unsigned long long)n);
		return err_hint(err, "'sluice log verify' names the damage");
	}
	return 0;
}

int log_entry(
	struct log_reader *r, uint64_t n, struct buf *out, struct err *err)
{
	struct proof proof;
	struct span entry;
	struct hash leaf;

	buf_reset(out);
	if (n >= r->size)
		return err_set(err, ERR_INPUT,
			"no entry %llu: the log has %llu entries",
			(unsigned long long)n, (unsigned long long)r->size);
	if (bundle(r, n / TILE_WIDTH, err))
		return -1;
	entry = r->bundle.entry[n % TILE_WIDTH];
	leaf = tree_leaf(entry);
	if (prove_leaf(r, n, &leaf, &proof, err))
		return -1;
	buf_span(out, entry);
	return buf_check(out, "entry", err);
}

int log_each(struct log_reader *r, uint64_t from, const struct hash *root,
	int (*each)(void *ctx, uint64_t n, struct span entry, struct err *err),
	void *ctx, struct err *err)
{
	struct tree_nodes nodes = tiles_nodes(r->tiles);
	struct tree_range range;
	struct hash have;
	uint64_t n;

	if (from > r->size)
		return err_set(err, ERR_LOG,
			"the log has %llu entries, fewer than the %llu that "
			"were there before",
			(unsigned long long)r->size, (unsigned long long)from);
	if (tree_range_at(&nodes, from, &range, err))
		return -1;
	have = tree_range_root(&range);
	if (root && !hash_eq(&have, root))
		return err_set(err, ERR_LOG,
			"the log does not continue the one that had %llu "
			"entries",
			(unsigned long long)from);
	for (n = from; n < r->size; n++) {
		struct hash leaf;
		struct span entry;

		if (bundle(r, n / TILE_WIDTH, err))
			return -1;
		entry = r->bundle.entry[n % TILE_WIDTH];
		leaf = tree_leaf(entry);
		tree_range_add(&range, &leaf);
		if (each && each(ctx, n, entry, err))
			return -1;
	}
	have = tree_range_root(&range);
	if (!hash_eq(&have, &r->root)) {
		err_set(err, ERR_LOG,
			"the entries do not give the root that was signed");
		return err_hint(err, "'sluice log verify' names the damage");
	}
	return 0;
}

int log_inclusion(
	struct log_reader *r, uint64_t n, struct proof *out, struct err *err)
{
	struct tree_nodes nodes = tiles_nodes(r->tiles);
	struct hash leaf;

	memset(out, 0, sizeof(*out));
	if (n >= r->size)
		return err_set(err, ERR_INPUT,
			"no entry %llu: the log has %llu entries",
			(unsigned long long)n, (unsigned long long)r->size);
	if (nodes.get(nodes.ctx, 0, n, &leaf, err))
		return -1;
	return prove_leaf(r, n, &leaf, out, err);
}

int log_growth(struct log_reader *r, uint64_t first, struct proof *out,
	struct hash *root, struct err *err)
{
	struct tree_nodes nodes = tiles_nodes(r->tiles);
	struct tree_range range;

	memset(out, 0, sizeof(*out));
	if (tree_prove_growth(&nodes, first, r->size, out, err) ||
		tree_range_at(&nodes, first, &range, err))
		return -1;
	*root = tree_range_root(&range);
	if (tree_check_growth(first, root, r->size, &r->root, out) !=
		PROOF_GOOD)
		return err_set(err, ERR_LOG,
			"the tiles do not lead from %llu entries to the root "
			"that was signed",
			(unsigned long long)first);
	return 0;
}

int log_root_at(
	struct log_reader *r, uint64_t size, struct hash *out, struct err *err)
{
	struct proof proof;

	if (!size) {
		memcpy(out->b, checkpoint_empty_root, HASH_LEN);
		return 0;
	}
	return log_growth(r, size, &proof, out, err);
}

struct tree_nodes log_nodes(struct log_reader *r)
{
	return tiles_nodes(r->tiles);
}

bool log_holds(struct log_reader *r, struct span note)
{
	struct arena *arena = arena_new(4 * CHECKPOINT_MAX);
	struct err none = ERR_INIT;
	struct checkpoint c;
	struct hash root;
	bool holds = false;

	if (!checkpoint_open(&r->key, note, arena, &c, &none) &&
		c.size <= r->size && !log_root_at(r, c.size, &root, &none))
		holds = !memcmp(root.b, c.root, HASH_LEN);
	arena_free(arena);
	return holds;
}

int log_list(struct log_reader *r, const char *sha256, struct buf *out,
	struct err *err)
{
	char path[80], sum[SHA256_HEX + 1];
	bool found;

	snprintf(path, sizeof(path), "lists/%.64s", sha256);
	if (log_source_get(r->src, path, LOG_LIST_MAX, out, &found, err))
		return -1;
	if (!found)
		return err_set(err, ERR_LOG, "'%s' is missing", path);
	if (strcmp(sha256_hex(buf_all(out), sum), sha256))
		return err_set(err, ERR_LOG,
			"'%s' does not have the digest it is named by", path);
	return 0;
}

#include "log/reader.h"

#include "base/io.h"
#include "log/store.h"
#include "log/tiles.h"
#include "parse/entry.h"
#include "port/crypto.h"

#define KEYS_ARENA (8 * ROTATIONS_TEXT_MAX)
#define ENTRY_ARENA ((size_t)4 << 20)

struct log_reader {
	struct log_source *src;
	struct tiles *tiles;
	struct arena *a; /* of the keys */
	struct keychain keys;
	size_t signer;
	struct buf vkey, note, room;
	uint64_t size;
	struct hash root;
	struct bundle bundle; /* the one read last, in room */
	uint64_t bundle_n;
};

/* What is opened, by which checkpoint and whose signature. */
struct opening {
	struct log_source *src;
	const char *checkpoint;
	unsigned ways; /* enum keychain_way */
	struct span vkey;
	const struct keychain *more; /* rotations that are known, or NULL */
};

static int add_known(
	struct log_reader *r, const struct keychain *more, struct err *err)
{
	struct buf text = BUF_INIT(ROTATIONS_TEXT_MAX);
	int ret;

	if (more)
		keychain_notes(more, &text);
	ret = keychain_add(&r->keys, buf_all(&text), r->a, err);
	buf_free(&text);
	return ret;
}

/* Those that lead from the trusted key to the one that signed must be entries
 * of the log. */
static int check_way(struct log_reader *r, struct err *err)
{
	struct buf text = BUF_INIT(ENTRY_MAX);
	struct arena *a = NULL;
	struct entry e;
	size_t i;
	int ret = 0;

	for (i = r->keys.at; i < r->signer && !ret; i++) {
		uint64_t n = r->keys.link[i].size;

		a = arena_new(ENTRY_ARENA);
		ret = log_entry(r, n, &text, err) ||
				entry_parse(buf_all(&text), a, &e, err) ||
				log_rotation(r, n, e.rotation, err)
			? -1
			: 0;
		arena_free(a);
	}
	buf_free(&text);
	return ret;
}

static int open_by(
	const struct opening *o, struct log_reader **out, struct err *err)
{
	struct arena *arena = arena_new(4 * CHECKPOINT_MAX);
	struct log_reader *r = calloc(1, sizeof(*r));
	struct log_source *src = o->src;
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
	r->a = arena_new(KEYS_ARENA);
	if (keychain_read(o->vkey, r->a, &r->keys, err) ||
		add_known(r, o->more, err))
		goto out;
	note_key_text(&r->keys.pinned, &r->vkey);
	buf_cstr(&r->vkey); /* log_vkey answers a C string */
	if (log_source_get(
		    src, o->checkpoint, CHECKPOINT_MAX, &r->note, &found, err))
		goto out;
	if (!found) {
		err_set(err, ERR_LOG, "'%s' holds no log: no %s",
			log_source_name(src), o->checkpoint);
		goto out;
	}
	/* After it: a checkpoint that a new key alone signed comes when the
	 * rotation is there. */
	if (keychain_fetch(&r->keys, src, r->a, err))
		goto out;
	if (keychain_open(&r->keys, o->ways, buf_all(&r->note), arena, &c,
		    &r->signer, err)) {
		err_in(err, "'%s'", log_source_name(src));
		goto out;
	}
	r->size = c.size;
	memcpy(r->root.b, c.root, HASH_LEN);
	r->tiles = tiles_new(src, r->size);
	if (check_way(r, err)) {
		err_in(err, "'%s'", log_source_name(src));
		goto out;
	}
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
	const struct opening o = {src, "checkpoint", KEYCHAIN_ON, vkey, NULL};

	return open_by(&o, out, err);
}

int log_open_copy(struct log_source *src, const struct log_reader *log,
	struct log_reader **out, struct err *err)
{
	const struct opening o = {src, "checkpoint",
		KEYCHAIN_BACK | KEYCHAIN_OWN, span_str(log_vkey(log)),
		&log->keys};

	return open_by(&o, out, err);
}

static int open_state(const char *state, const char *checkpoint, unsigned ways,
	struct log_reader **out, struct err *err)
{
	struct buf path = PATH_BUF_INIT, vkey = BUF_INIT(4096);
	struct opening o = {NULL, checkpoint, ways, SPAN_EMPTY, NULL};
	int ret = -1;

	*out = NULL;
	if (store_vkey(state, &vkey, err) ||
		log_source_dir(
			store_path(&path, state, STORE_LOG), &o.src, err))
		goto out;
	o.vkey = buf_all(&vkey);
	ret = open_by(&o, out, err);
out:
	buf_free(&vkey);
	buf_free(&path);
	return ret;
}

int log_open_state(const char *state, struct log_reader **out, struct err *err)
{
	return open_state(state, "checkpoint", KEYCHAIN_OWN, out, err);
}

int log_open_witnessed(
	const char *state, struct log_reader **out, struct err *err)
{
	int ret = open_state(
		state, "witnessed", KEYCHAIN_BACK | KEYCHAIN_OWN, out, err);

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
	arena_free(r->a);
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
	return r->keys.pinned.name;
}

const char *log_vkey(const struct log_reader *r)
{
	return (const char *)r->vkey.p;
}

const struct keychain *log_keys(const struct log_reader *r)
{
	return &r->keys;
}

size_t log_signer(const struct log_reader *r)
{
	return r->signer;
}

bool log_knows(const struct log_reader *r, struct span vkey)
{
	struct err none = ERR_INIT;
	struct note_key key;
	size_t i;

	return !key_read(vkey, NOTE_ED25519, &key, &none) &&
		keychain_find(&r->keys, &key, &i);
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

int log_rotation(
	struct log_reader *r, uint64_t n, struct span note, struct err *err)
{
	struct arena *a = arena_new(ROTATION_ARENA);
	struct rotation last, *link = NULL;
	struct err why = ERR_INIT;
	struct hash root;
	size_t i;
	int ret = -1;

	for (i = 0; i < r->keys.n && !link; i++)
		if (r->keys.link[i].size == n)
			link = &r->keys.link[i];
	/* The file is written when the entry is in the log. */
	if (!link && n + 1 == r->size &&
		!keychain_next(&r->keys, note, a, &last, &why))
		link = &last;
	if (!link || !span_eq(note, link->note)) {
		err_set(err, ERR_LOG,
			"entry %llu and '" KEYCHAIN_FILE
			"' do not tell the same change of the log's key",
			(unsigned long long)n);
		goto out;
	}
	if (log_root_at(r, n, &root, err))
		goto out;
	if (link->size != n || memcmp(root.b, link->root, HASH_LEN)) {
		err_set(err, ERR_LOG,
			"entry %llu, a change of the log's key, was made for "
			"another log or another place",
			(unsigned long long)n);
		goto out;
	}
	ret = 0;
out:
	arena_free(a);
	return ret;
}

bool log_holds(struct log_reader *r, struct span note)
{
	struct arena *arena = arena_new(4 * CHECKPOINT_MAX);
	struct err none = ERR_INIT;
	struct checkpoint c;
	struct hash root;
	bool holds = false;
	size_t i;

	if (!keychain_open(&r->keys, KEYCHAIN_BACK | KEYCHAIN_OWN, note, arena,
		    &c, &i, &none) &&
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

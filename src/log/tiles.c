#include "log/tiles.h"

#include "parse/tilepath.h"

#define LOW_SLOTS 32u /* level 0, of which a large log has many */
#define HIGH_SLOTS 32u
#define TILE_BYTES (TILE_WIDTH * HASH_LEN)

struct slot {
	/* [2 * TILE_WIDTH], or NULL: the tile in the upper half, and above it
	 * the nodes that were computed, each at half the place of its children
	 * (a heap). One proof after the other asks for the same few. */
	struct hash *hash;
	bool known[TILE_WIDTH];
	unsigned level, width;
	uint64_t n;
};

struct tiles {
	struct log_source *src;
	uint64_t size;
	struct buf file;
	struct slot slot[LOW_SLOTS + HIGH_SLOTS];
};

struct tiles *tiles_new(struct log_source *src, uint64_t size)
{
	struct tiles *t = calloc(1, sizeof(*t));

	if (!t)
		die("out of memory");
	t->src = src;
	t->size = size;
	t->file = (struct buf)BUF_INIT(TILE_BYTES);
	return t;
}

void tiles_free(struct tiles *t)
{
	size_t i;

	if (!t)
		return;
	for (i = 0; i < ARRAY_LEN(t->slot); i++)
		free(t->slot[i].hash);
	buf_free(&t->file);
	free(t);
}

int tiles_file(struct log_source *src, const struct tilepath *t,
	struct buf *out, bool *whole, struct err *err)
{
	size_t max = t->entries ? BUNDLE_MAX : TILE_BYTES;
	struct tilepath full = *t;
	char path[TILEPATH_MAX];
	bool found;

	*whole = false;
	if (log_source_get(src, tilepath_text(t, path), max, out, &found, err))
		return -1;
	if (found)
		return 0;
	full.width = TILE_WIDTH;
	if (t->width < TILE_WIDTH) {
		if (log_source_get(src, tilepath_text(&full, path), max, out,
			    &found, err))
			return -1;
		*whole = found;
	}
	if (!found) {
		err_set(err, ERR_LOG, "'%s' is missing",
			tilepath_text(t, path));
		return err_hint(err, "'sluice log verify' lists all damage");
	}
	return 0;
}

static int load(struct tiles *t, unsigned level, uint64_t n, struct slot **out,
	struct err *err)
{
	struct tilepath at = {false, level, n, tile_width(level, n, t->size)};
	struct slot *s = level
		? &t->slot[LOW_SLOTS + (level * 17 + n) % HIGH_SLOTS]
		: &t->slot[n % LOW_SLOTS];
	char path[TILEPATH_MAX];
	bool whole;

	*out = s;
	if (!at.width)
		return err_set(err, ERR_LOG, "no tile %llu at level %u",
			(unsigned long long)n, level);
	if (s->hash && s->width && s->level == level && s->n == n)
		return 0;
	if (tiles_file(t->src, &at, &t->file, &whole, err))
		return -1;
	if (t->file.n != (whole ? TILE_BYTES : at.width * HASH_LEN))
		return err_set(err, ERR_LOG, "'%s' has %zu bytes, not %u",
			tilepath_text(&at, path), t->file.n,
			at.width * HASH_LEN);
	if (!s->hash && !(s->hash = malloc(2 * TILE_BYTES)))
		die("out of memory");
	memcpy(s->hash + TILE_WIDTH, t->file.p, at.width * (size_t)HASH_LEN);
	memset(s->known, 0, sizeof(s->known));
	s->level = level;
	s->n = n;
	s->width = at.width;
	return 0;
}

int tiles_hashes(struct tiles *t, unsigned level, uint64_t n,
	const struct hash **out, unsigned *width, struct err *err)
{
	struct slot *s;

	if (load(t, level, n, &s, err))
		return -1;
	*out = s->hash + TILE_WIDTH;
	*width = s->width;
	return 0;
}

int tiles_bundle(struct tiles *t, uint64_t n, struct buf *room,
	struct bundle *out, struct err *err)
{
	struct tilepath at = {true, 0, n, tile_width(0, n, t->size)};
	char path[TILEPATH_MAX];
	bool whole;

	out->n = 0;
	if (!at.width)
		return err_set(
			err, ERR_LOG, "no bundle %llu", (unsigned long long)n);
	if (tiles_file(t->src, &at, room, &whole, err))
		return -1;
	if (bundle_read(
		    buf_all(room), whole ? TILE_WIDTH : at.width, out, err)) {
		err->code = ERR_LOG;
		return err_in(err, "'%s'", tilepath_text(&at, path));
	}
	out->n = at.width;
	return 0;
}

/* The node at that place of the heap; all below it are there. */
static const struct hash *fold(struct slot *s, size_t at)
{
	if (at < TILE_WIDTH && !s->known[at]) {
		s->hash[at] = tree_node(fold(s, 2 * at), fold(s, 2 * at + 1));
		s->known[at] = true;
	}
	return &s->hash[at];
}

static int node(void *ctx, unsigned level, uint64_t index, struct hash *out,
	struct err *err)
{
	unsigned bits = level % 8, at;
	uint64_t first = index << bits;
	struct slot *s;

	if (load(ctx, level / 8, first / TILE_WIDTH, &s, err))
		return -1;
	at = (unsigned)(first % TILE_WIDTH);
	if (at + (1u << bits) > s->width)
		die("tiles: node %u/%llu is past the end of the log", level,
			(unsigned long long)index);
	*out = *fold(s, (TILE_WIDTH + at) >> bits);
	return 0;
}

struct tree_nodes tiles_nodes(struct tiles *t)
{
	return (struct tree_nodes){node, t};
}

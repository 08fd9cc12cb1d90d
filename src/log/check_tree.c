/*
 * Which file is damaged? All hashes are computed from the entries upwards, and
 * all tiles read. Then it is settled from the signed root downwards which of
 * the two, the tile as stored or as computed, is the one that was signed: a
 * full tile is whichever gives the hash that the tile above it has; of the
 * partial tiles at the right edge, the choice that gives the root.
 */
#include "log/check_tree.h"

#include <stdatomic.h>

#include "base/workers.h"
#include "log/tiles.h"

#define LEVELS_MAX 8u
#define FEW 8u /* bundles that are not worth another thread */
#define TILE_BYTES (TILE_WIDTH * HASH_LEN)

struct level {
	uint64_t count;        /* hashes */
	struct hash *stored;   /* [count], as the tiles have them */
	struct hash *computed; /* [count], from the level below */
	struct hash *settled;  /* [count], what was signed */
	unsigned char *have;   /* per tile: stored could be read */
	unsigned char *known;  /* per tile: settled is */
};

struct check {
	struct check_told *told;
	struct log_source *src;
	uint64_t size;
	unsigned levels;
	struct level level[LEVELS_MAX];
	const struct check_entries *entries;
	unsigned char *have_bundle;
	unsigned char *good; /* per entry: quick said so of what was hashed */
	atomic_uint_fast64_t next; /* bundle for the next thread that asks */
	atomic_bool beside;        /* somebody does what is to be done beside */
};

static uint64_t tiles_in(uint64_t count)
{
	return (count + TILE_WIDTH - 1) / TILE_WIDTH;
}

static unsigned width_of(const struct level *l, uint64_t n)
{
	uint64_t left = l->count - n * TILE_WIDTH;

	return left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
}

static void *room(uint64_t n, size_t each)
{
	void *p = n > SIZE_MAX / each ? NULL : calloc((size_t)n + 1, each);

	if (!p)
		die("out of memory");
	return p;
}

static struct hash root_of(const struct hash *v, unsigned n)
{
	struct tree_range r = TREE_RANGE_EMPTY;
	unsigned i;

	for (i = 0; i < n; i++)
		tree_range_add(&r, &v[i]);
	return tree_range_root(&r);
}

static bool same(const struct hash *a, const struct hash *b, unsigned n)
{
	return !memcmp(a, b, n * sizeof(*a));
}

/* What is wrong with a tile or bundle, named by its path. */
static void damaged(struct check *c, const struct tilepath *t, const char *why)
{
	char path[TILEPATH_MAX];

	check_tell(
		c->told, CHECK_DAMAGE, "'%s' %s", tilepath_text(t, path), why);
}

static void read_tile(struct check *c, unsigned l, uint64_t n, struct buf *file)
{
	struct level *level = &c->level[l];
	struct tilepath t = {false, l, n, width_of(level, n)};
	struct err err = ERR_INIT;
	char why[80];
	bool whole;

	if (tiles_file(c->src, &t, file, &whole, &err)) {
		check_tell_err(c->told, &err);
		return;
	}
	if (file->n != (whole ? TILE_BYTES : t.width * HASH_LEN)) {
		snprintf(why, sizeof(why), "has %zu bytes, not %u", file->n,
			t.width * HASH_LEN);
		damaged(c, &t, why);
		return;
	}
	memcpy(&level->stored[n * TILE_WIDTH], file->p,
		t.width * (size_t)HASH_LEN);
	level->have[n] = 1;
}

static void read_tiles(struct check *c)
{
	struct buf file = BUF_INIT(TILE_BYTES);
	uint64_t count = c->size, n;
	unsigned l;

	for (l = 0; count && l < LEVELS_MAX; l++, count /= TILE_WIDTH) {
		struct level *level = &c->level[l];

		level->count = count;
		level->stored = room(count, sizeof(struct hash));
		level->computed = room(count, sizeof(struct hash));
		level->settled = room(count, sizeof(struct hash));
		level->have = room(tiles_in(count), 1);
		level->known = room(tiles_in(count), 1);
		for (n = 0; n < tiles_in(count); n++)
			read_tile(c, l, n, &file);
	}
	c->levels = l;
	buf_free(&file);
}

/* False, after saying so, when the bundle cannot be read. */
static bool read_bundle(struct check *c, uint64_t n, struct buf *file,
	struct bundle *out, bool tell)
{
	struct tilepath t = {true, 0, n, width_of(&c->level[0], n)};
	struct err err = ERR_INIT;
	bool whole;

	if (tiles_file(c->src, &t, file, &whole, &err)) {
		if (tell)
			check_tell_err(c->told, &err);
		return false;
	}
	if (bundle_read(
		    buf_all(file), whole ? TILE_WIDTH : t.width, out, &err)) {
		if (tell)
			damaged(c, &t, err.text);
		return false;
	}
	out->n = t.width;
	return true;
}

/* A bundle that is not there lends its tile's hashes. */
static void compute_bundle(
	struct check *c, uint64_t n, const struct bundle *b, unsigned worker)
{
	const struct check_entries *entries = c->entries;
	struct level *low = &c->level[0];
	uint64_t k = n * TILE_WIDTH;
	unsigned i, width = width_of(low, n);

	if (!b)
		memcpy(&low->computed[k], &low->stored[k],
			width * sizeof(struct hash));
	for (i = 0; b && i < width; i++, k++) {
		low->computed[k] = tree_leaf(b->entry[i]);
		c->good[k] =
			entries->quick(entries->ctx, worker, k, b->entry[i]);
	}
	if (width == TILE_WIDTH)
		c->level[1].computed[n] =
			root_of(&low->computed[n * TILE_WIDTH], TILE_WIDTH);
}

static void work(void *ctx, unsigned worker)
{
	struct check *c = ctx;
	struct buf file = BUF_INIT(BUNDLE_MAX);
	struct bundle *b = room(1, sizeof(*b));
	uint64_t n;

	if (c->entries->beside && !atomic_exchange(&c->beside, true))
		c->entries->beside(c->entries->ctx);
	for (;;) {
		n = atomic_fetch_add(&c->next, 1);
		if (n >= tiles_in(c->size))
			break;
		c->have_bundle[n] = read_bundle(c, n, &file, b, false);
		if (c->have_bundle[n])
			compute_bundle(c, n, b, worker);
	}
	free(b);
	buf_free(&file);
}

/* From the entries up. What is wrong with a bundle is told here and not by the
 * threads, in order. */
static void compute(struct check *c)
{
	struct buf file = BUF_INIT(BUNDLE_MAX);
	struct bundle *b = room(1, sizeof(*b));
	uint64_t n;
	unsigned l;

	workers_run(tiles_in(c->size) < FEW ? 1 : workers_count(), work, c);
	for (n = 0; n < tiles_in(c->size); n++) {
		if (c->have_bundle[n])
			continue;
		c->have_bundle[n] = read_bundle(c, n, &file, b, true);
		compute_bundle(c, n, c->have_bundle[n] ? b : NULL, 0);
	}
	for (l = 2; l < c->levels; l++)
		for (n = 0; n < c->level[l].count; n++)
			c->level[l].computed[n] = root_of(
				&c->level[l - 1].computed[n * TILE_WIDTH],
				TILE_WIDTH);
	free(b);
	buf_free(&file);
}

/*
 * The root from the hashes at the right edge, those of each level stored (bit
 * set) or computed: the perfect subtrees, one for each bit of the size, joined
 * from the smallest.
 */
static struct hash edge_root(const struct check *c, unsigned stored)
{
	struct hash h = {{0}}, part;
	bool any = false;
	unsigned l, bit;

	for (l = 0; l < c->levels; l++) {
		const struct level *level = &c->level[l];
		const struct hash *end =
			(stored >> l & 1 ? level->stored : level->computed) +
			level->count;

		for (bit = 0; bit < 8; bit++) {
			if (!(level->count >> bit & 1))
				continue;
			end -= (size_t)1 << bit;
			part = root_of(end, 1u << bit);
			h = any ? tree_node(&part, &h) : part;
			any = true;
		}
	}
	return h;
}

/* The partial tiles; false when no choice gives the root. */
static bool settle_edge(struct check *c, const struct hash *root)
{
	unsigned all = (1u << c->levels) - 1, choice, l;
	bool found = false;

	/* As stored first; a tile that could not be read never. */
	for (l = 0; l < c->levels; l++)
		if (c->level[l].count % TILE_WIDTH &&
			!c->level[l].have[c->level[l].count / TILE_WIDTH])
			all &= ~(1u << l);
	for (choice = all;; choice = (choice - 1) & all) {
		struct hash h = edge_root(c, choice);

		found = hash_eq(&h, root);
		if (found || !choice)
			break;
	}
	if (!found) {
		check_tell(c->told, CHECK_DAMAGE,
			"neither the tiles nor the entries give the root that "
			"was signed for %llu entries",
			(unsigned long long)c->size);
		return false;
	}
	for (l = 0; l < c->levels; l++) {
		struct level *level = &c->level[l];
		unsigned w = (unsigned)(level->count % TILE_WIDTH);
		uint64_t at = level->count - w, n = level->count / TILE_WIDTH;
		struct tilepath t = {false, l, n, w};

		if (!w)
			continue;
		memcpy(&level->settled[at],
			(choice >> l & 1 ? level->stored : level->computed) +
				at,
			w * sizeof(struct hash));
		level->known[n] = 1;
		if (level->have[n] &&
			!same(&level->stored[at], &level->settled[at], w))
			damaged(c, &t,
				"does not have the hashes that were "
				"signed");
	}
	return true;
}

/* Full tiles of a level, by the hashes of the one above. */
static void settle_level(struct check *c, unsigned l)
{
	struct level *level = &c->level[l], *above = &c->level[l + 1];
	uint64_t n;

	for (n = 0; n < level->count / TILE_WIDTH; n++) {
		struct tilepath t = {false, l, n, TILE_WIDTH};
		struct hash *stored = &level->stored[n * TILE_WIDTH];
		struct hash *computed = &level->computed[n * TILE_WIDTH];
		struct hash a, b = above->computed[n];

		if (!above->known[n / TILE_WIDTH])
			continue;
		a = same(stored, computed, TILE_WIDTH)
			? b
			: root_of(stored, TILE_WIDTH);
		if (level->have[n] && hash_eq(&a, &above->settled[n])) {
			memcpy(&level->settled[n * TILE_WIDTH], stored,
				TILE_BYTES);
			level->known[n] = 1;
			continue;
		}
		if (level->have[n])
			damaged(c, &t,
				"does not have the hashes that were "
				"signed");
		if (hash_eq(&b, &above->settled[n])) {
			memcpy(&level->settled[n * TILE_WIDTH], computed,
				TILE_BYTES);
			level->known[n] = 1;
		}
	}
}

/* Whether this entry, as it was hashed, is right and quick vouched for it. */
static bool is_done(const struct check *c, uint64_t n)
{
	const struct level *low = &c->level[0];

	return c->good[n] && low->known[n / TILE_WIDTH] &&
		hash_eq(&low->computed[n], &low->settled[n]);
}

static unsigned done_in(const struct check *c, uint64_t bundle, unsigned width)
{
	unsigned i, done = 0;

	for (i = 0; i < width; i++)
		done += is_done(c, bundle * TILE_WIDTH + i);
	return done;
}

/* Every other entry against the hash that was signed for it. */
static uint64_t check_entries(struct check *c)
{
	const struct level *low = &c->level[0];
	struct buf file = BUF_INIT(BUNDLE_MAX);
	struct bundle *b = room(1, sizeof(*b));
	struct tilepath t = {true, 0, 0, TILE_WIDTH};
	uint64_t passed = 0;
	char why[80];
	unsigned i, done;

	for (; t.n < tiles_in(low->count); t.n++) {
		t.width = width_of(low, t.n);
		done = done_in(c, t.n, t.width);
		passed += done;
		if (done == t.width || !c->have_bundle[t.n] ||
			!read_bundle(c, t.n, &file, b, false))
			continue;
		if (!low->known[t.n]) {
			damaged(c, &t,
				"cannot be told right from wrong: no tile "
				"above it is the one that was signed");
			continue;
		}
		for (i = 0; i < t.width; i++) {
			uint64_t n = t.n * TILE_WIDTH + i;
			struct hash h;

			if (is_done(c, n))
				continue;
			h = tree_leaf(b->entry[i]);
			if (hash_eq(&h, &low->settled[n])) {
				c->entries->each(
					c->entries->ctx, n, b->entry[i]);
				continue;
			}
			snprintf(why, sizeof(why),
				"does not have entry %llu that was signed",
				(unsigned long long)n);
			damaged(c, &t, why);
		}
	}
	free(b);
	buf_free(&file);
	return passed;
}

/* Older partial files of the open tiles must begin as these do. */
static void check_older(struct check *c)
{
	struct buf file = BUF_INIT(BUNDLE_MAX), now = BUF_INIT(BUNDLE_MAX);
	struct err err = ERR_INIT;
	unsigned l;

	for (l = 0; l <= c->levels; l++) {
		bool entries = l == c->levels;
		const struct level *level = &c->level[entries ? 0 : l];
		uint64_t n = level->count / TILE_WIDTH;
		unsigned w = (unsigned)(level->count % TILE_WIDTH);
		struct tilepath t = {entries, entries ? 0 : l, n, w};
		char path[TILEPATH_MAX];
		bool found;

		if (!w ||
			log_source_get(c->src, tilepath_text(&t, path),
				BUNDLE_MAX, &now, &found, &err) ||
			!found)
			continue;
		for (t.width = 1; t.width < w; t.width++) {
			if (log_source_get(c->src, tilepath_text(&t, path),
				    BUNDLE_MAX, &file, &found, &err)) {
				check_tell_err(c->told, &err);
				continue;
			}
			if (found &&
				(file.n >= now.n ||
					!span_starts(
						buf_all(&now), buf_all(&file))))
				damaged(c, &t,
					"is not how the newer one "
					"begins");
		}
	}
	buf_free(&file);
	buf_free(&now);
}

uint64_t check_tree(struct check_told *t, uint64_t size,
	const struct hash *root, const struct check_entries *entries)
{
	struct check c = {
		.told = t, .src = t->c->src, .size = size, .entries = entries};
	uint64_t passed = 0;
	unsigned l;

	if (!size)
		return 0;
	c.have_bundle = room(tiles_in(size), 1);
	c.good = room(size, 1);
	read_tiles(&c);
	compute(&c);
	if (settle_edge(&c, root)) {
		for (l = c.levels; l-- > 1;)
			settle_level(&c, l - 1);
		passed = check_entries(&c);
	}
	if (t->c->state)
		check_older(&c);
	for (l = 0; l < c.levels; l++) {
		free(c.level[l].stored);
		free(c.level[l].computed);
		free(c.level[l].settled);
		free(c.level[l].have);
		free(c.level[l].known);
	}
	free(c.have_bundle);
	free(c.good);
	return passed;
}

#include "log/mirror.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "log/tiles.h"
#include "parse/entry.h"

#define LEVELS 8 /* 256^8 entries */
#define ARENA_MAX ((size_t)256 << 20)

/* The last tile of each level, as far as it is. */
struct level {
	struct hash v[TILE_WIDTH];
	unsigned width;
	uint64_t n;
};

struct mirror {
	struct log_reader *log;
	const char *dir;
	struct level level[LEVELS];
	struct buf bundle, path, list;
	uint64_t size;
	char last[40];
};

static const char *named(struct mirror *m, const char *name)
{
	io_join(&m->path, m->dir, name);
	return buf_cstr(&m->path);
}

/* With the folders on its way. */
static int put(
	struct mirror *m, const char *name, struct span s, struct err *err)
{
	struct buf folder = PATH_BUF_INIT;
	const char *path = named(m, name);
	int ret;

	buf_add(&folder, path, (size_t)(strrchr(path, '/') - path));
	ret = io_mkdirs(buf_cstr(&folder), 0755, err);
	if (!ret)
		ret = io_replace(path, s, 0644, err);
	buf_free(&folder);
	return ret;
}

static int put_tile(struct mirror *m, bool entries, unsigned level, uint64_t n,
	unsigned width, struct span s, struct err *err)
{
	struct tilepath t = {entries, level, n, width};
	char name[TILEPATH_MAX];

	return put(m, tilepath_text(&t, name), s, err);
}

static int add_hash(struct mirror *m, struct hash h, struct err *err)
{
	unsigned l, i;

	for (l = 0; l < LEVELS; l++) {
		struct level *v = &m->level[l];
		struct tree_range r = TREE_RANGE_EMPTY;

		v->v[v->width++] = h;
		if (v->width < TILE_WIDTH)
			return 0;
		if (put_tile(m, false, l, v->n, TILE_WIDTH,
			    span_of(v->v, sizeof(v->v)), err))
			return -1;
		for (i = 0; i < TILE_WIDTH; i++)
			tree_range_add(&r, &v->v[i]);
		h = tree_range_root(&r);
		v->width = 0;
		v->n++;
	}
	return err_set(err, ERR_LIMIT, "the log has too many entries");
}

static int keep_list(
	struct mirror *m, const struct entry_list *list, struct err *err)
{
	char name[80];

	if (!list->sha256[0])
		return 0;
	snprintf(name, sizeof(name), "lists/%.64s", list->sha256);
	if (io_exists(named(m, name)))
		return 0;
	if (log_list(m->log, list->sha256, &m->list, err))
		return -1;
	return put(m, name, buf_all(&m->list), err);
}

static int on_entry(void *ctx, uint64_t n, struct span text, struct err *err)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct mirror *m = ctx;
	struct entry e;
	int ret = -1;

	if (entry_parse(text, a, &e, err)) {
		err_in(err, "entry %llu", (unsigned long long)n);
		goto out;
	}
	if ((e.kind == RECORD_KEY &&
		    log_rotation(m->log, n, e.rotation, err)) ||
		keep_list(m, &e.updates_list, err) ||
		keep_list(m, &e.commits_list, err)) {
		err_in(err, "entry %llu", (unsigned long long)n);
		goto out;
	}
	snprintf(m->last, sizeof(m->last), "%.*s", SPAN_FMT(e.time));
	bundle_add(&m->bundle, text);
	m->size++;
	if (m->size % TILE_WIDTH == 0) {
		if (put_tile(m, true, 0, n / TILE_WIDTH, TILE_WIDTH,
			    buf_all(&m->bundle), err))
			goto out;
		buf_reset(&m->bundle);
	}
	ret = add_hash(m, tree_leaf(text), err);
out:
	arena_free(a);
	return ret;
}

static int put_partial(struct mirror *m, struct err *err)
{
	unsigned l, width = (unsigned)(m->size % TILE_WIDTH);

	if (width &&
		put_tile(m, true, 0, m->size / TILE_WIDTH, width,
			buf_all(&m->bundle), err))
		return -1;
	for (l = 0; l < LEVELS; l++) {
		const struct level *v = &m->level[l];

		if (v->width &&
			put_tile(m, false, l, v->n, v->width,
				span_of(v->v, v->width * sizeof(*v->v)), err))
			return -1;
	}
	return 0;
}

/* Where the copy of ${size} entries stands, but for the last open bundle,
 * which is read again. Its own tiles are checked as a whole at the end. */
static int resume(struct mirror *m, struct log_source *copy, uint64_t size,
	struct err *err)
{
	struct tiles *tiles = tiles_new(copy, size);
	const struct hash *v;
	uint64_t n = size;
	unsigned l, width;
	int ret = -1;

	m->size = size - size % TILE_WIDTH;
	for (l = 0; l < LEVELS; l++, n /= TILE_WIDTH) {
		struct level *to = &m->level[l];

		to->n = n / TILE_WIDTH;
		if (!l || n % TILE_WIDTH == 0)
			continue;
		if (tiles_hashes(tiles, l, to->n, &v, &width, err))
			goto out;
		to->width = (unsigned)(n % TILE_WIDTH);
		if (width < to->width) {
			err_set(err, ERR_LOG, "a tile of the copy is cut");
			goto out;
		}
		memcpy(to->v, v, to->width * sizeof(*v));
	}
	ret = 0;
out:
	tiles_free(tiles);
	return ret;
}

/* The copy's own files must give the root before its checkpoint says so. */
static int check_copy(
	struct mirror *m, struct log_source *copy, struct err *err)
{
	struct tiles *tiles = tiles_new(copy, m->size);
	struct tree_nodes nodes = tiles_nodes(tiles);
	struct tree_range range;
	struct hash root;
	int ret = -1;

	if (tree_range_at(&nodes, m->size, &range, err))
		goto out;
	root = tree_range_root(&range);
	if (!hash_eq(&root, log_root(m->log))) {
		err_set(err, ERR_LOG,
			"the copy '%s' is damaged: its tiles do not give the "
			"root that was signed",
			m->dir);
		err_hint(err, "make a new one in an empty folder");
		goto out;
	}
	ret = 0;
out:
	tiles_free(tiles);
	return ret;
}

/* Before the checkpoint, which a new key may have signed. */
static int keep_keys(struct mirror *m, struct err *err)
{
	struct buf text = BUF_INIT(ROTATIONS_TEXT_MAX);
	int ret = 0;

	keychain_notes(log_keys(m->log), &text);
	if (text.n)
		ret = put(m, KEYCHAIN_FILE, buf_all(&text), err);
	buf_free(&text);
	return ret;
}

/* What the witnesses signed, if the log has it and it is of this log. */
static int keep_witnessed(struct mirror *m, struct err *err)
{
	struct buf note = BUF_INIT(CHECKPOINT_MAX);
	bool found;
	int ret = log_source_get(log_source(m->log), "witnessed",
		CHECKPOINT_MAX, &note, &found, err);

	if (!ret && found && log_holds(m->log, buf_all(&note)))
		ret = put(m, "witnessed", buf_all(&note), err);
	buf_free(&note);
	return ret;
}

static void collect(struct mirror *m, bool entries, unsigned level, uint64_t n)
{
	struct tilepath t = {entries, level, n, 0};
	char name[TILEPATH_MAX];

	for (t.width = 1; t.width < TILE_WIDTH; t.width++)
		unlink(named(m, tilepath_text(&t, name)));
	named(m, tilepath_text(&(struct tilepath){entries, level, n, 1}, name));
	m->path.n -= 2; /* "/1" */
	rmdir(buf_cstr(&m->path));
}

/* The partial files of tiles that became full. */
static void collect_all(struct mirror *m, uint64_t from, uint64_t to)
{
	unsigned l;
	uint64_t n;

	for (l = 0; l < LEVELS && to; l++) {
		from /= TILE_WIDTH;
		to /= TILE_WIDTH;
		for (n = from; n < to; n++) {
			collect(m, false, l, n);
			if (!l)
				collect(m, true, 0, n);
		}
	}
}

/* The copy's folder, locked as long as it is open. */
static int open_dir(const char *dir, int *fd, struct err *err)
{
	int r = -1;

	*fd = -1;
	if (io_mkdirs(dir, 0755, err))
		return -1;
	*fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (*fd >= 0 && (r = flock(*fd, LOCK_EX)) && errno == EINTR)
		;
	return r ? err_sys(err, "cannot open '%s'", dir) : 0;
}

/* The two notes side by side: each is signed, and both cannot be. */
static int keep_fork(struct mirror *m, struct log_reader *copy, struct err *err)
{
	struct buf text = BUF_INIT(2 * CHECKPOINT_MAX + 1);
	int ret;

	buf_span(&text, log_checkpoint(copy));
	buf_byte(&text, '\n');
	buf_span(&text, log_checkpoint(m->log));
	ret = put(m, MIRROR_FORK, buf_all(&text), err);
	buf_free(&text);
	return ret;
}

static int compare(struct mirror *m, struct log_reader *copy,
	enum mirror_answer *out, struct err *err)
{
	struct hash root;

	*out = MIRROR_CURRENT;
	if (!copy)
		return 0;
	if (log_size(copy) > log_size(m->log)) {
		*out = MIRROR_SHRUNK;
		/* A part of what is here, or another history? */
		if (log_root_at(copy, log_size(m->log), &root, err))
			return -1;
		if (!hash_eq(&root, log_root(m->log)))
			*out = MIRROR_FORKED;
	} else if (log_size(copy) == log_size(m->log)) {
		/* Told and kept even if no tile of it can be had. */
		if (!hash_eq(log_root(m->log), log_root(copy)))
			*out = MIRROR_FORKED;
	} else {
		if (log_root_at(m->log, log_size(copy), &root, err))
			return -1;
		if (!hash_eq(&root, log_root(copy)))
			*out = MIRROR_FORKED;
	}
	return *out == MIRROR_FORKED ? keep_fork(m, copy, err) : 0;
}

/* Nothing was read when the copy ends with a whole bundle and there is nothing
 * new: silence is told by the last entry all the same. */
static int last_time(struct mirror *m, struct err *err)
{
	struct arena *a;
	struct buf text = BUF_INIT(ENTRY_MAX);
	struct entry e;
	int ret = 0;

	if (m->last[0] || !m->size)
		return 0;
	a = arena_new(ARENA_MAX);
	if (log_entry(m->log, m->size - 1, &text, err) ||
		entry_parse(buf_all(&text), a, &e, err))
		ret = -1;
	else
		snprintf(m->last, sizeof(m->last), "%.*s", SPAN_FMT(e.time));
	buf_free(&text);
	arena_free(a);
	return ret;
}

static int grow(struct mirror *m, struct log_source *copy, uint64_t was,
	struct err *err)
{
	struct span note = log_checkpoint(m->log);

	if (resume(m, copy, was, err) ||
		log_each(m->log, m->size, NULL, on_entry, m, err) ||
		last_time(m, err) || put_partial(m, err) ||
		check_copy(m, copy, err) || keep_keys(m, err) ||
		put(m, "checkpoint", note, err) || keep_witnessed(m, err))
		return -1;
	collect_all(m, was, m->size);
	return 0;
}

int mirror_run(struct log_reader *log, const char *dir,
	struct mirror_result *out, struct err *err)
{
	struct mirror m = {.log = log, .dir = dir};
	struct log_source *copy = NULL, *src = NULL;
	struct log_reader *old = NULL;
	int fd = -1, ret = -1;

	*out = (struct mirror_result){.answer = MIRROR_FORKED};
	m.bundle = (struct buf)BUF_INIT(BUNDLE_MAX);
	m.path = (struct buf)PATH_BUF_INIT;
	m.list = (struct buf)BUF_INIT(LOG_LIST_MAX);
	if (open_dir(dir, &fd, err) || log_source_dir(dir, &copy, err))
		goto out;
	if (io_exists(named(&m, "checkpoint")) &&
		(log_source_dir(dir, &src, err) ||
			log_open_copy(src, log, &old, err)))
		goto out;
	out->was = out->size = old ? log_size(old) : 0;
	if (compare(&m, old, &out->answer, err))
		goto out;
	if (out->answer == MIRROR_CURRENT) {
		if (grow(&m, copy, out->was, err)) {
			out->answer = MIRROR_FORKED;
			goto out;
		}
		out->size = m.size;
		memcpy(out->last, m.last, sizeof(out->last));
	}
	ret = 0;
out:
	log_close(old);
	log_source_close(copy);
	io_close(fd);
	buf_free(&m.bundle);
	buf_free(&m.path);
	buf_free(&m.list);
	return ret;
}

bool mirror_silent(const struct mirror_result *r, int64_t now, int64_t limit)
{
	int64_t last;

	return r->last[0] && clock_read(span_str(r->last), &last) &&
		now - last > limit;
}

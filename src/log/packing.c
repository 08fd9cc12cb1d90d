#include "log/packing.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "log/appender.h"
#include "log/reader.h"
#include "log/store.h"
#include "log/vault.h"
#include "parse/bundle.h"
#include "parse/entry.h"
#include "parse/vaultpack.h"
#include "port/crypto.h"
#include "port/inflate.h"

#define ENTRY_ARENA ((size_t)1 << 30)
/* Of records that do not compress; what goes beyond stays as it is. */
#define PACK_MAX ((size_t)256 << 20)

struct packing {
	const char *state;
	struct packing_result *result;
	struct vault *vault;
	struct log_reader *log;
	struct deflater *deflater;
	struct buf path, record, block, out;
	struct vaultpack_block blocks[VAULTPACK_ENTRIES];
	struct vaultpack_record records[VAULTPACK_ENTRIES];
	char name[VAULTPACK_ENTRIES][SHA256_HEX + 1]; /* of each entry */
	bool seen[256][256];                          /* how a name begins */
	/* Whose records go, or NULL. */
	bool (*gone)(void *ctx, uint64_t n);
	void *ctx;
	struct vaultpack_made made;
};

/* The folder itself. */
int packing_lock(const char *state, int *fd, struct err *err)
{
	struct buf path = PATH_BUF_INIT;
	int r = -1;

	store_path(&path, state, STORE_PACKS);
	*fd = -1;
	if (store_elsewhere(state)) {
		err_set(err, ERR_LOG, "a logd keeps this log and its vault");
		err_hint(err,
			"run this by logd's account, with --state and its "
			"folder");
		goto out;
	}
	if (io_mkdirs(buf_cstr(&path), vault_shared(state) ? 0750 : 0700, err))
		goto out;
	*fd = open(buf_cstr(&path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (*fd >= 0 && (r = flock(*fd, LOCK_EX)) && errno == EINTR)
		;
	if (r)
		err_sys(err, "cannot lock '%s'", buf_cstr(&path));
out:
	buf_free(&path);
	return r;
}

/* Whether the journal is all of what an append of this boot did. */
static bool settled(const struct journal *j, uint64_t size)
{
	return j->same_boot && j->n && j->frame[j->n - 1].size == size;
}

int packing_lasting(
	const char *state, uint64_t size, uint64_t *out, struct err *err)
{
	struct appender a = APPENDER_NONE;
	struct hash root;
	bool found;
	int ret = -1;

	*out = 0;
	a.state = state;
	if (store_lock(state, &a.lock, err) ||
		journal_open(appender_path(&a, STORE_JOURNAL), &a.journal,
			&found, err))
		goto out;
	if (found && settled(&a.journal, size)) {
		root = a.journal.frame[a.journal.n - 1].root;
		if (appender_flush(&a, size, &root, err))
			goto out;
	}
	*out = found && a.journal.synced < size ? a.journal.synced : size;
	ret = 0;
out:
	appender_close(&a);
	return ret;
}

static void end_block(struct packing *p)
{
	struct vaultpack_made *m = &p->made;

	if (!p->block.n)
		return;
	m->block[m->nblock++] =
		(struct vaultpack_block){p->out.n, (uint32_t)p->block.n};
	deflate_gzip(p->deflater, buf_all(&p->block), &p->out);
	buf_reset(&p->block);
}

static void add(struct packing *p, const char *sha256)
{
	struct vaultpack_made *m = &p->made;
	struct vaultpack_record *r = &m->record[m->nrecord];
	size_t n = p->record.n;

	if (p->block.n && p->block.n + n >= VAULTPACK_BLOCK)
		end_block(p);
	if (!text_hex_read(span_str(sha256), r->sha256, sizeof(r->sha256)))
		die("packing: no digest");
	r->block = (uint32_t)m->nblock;
	r->at = (uint32_t)p->block.n;
	r->length = (uint32_t)n;
	m->nrecord++;
	buf_span(&p->block, buf_all(&p->record));
	buf_byte(&p->block, '\n');
}

/* Twice in a pack is once too often for its table. Few of the names begin with
 * the same four digits, so few are compared with all others. */
static bool is_twice(struct packing *p, size_t at)
{
	const char *name = p->name[at];
	unsigned char b[2];
	size_t i;

	if (!text_hex_read(span_of(name, 4), b, 2))
		return false;
	if (!p->seen[b[0]][b[1]]) {
		p->seen[b[0]][b[1]] = true;
		return false;
	}
	for (i = 0; i < at; i++)
		if (!strcmp(p->name[i], name))
			return true;
	return false;
}

static int read_names(
	struct packing *p, uint64_t from, size_t n, struct err *err)
{
	struct buf text = BUF_INIT(ENTRY_MAX);
	struct entry e;
	size_t i;
	int ret = 0;

	for (i = 0; i < n && !ret; i++) {
		struct arena *a = arena_new(ENTRY_ARENA);

		ret = log_entry(p->log, from + i, &text, err);
		if (!ret)
			ret = entry_parse(buf_all(&text), a, &e, err);
		if (!ret)
			memcpy(p->name[i], e.record, sizeof(p->name[i]));
		arena_free(a);
	}
	buf_free(&text);
	return ret;
}

/* One record into the pack that is made. A file that is damaged stays where it
 * is: who reads it is told. Nor is a pack replaced that is damaged. */
static int take(struct packing *p, uint64_t n, size_t i, struct err *err)
{
	struct err e = ERR_INIT;
	bool found;

	if (vault_record(p->vault, n, p->name[i], &p->record, &found, &e)) {
		if (e.code == ERR_SYS ||
			!io_exists(store_vault_path(
				&p->path, p->state, p->name[i]))) {
			*err = e;
			return -1;
		}
		p->result->damaged++;
		return 0;
	}
	if (found && p->record.n && p->record.n <= VAULTPACK_RECORD_MAX &&
		p->out.n + 2 * (p->block.n + p->record.n) < PACK_MAX)
		add(p, p->name[i]);
	return 0;
}

static int write_pack(struct packing *p, uint64_t number, struct err *err)
{
	const char *path = vault_pack_path(&p->path, p->state, number);
	bool shared = vault_shared(p->state);
	struct batch batch = BATCH_EMPTY;

	end_block(p);
	p->made.end = p->out.n;
	vaultpack_write(&p->made, sha256_of, &p->out);
	if (buf_check(&p->out, path, err))
		return -1;
	if (batch_put(&batch, BATCH_REPLACE, path, buf_all(&p->out),
		    shared ? 0640 : 0600, shared ? 0750 : 0700, err) ||
		batch_commit(&batch, err)) {
		batch_drop(&batch);
		return -1;
	}
	p->result->packs++;
	p->result->stored += p->out.n;
	return 0;
}

/* The file of its own, of what can be read out of the pack. */
static int drop_file(
	struct packing *p, uint64_t n, const char *sha256, struct err *err)
{
	const char *path;
	bool found;

	if (!io_exists(store_vault_path(&p->path, p->state, sha256)))
		return 0;
	if (vault_packed(p->vault, n, sha256, &p->record, &found, err))
		return -1;
	if (!found)
		return 0;
	path = store_vault_path(&p->path, p->state, sha256);
	if (unlink(path) && errno != ENOENT)
		return err_sys(err, "cannot remove '%s'", path);
	p->result->records++;
	p->result->bytes += p->record.n;
	return 0;
}

/* The records of entries up to ${to}, which p->name has, into a new pack. */
static int make_pack(
	struct packing *p, uint64_t number, uint64_t to, struct err *err)
{
	uint64_t from = number * VAULTPACK_ENTRIES;
	size_t i;

	p->made = (struct vaultpack_made){
		.from = from,
		.to = to,
		.block = p->blocks,
		.record = p->records,
	};
	memset(p->seen, 0, sizeof(p->seen));
	buf_reset(&p->block);
	buf_reset(&p->out);
	for (i = 0; i < to - from; i++)
		if (!(p->gone && p->gone(p->ctx, from + i)) &&
			!is_twice(p, i) && take(p, from + i, i, err))
			return -1;
	return write_pack(p, number, err);
}

static int pack_one(
	struct packing *p, uint64_t number, uint64_t to, struct err *err)
{
	uint64_t from = number * VAULTPACK_ENTRIES;
	size_t n = (size_t)(to - from), i;

	if (read_names(p, from, n, err) || make_pack(p, number, to, err))
		return -1;
	for (i = 0; i < n; i++)
		if (drop_file(p, from + i, p->name[i], err))
			return -1;
	return 0;
}

/* What a run that was cut short left twice. */
static int drop_again(void *ctx, const char *sha256, struct err *err)
{
	struct packing *p = ctx;
	const char *path;
	bool found;

	if (vault_from_packs(p->vault, sha256, &p->record, &found, err))
		return -1;
	if (!found)
		return 0;
	path = store_vault_path(&p->path, p->state, sha256);
	return unlink(path) && errno != ENOENT
		? err_sys(err, "cannot remove '%s'", path)
		: 0;
}

static int pack_all(struct packing *p, struct err *err)
{
	struct appender a = APPENDER_NONE;
	uint64_t size, number, have, to;

	if (packing_lasting(p->state, log_size(p->log), &size, err))
		return -1;
	a.state = p->state;
	appender_collect(&a, 0, size);
	buf_free(&a.path);
	if (vault_each(p->state, drop_again, p, err))
		return -1;
	/* As the partial tiles, records of the open tile stay. */
	size -= size % TILE_WIDTH;
	for (number = 0; number * VAULTPACK_ENTRIES < size; number++) {
		to = (number + 1) * VAULTPACK_ENTRIES;
		if (to > size)
			to = size;
		if (vault_covers(p->vault, number, &have, err) ||
			(have < to && pack_one(p, number, to, err)))
			return -1;
	}
	p->result->left = log_size(p->log) - size;
	return 0;
}

/* Whether the pack that there is has a record which goes; and how many. */
static int count_gone(struct packing *p, uint64_t from, size_t n,
	uint64_t *packed, struct err *err)
{
	bool found;
	size_t i;

	*packed = 0;
	for (i = 0; i < n; i++) {
		if (!p->gone(p->ctx, from + i))
			continue;
		if (vault_packs(p->vault, from + i, p->name[i], &found, err))
			return -1;
		*packed += found;
	}
	return 0;
}

static int drop_gone(
	struct packing *p, uint64_t number, uint64_t *removed, struct err *err)
{
	uint64_t from = number * VAULTPACK_ENTRIES, to, packed;
	uint64_t size = log_size(p->log);
	size_t i, n;

	n = size - from < VAULTPACK_ENTRIES ? (size_t)(size - from)
					    : VAULTPACK_ENTRIES;
	if (vault_covers(p->vault, number, &to, err) ||
		read_names(p, from, n, err) ||
		count_gone(p, from, n, &packed, err) ||
		(packed && make_pack(p, number, to, err)))
		return -1;
	*removed += packed;
	for (i = 0; i < n; i++) {
		const char *path;

		if (!p->gone(p->ctx, from + i))
			continue;
		path = store_vault_path(&p->path, p->state, p->name[i]);
		if (!unlink(path))
			++*removed;
		else if (errno != ENOENT)
			return err_sys(err, "cannot remove '%s'", path);
	}
	return 0;
}

static int open_all(struct packing *p, const char *state,
	struct packing_result *result, struct err *err)
{
	memset(result, 0, sizeof(*result));
	p->state = state;
	p->result = result;
	p->vault = vault_new(state);
	p->deflater = deflater_new();
	p->path = (struct buf)PATH_BUF_INIT;
	p->record = (struct buf)BUF_INIT(RECORD_MAX);
	p->block = (struct buf)BUF_INIT(
		VAULTPACK_BLOCK + (size_t)VAULTPACK_BLOCK_MAX);
	p->out = (struct buf)BUF_INIT(PACK_MAX + VAULTPACK_TABLES_MAX);
	return log_open_state(state, &p->log, err);
}

static void close_all(struct packing *p)
{
	log_close(p->log);
	vault_free(p->vault);
	deflater_free(p->deflater);
	buf_free(&p->path);
	buf_free(&p->record);
	buf_free(&p->block);
	buf_free(&p->out);
	free(p);
}

static struct packing *packing_new(void)
{
	struct packing *p = calloc(1, sizeof(*p));

	if (!p)
		die("out of memory");
	return p;
}

int packing_run(const char *state, struct packing_result *out, struct err *err)
{
	struct packing *p = packing_new();
	int lock = -1, ret = -1;

	if (!open_all(p, state, out, err) && !packing_lock(state, &lock, err))
		ret = pack_all(p, err);
	io_close(lock);
	close_all(p);
	return ret;
}

int packing_without(const char *state, uint64_t number,
	bool (*gone)(void *ctx, uint64_t n), void *ctx, uint64_t *removed,
	struct err *err)
{
	struct packing *p = packing_new();
	struct packing_result result;
	int ret = -1;

	p->gone = gone;
	p->ctx = ctx;
	if (!open_all(p, state, &result, err))
		ret = drop_gone(p, number, removed, err);
	close_all(p);
	return ret;
}

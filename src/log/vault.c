#include "log/vault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/grow.h"
#include "base/io.h"
#include "base/text.h"
#include "log/store.h"
#include "parse/record.h"
#include "parse/vaultpack.h"
#include "port/crypto.h"
#include "port/inflate.h"

#define NO_PACK UINT64_MAX
#define SUFFIX ".pack"

struct pack {
	uint64_t number;
	int fd; /* -1: there is no such pack */
	struct stat st;
	struct buf tables;
	struct vaultpack p;
};

/* What all packs hold, for what is in none of the places where it should be. */
struct known {
	unsigned char sha256[SHA256_LEN];
	uint64_t number;
};

struct vault {
	char *state;
	struct buf path;
	struct pack pack;
	struct inflater *inflater;
	struct buf stored, block; /* the latter of the pack in use */
	uint32_t at;              /* its number, or UINT32_MAX */
	struct known *known;
	size_t nknown;
	struct timespec listed; /* the time of the packs' folder then */
	bool lists;
};

struct vault *vault_new(const char *state)
{
	struct vault *v = calloc(1, sizeof(*v));

	if (!v || !(v->state = strdup(state)))
		die("out of memory");
	v->path = (struct buf)PATH_BUF_INIT;
	v->stored = (struct buf)BUF_INIT(2 * VAULTPACK_BLOCK_MAX);
	v->block = (struct buf)BUF_INIT(VAULTPACK_BLOCK_MAX);
	v->pack.tables = (struct buf)BUF_INIT(VAULTPACK_TABLES_MAX);
	v->pack.number = NO_PACK;
	v->pack.fd = -1;
	v->at = UINT32_MAX;
	return v;
}

void vault_free(struct vault *v)
{
	if (!v)
		return;
	io_close(v->pack.fd);
	buf_free(&v->pack.tables);
	buf_free(&v->path);
	buf_free(&v->stored);
	buf_free(&v->block);
	inflater_free(v->inflater);
	free(v->known);
	free(v->state);
	free(v);
}

const char *vault_pack_path(struct buf *out, const char *state, uint64_t number)
{
	buf_reset(out);
	buf_fmt(out, "%s/" STORE_PACKS "/%06llu" SUFFIX, state,
		(unsigned long long)number);
	return buf_cstr(out);
}

bool vault_shared(const char *state)
{
	struct buf path = PATH_BUF_INIT;
	struct stat st;
	bool shared = !stat(store_path(&path, state, STORE_VAULT), &st) &&
		(st.st_mode & S_IRGRP);

	buf_free(&path);
	return shared;
}

/* Bytes ${at} to ${at} + ${n} of the pack in use. */
static int read_at(struct vault *v, uint64_t at, size_t n, struct buf *out,
	struct err *err)
{
	unsigned char *room;

	buf_reset(out);
	room = buf_room(out, n);
	if (!room)
		return err_set(err, ERR_LOG, "a block of %zu bytes", n);
	while (out->n < n) {
		ssize_t got = pread(v->pack.fd, room + out->n, n - out->n,
			(off_t)(at + out->n));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(err, "cannot read");
		if (!got)
			return err_set(err, ERR_LOG, "cut short");
		out->n += (size_t)got;
	}
	return 0;
}

static int read_tables(struct vault *v, struct err *err)
{
	struct pack *p = &v->pack;
	uint64_t size = (uint64_t)p->st.st_size;
	size_t n = size < p->tables.max ? (size_t)size : p->tables.max;

	if (read_at(v, size - n, n, &p->tables, err))
		return -1;
	if (vaultpack_parse(buf_all(&p->tables), size, sha256_of, &p->p, err)) {
		err->code = ERR_LOG;
		return -1;
	}
	if (p->p.from != p->number * VAULTPACK_ENTRIES)
		return err_set(err, ERR_LOG,
			"of other entries than its name "
			"says");
	return 0;
}

/* Whether the pack in use is the one that has its name now. */
static bool current(struct vault *v, uint64_t number)
{
	struct stat st;
	bool there = !stat(vault_pack_path(&v->path, v->state, number), &st);

	return there ? v->pack.fd >= 0 && st.st_ino == v->pack.st.st_ino &&
			st.st_size == v->pack.st.st_size
		     : v->pack.fd < 0;
}

static void forget(struct vault *v)
{
	io_close(v->pack.fd);
	v->pack.fd = -1;
	v->pack.number = NO_PACK;
	v->at = UINT32_MAX;
}

/* The pack of that number in use, if there is one; ${fresh}: as it is now. */
static int use(struct vault *v, uint64_t number, bool fresh, struct err *err)
{
	struct pack *p = &v->pack;

	if (p->number == number && (!fresh || current(v, number)))
		return 0;
	forget(v);
	p->fd = open(vault_pack_path(&v->path, v->state, number),
		O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (p->fd < 0 && errno != ENOENT && errno != ENOTDIR)
		return err_sys(err, "cannot open '%s'", buf_cstr(&v->path));
	p->number = number;
	if (p->fd < 0)
		return 0;
	if (fstat(p->fd, &p->st)) {
		err_sys(err, "cannot stat '%s'", buf_cstr(&v->path));
		goto fail;
	}
	if (!S_ISREG(p->st.st_mode) || read_tables(v, err)) {
		if (!S_ISREG(p->st.st_mode))
			err_set(err, ERR_LOG, "not a regular file");
		err_in(err, "'%s'", buf_cstr(&v->path));
		goto fail;
	}
	return 0;
fail:
	forget(v);
	return -1;
}

static int load_block(struct vault *v, uint32_t i, struct err *err)
{
	size_t size;
	struct vaultpack_block b = vaultpack_block(&v->pack.p, i, &size);
	unsigned char *room;

	if (v->at == i)
		return 0;
	v->at = UINT32_MAX;
	if (!v->inflater)
		v->inflater = inflater_new();
	buf_reset(&v->block);
	room = buf_room(&v->block, b.length);
	if (!room)
		return err_set(err, ERR_LOG, "block %u is too large", i);
	if (read_at(v, b.start, size, &v->stored, err))
		return -1;
	if (inflate_gzip(
		    v->inflater, buf_all(&v->stored), room, b.length, err)) {
		err->code = ERR_LOG;
		return err_in(err, "block %u", i);
	}
	v->block.n = b.length;
	v->at = i;
	return 0;
}

static int check_digest(
	struct span s, const unsigned char *sha256, struct err *err)
{
	struct buf name = BUF_INIT(SHA256_HEX);
	unsigned char sum[SHA256_LEN];

	sha256_of(s, sum);
	if (!memcmp(sum, sha256, sizeof(sum)))
		return 0;
	text_hex(&name, span_of(sha256, SHA256_LEN));
	err_set(err, ERR_LOG,
		"record %s does not have the digest it is named by",
		buf_cstr(&name));
	buf_free(&name);
	return -1;
}

static int from_pack(struct vault *v, uint64_t number, bool fresh,
	const unsigned char *sha256, struct buf *out, bool *found,
	struct err *err)
{
	struct vaultpack_record r;
	struct span s;

	*found = false;
	if (use(v, number, fresh, err))
		return -1;
	if (v->pack.fd < 0 || !vaultpack_find(&v->pack.p, sha256, &r))
		return 0;
	if (load_block(v, r.block, err))
		goto fail;
	s = span_sub(buf_all(&v->block), r.at, r.length);
	if (check_digest(s, sha256, err))
		goto fail;
	if (out)
		buf_span(out, s);
	*found = true;
	return 0;
fail:
	return err_in(err, "'%s'", vault_pack_path(&v->path, v->state, number));
}

static int loose(struct vault *v, const char *name, const unsigned char *sha256,
	struct buf *out, bool *found, struct err *err)
{
	const char *path = store_vault_path(&v->path, v->state, name);

	*found = false;
	if (io_read_file(path, out, err)) {
		if (err->code != ERR_SYS || err->sys != ENOENT)
			return -1;
		err_clear(err);
		return 0;
	}
	if (check_digest(buf_all(out), sha256, err))
		return err_in(err, "'%s'", path);
	*found = true;
	return 0;
}

/* "000003.pack" */
static bool pack_name(const char *name, uint64_t *out)
{
	struct span s = span_str(name), suffix = SPAN_LIT(SUFFIX);

	if (!span_ends(s, suffix))
		return false;
	s = span_sub(s, 0, s.n - suffix.n);
	while (s.n > 1 && s.p[0] == '0')
		s = span_from(s, 1);
	return text_to_u64(s, UINT64_MAX / VAULTPACK_ENTRIES - 1, out);
}

static int by_digest(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	return memcmp(x->sha256, y->sha256, sizeof(x->sha256));
}

static int list_pack(
	struct vault *v, uint64_t number, size_t *room, struct err *err)
{
	uint32_t i;

	if (use(v, number, true, err))
		return -1;
	for (i = 0; v->pack.fd >= 0 && i < v->pack.p.nrecord; i++) {
		struct vaultpack_record r = vaultpack_record(&v->pack.p, i);

		v->known = grow(v->known, v->nknown, room, sizeof(*v->known));
		memcpy(v->known[v->nknown].sha256, r.sha256, SHA256_LEN);
		v->known[v->nknown++].number = number;
	}
	return 0;
}

/* What all packs hold, unless that is known and none was made since. */
static int list_all(struct vault *v, struct err *err)
{
	const char *folder = store_path(&v->path, v->state, STORE_PACKS);
	struct dirent *e;
	struct stat st;
	uint64_t number;
	size_t room = 0;
	DIR *dir;
	int ret = 0;

	if (stat(folder, &st))
		return errno == ENOENT
			? 0
			: err_sys(err, "cannot stat '%s'", folder);
	if (v->lists && !memcmp(&v->listed, &st.st_mtim, sizeof(v->listed)))
		return 0;
	dir = opendir(folder);
	if (!dir)
		return err_sys(err, "cannot open '%s'", folder);
	free(v->known);
	v->known = NULL;
	v->nknown = 0;
	while (!ret && (e = readdir(dir)))
		if (pack_name(e->d_name, &number))
			ret = list_pack(v, number, &room, err);
	closedir(dir);
	if (v->nknown)
		qsort(v->known, v->nknown, sizeof(*v->known), by_digest);
	v->listed = st.st_mtim;
	v->lists = !ret;
	return ret;
}

static const struct known *find_known(
	const struct vault *v, const unsigned char *sha256)
{
	struct known key;

	if (!v->nknown)
		return NULL;
	memcpy(key.sha256, sha256, SHA256_LEN);
	return bsearch(&key, v->known, v->nknown, sizeof(*v->known), by_digest);
}

static int digest_of(
	const char *name, unsigned char out[SHA256_LEN], struct err *err)
{
	if (!text_hex_read(span_str(name), out, SHA256_LEN))
		return err_set(err, ERR_LOG, "no name of a record");
	return 0;
}

/* It may have been moved into a pack that was not there a moment ago; and an
 * entry of another pack may have the same record. */
static int elsewhere(struct vault *v, const unsigned char *sha256,
	struct buf *out, bool *found, struct err *err)
{
	const struct known *k;

	if (list_all(v, err))
		return -1;
	k = find_known(v, sha256);
	return k ? from_pack(v, k->number, true, sha256, out, found, err) : 0;
}

int vault_record(struct vault *v, uint64_t n, const char *sha256,
	struct buf *out, bool *found, struct err *err)
{
	uint64_t number = n / VAULTPACK_ENTRIES;
	unsigned char sum[SHA256_LEN];
	int ret = digest_of(sha256, sum, err);

	*found = false;
	buf_reset(out);
	out->max = RECORD_MAX;
	if (!ret)
		ret = from_pack(v, number, false, sum, out, found, err);
	if (!ret && !*found)
		ret = loose(v, sha256, sum, out, found, err);
	if (!ret && !*found)
		ret = elsewhere(v, sum, out, found, err);
	return ret;
}

int vault_packed(struct vault *v, uint64_t n, const char *sha256,
	struct buf *out, bool *found, struct err *err)
{
	unsigned char sum[SHA256_LEN];

	*found = false;
	buf_reset(out);
	out->max = RECORD_MAX;
	if (digest_of(sha256, sum, err))
		return -1;
	return from_pack(v, n / VAULTPACK_ENTRIES, true, sum, out, found, err);
}

int vault_read(const char *state, uint64_t n, const char *sha256,
	struct buf *out, bool *found, struct err *err)
{
	struct vault *v = vault_new(state);
	int ret = vault_record(v, n, sha256, out, found, err);

	vault_free(v);
	return ret;
}

int vault_in_packs(
	struct vault *v, const char *sha256, bool *found, struct err *err)
{
	unsigned char sum[SHA256_LEN];

	*found = false;
	if (digest_of(sha256, sum, err) || list_all(v, err))
		return -1;
	*found = find_known(v, sum) != NULL;
	return 0;
}

int vault_from_packs(struct vault *v, const char *sha256, struct buf *out,
	bool *found, struct err *err)
{
	unsigned char sum[SHA256_LEN];

	*found = false;
	buf_reset(out);
	out->max = RECORD_MAX;
	return digest_of(sha256, sum, err) || elsewhere(v, sum, out, found, err)
		? -1
		: 0;
}

int vault_packs(struct vault *v, uint64_t n, const char *sha256, bool *found,
	struct err *err)
{
	unsigned char sum[SHA256_LEN];
	struct vaultpack_record r;

	*found = false;
	if (digest_of(sha256, sum, err) ||
		use(v, n / VAULTPACK_ENTRIES, true, err))
		return -1;
	*found = v->pack.fd >= 0 && vaultpack_find(&v->pack.p, sum, &r);
	return 0;
}

int vault_has(struct vault *v, uint64_t n, const char *sha256, bool *found,
	struct err *err)
{
	*found = io_exists(store_vault_path(&v->path, v->state, sha256));
	if (!*found && vault_packs(v, n, sha256, found, err))
		return -1;
	return *found ? 0 : vault_in_packs(v, sha256, found, err);
}

int vault_covers(
	struct vault *v, uint64_t number, uint64_t *to, struct err *err)
{
	*to = 0;
	if (use(v, number, true, err))
		return -1;
	if (v->pack.fd >= 0)
		*to = v->pack.p.to;
	return 0;
}

static int each_in(const char *folder,
	int (*each)(void *ctx, const char *sha256, struct err *err), void *ctx,
	struct err *err)
{
	unsigned char sum[SHA256_LEN];
	DIR *dir = opendir(folder);
	struct dirent *e;
	int ret = 0;

	if (!dir)
		return err_sys(err, "cannot open '%s'", folder);
	while (!ret && (e = readdir(dir)))
		if (text_hex_read(span_str(e->d_name), sum, sizeof(sum)))
			ret = each(ctx, e->d_name, err);
	closedir(dir);
	return ret;
}

int vault_each(const char *state,
	int (*each)(void *ctx, const char *sha256, struct err *err), void *ctx,
	struct err *err)
{
	struct buf path = PATH_BUF_INIT, sub = PATH_BUF_INIT;
	struct dirent *e;
	unsigned char byte;
	DIR *dir;
	int ret = 0;

	store_path(&path, state, STORE_VAULT);
	dir = opendir(buf_cstr(&path));
	if (!dir) {
		ret = err_sys(err, "cannot open '%s'", buf_cstr(&path));
		goto out;
	}
	while (!ret && (e = readdir(dir))) {
		if (!text_hex_read(span_str(e->d_name), &byte, 1))
			continue;
		io_join(&sub, buf_cstr(&path), e->d_name);
		ret = each_in(buf_cstr(&sub), each, ctx, err);
	}
	closedir(dir);
out:
	buf_free(&sub);
	buf_free(&path);
	return ret;
}

struct counting {
	const struct vault *v;
	uint64_t n;
};

static int count_one(void *ctx, const char *sha256, struct err *err)
{
	struct counting *c = ctx;
	unsigned char sum[SHA256_LEN];

	if (digest_of(sha256, sum, err))
		return -1;
	c->n += !find_known(c->v, sum);
	return 0;
}

/* A pack may be made meanwhile, and what it takes was counted as files. */
#define TRIES 5

int vault_count(struct vault *v, uint64_t *n, struct err *err)
{
	struct counting c = {.v = v};
	struct timespec before;
	unsigned try;
	size_t i;

	*n = 0;
	for (try = 0; try < TRIES; try++) {
		c.n = 0;
		if (list_all(v, err))
			return -1;
		before = v->listed;
		if (vault_each(v->state, count_one, &c, err) ||
			list_all(v, err))
			return -1;
		if (!memcmp(&before, &v->listed, sizeof(before)))
			break;
	}
	for (i = 0; i < v->nknown; i++)
		c.n += !i || by_digest(&v->known[i], &v->known[i - 1]);
	*n = c.n;
	return 0;
}

#include "disk.h"

#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/grow.h"
#include "base/io.h"

#define SECTOR 512u
#define FILE_MAX ((size_t)64 << 20)
#define NONE SIZE_MAX

struct node {
	bool folder;
	unsigned mode;
	struct buf base; /* a file's bytes in the beginning */
};

/* A name in a folder. */
struct entry {
	size_t folder, node;
	char name[128];
};

enum change {
	CHANGE_WRITE,
	CHANGE_CUT,
	CHANGE_NAME,
	CHANGE_SWAP,
	CHANGE_SYNC
};

struct op {
	enum change change;
	size_t node; /* the file, or the folder */
	size_t at;   /* write, cut: offset */
	struct buf bytes;
	/* Names: ${to} stands for node ${target}, or none; ${from}, if not
	 * empty, stands for nothing any more. One change, for a rename. */
	char from[128], to[128];
	size_t target;
};

struct entries {
	struct entry *v;
	size_t n, max;
};

struct disk {
	char root[512];
	struct node *node;
	size_t nnode, node_max;
	struct entries base, live;
	struct op *op;
	size_t nop, op_max;
};

static size_t add_node(struct disk *d, bool folder, unsigned mode)
{
	d->node = grow(d->node, d->nnode, &d->node_max, sizeof(*d->node));
	d->node[d->nnode] = (struct node){folder, mode, BUF_INIT(FILE_MAX)};
	return d->nnode++;
}

static struct entry *find(
	const struct entries *e, size_t folder, const char *name)
{
	size_t i;

	for (i = 0; i < e->n; i++)
		if (e->v[i].folder == folder && !strcmp(e->v[i].name, name))
			return &e->v[i];
	return NULL;
}

static void set_name(
	struct entries *e, size_t folder, const char *name, size_t node)
{
	struct entry *old = find(e, folder, name);

	if (node == NONE) {
		if (old)
			*old = e->v[--e->n];
		return;
	}
	if (!old) {
		e->v = grow(e->v, e->n, &e->max, sizeof(*e->v));
		old = &e->v[e->n++];
		old->folder = folder;
		snprintf(old->name, sizeof(old->name), "%s", name);
	}
	old->node = node;
}

static void copy_entries(const struct entries *from, struct entries *to)
{
	*to = *from;
	to->v = malloc((from->max + 1) * sizeof(*to->v));
	assert_non_null(to->v);
	memcpy(to->v, from->v, from->n * sizeof(*to->v));
}

static void load(struct disk *d, size_t folder, const char *path)
{
	DIR *dir = opendir(path);
	struct buf sub = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	struct dirent *e;
	struct stat st;

	assert_non_null(dir);
	while ((e = readdir(dir))) {
		size_t node;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		io_join(&sub, path, e->d_name);
		assert_int_equal(lstat(buf_cstr(&sub), &st), 0);
		node = add_node(d, S_ISDIR(st.st_mode), st.st_mode & 07777);
		set_name(&d->base, folder, e->d_name, node);
		if (S_ISDIR(st.st_mode))
			load(d, node, buf_cstr(&sub));
		else
			assert_int_equal(io_read_file(buf_cstr(&sub),
						 &d->node[node].base, &err),
				0);
	}
	closedir(dir);
	buf_free(&sub);
}

struct disk *disk_new(const char *root)
{
	struct disk *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	snprintf(d->root, sizeof(d->root), "%s", root);
	load(d, add_node(d, true, 0755), root);
	copy_entries(&d->base, &d->live);
	return d;
}

void disk_free(struct disk *d)
{
	size_t i;

	for (i = 0; i < d->nnode; i++)
		buf_free(&d->node[i].base);
	for (i = 0; i < d->nop; i++)
		buf_free(&d->op[i].bytes);
	free(d->node);
	free(d->op);
	free(d->base.v);
	free(d->live.v);
	free(d);
}

size_t disk_now(const struct disk *d)
{
	return d->nop;
}

bool disk_before_sync(const struct disk *d, size_t moment)
{
	return moment >= d->nop || d->op[moment].change == CHANGE_SYNC;
}

static struct op *add_op(struct disk *d, enum change change, size_t node)
{
	struct op *op;

	d->op = grow(d->op, d->nop, &d->op_max, sizeof(*d->op));
	op = &d->op[d->nop++];
	*op = (struct op){.change = change, .node = node, .target = NONE};
	op->bytes = (struct buf)BUF_INIT(FILE_MAX);
	return op;
}

/* The folder of a path and its last name; NONE outside of root. */
static size_t resolve(const struct disk *d, const struct entries *e,
	const char *path, const char **name)
{
	size_t n = strlen(d->root), folder = 0;
	const char *slash;
	struct entry *at;
	char part[128];

	*name = "";
	if (strncmp(path, d->root, n) || (path[n] && path[n] != '/'))
		return NONE;
	for (path += n; *path == '/'; path++)
		;
	while ((slash = strchr(path, '/'))) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		at = find(e, folder, part);
		if (!at)
			return NONE;
		folder = at->node;
		for (path = slash; *path == '/'; path++)
			;
	}
	*name = path;
	return folder;
}

static void name_op(struct disk *d, size_t folder, const char *from,
	const char *to, size_t target)
{
	struct op *op = add_op(d, CHANGE_NAME, folder);

	snprintf(op->from, sizeof(op->from), "%s", from);
	snprintf(op->to, sizeof(op->to), "%s", to);
	op->target = target;
	if (*from)
		set_name(&d->live, folder, from, NONE);
	set_name(&d->live, folder, to, target);
}

size_t disk_open(
	struct disk *d, const char *path, bool create, unsigned mode, bool cut)
{
	const char *name;
	size_t folder = resolve(d, &d->live, path, &name), node;
	struct entry *e;

	if (folder == NONE)
		return NONE;
	if (!*name)
		return folder;
	e = find(&d->live, folder, name);
	if (e) {
		node = e->node; /* what follows moves the entries */
		if (cut)
			disk_cut(d, node, 0);
		return node;
	}
	if (!create)
		return NONE;
	node = add_node(d, false, mode);
	name_op(d, folder, "", name, node);
	return node;
}

void disk_mkdir(struct disk *d, const char *path, unsigned mode)
{
	const char *name;
	size_t folder = resolve(d, &d->live, path, &name);

	if (folder != NONE)
		name_op(d, folder, "", name, add_node(d, true, mode));
}

void disk_write(struct disk *d, size_t node, size_t at, struct span s)
{
	while (s.n) {
		size_t n = SECTOR - at % SECTOR;
		struct op *op = add_op(d, CHANGE_WRITE, node);

		n = n < s.n ? n : s.n;
		op->at = at;
		buf_span(&op->bytes, span_sub(s, 0, n));
		s = span_from(s, n);
		at += n;
	}
}

void disk_cut(struct disk *d, size_t node, size_t length)
{
	add_op(d, CHANGE_CUT, node)->at = length;
}

void disk_mode(struct disk *d, size_t node, unsigned mode)
{
	d->node[node].mode = mode;
}

void disk_sync(struct disk *d, size_t node)
{
	add_op(d, CHANGE_SYNC, node);
}

void disk_unlink(struct disk *d, const char *path)
{
	const char *name;
	size_t folder = resolve(d, &d->live, path, &name);

	if (folder != NONE)
		name_op(d, folder, "", name, NONE);
}

void disk_rename(
	struct disk *d, const char *from, const char *to, bool exchange)
{
	const char *a, *b;
	size_t folder = resolve(d, &d->live, from, &a), node;

	if (folder == NONE)
		return;
	/* Ours never leave their folder. */
	assert_int_equal(resolve(d, &d->live, to, &b), folder);
	assert_non_null(find(&d->live, folder, a));
	node = find(&d->live, folder, a)->node;
	if (exchange) {
		struct op *op = add_op(d, CHANGE_SWAP, folder);

		snprintf(op->from, sizeof(op->from), "%s", a);
		snprintf(op->to, sizeof(op->to), "%s", b);
		set_name(&d->live, folder, a, find(&d->live, folder, b)->node);
		set_name(&d->live, folder, b, node);
		return;
	}
	name_op(d, folder, a, b, node);
}

/* What becomes of the changes up to a moment. */
struct built {
	struct entries entries;
	struct buf *bytes; /* of each node */
};

static void grow_to(struct buf *b, size_t n)
{
	unsigned char *room;

	if (b->n >= n)
		return;
	room = buf_room(b, n - b->n);
	assert_non_null(room);
	memset(room, 0, n - b->n);
	b->n = n;
}

static void write_at(struct buf *b, size_t at, struct span s)
{
	grow_to(b, at + s.n);
	memcpy(b->p + at, s.p, s.n);
}

static void apply(struct built *b, const struct op *op)
{
	struct entry *one, *two;
	size_t node;

	switch (op->change) {
	case CHANGE_WRITE:
		write_at(&b->bytes[op->node], op->at, buf_all(&op->bytes));
		break;
	case CHANGE_CUT:
		grow_to(&b->bytes[op->node], op->at);
		b->bytes[op->node].n = op->at;
		break;
	case CHANGE_NAME:
		if (*op->from)
			set_name(&b->entries, op->node, op->from, NONE);
		set_name(&b->entries, op->node, op->to, op->target);
		break;
	case CHANGE_SWAP:
		one = find(&b->entries, op->node, op->from);
		two = find(&b->entries, op->node, op->to);
		if (!one || !two)
			break; /* of names that never came to be */
		node = one->node;
		one->node = two->node;
		two->node = node;
		break;
	case CHANGE_SYNC:
		break;
	}
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

/* Those that come to the disk in order, as one: a sector, a length, a name.
 * Half of the seeds take a whole folder so, as file systems with a journal
 * do. */
static uint64_t group_of(const struct op *op, unsigned seed)
{
	uint64_t h = mix(seed, op->node);
	const char *c;

	if (op->change == CHANGE_WRITE)
		return mix(h, 1 + op->at / SECTOR);
	if (op->change == CHANGE_CUT)
		return mix(h, 0);
	if (seed % 2)
		for (c = op->to; *c; c++)
			h = mix(h, (unsigned char)*c);
	return h;
}

/* The last sync of each node before a moment: what came before it lasts. */
static size_t *synced(const struct disk *d, size_t moment)
{
	size_t *at = calloc(d->nnode, sizeof(*at)), i;

	assert_non_null(at);
	for (i = 0; i < moment; i++)
		if (d->op[i].change == CHANGE_SYNC)
			at[d->op[i].node] = i;
	return at;
}

static void build(const struct disk *d, size_t moment, enum disk_left left,
	unsigned seed, struct built *b)
{
	uint64_t *lost = calloc(moment + 1, sizeof(*lost)), group;
	size_t *sync = synced(d, moment);
	/* How much survives: almost nothing, half, almost all. */
	static const unsigned odds[] = {1, 8, 15};
	unsigned odd = odds[seed / 2 % 3];
	size_t i, k, nlost = 0;

	assert_non_null(lost);
	copy_entries(&d->base, &b->entries);
	b->bytes = calloc(d->nnode, sizeof(*b->bytes));
	assert_non_null(b->bytes);
	for (i = 0; i < d->nnode; i++) {
		b->bytes[i] = (struct buf)BUF_INIT(FILE_MAX);
		buf_span(&b->bytes[i], buf_all(&d->node[i].base));
	}
	for (i = 0; i < moment; i++) {
		if (left == DISK_ALL || i < sync[d->op[i].node]) {
			apply(b, &d->op[i]);
			continue;
		}
		if (left == DISK_NONE)
			continue;
		group = group_of(&d->op[i], seed);
		for (k = 0; k < nlost && lost[k] != group; k++)
			;
		if (k < nlost || mix(mix(group, i), seed) % 16 >= odd) {
			lost[nlost++] = group;
			continue;
		}
		apply(b, &d->op[i]);
	}
	free(lost);
	free(sync);
}

static void built_free(const struct disk *d, struct built *b)
{
	size_t i;

	for (i = 0; i < d->nnode; i++)
		buf_free(&b->bytes[i]);
	free(b->bytes);
	free(b->entries.v);
}

bool disk_file(
	const struct disk *d, size_t moment, const char *path, struct buf *out)
{
	struct buf full = PATH_BUF_INIT;
	struct entry *e = NULL;
	struct built b;
	const char *name;
	size_t folder;

	build(d, moment, DISK_ALL, 0, &b);
	io_join(&full, d->root, path);
	folder = resolve(d, &b.entries, buf_cstr(&full), &name);
	if (folder != NONE)
		e = find(&b.entries, folder, name);
	buf_reset(out);
	if (e)
		buf_span(out, buf_all(&b.bytes[e->node]));
	built_free(d, &b);
	buf_free(&full);
	return e != NULL;
}

static void put(const struct disk *d, const struct built *b, size_t folder,
	const char *path)
{
	struct buf sub = PATH_BUF_INIT;
	struct err err = ERR_INIT;
	size_t i;

	assert_int_equal(mkdir(path, 0755), 0);
	for (i = 0; i < b->entries.n; i++) {
		const struct entry *e = &b->entries.v[i];
		const struct node *node = &d->node[e->node];
		int fd;

		if (e->folder != folder)
			continue;
		io_join(&sub, path, e->name);
		if (node->folder) {
			put(d, b, e->node, buf_cstr(&sub));
		} else {
			fd = open(buf_cstr(&sub), O_WRONLY | O_CREAT | O_EXCL,
				0600);
			assert_true(fd >= 0);
			assert_int_equal(
				io_write(fd, buf_all(&b->bytes[e->node]), &err),
				0);
			close(fd);
		}
		assert_int_equal(chmod(buf_cstr(&sub), node->mode), 0);
	}
	buf_free(&sub);
}

void disk_build(const struct disk *d, size_t moment, enum disk_left left,
	unsigned seed, const char *to)
{
	struct built b;

	build(d, moment, left, seed, &b);
	put(d, &b, 0, to);
	built_free(d, &b);
}

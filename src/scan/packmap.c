#include "scan/packmap.h"

#include "base/io.h"

/* Bytes of the pack looked at before they are let go of again: they count as
 * this program's memory for as long as they are mapped in. */
#define FORGET_AFTER ((uint64_t)32 << 20)

static void *room(size_t n, size_t each)
{
	void *p = reallocarray(NULL, n ? n : 1, each);

	if (!p)
		die("no memory for the objects of a pack");
	return p;
}

/* By place, least significant digit first: sorting a million by comparing takes
 * longer than inflating half of them. */
#define DIGIT 11
static void sort_pass(const struct packmap *p, unsigned shift, uint64_t *to_at,
	uint32_t *to_entry)
{
	uint32_t count[1u << DIGIT] = {0}, i, sum = 0, n;
	const uint64_t mask = (1u << DIGIT) - 1;

	for (i = 0; i < p->n; i++)
		count[p->at[i] >> shift & mask]++;
	for (i = 0; i <= mask; i++) {
		n = count[i];
		count[i] = sum;
		sum += n;
	}
	for (i = 0; i < p->n; i++) {
		uint32_t to = count[p->at[i] >> shift & mask]++;

		to_at[to] = p->at[i];
		to_entry[to] = p->entry[i];
	}
}

static void sort(struct packmap *p)
{
	uint64_t *at = room(p->n, sizeof(*at)), *was_at;
	uint32_t *entry = room(p->n, sizeof(*entry)), *was_entry;
	unsigned shift;

	for (shift = 0; shift < 64 && p->pack.all.n >> shift; shift += DIGIT) {
		sort_pass(p, shift, at, entry);
		was_at = p->at;
		p->at = at;
		at = was_at;
		was_entry = p->entry;
		p->entry = entry;
		entry = was_entry;
	}
	free(at);
	free(entry);
}

static int read_places(struct packmap *p, struct err *err)
{
	uint64_t end = p->pack.all.n - PACKFILE_TAIL;
	uint32_t i;

	p->at = room(p->n, sizeof(*p->at));
	p->entry = room(p->n, sizeof(*p->entry));
	for (i = 0; i < p->n; i++) {
		p->entry[i] = i;
		if (!packidx_offset(&p->idx, i, &p->at[i]) ||
			p->at[i] < PACKFILE_HEAD || p->at[i] >= end)
			return err_set(err, ERR_INPUT,
				"the index places object %u outside the pack",
				i);
	}
	sort(p);
	return 0;
}

static bool find_place(const struct packmap *p, uint64_t at, uint32_t *i)
{
	uint32_t lo = 0, hi = p->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (p->at[mid] < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	*i = lo;
	return lo < p->n && p->at[lo] == at;
}

bool packmap_find(const struct packmap *p, const struct oid *id, uint32_t *i)
{
	uint32_t entry;
	uint64_t at;

	return packidx_find(&p->idx, id, &entry) &&
		packidx_offset(&p->idx, entry, &at) && find_place(p, at, i);
}

int packmap_entry(const struct packmap *p, uint32_t i,
	struct packfile_entry *head, struct span *body, struct err *err)
{
	uint64_t end = p->pack.all.n - PACKFILE_TAIL;
	uint32_t next = i + 1;

	while (next < p->n && p->at[next] == p->at[i])
		next++;
	if (next < p->n)
		end = p->at[next];
	*body = span_sub(
		p->pack.all, (size_t)p->at[i], (size_t)(end - p->at[i]));
	if (packfile_entry(*body, head, err))
		return -1;
	*body = span_from(*body, head->n);
	return 0;
}

/* Bases by place lie before what is built on them, so going from the left their
 * type is known already; the others wait for link_rest. */
#define BY_NAME 0x80
static void read_entry(struct packmap *p, uint32_t i)
{
	struct packfile_entry head;
	struct err err = ERR_INIT;
	struct span body;
	uint32_t base;

	p->up[i] = PACKMAP_NONE;
	p->type[i] = OBJECT_NONE;
	if (packmap_entry(p, i, &head, &body, &err))
		return;
	switch (head.kind) {
	case PACKFILE_WHOLE:
		p->type[i] = (unsigned char)head.type;
		break;
	case PACKFILE_BY_PLACE:
		if (head.back > p->at[i] ||
			!find_place(p, p->at[i] - head.back, &base))
			break;
		p->up[i] = base;
		p->type[i] = p->type[base];
		break;
	case PACKFILE_BY_NAME:
		if (packmap_find(p, &head.base, &base) && base != i)
			p->up[i] = base;
		p->type[i] = BY_NAME;
		break;
	}
}

/* The first above ${i} whose type is known; PACKMAP_NONE past ${n} steps, which
 * no path takes that is not a circle, and at a root that waits. */
static uint32_t known_above(const struct packmap *p, uint32_t i)
{
	uint32_t steps = 0;

	while (i != PACKMAP_NONE && p->type[i] == BY_NAME && steps++ < p->n)
		i = p->up[i];
	return i != PACKMAP_NONE && p->type[i] == BY_NAME ? PACKMAP_NONE : i;
}

/* What hangs below a base by name, through bases by place or not, was read with
 * the mark BY_NAME in place of its type. Each is set once. */
static void link_rest(struct packmap *p)
{
	uint32_t i, top, up;
	unsigned char type;

	for (i = 0; i < p->n; i++) {
		if (p->type[i] != BY_NAME)
			continue;
		top = known_above(p, i);
		type = top == PACKMAP_NONE ? OBJECT_NONE : p->type[top];
		for (up = i; up != PACKMAP_NONE && p->type[up] == BY_NAME;
			up = p->up[up])
			p->type[up] = type;
	}
}

/* From the right, so that each list runs from the left. */
static void link_children(struct packmap *p)
{
	uint32_t i;

	for (i = 0; i < p->n; i++)
		p->child[i] = p->next[i] = PACKMAP_NONE;
	for (i = p->n; i-- > 0;) {
		if (p->up[i] == PACKMAP_NONE)
			continue;
		p->next[i] = p->child[p->up[i]];
		p->child[p->up[i]] = i;
	}
}

static void read_entries(struct packmap *p)
{
	uint64_t forgot = 0;
	uint32_t i;

	p->up = room(p->n, sizeof(*p->up));
	p->child = room(p->n, sizeof(*p->child));
	p->next = room(p->n, sizeof(*p->next));
	p->type = room(p->n, sizeof(*p->type));
	for (i = 0; i < p->n; i++) {
		if (p->at[i] - forgot > FORGET_AFTER) {
			map_forget(&p->pack);
			forgot = p->at[i];
		}
		read_entry(p, i);
	}
	map_forget(&p->pack);
	link_rest(p);
	link_children(p);
}

/* Without a stack: down by the first child, along by the next, up again. */
void packmap_set_root(struct packmap *p, uint32_t i, enum object_type type)
{
	uint32_t at = i;

	for (;;) {
		p->type[at] = (unsigned char)type;
		if (p->child[at] != PACKMAP_NONE) {
			at = p->child[at];
			continue;
		}
		while (at != i && p->next[at] == PACKMAP_NONE)
			at = p->up[at];
		if (at == i)
			return;
		at = p->next[at];
	}
}

static int open_both(const char *path, struct packmap *p, struct err *err)
{
	struct span name = span_str(path);
	struct buf index = PATH_BUF_INIT;
	int ret = -1;

	if (!span_ends(name, SPAN_LIT(".pack"))) {
		err_set(err, ERR_USAGE, "'%s' is not named as a pack", path);
		goto out;
	}
	buf_add(&index, name.p, name.n - 5);
	buf_str(&index, ".idx");
	if (!buf_check(&index, "path", err) && !map_open(path, &p->pack, err) &&
		!map_open(buf_cstr(&index), &p->index, err))
		ret = 0;
out:
	buf_free(&index);
	return ret;
}

int packmap_open(const char *path, struct packmap *out, struct err *err)
{
	struct packmap p = {.pack = MAP_INIT, .index = MAP_INIT};
	int ret = -1;

	*out = p;
	if (open_both(path, &p, err))
		goto out;
	if (packidx_parse(p.index.all, &p.idx, err) ||
		packfile_head(p.pack.all, &p.n, err)) {
		err_in(err, "'%s'", path);
		goto out;
	}
	if (p.n != p.idx.n) {
		err_set(err, ERR_INPUT, "'%s' holds %u objects, its index %u",
			path, p.n, p.idx.n);
		goto out;
	}
	p.start =
		room(((size_t)1 << packidx_bits(&p.idx)) + 1, sizeof(*p.start));
	packidx_narrow(&p.idx, packidx_bits(&p.idx), p.start);
	if (read_places(&p, err)) {
		err_in(err, "'%s'", path);
		goto out;
	}
	read_entries(&p);
	*out = p;
	memset(&p, 0, sizeof(p));
	ret = 0;
out:
	packmap_close(&p);
	return ret;
}

void packmap_close(struct packmap *p)
{
	map_close(&p->pack);
	map_close(&p->index);
	free(p->start);
	free(p->at);
	free(p->entry);
	free(p->up);
	free(p->child);
	free(p->next);
	free(p->type);
	memset(p, 0, sizeof(*p));
}

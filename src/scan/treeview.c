#include "scan/treeview.h"

#include "parse/tree.h"
#include "scan/treebook.h"

void treeview_scratch_open(struct treeview_scratch *s, struct census *c,
	uint32_t (*number)(void *ctx, struct span name), void *ctx)
{
	memset(s, 0, sizeof(*s));
	s->census = c;
	s->number = number;
	s->ctx = ctx;
	s->cache = calloc(TREEVIEW_CACHE, sizeof(*s->cache));
	if (!s->cache)
		die("out of memory");
}

void treeview_scratch_close(struct treeview_scratch *s)
{
	free(s->at);
	free(s->object);
	free(s->name);
	free(s->cache);
	memset(s, 0, sizeof(*s));
}

static uint32_t *grown(uint32_t *v, size_t n)
{
	v = reallocarray(v, n, sizeof(*v));
	if (!v)
		die("no memory for a tree");
	return v;
}

static void need(struct treeview_scratch *s, size_t n)
{
	if (n < s->cap)
		return;
	s->cap = n + n / 2 + 256;
	s->at = grown(s->at, s->cap);
	s->object = grown(s->object, s->cap);
	s->name = grown(s->name, s->cap);
}

/* An object comes back in many trees. The zero name is never cached: an empty
 * place would look like it. */
static uint32_t object_number(struct treeview_scratch *s, const struct oid *id)
{
	struct treeview_cached *c;
	uint32_t h;

	memcpy(&h, id->b + 4, sizeof(h));
	c = &s->cache[h & (TREEVIEW_CACHE - 1)];
	if (oid_eq(&c->id, id) && !oid_is_zero(id))
		return c->number;
	c->number = census_number(s->census, id);
	c->id = *id;
	return c->number;
}

/* The entry of ${v} that starts at ${at}, or v->n. */
static uint32_t entry_at(const struct treeview *v, size_t at)
{
	uint32_t lo = 0, hi = v->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (v->at[mid] < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < v->n && v->at[lo] == at ? lo : v->n;
}

/* The last entry of ${v} to end at or before ${end}, counted from ${from}. */
static uint32_t entries_until(
	const struct treeview *v, uint32_t from, size_t end)
{
	uint32_t lo = from, hi = v->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (v->at[mid + 1] <= end)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo - from;
}

/* Entries that were copied whole from where entries stood: what was read there
 * would be read here, for where an entry ends depends on its own bytes alone.
 * They are added, *pos moves past them here and *next in the base; returns how
 * many. */
static uint32_t take_over(struct treeview_scratch *s, uint32_t n, size_t *pos,
	const struct treeview *base, const struct scan_copy *c, uint32_t *next)
{
	size_t from = *pos - c->at + c->from;
	uint32_t first = entry_at(base, from), i, count;

	if (first == base->n)
		return 0;
	count = entries_until(base, first, c->from + c->n);
	if (!count)
		return 0;
	need(s, (size_t)n + count + 1);
	for (i = 0; i < count; i++)
		s->at[n + i] = (uint32_t)(base->at[first + i] - from + *pos);
	memcpy(s->object + n, base->object + first, count * sizeof(uint32_t));
	memcpy(s->name + n, base->name + first, count * sizeof(uint32_t));
	*pos += base->at[first + count] - from;
	*next = first + count;
	return count;
}

/* A new version of a file has the name of the old one, which stands where the
 * base's entry number ${hint} does: no need to look the name up. */
static bool same_name(
	const struct treeview_base *base, uint32_t hint, struct span head)
{
	const struct treeview *v = base->view;

	/* The head ends in NUL: equal heads are equal modes and names. */
	return v && hint < v->n &&
		span_starts(span_from(base->bytes, v->at[hint]), head);
}

static int read_one(struct treeview_scratch *s, uint32_t n, struct span bytes,
	size_t *pos, const struct treeview_base *base, uint32_t hint,
	struct err *err)
{
	struct span rest = span_from(bytes, *pos), head;
	struct tree_entry e;
	enum object_type type;

	if (tree_next(&rest, &e, err) != 1)
		return -1;
	need(s, (size_t)n + 1);
	type = tree_type(e.mode);
	head = span_sub(bytes, *pos,
		(size_t)(e.name.p + e.name.n + 1 - (bytes.p + *pos)));
	s->at[n] = (uint32_t)*pos;
	s->object[n] =
		type == OBJECT_COMMIT ? UINT32_MAX : object_number(s, e.id);
	if (same_name(base, hint, head))
		s->name[n] = base->view->name[hint];
	else
		s->name[n] = s->number(s->ctx, e.name) |
			(type == OBJECT_TREE ? TREEBOOK_FOLDER : 0);
	*pos = bytes.n - rest.n;
	return 0;
}

int treeview_read(struct treeview_scratch *s, struct span bytes,
	const struct treeview_base *base, struct treeview *out, struct err *err)
{
	const struct scan_copy *copy = base->copy;
	uint32_t n = 0, taken, next = 0;
	size_t pos = 0, c = 0;

	if (bytes.n > UINT32_MAX / 2)
		return err_set(err, ERR_LIMIT, "a tree of %zu bytes", bytes.n);
	while (pos < bytes.n) {
		while (c < base->ncopy && copy[c].at + copy[c].n <= pos)
			c++;
		taken = 0;
		if (base->view && c < base->ncopy && copy[c].at <= pos)
			taken = take_over(
				s, n, &pos, base->view, &copy[c], &next);
		n += taken;
		if (taken)
			continue;
		if (read_one(s, n, bytes, &pos, base, next, err))
			return -1;
		next++;
		n++;
	}
	need(s, (size_t)n + 1);
	s->at[n] = (uint32_t)pos;
	*out = (struct treeview){
		.n = n, .at = s->at, .object = s->object, .name = s->name};
	return 0;
}

struct treeview *treeview_keep(const struct treeview *v)
{
	size_t n = v->n, items = 3 * n + 1;
	struct treeview *out = malloc(sizeof(*out) + items * sizeof(uint32_t));

	if (!out)
		die("no memory for a tree");
	*out = *v;
	out->at = (uint32_t *)(out + 1);
	out->object = out->at + n + 1;
	out->name = out->object + n;
	memcpy(out->at, v->at, (n + 1) * sizeof(uint32_t));
	if (n) {
		memcpy(out->object, v->object, n * sizeof(uint32_t));
		memcpy(out->name, v->name, n * sizeof(uint32_t));
	}
	return out;
}

bool treeview_same_names(const struct treeview *a, const struct treeview *b)
{
	return a->n == b->n &&
		(!a->n || !memcmp(a->name, b->name, a->n * sizeof(uint32_t)));
}

bool treeview_same_folders(const struct treeview *a, const struct treeview *b)
{
	uint32_t i;

	for (i = 0; i < a->n; i++)
		if (a->name[i] & TREEBOOK_FOLDER &&
			a->object[i] != b->object[i])
			return false;
	return true;
}

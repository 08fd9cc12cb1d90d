#include "scan/treebook.h"

#include "parse/tree.h"
#include "scan/packwalk.h"
#include "scan/treeview.h"

/* Room for item ${n} of an array that does not move while it has room. */
static void *more(void *v, size_t n, size_t *cap, size_t each)
{
	if (n < *cap)
		return v;
	*cap = *cap ? *cap * 2 : 256;
	if (*cap <= n)
		*cap = n + 1;
	v = reallocarray(v, *cap, each);
	if (!v)
		die("no memory for the trees");
	return v;
}

static void *more32(void *v, size_t n, uint32_t *cap, size_t each)
{
	size_t wide = *cap;

	v = more(v, n, &wide, each);
	if (wide > UINT32_MAX / 2)
		die("too many trees");
	*cap = (uint32_t)wide;
	return v;
}

void treebook_open(struct treebook *b, struct census *c, unsigned workers)
{
	memset(b, 0, sizeof(*b));
	b->census = c;
	b->workers = workers;
	b->sight = calloc(workers, sizeof(*b->sight));
	b->asked = calloc(c->npacked / 8 + 1, 1);
	b->ntree = c->npacked;
	b->tree = reallocarray(NULL, b->ntree + 1u, sizeof(*b->tree));
	if (!b->sight || !b->asked || !b->tree)
		die("no memory for the trees");
	memset(b->tree, 0xff, (b->ntree + (size_t)1) * sizeof(*b->tree));
	pthread_mutex_init(&b->lock, NULL);
}

void treebook_close(struct treebook *b)
{
	unsigned i;

	if (!b->sight)
		return;
	for (i = 0; i < b->workers; i++) {
		free(b->sight[i].tree);
		free(b->sight[i].run);
		free(b->sight[i].kids);
		pairmap_free(&b->sight[i].last);
	}
	pthread_mutex_destroy(&b->lock);
	pairmap_free(&b->name_of);
	pairmap_free(&b->list_of);
	free(b->sight);
	free(b->asked);
	free(b->tree);
	free(b->text);
	free(b->name);
	free(b->item);
	free(b->list);
	memset(b, 0, sizeof(*b));
}

void treebook_ask(struct treebook *b, uint32_t number)
{
	if (number < b->census->npacked)
		b->asked[number / 8] |= (unsigned char)(1u << number % 8);
}

static bool is_asked(const struct treebook *b, uint32_t number)
{
	return number >= b->census->npacked ||
		b->asked[number / 8] >> number % 8 & 1;
}

static uint64_t hash(const void *p, size_t n)
{
	const unsigned char *at = p;
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ n, word;

	for (; n >= 8; n -= 8, at += 8) {
		memcpy(&word, at, 8);
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	for (; n; n--)
		h = (h ^ *at++) * UINT64_C(0x100000001b3);
	h *= UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 32;
}

/* The map keeps one item for each hash; on a clash the second gets a place of
 * its own by counting on. */
static uint32_t *slot(struct pairmap *m, uint64_t h, unsigned try)
{
	return pairmap_at(
		m, (uint32_t)(h >> 32) & 0x7fffffff, (uint32_t)h + try);
}

static uint32_t name_number(struct treebook *b, struct span text)
{
	uint64_t h = hash(text.p, text.n);
	unsigned try;
	uint32_t *at;

	for (try = 0;; try++) {
		at = slot(&b->name_of, h, try);
		if (*at == PAIRMAP_NONE)
			break;
		if (span_eq(treebook_name(b, *at), text))
			return *at;
	}
	*at = b->nname;
	b->name = more32(
		b->name, b->nname + (size_t)1, &b->namecap, sizeof(*b->name));
	b->text = more(b->text, b->textn + text.n, &b->textcap, 1);
	if (b->textn + text.n > UINT32_MAX || b->nname >= TREEBOOK_FOLDER - 1)
		die("too many names in trees");
	memcpy(b->text + b->textn, text.p, text.n);
	b->name[b->nname] = (uint32_t)b->textn;
	b->textn += text.n;
	b->name[b->nname + 1] = (uint32_t)b->textn;
	return b->nname++;
}

struct span treebook_name(const struct treebook *b, uint32_t name)
{
	name &= ~TREEBOOK_FOLDER;
	return span_of(
		b->text + b->name[name], b->name[name + 1] - b->name[name]);
}

static uint32_t list_number(
	struct treebook *b, const uint32_t *item, uint32_t n)
{
	uint64_t h = hash(item, n * sizeof(*item));
	const struct treebook_list *l;
	unsigned try;
	uint32_t *at, i;

	for (try = 0;; try++) {
		at = slot(&b->list_of, h, try);
		if (*at == PAIRMAP_NONE)
			break;
		l = &b->list[*at];
		if (l->n == n &&
			(!n ||
				!memcmp(b->item + l->at, item,
					n * sizeof(*item))))
			return *at;
	}
	*at = b->nlist;
	b->item = more(b->item, b->nitem + 2 * (size_t)n, &b->itemcap,
		sizeof(*b->item));
	b->list = more32(b->list, b->nlist, &b->listcap, sizeof(*b->list));
	if (b->nitem + 2 * (size_t)n > UINT32_MAX)
		die("too many names in trees");
	if (n)
		memcpy(b->item + b->nitem, item, n * sizeof(*item));
	b->list[b->nlist] = (struct treebook_list){(uint32_t)b->nitem, n, 0};
	b->nitem += n;
	for (i = 0; i < n; i++) {
		if (!(item[i] & TREEBOOK_FOLDER))
			continue;
		b->item[b->nitem++] = item[i] & ~TREEBOOK_FOLDER;
		b->list[b->nlist].nfolder++;
	}
	return b->nlist++;
}

static uint32_t number_of(void *ctx, struct span name)
{
	struct treebook *b = ctx;
	uint32_t number;

	pthread_mutex_lock(&b->lock);
	number = name_number(b, name);
	pthread_mutex_unlock(&b->lock);
	return number;
}

/* Lists start at multiples of four, so that 32 bits reach four times as far. */
static uint32_t kids_of(struct treebook_sight *s, const struct treeview *v)
{
	size_t at = (s->nkids + 3) / 4;
	uint32_t i;

	s->nkids = at * 4;
	if (at > UINT32_MAX)
		die("too many folders in trees");
	for (i = 0; i < v->n; i++) {
		if (!(v->name[i] & TREEBOOK_FOLDER))
			continue;
		s->kids =
			more(s->kids, s->nkids, &s->kidscap, sizeof(*s->kids));
		s->kids[s->nkids++] = v->object[i];
	}
	return (uint32_t)at;
}

/* What the view shows, as the entry of the book. */
static struct treebook_tree enter(struct treebook *b, unsigned worker,
	struct treeview *v, const struct treeview *base)
{
	struct treebook_tree tree = {.worker = (unsigned char)worker};
	bool same = base && treeview_same_names(v, base);

	if (same) {
		tree.list = base->list;
	} else {
		pthread_mutex_lock(&b->lock);
		tree.list = list_number(b, v->name, v->n);
		pthread_mutex_unlock(&b->lock);
	}
	if (same && treeview_same_folders(v, base)) {
		tree.kids = base->kids;
		tree.worker = (unsigned char)base->worker;
	} else {
		tree.kids = kids_of(&b->sight[worker], v);
	}
	v->list = tree.list;
	v->kids = tree.kids;
	v->worker = tree.worker;
	return tree;
}

static void sight(struct treebook *b, struct treebook_sight *s, uint32_t number,
	const struct treeview *v)
{
	uint32_t i, seq = s->n, *at;

	s->tree = more32(s->tree, s->n, &s->cap, sizeof(*s->tree));
	s->tree[s->n++] = number;
	for (i = 0; i < v->n; i++) {
		if (v->name[i] & TREEBOOK_FOLDER ||
			v->object[i] == TREEBOOK_NONE ||
			!is_asked(b, v->object[i]))
			continue;
		at = pairmap_at(&s->last, v->object[i], v->name[i]);
		if (*at != PAIRMAP_NONE && s->run[*at].last + 1 >= seq) {
			s->run[*at].last = seq;
			continue;
		}
		*at = s->nrun;
		s->run = more32(s->run, s->nrun, &s->runcap, sizeof(*s->run));
		s->run[s->nrun++] = (struct treebook_run){
			v->object[i], v->name[i], seq, seq};
	}
}

struct walk {
	struct treebook *book;
	struct treeview_scratch *scratch; /* [workers] */
};

/* A tree that cannot be read here is missed when something leads to it. */
static int on_tree(void *ctx, unsigned worker, const struct packwalk_object *o,
	struct err *err)
{
	struct walk *w = ctx;
	struct treebook *b = w->book;
	struct treeview_base base = {
		.bytes = o->base, .copy = o->copy, .ncopy = o->ncopy};
	uint32_t number = census_in_pack(b->census, o->pack, o->number);
	struct treeview v;
	struct err none = ERR_INIT;

	(void)err;
	if (o->has_base && o->base_mark)
		base.view = (const struct treeview *)(uintptr_t)o->base_mark;
	if (o->type != OBJECT_TREE || !o->bytes ||
		treeview_read(&w->scratch[worker], span_of(o->bytes, o->n),
			&base, &v, &none))
		return 0;
	b->tree[number] = enter(b, worker, &v, base.view);
	sight(b, &b->sight[worker], number, &v);
	if (o->mark)
		*o->mark = (uint64_t)(uintptr_t)treeview_keep(&v);
	return 0;
}

static void drop(void *ctx, unsigned worker, uint64_t mark)
{
	(void)ctx;
	(void)worker;
	free((void *)(uintptr_t)mark);
}

static struct treeview_scratch *scratch_new(struct treebook *b, unsigned n)
{
	struct treeview_scratch *s = calloc(n, sizeof(*s));
	unsigned i;

	if (!s)
		die("out of memory");
	for (i = 0; i < n; i++)
		treeview_scratch_open(&s[i], b->census, number_of, b);
	return s;
}

static void scratch_free(struct treeview_scratch *s, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		treeview_scratch_close(&s[i]);
	free(s);
}

int treebook_walk(struct treebook *b, struct packmap *p, struct err *err)
{
	struct walk w = {b, scratch_new(b, b->workers)};
	const struct packwalk walk = {.types = 1u << OBJECT_TREE,
		.workers = b->workers,
		.object = on_tree,
		.drop = drop,
		.ctx = &w};
	int ret = packwalk_run(&walk, p, err);

	scratch_free(w.scratch, b->workers);
	return ret;
}

int treebook_add(
	struct treebook *b, uint32_t number, struct span bytes, struct err *err)
{
	struct treeview_scratch *s = scratch_new(b, 1);
	const struct treeview_base none = {.view = NULL};
	struct treeview v;
	int ret = treeview_read(s, bytes, &none, &v, err);

	if (!ret) {
		uint32_t was = b->ntree;

		if (number >= b->ntree) {
			b->ntree = number + number / 8 + 64;
			b->tree = reallocarray(
				b->tree, b->ntree, sizeof(*b->tree));
			if (!b->tree)
				die("no memory for the trees");
			memset(b->tree + was, 0xff,
				(b->ntree - was) * sizeof(*b->tree));
		}
		b->tree[number] = enter(b, 0, &v, NULL);
		sight(b, &b->sight[0], number, &v);
	}
	scratch_free(s, 1);
	return ret;
}

const struct treebook_tree *treebook_tree(
	const struct treebook *b, uint32_t number)
{
	if (number >= b->ntree || b->tree[number].list == TREEBOOK_NONE)
		return NULL;
	return &b->tree[number];
}

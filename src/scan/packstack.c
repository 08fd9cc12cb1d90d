#include "scan/packstack.h"

#include "base/grow.h"
#include "port/inflate.h"
#include "scan/patch.h"

#define FORGET_AFTER ((unsigned long long)32 << 20)
#define AROUND 65536                /* what the system maps in with each page */
#define SPARE_MAX ((size_t)1 << 20) /* scratch memory kept between objects */
/* zlib makes at most 1032 bytes of one, and some of nothing. */
#define RATIO_MAX 1040
#define RATIO_FLOOR 4096

/* An object whose children are not all done. */
struct frame {
	uint32_t object, todo; /* todo: the next child */
	unsigned char *data;   /* owned; NULL when it was let go of */
	size_t n;
	uint64_t mark;
	bool lost; /* it could not be made, nor can what is built on it */
};

struct scratch {
	unsigned char *p;
	size_t cap;
};

struct packstack {
	struct packstack_setup *setup;
	const struct packmap *map;
	unsigned worker;
	struct inflater *inflater;
	struct scratch delta, leaf;
	struct patch patch;
	struct frame *frame;
	size_t n, cap;
	size_t live, budget; /* bytes in frames, and how many there may be */
	bool big;            /* setup->big is held */
	uint64_t at;         /* where the pack was last looked at */
	uint32_t *chain;
	size_t chaincap;
};

void packstack_share(struct packstack_setup *s)
{
	pthread_mutex_init(&s->big, NULL);
	pthread_mutex_init(&s->fetch, NULL);
	atomic_init(&s->read, 0);
}

void packstack_unshare(struct packstack_setup *s)
{
	pthread_mutex_destroy(&s->big);
	pthread_mutex_destroy(&s->fetch);
}

struct packstack *packstack_new(struct packstack_setup *s, unsigned worker)
{
	struct packstack *k = calloc(1, sizeof(*k));

	if (!k)
		die("out of memory");
	k->setup = s;
	k->map = s->map;
	k->worker = worker;
	k->budget = s->walk->live ? s->walk->live : PACKWALK_LIVE;
	k->inflater = inflater_new();
	return k;
}

static void drop(struct packstack *k, uint64_t mark)
{
	if (mark && k->setup->walk->drop)
		k->setup->walk->drop(k->setup->walk->ctx, k->worker, mark);
}

static void let_go(struct packstack *k, struct frame *f)
{
	if (!f->data)
		return;
	k->live -= f->n;
	free(f->data);
	f->data = NULL;
}

static void clear(struct packstack *k)
{
	while (k->n) {
		struct frame *f = &k->frame[--k->n];

		let_go(k, f);
		drop(k, f->mark);
	}
	if (k->big) {
		pthread_mutex_unlock(&k->setup->big);
		k->big = false;
	}
}

void packstack_free(struct packstack *k)
{
	clear(k);
	inflater_free(k->inflater);
	patch_free(&k->patch);
	free(k->delta.p);
	free(k->leaf.p);
	free(k->frame);
	free(k->chain);
	free(k);
}

static unsigned char *need(struct scratch *s, size_t n)
{
	if (!s->p || n > s->cap || (s->cap > SPARE_MAX && n <= SPARE_MAX)) {
		free(s->p);
		s->cap = n < 65536 ? 65536 : n;
		s->p = malloc(s->cap);
		if (!s->p)
			die("no memory for an object of %zu bytes", n);
	}
	return s->p;
}

/* Before memory is taken for an object; given back when its root is done. */
static int check_size(struct packstack *k, uint64_t n, struct err *err)
{
	uint64_t max = k->setup->walk->max;

	if (n > SIZE_MAX / 4 || (max && n > max))
		return err_set(err, ERR_LIMIT,
			"an object of %llu bytes, more than %llu",
			(unsigned long long)n, (unsigned long long)max);
	if (n > PACKWALK_BIG && !k->big) {
		pthread_mutex_lock(&k->setup->big);
		k->big = true;
	}
	return 0;
}

static int read_entry(struct packstack *k, uint32_t i,
	struct packfile_entry *head, struct span *body, struct err *err)
{
	unsigned long long was, n;

	if (packmap_entry(k->map, i, head, body, err))
		return -1;
	if (head->size / RATIO_MAX > body->n + RATIO_FLOOR)
		return err_set(
			err, ERR_INPUT, "more bytes than can be in its stream");
	n = body->n < head->size + 64 ? body->n : head->size + 64;
	if (k->map->at[i] - k->at > AROUND)
		n += AROUND;
	k->at = k->map->at[i];
	was = atomic_fetch_add(&k->setup->read, n);
	if (was / FORGET_AFTER != (was + n) / FORGET_AFTER)
		map_forget(&k->map->pack);
	return 0;
}

/* Where an object is made: in scratch memory when nothing is built on it. */
struct made {
	unsigned char *p; /* owned unless it is leaf memory */
	size_t n;
	bool leaf;
};

static void made_room(struct packstack *k, struct made *m, size_t n)
{
	m->n = n;
	m->p = m->leaf ? need(&k->leaf, n) : malloc(n ? n : 1);
	if (!m->p)
		die("no memory for an object of %zu bytes", n);
}

static void made_free(struct made *m)
{
	if (!m->leaf)
		free(m->p);
	m->p = NULL;
}

/* Object ${i} from its entry and, when that is a delta, the bytes of its base;
 * copies are noted in k->patch. */
static int make_on(struct packstack *k, uint32_t i, struct span base,
	struct made *m, struct err *err)
{
	struct packfile_entry head;
	struct delta delta;
	unsigned char *raw;
	struct span body;

	m->p = NULL;
	k->patch.n = 0;
	if (read_entry(k, i, &head, &body, err) ||
		check_size(k, head.size, err))
		return -1;
	if (head.kind == PACKFILE_WHOLE) {
		made_room(k, m, (size_t)head.size);
		return inflate_exact(k->inflater, body, m->p, m->n, err);
	}
	raw = need(&k->delta, (size_t)head.size);
	if (inflate_exact(k->inflater, body, raw, (size_t)head.size, err) ||
		delta_open(span_of(raw, (size_t)head.size), &delta, err) ||
		check_size(k, delta.to, err))
		return -1;
	made_room(k, m, (size_t)delta.to);
	return patch_apply(&delta, base, m->p, &k->patch, err);
}

/* The bytes of a base that is in another place than this pack. */
static int fetch(
	struct packstack *k, uint32_t i, struct buf *out, struct err *err)
{
	const struct packwalk *w = k->setup->walk;
	struct packfile_entry head;
	enum object_type type;
	struct span body;
	int ret;

	if (packmap_entry(k->map, i, &head, &body, err))
		return -1;
	if (head.kind == PACKFILE_WHOLE)
		return 0;
	if (!w->fetch || head.kind != PACKFILE_BY_NAME)
		return err_set(err, ERR_INPUT, "its base is missing");
	pthread_mutex_lock(&k->setup->fetch);
	ret = w->fetch(w->ctx, &head.base, w->max, &type, out, err);
	pthread_mutex_unlock(&k->setup->fetch);
	return ret;
}

static int make_root(
	struct packstack *k, uint32_t i, struct made *m, struct err *err)
{
	struct buf base = BUF_INIT(SIZE_MAX);
	int ret = -1;

	m->p = NULL;
	if (!fetch(k, i, &base, err))
		ret = make_on(k, i, buf_all(&base), m, err);
	k->patch.n = 0;
	buf_free(&base);
	return ret;
}

/* The way down from the nearest frame that has its bytes (or the root) to
 * ${to}, which has not. The first item is what ${to} itself is, the last one
 * hangs on *from, or is the root when *from is NULL. */
static size_t way_down(struct packstack *k, uint32_t to, size_t below,
	const struct frame **from)
{
	uint32_t at = to;
	size_t n = 0;

	*from = NULL;
	for (;;) {
		while (below && !k->frame[below - 1].data)
			below--;
		if (below && k->frame[below - 1].object == at) {
			*from = &k->frame[below - 1];
			return n;
		}
		k->chain = grow(k->chain, n, &k->chaincap, sizeof(*k->chain));
		k->chain[n++] = at;
		if (k->map->up[at] == PACKMAP_NONE)
			return n;
		at = k->map->up[at];
	}
}

/* Bytes that were let go of are made again. */
static int make_again(struct packstack *k, size_t at, struct err *err)
{
	struct frame *f = &k->frame[at];
	const struct frame *from;
	struct made now = {NULL, 0, false}, next = {NULL, 0, false};
	size_t n = way_down(k, f->object, at, &from);
	struct span base = from ? span_of(from->data, from->n) : SPAN_EMPTY;

	while (n--) {
		int bad = !from && k->map->up[k->chain[n]] == PACKMAP_NONE
			? make_root(k, k->chain[n], &next, err)
			: make_on(k, k->chain[n], base, &next, err);

		made_free(&now);
		now = next;
		if (bad) {
			made_free(&now);
			return -1;
		}
		base = span_of(now.p, now.n);
	}
	f->data = now.p;
	f->n = now.n;
	k->live += f->n;
	return 0;
}

/* Every second frame that has its bytes, from the bottom, but not the last. */
static void thin_out(struct packstack *k)
{
	size_t i;
	bool go = true;

	for (i = 0; i + 1 < k->n; i++) {
		if (!k->frame[i].data)
			continue;
		if (go)
			let_go(k, &k->frame[i]);
		go = !go;
	}
}

static void push(struct packstack *k, const struct frame *f)
{
	k->frame = grow(k->frame, k->n, &k->cap, sizeof(*k->frame));
	k->frame[k->n++] = *f;
	if (f->data)
		k->live += f->n;
	while (k->live > k->budget) {
		size_t was = k->live;

		thin_out(k);
		if (k->live == was)
			break;
	}
}

/* Tell an object, made or not; *mark is what was set. */
static int tell(struct packstack *k, uint32_t i, const struct made *m,
	const struct frame *base, const char *why, uint64_t *mark,
	struct err *err)
{
	const struct packwalk *w = k->setup->walk;
	struct packwalk_object o = {.pack = k->map,
		.id = packmap_id(k->map, i),
		.number = i,
		.type = (enum object_type)k->map->type[i],
		.bytes = m->p,
		.n = m->n,
		.why = m->p ? NULL : why,
		.mark = k->map->child[i] == PACKMAP_NONE ? NULL : mark};

	*mark = 0;
	if (m->p && base) {
		o.has_base = true;
		o.base = span_of(base->data, base->n);
		o.base_mark = base->mark;
		o.copy = k->patch.copy;
		o.ncopy = k->patch.n;
	}
	return w->object(w->ctx, k->worker, &o, err);
}

/* What the caller has already. It is as leaf memory: not to be freed. */
static bool is_had(struct packstack *k, uint32_t i, struct made *m)
{
	const struct packwalk *w = k->setup->walk;
	struct span s;

	if (!w->have || !m->leaf || k->map->up[i] != PACKMAP_NONE)
		return false;
	s = w->have(w->ctx, packmap_id(k->map, i));
	if (w->max && s.n > w->max)
		return false;
	m->p = (unsigned char *)(uintptr_t)s.p;
	m->n = s.n;
	return s.n != 0;
}

/* Object ${i} on the base at the top of the stack, or a root: made, told, and
 * what it is in the stack. */
static int visit(struct packstack *k, uint32_t i, const struct frame *base,
	struct frame *out, struct err *err)
{
	struct made m = {.leaf = k->map->child[i] == PACKMAP_NONE};
	struct err why = ERR_INIT;
	int bad = base && base->lost, ret;

	if (bad)
		err_set(&why, ERR_INPUT, "its base cannot be read");
	else if (base)
		bad = make_on(k, i, span_of(base->data, base->n), &m, &why);
	else if (!is_had(k, i, &m))
		bad = make_root(k, i, &m, &why);
	if (bad)
		made_free(&m);
	*out = (struct frame){
		.object = i, .todo = k->map->child[i], .lost = bad != 0};
	ret = tell(k, i, &m, base, why.text, &out->mark, err);
	if (m.leaf || ret) {
		made_free(&m);
		if (ret)
			drop(k, out->mark);
		return ret;
	}
	out->data = m.p;
	out->n = m.n;
	return 0;
}

/* The frame at the top has no further children: the one that was just made
 * takes its place, so that a chain without branches takes one frame. */
static int step(struct packstack *k, struct err *err)
{
	struct frame *top = &k->frame[k->n - 1], made;
	struct err why = ERR_INIT;
	uint32_t i = top->todo;

	top->todo = k->map->next[i];
	if (!top->lost && !top->data && make_again(k, k->n - 1, &why))
		top->lost = true;
	if (visit(k, i, top, &made, err))
		return -1;
	if (top->todo == PACKMAP_NONE) {
		let_go(k, top);
		drop(k, top->mark);
		k->n--;
	}
	if (made.todo != PACKMAP_NONE)
		push(k, &made);
	return 0;
}

int packstack_walk(struct packstack *k, uint32_t root, struct err *err)
{
	struct frame made;
	int ret = visit(k, root, NULL, &made, err);

	if (!ret && made.todo != PACKMAP_NONE)
		push(k, &made);
	while (!ret && k->n)
		ret = step(k, err);
	clear(k);
	return ret;
}

int packstack_tell_lost(struct packstack *k, uint32_t i, struct err *err)
{
	const struct packwalk *w = k->setup->walk;
	struct packwalk_object o = {.pack = k->map,
		.id = packmap_id(k->map, i),
		.number = i,
		.why = "it is damaged, or what it is made from is missing"};

	return w->object(w->ctx, k->worker, &o, err);
}

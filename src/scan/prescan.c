#include "scan/prescan.h"

#include "base/grow.h"

#define ARENA_MAX ((size_t)64 << 20) /* hits of one object */

struct found {
	struct oid id;
	enum object_type type;
	struct scan_result *result; /* NULL: not kept, or not scanned */
};

struct worker {
	struct inspector *inspector; /* its own, but for the first */
	struct arena *arena, *kept;
	size_t bytes_kept, cap, n;
	struct found *found;
	uint64_t objects, bytes;
};

struct prescan {
	struct prescan_setup setup;
	struct worker *worker;
	unsigned nworkers;
	struct found *found; /* of all workers, ascending by name */
	size_t n;
};

static struct inspect_carry *carry_of(uint64_t mark)
{
	return (struct inspect_carry *)(uintptr_t)mark;
}

static void drop(void *ctx, unsigned worker, uint64_t mark)
{
	(void)ctx;
	(void)worker;
	inspect_carry_free(carry_of(mark));
}

static struct found *found_new(
	struct worker *w, const struct packwalk_object *o)
{
	struct found *f;

	w->found = grow(w->found, w->n, &w->cap, sizeof(*w->found));
	f = &w->found[w->n++];
	*f = (struct found){.id = *o->id, .type = o->type};
	return f;
}

static size_t texts_of(const struct scan_hit *hit)
{
	return (hit->encoding ? strlen(hit->encoding) : 0) +
		(hit->member ? strlen(hit->member) : 0) + hit->member_path.n;
}

/* ${was}, ${now}: the hit before this one, as it was and as it is kept; hits of
 * one member share its names. */
static void keep_texts(struct arena *kept, struct scan_hit *hit,
	const struct scan_hit *was, const struct scan_hit *now)
{
	if (hit->encoding)
		hit->encoding = arena_str(kept, span_str(hit->encoding));
	if (!hit->member)
		return;
	if (was && was->part == hit->part) {
		hit->member = now->member;
		hit->member_path = now->member_path;
		return;
	}
	hit->member = arena_str(kept, span_str(hit->member));
	if (hit->member_path.p)
		hit->member_path = arena_copy(kept, hit->member_path);
}

/* Messages are read again where they are told: what is shown of them is cut out
 * of their text. */
static void keep(struct worker *w, const struct packwalk_object *o,
	const struct scan_result *r)
{
	struct found *f = found_new(w, o);
	size_t size = sizeof(*r) + r->nhit * sizeof(*r->hit), i;

	for (i = 0; i < r->nhit; i++)
		size += texts_of(&r->hit[i]);

	if (o->type != OBJECT_BLOB || size > PRESCAN_KEPT_MAX - w->bytes_kept) {
		/* It counts when it is scanned for good. */
		w->objects--;
		w->bytes -= o->n;
		return;
	}
	w->bytes_kept += size;
	if (!w->kept)
		w->kept = arena_new(PRESCAN_KEPT_MAX * 2);
	f->result = ARENA_NEW(w->kept, struct scan_result);
	*f->result = *r;
	if (!r->nhit)
		return;
	f->result->hit = arena_get(w->kept, r->nhit, sizeof(*r->hit));
	memcpy(f->result->hit, r->hit, r->nhit * sizeof(*r->hit));
	for (i = 0; i < r->nhit; i++)
		keep_texts(w->kept, &f->result->hit[i],
			i ? &r->hit[i - 1] : NULL,
			i ? &f->result->hit[i - 1] : NULL);
}

static int scan(struct worker *w, const struct packwalk_object *o,
	struct inspect_carry *carry, struct scan_result *r, struct err *err)
{
	struct span bytes = span_of(o->bytes, o->n);

	if (o->has_base && o->base_mark)
		return inspect_new(w->inspector, bytes, o->copy, o->ncopy,
			carry_of(o->base_mark), carry, w->arena, r, err);
	return inspect_open(w->inspector, bytes, carry, w->arena, r, err);
}

static int on_object(void *ctx, unsigned number,
	const struct packwalk_object *o, struct err *err)
{
	struct prescan *p = ctx;
	struct worker *w = &p->worker[number];
	struct inspect_carry *carry = NULL;
	struct scan_result r;
	bool old;

	if (p->setup.seen && p->setup.seen(p->setup.ctx, number, o, err))
		return -1;
	if (!o->bytes) {
		found_new(w, o);
		return 0;
	}
	old = p->setup.was_there && p->setup.was_there(p->setup.ctx, o->id);
	w->objects++;
	w->bytes += o->n;
	if (o->mark && o->type == OBJECT_BLOB)
		carry = inspect_carry_new();
	if (scan(w, o, carry, &r, err)) {
		inspect_carry_free(carry);
		return -1;
	}
	if (r.outcome != SCAN_DONE) {
		inspect_carry_free(carry);
		carry = NULL;
	}
	if (carry && old)
		inspect_carry_old(carry);
	if (carry)
		*o->mark = (uint64_t)(uintptr_t)carry;
	if (r.nhit || r.outcome != SCAN_DONE)
		keep(w, o, &r);
	if (r.nhit) {
		arena_free(w->arena);
		w->arena = arena_new(ARENA_MAX);
	}
	return 0;
}

static struct span have(void *ctx, const struct oid *id)
{
	const struct prescan *p = ctx;

	return p->setup.have(p->setup.ctx, id);
}

static int by_name(const void *a, const void *b)
{
	return oid_cmp(
		&((const struct found *)a)->id, &((const struct found *)b)->id);
}

static void gather(struct prescan *p)
{
	unsigned i;

	for (i = 0; i < p->nworkers; i++)
		p->n += p->worker[i].n;
	p->found = reallocarray(NULL, p->n ? p->n : 1, sizeof(*p->found));
	if (!p->found)
		die("no memory for what was found");
	p->n = 0;
	for (i = 0; i < p->nworkers; i++) {
		struct worker *w = &p->worker[i];

		if (w->n)
			memcpy(p->found + p->n, w->found,
				w->n * sizeof(*w->found));
		p->n += w->n;
		free(w->found);
		w->found = NULL;
	}
	qsort(p->found, p->n, sizeof(*p->found), by_name);
}

static int open_workers(struct prescan *p, struct err *err)
{
	unsigned i;

	for (i = 0; i < p->nworkers; i++) {
		struct worker *w = &p->worker[i];

		w->arena = arena_new(ARENA_MAX);
		if (!i)
			w->inspector = p->setup.inspector;
		else if (inspector_clone(
				 p->setup.inspector, &w->inspector, err))
			return -1;
	}
	return 0;
}

static void close_workers(struct prescan *p)
{
	unsigned i;

	for (i = 0; i < p->nworkers; i++) {
		arena_free(p->worker[i].arena);
		p->worker[i].arena = NULL;
		if (i)
			inspector_free(p->worker[i].inspector);
		p->worker[i].inspector = NULL;
	}
}

int prescan_run(const struct prescan_setup *setup, struct prescan **out,
	struct err *err)
{
	struct prescan *p = calloc(1, sizeof(*p));
	struct packwalk walk = {.types = 1u << OBJECT_BLOB |
			1u << OBJECT_COMMIT | 1u << OBJECT_TAG,
		.max = setup->max,
		.object = on_object,
		.drop = drop,
		.ctx = p};
	size_t i;
	int ret = -1;

	*out = NULL;
	if (!p)
		die("out of memory");
	p->setup = *setup;
	p->nworkers = setup->workers ? setup->workers : 1;
	if (p->nworkers > PACKWALK_WORKERS_MAX)
		p->nworkers = PACKWALK_WORKERS_MAX;
	walk.workers = p->nworkers;
	if (setup->have)
		walk.have = have;
	p->worker = calloc(p->nworkers, sizeof(*p->worker));
	if (!p->worker)
		die("out of memory");
	if (open_workers(p, err))
		goto out;
	for (i = 0; i < setup->npacks; i++) {
		if (packwalk_run(&walk, &setup->pack[i], err))
			goto out;
	}
	gather(p);
	*out = p;
	ret = 0;
out:
	close_workers(p);
	if (ret)
		prescan_free(p);
	return ret;
}

void prescan_free(struct prescan *p)
{
	unsigned i;

	if (!p)
		return;
	for (i = 0; i < p->nworkers; i++) {
		arena_free(p->worker[i].kept);
		free(p->worker[i].found);
	}
	free(p->worker);
	free(p->found);
	free(p);
}

static bool in_packs(const struct prescan *p, const struct oid *id)
{
	uint32_t at;
	size_t i;

	for (i = 0; i < p->setup.npacks; i++) {
		if (packidx_find(&p->setup.pack[i].idx, id, &at))
			return true;
	}
	return false;
}

enum prescan_answer prescan_of(const struct prescan *p, const struct oid *id,
	const struct scan_result **r)
{
	const struct found key = {.id = *id};
	const struct found *f =
		bsearch(&key, p->found, p->n, sizeof(key), by_name);

	*r = f ? f->result : NULL;
	if (f)
		return f->result ? PRESCAN_FOUND : PRESCAN_UNKNOWN;
	return in_packs(p, id) ? PRESCAN_CLEAN : PRESCAN_UNKNOWN;
}

int prescan_each(const struct prescan *p,
	int (*each)(void *ctx, const struct oid *id, enum object_type type,
		struct err *err),
	void *ctx, struct err *err)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (i && oid_eq(&p->found[i - 1].id, &p->found[i].id))
			continue;
		if (each(ctx, &p->found[i].id, p->found[i].type, err))
			return -1;
	}
	return 0;
}

uint64_t prescan_objects(const struct prescan *p)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < p->nworkers; i++)
		n += p->worker[i].objects;
	return n;
}

uint64_t prescan_bytes(const struct prescan *p)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < p->nworkers; i++)
		n += p->worker[i].bytes;
	return n;
}

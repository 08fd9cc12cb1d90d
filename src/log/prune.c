#include "log/prune.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/grow.h"
#include "base/io.h"
#include "base/text.h"
#include "log/packing.h"
#include "log/pruned.h"
#include "log/store.h"
#include "log/vault.h"
#include "parse/bundle.h"
#include "parse/vaultpack.h"
#include "port/crypto.h"

#define ARENA_MAX ((size_t)8 << 30)
#define ENTRY_ARENA ((size_t)1 << 30)

enum fate {
	FATE_STAYS, /* not asked for */
	FATE_OLD,   /* asked for, and nothing speaks against it */
	FATE_STANDS,
	FATE_LOST,
	FATE_GOES, /* told of */
};

struct one {
	unsigned char sha256[SHA256_LEN];
	enum fate fate;
};

struct prune {
	const char *state;
	const struct prune_ask *ask;
	struct prune_result *result;
	struct arena *a;
	struct index *ix;
	struct vault *vault;
	struct pruned told;
	struct one *v; /* of each entry */
	uint64_t n;
	size_t cap;
	uint64_t lasting; /* before this one */
	struct span *repository;
	size_t nrepository, repository_cap;
};

static void note_repository(struct prune *p, struct span name)
{
	size_t i;

	for (i = p->nrepository; i-- > 0;)
		if (span_eq(p->repository[i], name))
			return;
	p->repository = arena_grow(p->a, p->repository, p->nrepository,
		&p->repository_cap, sizeof(*p->repository));
	p->repository[p->nrepository++] = arena_copy(p->a, name);
}

static bool is_old(const struct prune *p, const struct entry *e)
{
	int64_t when;

	return e->kind != RECORD_PRUNED && e->kind != RECORD_KEY &&
		(!p->ask->repository ||
			span_is(e->repository, p->ask->repository)) &&
		clock_read(e->time, &when) && when < p->ask->before;
}

static int look_at(void *ctx, uint64_t n, struct span bytes, struct err *err)
{
	struct arena *a = arena_new(ENTRY_ARENA);
	struct prune *p = ctx;
	struct entry e;
	struct one *o;
	int ret = entry_parse(bytes, a, &e, err);

	if (ret) {
		err_in(err, "entry %llu", (unsigned long long)n);
		goto out;
	}
	p->v = grow(p->v, p->n, &p->cap, sizeof(*p->v));
	o = &p->v[p->n++];
	o->fate = FATE_STAYS;
	if (!text_hex_read(span_str(e.record), o->sha256, SHA256_LEN))
		die("prune: no digest");
	note_repository(p, e.repository);
	if (pruned_find(&p->told, n))
		o->fate = FATE_GOES;
	else if (n < p->lasting && is_old(p, &e))
		o->fate = FATE_OLD;
out:
	arena_free(a);
	return ret;
}

static void stands(struct prune *p, uint64_t n)
{
	if (n >= p->n || p->v[n].fate != FATE_OLD)
		return;
	p->v[n].fate = FATE_STANDS;
	p->result->standing++;
}

/* Down to the step that gave a ref what it has. */
static int keep_ref(struct prune *p, struct span repository, struct span ref,
	struct err *err)
{
	struct arena *a = arena_new(ENTRY_ARENA);
	struct index_steps steps;
	size_t i;
	int ret = index_ref_history(p->ix, repository, ref, 0, a, &steps, err);

	for (i = 0; !ret && i < steps.n; i++) {
		const struct index_step *s = &steps.v[i];

		if (!s->admitted && s->kind != RECORD_ADOPT)
			continue;
		/* Where a ref was deleted nothing stands. */
		if (s->applied && oid_is_zero(&s->new))
			break;
		stands(p, s->entry);
		stands(p, s->outcome);
		if (s->applied)
			break;
	}
	arena_free(a);
	return ret;
}

static int keep_standing(struct prune *p, struct err *err)
{
	struct index_tips refs;
	size_t i, k;

	for (i = 0; i < p->nrepository; i++) {
		if (index_refs(p->ix, p->repository[i], p->a, &refs, err))
			return -1;
		for (k = 0; k < refs.n; k++)
			if (keep_ref(p, p->repository[i], refs.v[k].ref, err))
				return -1;
	}
	return 0;
}

static int by_digest(const void *a, const void *b)
{
	return memcmp(*(unsigned char *const *)a, *(unsigned char *const *)b,
		SHA256_LEN);
}

/* The same record may be that of an entry which keeps it. */
static void keep_shared(struct prune *p)
{
	const unsigned char **kept = calloc(p->n + 1, sizeof(*kept)), *key;
	size_t n = 0;
	uint64_t i;

	if (!kept)
		die("out of memory");
	for (i = 0; i < p->n; i++)
		if (p->v[i].fate != FATE_OLD && p->v[i].fate != FATE_GOES)
			kept[n++] = p->v[i].sha256;
	qsort(kept, n, sizeof(*kept), by_digest);
	for (i = 0; i < p->n; i++) {
		key = p->v[i].sha256;
		if (bsearch(&key, kept, n, sizeof(*kept), by_digest) &&
			(p->v[i].fate == FATE_OLD || p->v[i].fate == FATE_GOES))
			p->v[i].fate = FATE_STANDS;
	}
	free(kept);
}

static void hex_of(const struct one *o, char out[SHA256_HEX + 1])
{
	struct buf hex = BUF_INIT(SHA256_HEX);

	text_hex(&hex, span_of(o->sha256, sizeof(o->sha256)));
	memcpy(out, buf_cstr(&hex), SHA256_HEX + 1);
	buf_free(&hex);
}

/* What is not there cannot be pruned: that it was lost must show. */
static int find_lost(struct prune *p, struct err *err)
{
	struct buf record = BUF_INIT(0);
	char name[SHA256_HEX + 1];
	struct err e = ERR_INIT;
	uint64_t n;
	bool found;
	int ret = 0;

	for (n = 0; n < p->n && !ret; n++) {
		if (p->v[n].fate != FATE_OLD)
			continue;
		hex_of(&p->v[n], name);
		if (vault_record(p->vault, n, name, &record, &found, &e)) {
			found = false;
			if (e.code == ERR_SYS) {
				*err = e;
				ret = -1;
			}
			err_clear(&e);
		}
		if (found)
			continue;
		p->v[n].fate = FATE_LOST;
		p->result->lost++;
	}
	buf_free(&record);
	return ret;
}

/* One entry of the log, of as many as it has room for, from *${n} on. */
static int tell_some(struct prune *p, uint64_t *n, struct err *err)
{
	struct prune_result *r = p->result;
	struct buf text = BUF_INIT(ENTRY_PRUNED_MAX);
	uint64_t count = 0, from = *n;
	struct range range;
	int ret = 0;

	while (*n < p->n && text.n < ENTRY_PRUNED_MAX - 64) {
		if (p->v[*n].fate != FATE_OLD) {
			++*n;
			continue;
		}
		range = (struct range){*n, *n};
		while (range.to + 1 < p->n &&
			p->v[range.to + 1].fate == FATE_OLD)
			range.to++;
		ranges_add(&text, range);
		count += range.to - range.from + 1;
		if (!r->pruned)
			r->first = range.from;
		r->last = range.to;
		r->pruned += range.to - range.from + 1;
		*n = range.to + 1;
	}
	if (count && !p->ask->dry) {
		ret = p->ask->tell(
			p->ask->ctx, buf_all(&text), count, &r->entry, err);
		r->told += !ret;
	}
	for (; count && !ret && from < *n; from++)
		if (p->v[from].fate == FATE_OLD)
			p->v[from].fate = FATE_GOES;
	buf_free(&text);
	return ret;
}

static bool goes(void *ctx, uint64_t n)
{
	const struct prune *p = ctx;

	return n < p->n && p->v[n].fate == FATE_GOES;
}

static int remove_all(struct prune *p, struct err *err)
{
	uint64_t n, end, number;

	for (number = 0; number * VAULTPACK_ENTRIES < p->n; number++) {
		n = number * VAULTPACK_ENTRIES;
		end = n + VAULTPACK_ENTRIES;
		while (n < p->n && n < end && !goes(p, n))
			n++;
		if (n < p->n && n < end &&
			packing_without(p->state, number, goes, p,
				&p->result->removed, err))
			return -1;
	}
	return 0;
}

static int prune(struct prune *p, struct err *err)
{
	uint64_t n = 0;

	if (pruned_read(p->ix, p->a, &p->told, err) ||
		packing_lasting(p->state, log_size(index_log(p->ix)),
			&p->lasting, err) ||
		log_each(index_log(p->ix), 0, NULL, look_at, p, err) ||
		keep_standing(p, err))
		return -1;
	keep_shared(p);
	if (find_lost(p, err))
		return -1;
	while (n < p->n)
		if (tell_some(p, &n, err))
			return -1;
	return p->ask->dry ? 0 : remove_all(p, err);
}

int prune_run(const char *state, const struct prune_ask *ask,
	struct prune_result *out, struct err *err)
{
	struct prune p = {.state = state, .ask = ask, .result = out};
	int lock = -1, ret = -1;

	memset(out, 0, sizeof(*out));
	p.a = arena_new(ARENA_MAX);
	p.vault = vault_new(state);
	if (!packing_lock(state, &lock, err) && !index_open(state, &p.ix, err))
		ret = prune(&p, err);
	index_close(p.ix);
	vault_free(p.vault);
	free(p.v);
	arena_free(p.a);
	io_close(lock);
	return ret;
}

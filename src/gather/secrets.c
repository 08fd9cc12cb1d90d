#include <errno.h>

#include "base/io.h"
#include "gather/commitbook.h"
#include "gather/gather.h"
#include "gather/repeat.h"
#include "gather/rulepacks.h"
#include "model/finding.h"
#include "scan/whole.h"

#define HITS_MAX 10000   /* told in one push; past it the rest is not */
#define SPREAD_MAX 40000 /* the same, told for each ref they weigh on */
#define PACKS_MAX 32

struct secrets {
	struct gather *g;
	struct facts *f;
	struct inspector *inspector;
	struct repeat *repeat;
	struct history history;
	struct oid_set commits; /* of changes, with their number; filled when
				 * hits come in no order of updates */
	size_t *update; /* [nchange]: the first update that asks for secrets
			 * and must answer for it, or SIZE_MAX */
	size_t first;   /* the first update that asks at all */
	size_t now;     /* the update that hits are told under */
	size_t hitcap, hiddencap;
	bool full;
};

static bool asks(const struct facts *f, size_t u)
{
	return f->update[u].rules.secret != NULL;
}

static struct hit_fact *hit_new(struct secrets *s)
{
	struct facts *f = s->f;
	struct hit_fact *hit;

	f->hit = arena_grow(
		s->g->arena, f->hit, f->nhit, &s->hitcap, sizeof(*f->hit));
	hit = &f->hit[f->nhit++];
	*hit = (struct hit_fact){.rule = "",
		.description = "",
		.remediation = "",
		.redacted = "",
		.fingerprint = "",
		.encoding = "",
		.member = "",
		.what = "",
		.update = s->now};
	return hit;
}

static void too_many(struct hit_fact *hit)
{
	hit->unscanned = true;
	hit->redacted = "too many findings; the rest is not told";
}

static unsigned small(size_t n)
{
	return n > UINT32_MAX ? UINT32_MAX : (unsigned)n;
}

/* Once each, however many commits repeat it. */
static void hide(struct secrets *s, struct span secret)
{
	struct facts *f = s->f;
	size_t i;

	for (i = 0; i < f->nhidden; i++)
		if (span_eq(f->hidden[i], secret))
			return;
	/* From here on findings show nothing at all. */
	if (f->nhidden > FINDINGS_HIDDEN_MAX)
		return;
	f->hidden = arena_grow(s->g->arena, f->hidden, f->nhidden,
		&s->hiddencap, sizeof(*f->hidden));
	f->hidden[f->nhidden++] = arena_copy(s->g->arena, secret);
}

/* The update that answers for a commit; the first one for what hangs on
 * none. */
static size_t update_of(const struct secrets *s, const struct oid *commit)
{
	size_t i = commit ? oid_set_get(&s->commits, commit) : SIZE_MAX;

	return i != SIZE_MAX && s->update[i] != SIZE_MAX ? s->update[i]
							 : s->first;
}

static int on_hit(void *ctx, const struct history_hit *found, struct err *err)
{
	struct secrets *s = ctx;
	struct arena *arena = s->g->arena;
	struct hit_fact *hit;
	bool known = found->hit && found->hit->known;

	if (s->full)
		return 0;
	if (!known && repeat_is(s->repeat, found, &known, err))
		return -1;
	if (s->commits.n)
		s->now = update_of(s, found->commit);
	if (found->secret.n)
		hide(s, found->secret);
	hit = hit_new(s);
	hit->object = *found->object;
	if (found->commit)
		hit->commit = *found->commit;
	hit->path = arena_copy(arena, found->path);
	hit->what = found->what;
	if (s->f->nhit == HITS_MAX) {
		s->full = true;
		too_many(hit);
		return 0;
	}
	if (!found->hit) {
		hit->unscanned = true;
		hit->redacted = arena_str(arena, span_str(found->why));
		return 0;
	}
	hit->rule = arena_str(arena, found->hit->rule->id);
	hit->description = arena_str(arena, found->hit->rule->description);
	hit->remediation = arena_str(arena, found->hit->rule->remediation);
	hit->confidence = found->hit->confidence;
	hit->known = known;
	hit->redacted = arena_str(arena, span_str(found->hit->redacted));
	hit->checked = validity_note(found->hit->validity);
	hit->fingerprint = arena_str(arena, span_str(found->hit->fingerprint));
	hit->encoding = arena_str(arena, span_str(found->hit->encoding));
	hit->member = arena_str(arena, span_str(found->hit->member));
	hit->line = small(found->line);
	hit->column = small(found->hit->column);
	return 0;
}

/* The rules of all updates that ask, each pack once. */
static int packs_load(
	const struct secrets *s, struct pack *packs, size_t *n, struct err *err)
{
	const char *name[PACKS_MAX];
	const struct facts *f = s->f;
	const struct policy_source from = s->g->source
		? *s->g->source
		: policysource_trusted(f->policy->path ? f->policy->path : "");
	size_t u, i, k;

	*n = 0;
	for (u = 0; u < f->push->nup; u++) {
		const struct rule_secret *rule = f->update[u].rules.secret;

		for (i = 0; rule && i < rule->nrules; i++) {
			for (k = 0; k < *n; k++) {
				if (!strcmp(name[k], rule->rules[i]))
					break;
			}
			if (k < *n)
				continue;
			if (*n == PACKS_MAX)
				return err_set(err, ERR_LIMIT,
					"more than %d rule packs", PACKS_MAX);
			name[*n] = rule->rules[i];
			if (rulepack_load(&from, name[*n], s->g->arena,
				    &packs[*n], err))
				return -1;
			++*n;
		}
	}
	return 0;
}

/* Of several limits the strictest: an object has no update of its own. */
static uint64_t strictest(const struct facts *f)
{
	uint64_t max = UINT64_MAX;
	size_t u;

	for (u = 0; u < f->push->nup; u++) {
		if (asks(f, u) && f->update[u].rules.secret->max_blob < max)
			max = f->update[u].rules.secret->max_blob;
	}
	return max;
}

/* The same for archives; but when one update asks to look into them, all are
 * looked into. */
static bool unpack_of(const struct facts *f, struct unpack_setup *out)
{
	const struct rule_secret *rule;
	bool any = false;
	size_t u;

	*out = (struct unpack_setup){.depth = UNPACK_DEPTH_MAX,
		.total = UNPACK_TOTAL_MAX,
		.member = strictest(f)};
	for (u = 0; u < f->push->nup; u++) {
		rule = f->update[u].rules.secret;
		if (!rule || !rule->archives)
			continue;
		any = true;
		if (rule->archive_depth < out->depth)
			out->depth = rule->archive_depth;
		if (rule->archive_max < out->total)
			out->total = rule->archive_max;
	}
	return any;
}

/* Where the state may only be read and has no key yet, hits have no name:
 * they are found all the same. */
static int key_open(
	const struct gather *g, unsigned char *key, bool *have, struct err *err)
{
	*have = false;
	if (!fingerprint_key(g->state, true, key, err)) {
		*have = true;
		return 0;
	}
	if (err->sys != EROFS && err->sys != EACCES && err->sys != EPERM)
		return -1;
	err_clear(err);
	return 0;
}

/* And of several depths the deepest. */
static unsigned deepest(const struct facts *f)
{
	unsigned depth = 0;
	size_t u;

	for (u = 0; u < f->push->nup; u++) {
		if (asks(f, u) &&
			f->update[u].rules.secret->decode_depth > depth)
			depth = f->update[u].rules.secret->decode_depth;
	}
	return depth;
}

static int inspector_open(struct secrets *s, struct err *err)
{
	struct pack packs[PACKS_MAX], *kept;
	struct buf cache = PATH_BUF_INIT;
	unsigned char key[FINGERPRINT_KEY];
	struct scanner_setup setup = {0};
	struct unpack_setup unpack;
	struct scanner *scanner;
	bool have = false;
	int ret = -1;

	if (packs_load(s, packs, &setup.npacks, err) ||
		key_open(s->g, key, &have, err))
		goto out;
	kept = arena_get(s->g->arena, setup.npacks, sizeof(*kept));
	memcpy(kept, packs, setup.npacks * sizeof(*kept));
	io_join(&cache, s->g->state, "cache");
	setup.packs = kept;
	setup.cache = buf_cstr(&cache);
	setup.key = have ? key : NULL;
	ret = scanner_new(&setup, &scanner, err);
	if (!ret)
		s->inspector = inspector_new(scanner, deepest(s->f));
	if (!ret && unpack_of(s->f, &unpack))
		inspector_unpack(s->inspector, &unpack);
out:
	explicit_bzero(key, sizeof(key));
	buf_free(&cache);
	return ret;
}

static void share_out(struct secrets *s)
{
	const struct facts *f = s->f;
	size_t u, i;

	s->first = SIZE_MAX;
	s->update = arena_get(s->g->arena, f->nchange + 1, sizeof(*s->update));
	for (i = 0; i < f->nchange; i++)
		s->update[i] = SIZE_MAX;
	for (u = f->push->nup; u-- > 0;) {
		if (!asks(f, u))
			continue;
		s->first = u;
		for (i = 0; i < f->update[u].nchange; i++)
			s->update[f->update[u].change[i]] = u;
	}
}

/* Commits come children first; who brought a secret is the oldest. */
static int scan_commits(struct secrets *s, struct err *err)
{
	const struct facts *f = s->f;
	size_t i;

	for (i = f->nchange; i-- > 0;) {
		if (s->update[i] == SIZE_MAX)
			continue;
		s->now = s->update[i];
		if (history_commit(&s->history, &f->change[i].commit, err))
			return -1;
	}
	return 0;
}

/* Tags, what they name at last, and refs that name a blob or a tree: these may
 * have been in the repository before, where nobody asked. */
static int scan_targets(struct secrets *s, struct err *err)
{
	const struct facts *f = s->f;
	size_t u, i;

	for (u = 0; u < f->push->nup; u++) {
		const struct update_fact *up = &f->update[u];
		struct oid last;

		if (!asks(f, u))
			continue;
		s->now = u;
		last = up->up->new;
		for (i = 0; i < up->ntag; i++) {
			const struct tag *tag = &f->tag[up->tag[i]].tag;

			if (history_object(&s->history, &tag->id, err))
				return -1;
			last = tag->target;
		}
		if ((up->last == OBJECT_BLOB &&
			    history_object(&s->history, &last, err)) ||
			(up->last == OBJECT_TREE &&
				history_tree(&s->history, &last, err)))
			return -1;
	}
	return 0;
}

static int on_packed(
	void *ctx, const struct oid *id, enum object_type type, struct err *err)
{
	struct secrets *s = ctx;

	(void)type;
	if (!arrived_packed(&s->g->arrived, id))
		return 0;
	return history_object(&s->history, id, err);
}

/* The rest of what arrived, whether or not anything leads to it. All of the
 * packs was scanned: there is more to say of what was not found clean. */
static int scan_arrived(struct secrets *s, struct err *err)
{
	const struct oid_set *loose = &s->g->arrived.loose;
	size_t i;

	s->now = s->first;
	if (s->history.prescan &&
		prescan_each(s->history.prescan, on_packed, s, err))
		return -1;
	for (i = 0; i < loose->cap; i++) {
		if (!oid_is_zero(&loose->slot[i]) &&
			history_object(&s->history, &loose->slot[i], err))
			return -1;
	}
	return 0;
}

static bool was_there(void *ctx, const struct oid *id)
{
	const struct secrets *s = ctx;

	return !arrived_packed(&s->g->arrived, id);
}

/* New commits were read before this, as long as there are many. */
static struct span have(void *ctx, const struct oid *id)
{
	const struct secrets *s = ctx;

	return commitbook_bytes(s->g->book, id);
}

/* Whether the commits hang together from their first ones on, as in the first
 * push to a repository: then nothing before them has to be compared with. */
static bool is_whole(const struct secrets *s)
{
	const struct facts *f = s->f;
	size_t i, j;

	for (i = 0; i < f->nchange; i++) {
		const struct commit *c = &f->change[i].commit;

		if (s->update[i] == SIZE_MAX)
			return false;
		for (j = 0; j < c->nparent; j++)
			if (oid_set_get(&s->commits, &c->parent[j]) == SIZE_MAX)
				return false;
	}
	return f->nchange != 0;
}

static int scan_whole(struct secrets *s, struct err *err)
{
	const struct facts *f = s->f;
	struct oid *tip = arena_get(s->g->arena, f->nchange, sizeof(*tip));
	struct whole_setup setup = {.tips = tip,
		.all_commits = true,
		.packs = &s->g->packs,
		.workers = whole_workers(GATHER_WORKERS_MAX),
		.was_there = was_there,
		.have = have,
		.ctx = s};

	/* Every commit is a tip: it costs nothing, and none is left out. */
	for (setup.ntips = 0; setup.ntips < f->nchange; setup.ntips++)
		tip[setup.ntips] = f->change[setup.ntips].commit.id;
	return whole_scan(&s->history, &setup, err);
}

static int scan_packs(struct secrets *s, struct err *err)
{
	const struct prescan_setup setup = {.inspector = s->inspector,
		.pack = s->g->packs.v,
		.npacks = s->g->packs.n,
		.workers = whole_workers(GATHER_WORKERS_MAX),
		.max = s->history.max,
		.was_there = was_there,
		.have = have,
		.ctx = s};

	if (prescan_run(&setup, &s->history.prescan, err))
		return -1;
	s->history.objects = prescan_objects(s->history.prescan);
	s->history.bytes = prescan_bytes(s->history.prescan);
	return scan_commits(s, err);
}

/* A small push comes loose, a larger one as a pack. */
static int scan_changes(struct secrets *s, struct err *err)
{
	const struct facts *f = s->f;
	size_t i;
	int ret;

	if (!s->g->packs.n)
		return scan_commits(s, err);
	oid_set_reserve(&s->commits, f->nchange);
	for (i = 0; i < f->nchange; i++)
		oid_set_put(&s->commits, &f->change[i].commit.id, i);
	if (is_whole(s)) {
		ret = scan_whole(s, err);
		oid_set_free(&s->commits);
		return ret;
	}
	oid_set_free(&s->commits);
	return scan_packs(s, err);
}

/* An approval brings the commit that it approves, for which the ref that it is
 * for answers. */
static bool is_evidence(const struct facts *f, size_t u)
{
	return span_starts(f->push->up[u].ref, SPAN_LIT("refs/sluice/"));
}

/* Whether what is found weighs the same on both. A waiver is for one ref, so
 * where there are any no two refs that obey them are alike. */
static bool weighs_same(const struct facts *f, size_t a, size_t b)
{
	const struct rules *x = &f->update[a].rules, *y = &f->update[b].rules;

	return x->secret->block_low == y->secret->block_low &&
		x->severity == y->severity && x->observe == y->observe &&
		!(f->nwaiver && (x->nwaiver || y->nwaiver));
}

/* One update of each weight. */
static size_t *weights(const struct secrets *s, size_t *n)
{
	const struct facts *f = s->f;
	size_t *v = arena_get(s->g->arena, f->push->nup, sizeof(*v)), u, i;

	*n = 0;
	for (u = 0; u < f->push->nup; u++) {
		if (!asks(f, u))
			continue;
		for (i = 0; i < *n; i++)
			if (weighs_same(f, v[i], u))
				break;
		if (i == *n)
			v[(*n)++] = u;
	}
	return v;
}

/*
 * An object is looked at once and told under one update, and another ref of the
 * same push may get it too, in the same commit or in one of its own. Where it
 * would weigh differently there it is told there as well: else a ref that is
 * only observed would take the blame for one that counts.
 */
static void tell_others(struct secrets *s)
{
	struct facts *f = s->f;
	size_t told = f->nhit, n, i, k, *v = weights(s, &n);
	struct hit_fact copy;

	if (n < 2 || !told)
		return;
	for (k = 0; k < n; k++) {
		if (told * n > SPREAD_MAX) {
			s->now = v[k];
			too_many(hit_new(s));
			continue;
		}
		for (i = 0; i < told; i++) {
			copy = f->hit[i];
			if (copy.update == v[k] ||
				weighs_same(f, copy.update, v[k]) ||
				(!oid_is_zero(&copy.commit) &&
					is_evidence(f, v[k])))
				continue;
			copy.update = v[k];
			*hit_new(s) = copy;
		}
	}
}

int gather_secrets(struct gather *g, struct facts *f, struct err *err)
{
	struct secrets s = {.g = g, .f = f};
	int ret = -1;

	share_out(&s);
	if (s.first == SIZE_MAX)
		return 0;
	if (inspector_open(&s, err))
		goto out;
	s.repeat = repeat_new(g, s.inspector, strictest(f));
	s.history = (struct history){.repo = g->repo,
		.inspector = s.inspector,
		.max = strictest(f),
		.tell = on_hit,
		.ctx = &s};
	if (scan_changes(&s, err) || scan_targets(&s, err) ||
		scan_arrived(&s, err))
		goto out;
	tell_others(&s);
	f->objects = s.history.objects;
	f->bytes = s.history.bytes;
	snprintf(f->rules_digest, sizeof(f->rules_digest), "%s",
		inspector_digest(s.inspector));
	ret = 0;
out:
	history_free(&s.history);
	oid_set_free(&s.commits);
	repeat_free(s.repeat);
	inspector_free(s.inspector);
	if (ret)
		err_in(err, "looking for secrets");
	return ret;
}

int secrets_prepare(const char *state, struct err *err)
{
	struct buf cache = PATH_BUF_INIT;
	unsigned char key[FINGERPRINT_KEY];
	struct scanner *scanner = NULL;
	struct pack builtin;
	struct scanner_setup setup = {.packs = &builtin, .npacks = 1};
	int ret = -1;

	io_join(&cache, state, "cache");
	setup.cache = buf_cstr(&cache);
	if (!fingerprint_key(state, true, key, err) &&
		!pack_read("builtin", NULL, &builtin, err) &&
		!scanner_new(&setup, &scanner, err))
		ret = 0;
	scanner_free(scanner);
	explicit_bzero(key, sizeof(key));
	buf_free(&cache);
	return ret;
}

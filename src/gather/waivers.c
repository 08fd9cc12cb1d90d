/*
 * Waiver tags -> facts. A waiver is a signed tag object stored under
 * refs/sluice/waivers/<commit>/; parse/waiver.h has its form. What it may do is
 * for the policy and the gate; here is said who signed what, and whether its
 * time is over.
 */
#include "gather/paths.h"
#include "gather/signedtag.h"
#include "model/finding.h"
#include "parse/waiver.h"

#define ROOT "refs/sluice/waivers/"
#define PREFIX SPAN_LIT(ROOT)
#define ONE_BY_ONE_MAX 64 /* targets; above, all waivers are listed once */

struct waivers {
	struct gather *g;
	struct facts *f;
	struct signers *signers;
	struct oid_set change_at; /* commit -> index in facts->change */
	struct oid_set target;    /* what a finding may be about */
	struct oid_set seen;      /* tags already looked at */
	struct oid_set spent, withdrawn;
	size_t *per_person; /* stored ones that were kept, by its number */
	size_t looked;      /* at tags in the repository */
	struct oid *list;   /* ${target} in order */
	size_t nlist, list_cap, cap;
};

static bool is_waiver_ref(struct span ref)
{
	return span_starts(ref, PREFIX);
}

static void set_of(struct oid_set *out, const struct oid *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		oid_set_add(out, &v[i]);
}

static void add_target(struct waivers *w, const struct oid *o)
{
	if (oid_is_zero(o) || oid_set_has(&w->target, o))
		return;
	oid_set_add(&w->target, o);
	w->list = arena_grow(
		w->g->arena, w->list, w->nlist, &w->list_cap, sizeof(*w->list));
	w->list[w->nlist++] = *o;
}

static void add_targets(struct waivers *w, const struct update_fact *uf)
{
	const struct facts *f = w->f;
	size_t i;

	add_target(w, &uf->up->new);
	add_target(w, &uf->up->old);
	for (i = 0; i < uf->nchange; i++)
		add_target(w, &f->change[uf->change[i]].commit.id);
	for (i = 0; i < uf->ntag; i++) {
		add_target(w, &f->tag[uf->tag[i]].tag.id);
		add_target(w, &f->tag[uf->tag[i]].tag.target);
	}
}

/* Waivers only ever let through, so one that is left out refuses. Those of one
 * person must not crowd out another's, nor what is over with what is not. */
static bool has_room(struct waivers *w, const struct waiver_fact *wf)
{
	const struct policy *p = w->f->policy;
	size_t max = wf->status == WAIVER_VALID ? GATHER_WAIVERS_PERSON_MAX
						: GATHER_WAIVERS_OVER_MAX;
	size_t *n;

	if (wf->pushed_in != SIZE_MAX)
		return true;
	if (!w->per_person)
		w->per_person = arena_get(w->g->arena, 2 * (p->nperson + 1),
			sizeof(*w->per_person));
	n = &w->per_person[2 *
			(wf->person ? (size_t)(wf->person - p->person)
				    : p->nperson) +
		(wf->status == WAIVER_VALID)];
	return (*n)++ < max;
}

static int keep(
	struct waivers *w, const struct waiver_fact *wf, struct err *err)
{
	struct facts *f = w->f;

	if (f->nwaiver == GATHER_WAIVERS_MAX && wf->pushed_in == SIZE_MAX)
		return 0;
	if (f->nwaiver == GATHER_WAIVERS_MAX)
		return err_set(err, ERR_LIMIT,
			"more than %d waivers for one push",
			GATHER_WAIVERS_MAX);
	f->waiver = arena_grow(w->g->arena, f->waiver, f->nwaiver, &w->cap,
		sizeof(*f->waiver));
	f->waiver[f->nwaiver++] = *wf;
	return 0;
}

/* Who signed it, and whether it is good for anything now. */
static int judge(struct waivers *w, const struct tag *tag,
	struct span repository, struct waiver_fact *wf, struct err *err)
{
	const struct push *push = w->f->push;
	struct signed_by by;

	if (!w->signers && signers_open(w->g, w->f->policy, &w->signers, err))
		return -1;
	if (signed_tag_judge(
		    w->signers, tag, push->time, w->g->arena, &by, err))
		return -1;
	wf->person = by.person;
	wf->kind = by.kind;
	wf->key = by.key;
	wf->detail = by.detail;
	if (!by.person) {
		wf->status = by.stranger ? WAIVER_STRANGER : WAIVER_INVALID;
	} else if (!span_is(repository, push->repository)) {
		wf->status = WAIVER_ELSEWHERE;
		wf->detail = "it is for another repository";
	} else if (wf->until <= push->time) {
		wf->status = WAIVER_EXPIRED;
		wf->detail = "it has expired";
	} else if (oid_set_has(&w->withdrawn, &wf->object)) {
		wf->status = WAIVER_WITHDRAWN;
		wf->detail = "it was withdrawn: its ref was deleted or "
			     "overwritten";
	} else if (oid_set_has(&w->spent, &wf->object)) {
		wf->status = WAIVER_SPENT;
		wf->detail = "it was used for an earlier push";
	} else {
		wf->status = WAIVER_VALID;
	}
	return 0;
}

/* The commit, to know who made it; a waiver need not bring it. */
static int look_up_commit(
	struct waivers *w, struct waiver_fact *wf, struct err *err)
{
	size_t at = oid_set_get(&w->change_at, &wf->commit);
	struct change *c;

	if (at != SIZE_MAX) {
		wf->about = &w->f->change[at];
		return 0;
	}
	if (repo_type(w->g->repo, &wf->commit, NULL) != OBJECT_COMMIT)
		return 0;
	c = ARENA_NEW(w->g->arena, struct change);
	c->sig.key = c->sig.detail = "";
	if (gather_commit(w->g, &wf->commit, &c->commit, err))
		return -1;
	wf->about = c;
	return 0;
}

/* Commits of a compromised key need not be the parents of each other within
 * the update, where what others signed in between was judged before. */
struct behind {
	const struct waivers *w;
	const struct update_fact *uf;
	uint64_t *covers;
};

static int mark_behind(void *ctx, const struct oid *id, struct err *err)
{
	struct behind *b = ctx;
	size_t at = oid_set_get(&b->w->change_at, id), i;

	(void)err;
	for (i = 0; at != SIZE_MAX && i < b->uf->nchange; i++)
		if (b->uf->change[i] == at)
			bit_set(b->covers, i);
	return 0;
}

static int find_behind(
	struct waivers *w, struct waiver_fact *wf, struct err *err)
{
	struct behind b = {.w = w};

	if (wf->update == SIZE_MAX || !wf->fingerprint.n ||
		!span_is(wf->finding,
			finding_def(FINDING_SIGNATURE_COMPROMISED)->id) ||
		repo_type(w->g->repo, &wf->commit, NULL) != OBJECT_COMMIT)
		return 0;
	b.uf = &w->f->update[wf->update];
	b.covers = wf->covers = arena_get(
		w->g->arena, BIT_WORDS(b.uf->nchange) + 1, sizeof(*b.covers));
	return repo_walk(
		w->g->repo, &wf->commit, 1, NULL, 0, mark_behind, &b, err);
}

static void find_update(struct waivers *w, struct waiver_fact *wf)
{
	struct facts *f = w->f;
	size_t u;

	for (u = 0; u < f->push->nup; u++) {
		const struct update_fact *uf = &f->update[u];

		if (!span_eq(uf->up->ref, wf->ref))
			continue;
		wf->update = u;
		if (update_brings(uf, oid_set_get(&w->change_at, &wf->commit)))
			wf->covers = update_reach(
				f, uf, &w->change_at, &wf->commit, w->g->arena);
	}
}

static int look_at(struct waivers *w, const struct oid *id, struct span ref,
	size_t pushed_in, struct err *err)
{
	struct waiver_fact wf = {
		.object = *id,
		.stored = ref,
		.status = WAIVER_INVALID,
		.key = "",
		.detail = "",
		.pushed_in = pushed_in,
		.update = SIZE_MAX,
	};
	const char *fault;
	struct waiver said;
	struct oid named;
	struct tag tag;

	if (oid_set_has(&w->seen, id) && pushed_in == SIZE_MAX)
		return 0;
	oid_set_add(&w->seen, id);
	if (signed_tag_read(w->g, id, &tag, &fault, err))
		return -1;
	if (!fault)
		fault = waiver_read(&tag, &said);
	if (!fault &&
		(!signed_tag_place(ref, PREFIX, &named) ||
			!oid_eq(&named, &said.commit)))
		fault = "it is not stored under the commit that it names";
	if (fault) {
		wf.detail = fault;
		return pushed_in == SIZE_MAX ? 0 : keep(w, &wf, err);
	}
	wf.commit = said.commit;
	wf.ref = said.ref;
	wf.finding = said.finding;
	wf.fingerprint = said.fingerprint;
	wf.path = said.path;
	wf.reason = said.reason;
	wf.until = said.until;
	wf.made = tag.tagger.time;
	find_update(w, &wf);
	if (wf.update == SIZE_MAX && pushed_in == SIZE_MAX)
		return 0;
	if (judge(w, &tag, said.repository, &wf, err))
		return -1;
	if (!has_room(w, &wf))
		return 0;
	if (find_behind(w, &wf, err) || look_up_commit(w, &wf, err))
		return -1;
	return keep(w, &wf, err);
}

static int pushed(struct waivers *w, struct err *err)
{
	const struct push *push = w->f->push;
	size_t u;

	for (u = 0; u < push->nup; u++)
		if (is_waiver_ref(push->up[u].ref) &&
			!oid_is_zero(&push->up[u].new) &&
			look_at(w, &push->up[u].new, push->up[u].ref, u, err))
			return -1;
	return 0;
}

/* Whether the push itself deletes or overwrites the ref. */
static bool taken_away(const struct waivers *w, const struct repo_ref *ref)
{
	const struct push *push = w->f->push;
	size_t u;

	for (u = 0; u < push->nup; u++)
		if (span_eq(push->up[u].ref, ref->name) &&
			!oid_eq(&push->up[u].new, &ref->oid))
			return true;
	return false;
}

static int stored(struct waivers *w, const char *glob, struct err *err)
{
	struct repo_ref *ref;
	struct oid named;
	size_t n, i;

	if (repo_refs(w->g->repo, glob, w->g->arena, &ref, &n, err))
		return -1;
	for (i = 0; i < n; i++)
		if (signed_tag_place(ref[i].name, PREFIX, &named) &&
			oid_set_has(&w->target, &named) &&
			!taken_away(w, &ref[i]) &&
			w->looked++ < GATHER_WAIVERS_LOOKED_AT &&
			look_at(w, &ref[i].oid, ref[i].name, SIZE_MAX, err))
			return -1;
	return 0;
}

static int stored_for_targets(struct waivers *w, struct err *err)
{
	char hex[OID_HEX + 1];
	size_t i;

	if (w->nlist > ONE_BY_ONE_MAX)
		return stored(w, ROOT "*", err);
	for (i = 0; i < w->nlist; i++)
		if (stored(w,
			    arena_fmt(w->g->arena, ROOT "%s/*",
				    oid_hex(&w->list[i], hex)),
			    err))
			return -1;
	return 0;
}

static bool wanted(struct waivers *w)
{
	const struct facts *f = w->f;
	bool any = false;
	size_t u;

	for (u = 0; u < f->push->nup; u++) {
		if (f->update[u].rules.nwaiver)
			add_targets(w, &f->update[u]);
		if (is_waiver_ref(f->push->up[u].ref) &&
			!oid_is_zero(&f->push->up[u].new))
			any = true;
	}
	return any || w->nlist;
}

int gather_waivers(struct gather *g, struct facts *f, struct err *err)
{
	struct waivers w = {.g = g, .f = f};
	int ret = -1;

	if (!wanted(&w)) {
		ret = 0;
		goto out;
	}
	set_of(&w.spent, f->push->past.spent, f->push->past.nspent);
	set_of(&w.withdrawn, f->push->past.withdrawn, f->push->past.nwithdrawn);
	change_numbers(f, &w.change_at);
	if (pushed(&w, err) || stored_for_targets(&w, err)) {
		err_in(err, "waivers");
		goto out;
	}
	ret = 0;
out:
	signers_close(w.signers);
	oid_set_free(&w.change_at);
	oid_set_free(&w.target);
	oid_set_free(&w.seen);
	oid_set_free(&w.spent);
	oid_set_free(&w.withdrawn);
	return ret;
}

/*
 * Ref updates -> what each must answer for. "New" means not yet gated:
 * reachable from the new tip and from no tip that the log admitted under rules
 * at least as strict. What the repository's other refs say does not matter, so
 * a commit parked on an ungated branch is judged when it comes to a gated one.
 */
#include "gather/gather.h"

#include "gather/arrange.h"
#include "gather/commitbook.h"
#include "gather/owners.h"
#include "gather/paths.h"
#include "gather/patterns.h"
#include "gather/signedtag.h"
#include "gather/suspect.h"
#include "gather/waived.h"
#include "parse/commit.h"
#include "parse/tag.h"
#include "scan/whole.h"

#define COMMIT_MAX (16u * 1024 * 1024) /* bytes of one commit or tag */
#define TAG_CHAIN_MAX 16
#define BOOK_MIN 250 /* commits in packs; fewer are as well read singly */

/* State while changes are collected. */
struct changes {
	struct gather *g;
	struct facts *f;
	struct oid_set change_at, tag_at; /* name -> index in facts */
	size_t change_cap, tag_cap;
	struct oid *tip; /* [nup]: what each update names at last */
	bool *walked;    /* [nup]: asks for its commits, or has them */
};

int gather_commit(struct gather *g, const struct oid *id, struct commit *out,
	struct err *err)
{
	const struct commit *known = commitbook_find(g->book, id);
	struct repo_object obj;
	int ret;

	if (known) {
		*out = *known;
		return 0;
	}
	if (repo_read(g->repo, id, COMMIT_MAX, &obj, err))
		return -1;
	ret = commit_parse(obj.data, id, g->arena, out, err);
	repo_object_free(&obj);
	return ret;
}

static void reserve_changes(struct changes *c, size_t n)
{
	struct facts *f = c->f;

	f->change = arena_reserve(c->g->arena, f->change, f->nchange,
		&c->change_cap, n, sizeof(*f->change));
	oid_set_reserve(&c->change_at, n);
}

static int add_change(
	struct changes *c, const struct oid *id, size_t *at, struct err *err)
{
	struct facts *f = c->f;

	*at = oid_set_get(&c->change_at, id);
	if (*at != SIZE_MAX)
		return 0;
	if (f->nchange == GATHER_COMMITS_MAX)
		return err_set(err, ERR_LIMIT,
			"more than %d new commits in one push",
			GATHER_COMMITS_MAX);
	f->change = arena_grow(c->g->arena, f->change, f->nchange,
		&c->change_cap, sizeof(*f->change));
	if (gather_commit(c->g, id, &f->change[f->nchange].commit, err))
		return -1;
	*at = f->nchange++;
	oid_set_put(&c->change_at, id, *at);
	return 0;
}

static int add_tag(
	struct changes *c, const struct oid *id, size_t *at, struct err *err)
{
	struct facts *f = c->f;
	struct repo_object obj;
	int ret;

	*at = oid_set_get(&c->tag_at, id);
	if (*at != SIZE_MAX)
		return 0;
	if (repo_read(c->g->repo, id, COMMIT_MAX, &obj, err))
		return -1;
	f->tag = arena_grow(
		c->g->arena, f->tag, f->ntag, &c->tag_cap, sizeof(*f->tag));
	ret = tag_parse(obj.data, id, c->g->arena, &f->tag[f->ntag].tag, err);
	repo_object_free(&obj);
	if (ret)
		return -1;
	*at = f->ntag++;
	oid_set_put(&c->tag_at, id, *at);
	return 0;
}

/* The tag that is pushed and the tags inside it; ${tip} becomes what they name
 * at last. */
static int add_tags(struct changes *c, struct update_fact *uf, struct oid *tip,
	struct err *err)
{
	enum object_type type = uf->type;

	uf->tag = arena_get(c->g->arena, TAG_CHAIN_MAX, sizeof(*uf->tag));
	while (type == OBJECT_TAG) {
		char hex[OID_HEX + 1];
		size_t at;

		if (uf->ntag == TAG_CHAIN_MAX)
			return err_set(err, ERR_LIMIT,
				"tag %s is nested more than %d deep",
				oid_hex(&uf->up->new, hex), TAG_CHAIN_MAX);
		if (add_tag(c, tip, &at, err))
			return -1;
		uf->tag[uf->ntag++] = at;
		*tip = c->f->tag[at].tag.target;
		type = repo_type(c->g->repo, tip, NULL);
		if (type == OBJECT_NONE)
			return err_set(err, ERR_REPO, "object %s is missing",
				oid_hex(tip, hex));
	}
	return 0;
}

/* refs/sluice/ holds approvals and the like: the tag itself is judged, not the
 * history of what it names, which is judged when it comes to a gated ref. */
static bool is_ours(struct span ref)
{
	return span_starts(ref, SPAN_LIT("refs/sluice/"));
}

static int movement(struct changes *c, struct update_fact *uf,
	const struct oid *tip, struct err *err)
{
	enum object_type type;
	struct oid old;
	bool forward;

	if (oid_is_zero(&uf->up->old)) {
		uf->movement = MOVEMENT_CREATE;
		return 0;
	}
	uf->movement = MOVEMENT_FORCED;
	if (!repo_peel(c->g->repo, &uf->up->old, &old, &type) ||
		type != OBJECT_COMMIT ||
		repo_type(c->g->repo, tip, NULL) != OBJECT_COMMIT)
		return 0;
	if (repo_is_ancestor(c->g->repo, &old, tip, &forward, err))
		return -1;
	if (forward)
		uf->movement = MOVEMENT_FORWARD;
	return 0;
}

static int gather_update(struct changes *c, size_t u, struct err *err)
{
	const struct push *push = c->f->push;
	struct update_fact *uf = &c->f->update[u];
	struct oid *tip = &c->tip[u];
	char hex[OID_HEX + 1];

	uf->up = &push->up[u];
	uf->silent = !policy_rules(c->f->policy, span_str(push->repository),
		uf->up->ref, &uf->rules);
	if (repo_ref_symbolic(c->g->repo, arena_str(c->g->arena, uf->up->ref),
		    c->g->arena, &uf->alias, err))
		return -1;
	if (oid_is_zero(&uf->up->new)) {
		uf->movement = MOVEMENT_DELETE;
		return 0;
	}
	*tip = uf->up->new;
	uf->type = repo_type(c->g->repo, tip, NULL);
	if (uf->type == OBJECT_NONE)
		return err_set(err, ERR_REPO, "object %s is missing",
			oid_hex(tip, hex));
	if (add_tags(c, uf, tip, err) || movement(c, uf, tip, err))
		return -1;
	uf->last = repo_type(c->g->repo, tip, NULL);
	c->walked[u] = !uf->silent && !rules_empty(&uf->rules) &&
		!is_ours(uf->up->ref) && uf->last == OBJECT_COMMIT;
	return 0;
}

/*
 * Updates under the same rules are walked together: a commit is new to all of
 * them or to none, since a tip admitted under rules that cover one's covers the
 * others' too.
 */
struct group {
	struct changes *c;
	size_t *member; /* update numbers */
	size_t n;
	struct oid *from, *hide;
	size_t nhide;
	struct oid *found;
	size_t nfound, cap;
	bool only_arrived; /* stop at a commit that was here before */
	bool stopped;
	bool by_others; /* other refs' tips were hidden too */
};

/* Of what is known to have arrived. */
static int found_arrived(void *ctx, const struct oid *id, struct err *err)
{
	struct group *gr = ctx;

	if (gr->nfound == GATHER_COMMITS_MAX)
		return err_set(err, ERR_LIMIT,
			"more than %d new commits in one push",
			GATHER_COMMITS_MAX);
	gr->found = arena_grow(gr->c->g->arena, gr->found, gr->nfound, &gr->cap,
		sizeof(*gr->found));
	gr->found[gr->nfound++] = *id;
	return 0;
}

static int found_one(void *ctx, const struct oid *id, struct err *err)
{
	struct group *gr = ctx;

	if (gr->only_arrived && !arrived_has(&gr->c->g->arrived, id)) {
		gr->stopped = true;
		return -1;
	}
	return found_arrived(gr, id, err);
}

/* Whether the old value is the ref's own. Who pushes says what it is, and git
 * looks only when it moves the ref: another ref of the same push must not gain
 * by what this one had once. */
static bool old_is_there(const struct group *gr, const struct ref_update *up)
{
	struct gather *g = gr->c->g;
	struct oid now;

	return repo_ref_value(g->repo, arena_str(g->arena, up->ref), &now) &&
		oid_eq(&now, &up->old);
}

/* What the log last admitted on a ref that was then moved behind the gate's
 * back stands in for its old value. */
static void hide_last_admitted(struct group *gr, size_t u)
{
	const struct push *push = gr->c->f->push;
	size_t i;

	for (i = 0; i < push->ngated; i++)
		if (span_eq(push->gated[i].ref, push->up[u].ref))
			gr->hide[gr->nhide++] = push->gated[i].oid;
}

static void hide_old_value(struct group *gr, size_t u)
{
	const struct push *push = gr->c->f->push;

	if (oid_is_zero(&push->up[u].old) || !old_is_there(gr, &push->up[u]))
		return;
	if (push->old_gated[u])
		gr->hide[gr->nhide++] = push->up[u].old;
	else
		hide_last_admitted(gr, u);
}

static void hide_old_values(struct group *gr)
{
	size_t i;

	for (i = 0; i < gr->n; i++)
		hide_old_value(gr, gr->member[i]);
}

static bool has_owners(const struct rules *r)
{
	return r->approval && r->approval->codeowners;
}

/* Other refs count where they stand at a value that the log admitted and
 * demand at least what this group's rules do. What the owners of one ref's
 * files approved, those of another's did not, though the rules be the same. */
static void hide_other_refs(struct group *gr)
{
	struct changes *c = gr->c;
	const struct push *push = c->f->push;
	const struct rules *ours = &c->f->update[gr->member[0]].rules;
	size_t i;

	for (i = 0; i < push->ngated; i++) {
		const struct gated_tip *tip = &push->gated[i];
		struct rules rules;
		struct oid now;

		/* What an approval names was not judged when it came; what
		 * was let through in spite of its findings did not pass. */
		if (is_ours(tip->ref) || !tip->accepted)
			continue;
		if (!policy_rules(c->f->policy, span_str(push->repository),
			    tip->ref, &rules) ||
			!rules_cover(&rules, ours) ||
			(has_owners(ours) &&
				!owners_come_from(
					c->g, c->f, gr->member[0], tip->ref)))
			continue;
		if (repo_ref_value(c->g->repo, arena_str(c->g->arena, tip->ref),
			    &now) &&
			oid_eq(&now, &tip->oid))
			gr->hide[gr->nhide++] = now;
	}
}

/* Without the library, when all of them came in packs and what they start from
 * is hidden itself; *${done} is false otherwise. */
static int walk_book(struct group *gr, bool *done, struct err *err)
{
	const struct commitbook *book = gr->c->g->book;
	struct oid_set hidden = {0};
	size_t i;
	int ret = 0;

	*done = false;
	for (i = 0; i < gr->nhide; i++)
		oid_set_add(&hidden, &gr->hide[i]);
	if (book)
		ret = commitbook_walk(book, gr->from, gr->n, &hidden,
			found_arrived, gr, done, err);
	if (!*done)
		gr->nfound = 0;
	oid_set_free(&hidden);
	return ret;
}

/*
 * The new commits of a group. Commits that arrived in this very push cannot be
 * behind any tip that was here before; only when the walk meets an older one do
 * the repository's other refs have to be asked, which may be very many.
 */
static int group_walk(struct group *gr, struct err *err)
{
	struct repo *repo = gr->c->g->repo;
	bool done;

	hide_old_values(gr);
	gr->only_arrived = true;
	if (walk_book(gr, &done, err))
		return -1;
	if (done)
		return 0;
	if (!repo_walk(repo, gr->from, gr->n, gr->hide, gr->nhide, found_one,
		    gr, err))
		return 0;
	if (!gr->stopped)
		return -1;
	gr->nfound = 0;
	gr->only_arrived = false;
	gr->by_others = true;
	hide_other_refs(gr);
	return repo_walk(
		repo, gr->from, gr->n, gr->hide, gr->nhide, found_one, gr, err);
}

static int by_number(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return (x > y) - (x < y);
}

/*
 * The commits of one update: what its tip reaches inside ${in}. Those in
 * ${done} were given to an earlier update; with approvals and waivers, which
 * hold for one ref only, each update answers for all of its own.
 */
static void share_out(struct changes *c, size_t u, const uint64_t *in,
	uint64_t *done, size_t *todo)
{
	struct facts *f = c->f;
	struct update_fact *uf = &f->update[u];
	size_t at = oid_set_get(&c->change_at, &c->tip[u]);
	size_t n = 0, cap = 0, i;

	if (at == SIZE_MAX || !bit_get(in, at) || bit_get(done, at))
		return;
	bit_set(done, at);
	todo[n++] = at;
	while (n) {
		const struct commit *commit;

		at = todo[--n];
		commit = &f->change[at].commit;
		uf->change = arena_grow(c->g->arena, uf->change, uf->nchange,
			&cap, sizeof(*uf->change));
		uf->change[uf->nchange++] = at;
		for (i = 0; i < commit->nparent; i++) {
			size_t p =
				oid_set_get(&c->change_at, &commit->parent[i]);

			if (p == SIZE_MAX || !bit_get(in, p) ||
				bit_get(done, p))
				continue;
			bit_set(done, p);
			todo[n++] = p;
		}
	}
	qsort(uf->change, uf->nchange, sizeof(*uf->change), by_number);
}

static int gather_group(struct group *gr, struct err *err)
{
	struct changes *c = gr->c;
	struct arena *arena = c->g->arena;
	struct facts *f = c->f;
	bool own = false;
	uint64_t *in, *done;
	size_t *todo, words, i, at;

	if (group_walk(gr, err))
		return -1;
	if (!gr->nfound)
		return 0;
	reserve_changes(c, gr->nfound);
	words = BIT_WORDS(f->nchange + gr->nfound);
	in = arena_get(arena, words, sizeof(*in));
	done = arena_get(arena, words, sizeof(*done));
	for (i = 0; i < gr->nfound; i++) {
		if (add_change(c, &gr->found[i], &at, err))
			return -1;
		bit_set(in, at);
	}
	todo = arena_get(arena, f->nchange, sizeof(*todo));
	for (i = 0; i < gr->n; i++)
		own |= f->update[gr->member[i]].rules.approval ||
			f->update[gr->member[i]].rules.nwaiver;
	for (i = 0; i < gr->n; i++) {
		if (own && i)
			memset(done, 0, words * sizeof(*done));
		share_out(c, gr->member[i], in, done, todo);
	}
	return 0;
}

/* These after all, though they stand behind the tip of another ref. */
static int bring(struct changes *c, struct update_fact *uf,
	const struct oid *found, size_t n, struct err *err)
{
	size_t cap = uf->nchange, i, at;

	for (i = 0; i < n; i++) {
		if (add_change(c, &found[i], &at, err))
			return -1;
		if (update_brings(uf, at))
			continue;
		uf->change = arena_grow(c->g->arena, uf->change, uf->nchange,
			&cap, sizeof(*uf->change));
		uf->change[uf->nchange++] = at;
	}
	if (n)
		qsort(uf->change, uf->nchange, sizeof(*uf->change), by_number);
	return 0;
}

/*
 * What stands behind the tip of another ref passed that ref's rules, but for
 * what was waived there. A waiver is for one ref: where this one would not have
 * had it, its commits are judged here. What was adopted came by no waiver, also
 * where one let in a new ref and with it all that leads there.
 */
static int gather_waived(struct group *gr, size_t u, struct err *err)
{
	struct changes *c = gr->c;
	const struct push *push = c->f->push;
	struct oid *found;
	size_t n, i;

	gr->nhide = 0;
	hide_old_value(gr, u);
	for (i = 0; i < push->nadopted; i++)
		gr->hide[gr->nhide++] = push->adopted[i];
	if (waived_commits(c->g, c->f, u, &c->tip[u], gr->hide, gr->nhide,
		    &found, &n, err))
		return -1;
	return bring(c, &c->f->update[u], found, n, err);
}

/*
 * Nor is what a compromised key had signed vouched for by the ref that took it
 * when nobody knew. What was adopted never stood on a signature.
 */
static int gather_suspect(struct group *gr, size_t u, struct err *err)
{
	struct changes *c = gr->c;
	const struct push *push = c->f->push;
	struct oid *found;
	size_t n, i;

	if (!c->f->update[u].rules.signature)
		return 0;
	gr->nhide = 0;
	hide_old_value(gr, u);
	for (i = 0; i < push->nadopted; i++)
		gr->hide[gr->nhide++] = push->adopted[i];
	if (suspect_commits(c->g, c->f, u, &c->tip[u], gr->hide, gr->nhide,
		    &found, &n, err))
		return -1;
	return bring(c, &c->f->update[u], found, n, err);
}

static bool same_rules(const struct rules *a, const struct rules *b)
{
	return rules_cover(a, b) && rules_cover(b, a);
}

static int gather_commits(struct changes *c, struct err *err)
{
	const struct push *push = c->f->push;
	struct arena *arena = c->g->arena;
	size_t u, v;

	for (u = 0; u < push->nup; u++) {
		struct group gr = {.c = c};

		if (!c->walked[u])
			continue;
		gr.member = arena_get(arena, push->nup, sizeof(*gr.member));
		gr.from = arena_get(arena, push->nup, sizeof(*gr.from));
		gr.hide = arena_get(arena,
			push->nup + 2 * push->ngated + push->nadopted + 1,
			sizeof(*gr.hide));
		for (v = u; v < push->nup; v++) {
			if (!c->walked[v] ||
				(v != u &&
					has_owners(&c->f->update[u].rules)) ||
				!same_rules(&c->f->update[u].rules,
					&c->f->update[v].rules))
				continue;
			gr.from[gr.n] = c->tip[v];
			gr.member[gr.n++] = v;
			c->walked[v] = false;
		}
		if (gather_group(&gr, err))
			return -1;
		for (v = 0; v < gr.n && (gr.by_others || gr.n > 1); v++)
			if (gather_waived(&gr, gr.member[v], err) ||
				gather_suspect(&gr, gr.member[v], err))
				return -1;
	}
	return 0;
}

static size_t commits_in(const struct packlist *packs)
{
	const struct packmap *p;
	size_t i, n = 0;
	uint32_t k;

	for (i = 0; i < packs->n; i++) {
		p = &packs->v[i];
		for (k = 0; k < p->n; k++)
			n += p->type[k] == OBJECT_COMMIT;
	}
	return n;
}

/* Of more than are judged none are read: the walk says what is wrong. */
static void read_book(struct gather *g)
{
	size_t n = commits_in(&g->packs);

	if (n >= BOOK_MIN && n <= GATHER_COMMITS_MAX && !g->book)
		g->book = commitbook_read(&g->packs, &g->arrived,
			whole_workers(GATHER_WORKERS_MAX), COMMIT_MAX);
}

int gather_changes(struct gather *g, struct facts *f, struct err *err)
{
	struct changes c = {.g = g, .f = f};
	size_t n = f->push->nup, u;
	int ret = -1;

	f->update = arena_get(g->arena, n + 1, sizeof(*f->update));
	c.tip = arena_get(g->arena, n + 1, sizeof(*c.tip));
	c.walked = arena_get(g->arena, n + 1, sizeof(*c.walked));
	for (u = 0; u < n; u++) {
		if (gather_update(&c, u, err)) {
			err_in_update(f, u, err);
			goto out;
		}
	}
	read_book(g);
	if (gather_commits(&c, err))
		goto out;
	changes_arrange(f, &c.change_at, g->arena);
	if (gather_paths(g, f, err) || gather_owners(g, f, err) ||
		gather_folders(g, f, c.tip, &c.change_at, err))
		goto out;
	ret = gather_patterns(g, f, err);
out:
	oid_set_free(&c.change_at);
	oid_set_free(&c.tag_at);
	return ret;
}

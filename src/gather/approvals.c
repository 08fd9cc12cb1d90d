/*
 * Approval tags -> facts. An approval is a signed tag object that names a
 * commit and says, in trailers, for which repository and ref. It is looked for
 * under refs/sluice/approvals/<commit>/, in the repository and in the push.
 */
#include "gather/merges.h"
#include "gather/rebased.h"
#include "gather/signedtag.h"
#include "gather/squashed.h"
#include "parse/trailer.h"

#define ROOT "refs/sluice/approvals/"
#define PREFIX SPAN_LIT(ROOT)
#define ONE_BY_ONE_MAX 64 /* commits; above, all approvals are listed once */

struct approvals {
	struct gather *g;
	struct facts *f;
	struct signers *signers;
	struct oid_set change_at;  /* commit -> index in facts->change */
	struct oid_set seen;       /* tags already looked at */
	struct rebased *rebased;   /* where approvals outlive a rebase */
	struct squashed *squashed; /* and a squash */
	size_t cap;
};

static bool is_approval_ref(struct span ref)
{
	return span_starts(ref, PREFIX);
}

static bool needed(const struct tag *tag, const char *key, struct span *out)
{
	return trailer_find(tag->trailer, tag->ntrailer, key, out) && out->n;
}

/* The form of the message: three trailers, each exactly once, and of a
 * withdrawal a fourth. */
static const char *form_fault(const struct tag *tag, struct approval_fact *ap,
	struct span *repository)
{
	static const char *const kinds[] = {
		"approval", "objection", "withdrawal"};
	struct span what, tag_named;
	size_t i;

	for (i = 0; i < ARRAY_LEN(kinds); i++)
		if (needed(tag, "Sluice", &what) && span_is(what, kinds[i]))
			break;
	if (i == ARRAY_LEN(kinds))
		return "its message has no 'Sluice: approval' line";
	ap->what = (enum approval_kind)i;
	if (!needed(tag, "Repository", repository))
		return "its message does not have one 'Repository:' line";
	if (!needed(tag, "For", &ap->ref) ||
		!span_starts(ap->ref, SPAN_LIT("refs/")))
		return "its message does not have one 'For: refs/…' line";
	if (ap->what == APPROVAL_WITHDRAWAL &&
		(!needed(tag, "Withdraws", &tag_named) ||
			!oid_read(tag_named, &ap->withdraws)))
		return "its message does not have one 'Withdraws:' line with "
		       "the name of a tag";
	if (tag->target_type != OBJECT_COMMIT)
		return "it does not name a commit";
	return NULL;
}

static void keep(struct approvals *a, const struct approval_fact *ap)
{
	struct facts *f = a->f;

	f->approval = arena_grow(a->g->arena, f->approval, f->napproval,
		&a->cap, sizeof(*f->approval));
	f->approval[f->napproval++] = *ap;
}

/* Who signed it, and whether that is anybody. */
static int judge(struct approvals *a, const struct tag *tag,
	struct approval_fact *ap, struct err *err)
{
	struct signed_by by;

	if (signed_tag_judge(
		    a->signers, tag, a->f->push->time, a->g->arena, &by, err))
		return -1;
	ap->person = by.person;
	ap->kind = by.kind;
	ap->key = by.key;
	ap->detail = by.detail;
	if (by.person)
		ap->status = APPROVAL_VALID;
	else if (by.stranger)
		ap->status = APPROVAL_STRANGER;
	return 0;
}

/* An objection is to the commit itself, and to what it became. */
static int opposes(struct approvals *a, size_t u, struct approval_fact *ap,
	bool *any, struct err *err)
{
	struct facts *f = a->f;
	const struct update_fact *uf = &f->update[u];
	size_t at = oid_set_get(&a->change_at, &ap->commit), i;

	ap->covers = NULL;
	if (at == SIZE_MAX && a->rebased &&
		rebased_alike(a->rebased, u, &ap->commit, &ap->covers, err))
		return -1;
	if (at == SIZE_MAX && !ap->covers)
		ap->covers = squashed_from(a->squashed, u, &ap->commit);
	for (i = 0; at != SIZE_MAX && i < uf->nchange; i++) {
		if (uf->change[i] != at)
			continue;
		ap->covers = arena_get(a->g->arena, BIT_WORDS(uf->nchange), 8);
		bit_set(ap->covers, i);
	}
	*any = ap->covers != NULL;
	return 0;
}

/* What the approval covers of an update, if anything. */
static int covers(struct approvals *a, size_t u, struct approval_fact *ap,
	bool *any, struct err *err)
{
	struct facts *f = a->f;
	const struct update_fact *uf = &f->update[u];
	struct rebased_cover cover;
	size_t i;

	*any = false;
	ap->was = NULL;
	ap->nwas = 0;
	if (!uf->rules.approval)
		return 0;
	if (ap->what == APPROVAL_WITHDRAWAL)
		return 0;
	if (ap->what == APPROVAL_OBJECTION)
		return opposes(a, u, ap, any, err);
	if (update_brings(uf, oid_set_get(&a->change_at, &ap->commit))) {
		ap->covers = update_reach(
			f, uf, &a->change_at, &ap->commit, a->g->arena);
		*any = true;
		return 0;
	}
	if (!span_eq(ap->ref, uf->up->ref))
		return 0;
	if (rebased_find(a->rebased, u, &ap->commit, &cover, err))
		return -1;
	if (!cover.covers)
		squashed_find(a->squashed, u, &ap->commit, &cover);
	/* Whoever signed what was approved had a hand in it. */
	for (i = 0; i < cover.nwas; i++)
		if (signature_judge(a->signers, &cover.was[i].commit.sig,
			    f->push->time, &cover.was[i].sig, a->g->arena, err))
			return -1;
	ap->covers = cover.covers;
	ap->was = cover.was;
	ap->nwas = cover.nwas;
	*any = cover.covers != NULL;
	return 0;
}

/* One tag, read and judged; *${placed}: it is what its place says. */
static int read_one(struct approvals *a, const struct oid *id, struct span ref,
	struct approval_fact *ap, bool *placed, struct err *err)
{
	struct span repository = SPAN_EMPTY;
	const char *fault = NULL;
	struct oid named;
	struct tag tag;

	*placed = false;
	*ap = (struct approval_fact){
		.object = *id,
		.stored = ref,
		.status = APPROVAL_INVALID,
		.key = "",
		.detail = "",
		.pushed_in = SIZE_MAX,
		.update = SIZE_MAX,
	};
	if (signed_tag_read(a->g, id, &tag, &fault, err))
		return -1;
	ap->commit = tag.target;
	if (!fault)
		fault = form_fault(&tag, ap, &repository);
	if (!fault &&
		(!signed_tag_place(ref, PREFIX, &named) ||
			!oid_eq(&named, &ap->commit)))
		fault = "it is not stored under the commit that it names";
	if (fault) {
		ap->detail = fault;
		return 0;
	}
	*placed = true;
	if (judge(a, &tag, ap, err))
		return -1;
	if (ap->status == APPROVAL_VALID &&
		!span_is(repository, a->f->push->repository)) {
		ap->status = APPROVAL_ELSEWHERE;
		ap->detail = "it is for another repository";
	}
	return 0;
}

/*
 * One tag is told once for each update whose change it may cover; a pushed one
 * that covers none is told all the same, since it is checked on arrival, and so
 * is a withdrawal. Pushed to a wrong place it must not hide itself where it is
 * in its own.
 */
static int look_at(struct approvals *a, const struct oid *id, struct span ref,
	size_t pushed_in, struct err *err)
{
	struct facts *f = a->f;
	struct approval_fact ap;
	size_t u, told = 0;
	bool placed;

	if (oid_set_has(&a->seen, id) && pushed_in == SIZE_MAX)
		return 0;
	if (read_one(a, id, ref, &ap, &placed, err))
		return -1;
	if (placed)
		oid_set_add(&a->seen, id);
	ap.pushed_in = pushed_in;
	for (u = 0; u < f->push->nup; u++) {
		const struct update_fact *uf = &f->update[u];
		bool any;

		if (covers(a, u, &ap, &any, err))
			return -1;
		if (!any)
			continue;
		ap.update = u;
		if (ap.status == APPROVAL_VALID &&
			!span_eq(ap.ref, uf->up->ref)) {
			struct approval_fact other = ap;

			other.status = APPROVAL_ELSEWHERE;
			other.detail = "it is for another ref";
			keep(a, &other);
		} else {
			keep(a, &ap);
		}
		told++;
	}
	if (!told &&
		(pushed_in != SIZE_MAX || ap.what == APPROVAL_WITHDRAWAL)) {
		ap.update = SIZE_MAX;
		ap.covers = NULL;
		keep(a, &ap);
	}
	return 0;
}

/* An objection or a withdrawal whose ref update ${u} would delete or move. */
static int taken(struct approvals *a, size_t u, struct err *err)
{
	const struct ref_update *up = &a->f->push->up[u];
	struct approval_fact ap;
	struct oid now;
	bool placed;

	if (!repo_ref_value(
		    a->g->repo, arena_str(a->g->arena, up->ref), &now) ||
		oid_eq(&now, &up->new))
		return 0;
	if (read_one(a, &now, up->ref, &ap, &placed, err))
		return -1;
	if (!placed || ap.status != APPROVAL_VALID || ap.what == APPROVAL_GIVEN)
		return 0;
	ap.taken = true;
	ap.taken_in = u;
	keep(a, &ap);
	return 0;
}

/* By which tag it is done does not matter, nor when: the same tag cannot be
 * given again. */
static void withdraw(struct facts *f)
{
	size_t i, k;

	for (i = 0; i < f->napproval; i++) {
		const struct approval_fact *w = &f->approval[i];

		if (w->what != APPROVAL_WITHDRAWAL ||
			w->status != APPROVAL_VALID)
			continue;
		for (k = 0; k < f->napproval; k++) {
			struct approval_fact *ap = &f->approval[k];

			if (ap->what == APPROVAL_WITHDRAWAL ||
				ap->status != APPROVAL_VALID || ap->taken ||
				ap->person != w->person ||
				!oid_eq(&ap->object, &w->withdraws))
				continue;
			ap->status = APPROVAL_WITHDRAWN;
			ap->detail = "withdrawn by who signed it";
		}
	}
}

static int pushed(struct approvals *a, struct err *err)
{
	const struct push *push = a->f->push;
	size_t u;

	for (u = 0; u < push->nup; u++)
		if (is_approval_ref(push->up[u].ref) &&
			((!oid_is_zero(&push->up[u].new) &&
				 look_at(a, &push->up[u].new, push->up[u].ref,
					 u, err)) ||
				taken(a, u, err)))
			return -1;
	return 0;
}

static int stored(struct approvals *a, const char *glob, struct err *err)
{
	struct repo_ref *ref;
	struct oid named;
	bool wanted;
	size_t n, i;

	if (repo_refs(a->g->repo, glob, a->g->arena, &ref, &n, err))
		return -1;
	for (i = 0; i < n; i++) {
		if (!signed_tag_place(ref[i].name, PREFIX, &named))
			continue;
		wanted = oid_set_get(&a->change_at, &named) != SIZE_MAX;
		wanted |= squashed_has(a->squashed, &named);
		if ((!wanted &&
			    rebased_may(a->rebased, &named, &wanted, err)) ||
			(wanted &&
				look_at(a, &ref[i].oid, ref[i].name, SIZE_MAX,
					err)))
			return -1;
	}
	return 0;
}

static int stored_for_changes(struct approvals *a, struct err *err)
{
	struct facts *f = a->f;
	char hex[OID_HEX + 1];
	size_t i;

	if (f->nchange > ONE_BY_ONE_MAX || a->rebased)
		return stored(a, ROOT "*", err);
	for (i = 0; i < f->nchange; i++)
		if (stored(a,
			    arena_fmt(a->g->arena, ROOT "%s/*",
				    oid_hex(&f->change[i].commit.id, hex)),
			    err))
			return -1;
	return 0;
}

/* Which approved commits were squashed has to be known before any tag is read:
 * an objection may be to another commit of the series than the approval. */
static int squashes(struct approvals *a, struct err *err)
{
	const struct push *push = a->f->push;
	struct repo_ref *ref;
	struct oid named;
	size_t n, i;

	if (squashed_open(a->g, a->f, &a->squashed, err))
		return -1;
	if (!a->squashed)
		return 0;
	for (i = 0; i < push->nup; i++)
		if (signed_tag_place(push->up[i].ref, PREFIX, &named) &&
			squashed_look(a->squashed, &named, err))
			return -1;
	if (repo_refs(a->g->repo, ROOT "*", a->g->arena, &ref, &n, err))
		return -1;
	for (i = 0; i < n; i++)
		if (signed_tag_place(ref[i].name, PREFIX, &named) &&
			oid_set_get(&a->change_at, &named) == SIZE_MAX &&
			squashed_look(a->squashed, &named, err))
			return -1;
	return 0;
}

static bool wanted(const struct facts *f, bool *by_rule)
{
	bool any = false;
	size_t u;

	*by_rule = false;
	for (u = 0; u < f->push->nup; u++) {
		if (f->update[u].rules.approval && f->update[u].nchange)
			*by_rule = true;
		if (is_approval_ref(f->push->up[u].ref))
			any = true;
	}
	return any || *by_rule;
}

int gather_approvals(struct gather *g, struct facts *f, struct err *err)
{
	struct approvals a = {.g = g, .f = f};
	bool by_rule;
	int ret = -1;

	if (gather_merges(g, f, err))
		return -1;
	if (!wanted(f, &by_rule))
		return 0;
	if (signers_open(g, f->policy, &a.signers, err))
		goto out;
	change_numbers(f, &a.change_at);
	if (by_rule &&
		(rebased_open(g, f, &a.rebased, err) || squashes(&a, err)))
		goto out;
	if (pushed(&a, err) || (by_rule && stored_for_changes(&a, err))) {
		err_in(err, "approvals");
		goto out;
	}
	withdraw(f);
	ret = 0;
out:
	signers_close(a.signers);
	rebased_close(a.rebased);
	squashed_close(a.squashed);
	oid_set_free(&a.change_at);
	oid_set_free(&a.seen);
	return ret;
}

/*
 * Approval tags -> facts. An approval is a signed tag object that names a
 * commit and says, in trailers, for which repository and ref. It is looked for
 * under refs/sluice/approvals/<commit>/, in the repository and in the push.
 */
#include "gather/merges.h"
#include "gather/rebased.h"
#include "gather/signedtag.h"
#include "parse/trailer.h"

#define ROOT "refs/sluice/approvals/"
#define PREFIX SPAN_LIT(ROOT)
#define ONE_BY_ONE_MAX 64 /* commits; above, all approvals are listed once */

struct approvals {
	struct gather *g;
	struct facts *f;
	struct signers *signers;
	struct oid_set change_at; /* commit -> index in facts->change */
	struct oid_set seen;      /* tags already looked at */
	struct rebased *rebased;  /* where approvals outlive a rebase */
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

/* The form of the message: three trailers, each exactly once. */
static const char *form_fault(
	const struct tag *tag, struct span *repository, struct span *ref)
{
	struct span what;

	if (!needed(tag, "Sluice", &what) || !span_is(what, "approval"))
		return "its message has no 'Sluice: approval' line";
	if (!needed(tag, "Repository", repository))
		return "its message does not have one 'Repository:' line";
	if (!needed(tag, "For", ref) || !span_starts(*ref, SPAN_LIT("refs/")))
		return "its message does not have one 'For: refs/…' line";
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

/*
 * One tag: read, judged, and told once for each update whose change it may
 * cover; a pushed one that covers none is told all the same, since it is
 * checked on arrival.
 */
static int look_at(struct approvals *a, const struct oid *id, struct span ref,
	size_t pushed_in, struct err *err)
{
	struct facts *f = a->f;
	struct approval_fact ap = {
		.object = *id,
		.stored = ref,
		.status = APPROVAL_INVALID,
		.key = "",
		.detail = "",
		.pushed_in = pushed_in,
		.update = SIZE_MAX,
	};
	struct span repository = SPAN_EMPTY;
	const char *fault = NULL;
	struct oid named;
	struct tag tag;
	size_t u, told = 0;

	if (oid_set_has(&a->seen, id) && pushed_in == SIZE_MAX)
		return 0;
	oid_set_add(&a->seen, id);
	if (signed_tag_read(a->g, id, &tag, &fault, err))
		return -1;
	ap.commit = tag.target;
	if (!fault)
		fault = form_fault(&tag, &repository, &ap.ref);
	if (!fault &&
		(!signed_tag_place(ref, PREFIX, &named) ||
			!oid_eq(&named, &ap.commit)))
		fault = "it is not stored under the commit that it names";
	if (fault) {
		ap.detail = fault;
		goto tell;
	}
	if (judge(a, &tag, &ap, err))
		return -1;
	if (ap.status == APPROVAL_VALID &&
		!span_is(repository, f->push->repository)) {
		ap.status = APPROVAL_ELSEWHERE;
		ap.detail = "it is for another repository";
	}
tell:
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
	if (!told && pushed_in != SIZE_MAX) {
		ap.update = SIZE_MAX;
		ap.covers = NULL;
		keep(a, &ap);
	}
	return 0;
}

static int pushed(struct approvals *a, struct err *err)
{
	const struct push *push = a->f->push;
	size_t u;

	for (u = 0; u < push->nup; u++)
		if (is_approval_ref(push->up[u].ref) &&
			!oid_is_zero(&push->up[u].new) &&
			look_at(a, &push->up[u].new, push->up[u].ref, u, err))
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
	if (by_rule && rebased_open(g, f, &a.rebased, err))
		goto out;
	if (pushed(&a, err) || (by_rule && stored_for_changes(&a, err))) {
		err_in(err, "approvals");
		goto out;
	}
	ret = 0;
out:
	signers_close(a.signers);
	rebased_close(a.rebased);
	oid_set_free(&a.change_at);
	oid_set_free(&a.seen);
	return ret;
}

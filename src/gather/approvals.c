/*
 * Approval tags -> facts. An approval is a signed tag object that names a
 * commit and says, in trailers, for which repository and ref. It is looked for
 * under refs/sluice/approvals/<commit>/, in the repository and in the push.
 */
#include "gather/gather.h"

#include "base/text.h"
#include "parse/tag.h"

#define TAG_MAX (256u * 1024)
#define PREFIX "refs/sluice/approvals/"
#define ONE_BY_ONE_MAX 64 /* commits; above, all approvals are listed once */

struct approvals {
	struct gather *g;
	struct facts *f;
	struct signers *signers;
	struct oid_set change_at; /* commit -> index in facts->change */
	struct oid_set seen;      /* tags already looked at */
	size_t cap;
};

static bool is_approval_ref(struct span ref)
{
	return span_starts(ref, SPAN_LIT(PREFIX));
}

/* The commit that the ref's own name claims; false when it is not one. */
static bool named_commit(struct span ref, struct oid *out)
{
	struct span rest = span_from(ref, sizeof(PREFIX) - 1);

	return rest.n > OID_HEX + 1 && rest.p[OID_HEX] == '/' &&
		oid_read(span_sub(rest, 0, OID_HEX), out);
}

static struct span trailer(const struct tag *tag, const char *key, size_t *n)
{
	struct span found = SPAN_EMPTY;
	size_t i;

	*n = 0;
	for (i = 0; i < tag->ntrailer; i++) {
		if (text_same(tag->trailer[i].key, span_str(key))) {
			found = tag->trailer[i].value;
			++*n;
		}
	}
	return found;
}

/* The form of the message: three trailers, each exactly once. */
static const char *form_fault(
	const struct tag *tag, struct span *repository, struct span *ref)
{
	size_t kind, repositories, refs;
	struct span what = trailer(tag, "Sluice", &kind);

	*repository = trailer(tag, "Repository", &repositories);
	*ref = trailer(tag, "For", &refs);
	if (tag->malformed)
		return tag->malformed;
	if (kind != 1 || !span_is(what, "approval"))
		return "its message has no 'Sluice: approval' line";
	if (repositories != 1 || !repository->n)
		return "its message does not have one 'Repository:' line";
	if (refs != 1 || !span_starts(*ref, SPAN_LIT("refs/")))
		return "its message does not have one 'For: refs/…' line";
	return NULL;
}

/* Mark the commits of the update that ${at} reaches inside the change. */
static void cover(struct approvals *a, const struct update_fact *uf,
	struct approval_fact *ap)
{
	struct facts *f = a->f;
	struct arena *arena = a->g->arena;
	size_t *todo = arena_get(arena, f->nchange + 1, sizeof(*todo));
	uint64_t *in = arena_get(arena, BIT_WORDS(f->nchange) + 1, 8);
	uint64_t *done = arena_get(arena, BIT_WORDS(f->nchange) + 1, 8);
	size_t ntodo = 0, i;

	for (i = 0; i < uf->nchange; i++)
		bit_set(in, uf->change[i]);
	todo[ntodo++] = oid_set_get(&a->change_at, &ap->commit);
	bit_set(done, todo[0]);
	while (ntodo) {
		const struct commit *c = &f->change[todo[--ntodo]].commit;

		for (i = 0; i < c->nparent; i++) {
			size_t p = oid_set_get(&a->change_at, &c->parent[i]);

			if (p == SIZE_MAX || !bit_get(in, p) ||
				bit_get(done, p))
				continue;
			bit_set(done, p);
			todo[ntodo++] = p;
		}
	}
	ap->covers = arena_get(arena, BIT_WORDS(uf->nchange) + 1, 8);
	for (i = 0; i < uf->nchange; i++)
		if (bit_get(done, uf->change[i]))
			bit_set(ap->covers, i);
}

static bool brings(const struct approvals *a, const struct update_fact *uf,
	const struct oid *commit)
{
	size_t at = oid_set_get(&a->change_at, commit), i;

	if (at == SIZE_MAX)
		return false;
	for (i = 0; i < uf->nchange; i++)
		if (uf->change[i] == at)
			return true;
	return false;
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
	struct signature_fact sig;

	if (signature_judge(a->signers, &tag->sig, a->f->push->time, &sig,
		    a->g->arena, err))
		return -1;
	ap->person = sig.status == SIGNATURE_GOOD ? sig.person : NULL;
	if (ap->person) {
		ap->status = APPROVAL_VALID;
	} else if (sig.status == SIGNATURE_UNKNOWN_KEY ||
		sig.status == SIGNATURE_GOOD) {
		ap->status = APPROVAL_STRANGER;
		ap->detail = arena_fmt(a->g->arena,
			"signed by %s, a key that the policy does not know",
			sig.key);
	} else {
		ap->detail = arena_fmt(a->g->arena, "its signature is %s%s%s",
			signature_status_name(sig.status),
			sig.detail[0] ? ": " : "", sig.detail);
	}
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
		.detail = "",
		.pushed_in = pushed_in,
		.update = SIZE_MAX,
	};
	struct span repository = SPAN_EMPTY;
	struct repo_object obj;
	struct oid named;
	struct tag tag;
	const char *fault = NULL;
	size_t u, told = 0;
	int ret;

	if (oid_set_has(&a->seen, id) && pushed_in == SIZE_MAX)
		return 0;
	oid_set_add(&a->seen, id);
	if (repo_type(a->g->repo, id, NULL) != OBJECT_TAG) {
		ap.detail = "it is not an annotated tag";
		goto tell;
	}
	if (repo_read(a->g->repo, id, TAG_MAX, &obj, err))
		return -1;
	ret = tag_parse(obj.data, id, a->g->arena, &tag, err);
	repo_object_free(&obj);
	if (ret)
		return -1;
	ap.commit = tag.target;
	fault = form_fault(&tag, &repository, &ap.ref);
	if (!fault && tag.target_type != OBJECT_COMMIT)
		fault = "it does not name a commit";
	if (!fault &&
		(!named_commit(ref, &named) || !oid_eq(&named, &ap.commit)))
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

		if (!uf->rules.approval || !brings(a, uf, &ap.commit))
			continue;
		ap.update = u;
		if (ap.status == APPROVAL_VALID &&
			!span_eq(ap.ref, uf->up->ref)) {
			struct approval_fact other = ap;

			other.status = APPROVAL_ELSEWHERE;
			other.detail = "it is for another ref";
			cover(a, uf, &other);
			keep(a, &other);
		} else {
			cover(a, uf, &ap);
			keep(a, &ap);
		}
		told++;
	}
	if (!told && pushed_in != SIZE_MAX) {
		ap.update = SIZE_MAX;
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
	size_t n, i;

	if (repo_refs(a->g->repo, glob, a->g->arena, &ref, &n, err))
		return -1;
	for (i = 0; i < n; i++)
		if (named_commit(ref[i].name, &named) &&
			oid_set_get(&a->change_at, &named) != SIZE_MAX &&
			look_at(a, &ref[i].oid, ref[i].name, SIZE_MAX, err))
			return -1;
	return 0;
}

static int stored_for_changes(struct approvals *a, struct err *err)
{
	struct facts *f = a->f;
	char hex[OID_HEX + 1];
	size_t i;

	if (f->nchange > ONE_BY_ONE_MAX)
		return stored(a, PREFIX "*", err);
	for (i = 0; i < f->nchange; i++)
		if (stored(a,
			    arena_fmt(a->g->arena, PREFIX "%s/*",
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
	size_t i;
	int ret = -1;

	if (!wanted(f, &by_rule))
		return 0;
	if (signers_open(g, f->policy, &a.signers, err))
		goto out;
	for (i = 0; i < f->nchange; i++)
		oid_set_put(&a.change_at, &f->change[i].commit.id, i);
	if (pushed(&a, err) || (by_rule && stored_for_changes(&a, err))) {
		err_in(err, "approvals");
		goto out;
	}
	ret = 0;
out:
	signers_close(a.signers);
	oid_set_free(&a.change_at);
	oid_set_free(&a.seen);
	return ret;
}

#include "gather/foresee.h"

#include "gather/paths.h"
#include "gather/signedtag.h"
#include "parse/waiver.h"

#define WAIVER_REFS SPAN_LIT("refs/sluice/waivers/")
#define FINGERPRINT "<the gate tells it>"

static void add_tips(const struct policy *policy, struct push *push,
	const struct repo_ref *ref, size_t n, struct arena *arena)
{
	struct rules rules;
	size_t i;

	push->gated = arena_get(arena, n + 1, sizeof(*push->gated));
	for (i = 0; i < n; i++)
		push->gated[push->ngated++] = (struct gated_tip){
			ref[i].name,
			ref[i].oid,
			policy_rules(policy, span_str(push->repository),
				ref[i].name, &rules) &&
				!rules.observe,
		};
}

/* A waiver that lies there was used if its commit came to its ref. */
static int is_held(struct gather *g, const struct repo_ref *ref, size_t n,
	const struct waiver *w, bool *out, struct err *err)
{
	enum object_type type;
	struct oid tip;
	size_t i;

	*out = false;
	for (i = 0; i < n; i++)
		if (span_eq(ref[i].name, w->ref) &&
			repo_peel(g->repo, &ref[i].oid, &tip, &type) &&
			type == OBJECT_COMMIT)
			return repo_is_ancestor(
				g->repo, &w->commit, &tip, out, err);
	return 0;
}

/* The least that a waiver lets in: what its commit itself brings. */
static int add_step(struct gather *g, struct waiver_past *past, size_t *cap,
	const struct waiver *w, struct err *err)
{
	struct waived_step step = {.ref = w->ref, .new = w->commit};
	struct commit commit;

	if (gather_commit(g, &w->commit, &commit, err))
		return -1;
	if (commit.nparent)
		step.old = commit.parent[0];
	past->waived = arena_grow(g->arena, past->waived, past->nwaived, cap,
		sizeof(*past->waived));
	past->waived[past->nwaived++] = step;
	return 0;
}

static int add_waived(struct gather *g, struct push *push,
	const struct repo_ref *ref, size_t n, struct err *err)
{
	struct waiver w;
	const char *fault;
	struct tag tag;
	size_t i, cap = 0;
	bool held;

	for (i = 0; i < n; i++) {
		if (!span_starts(ref[i].name, WAIVER_REFS))
			continue;
		if (signed_tag_read(g, &ref[i].oid, &tag, &fault, err))
			return -1;
		if (fault || waiver_read(&tag, &w) ||
			repo_type(g->repo, &w.commit, NULL) != OBJECT_COMMIT)
			continue;
		if (is_held(g, ref, n, &w, &held, err) ||
			(held && add_step(g, &push->past, &cap, &w, err)))
			return -1;
	}
	return 0;
}

int foresee_log(struct gather *g, const struct policy *policy,
	struct push *push, const struct repo_ref *ref, size_t n,
	struct err *err)
{
	size_t i;

	push->old_gated =
		arena_get(g->arena, push->nup + 1, sizeof(*push->old_gated));
	for (i = 0; i < push->nup; i++)
		push->old_gated[i] = !oid_is_zero(&push->up[i].old);
	add_tips(policy, push, ref, n, g->arena);
	return add_waived(g, push, ref, n, err);
}

const struct person *foresee_pusher(const struct policy *policy,
	const char *name, const char *email, struct arena *arena,
	struct pusher *out)
{
	const struct person *who = name
		? policy_person_by_account(policy, span_str(name))
		: policy_person_by_email(policy, span_str(email));

	*out = (struct pusher){.name = "",
		.source = "assumed",
		.email = "",
		.address = "",
		.transport = TRANSPORT_LOCAL};
	if (name)
		out->name = arena_str(arena, span_str(name));
	else if (who)
		out->name = who->naccount ? who->account[0] : who->name;
	return who;
}

void foresee_certificate(struct facts *f, const struct person *who)
{
	const struct certificate_point shown = {.shown = true};

	f->certificate = (struct certificate_fact){
		.given = true,
		.sig = {.status = SIGNATURE_GOOD,
			.kind = SIGNATURE_SSH,
			.person = who,
			.key = "",
			.detail = ""},
		.commands = shown,
		.options = shown,
		.pushed_to = shown,
		.unused = shown,
		.fresh = shown,
	};
}

void foresee_secrets(struct facts *f)
{
	size_t i;

	for (i = 0; i < f->nhit; i++)
		if (!f->hit[i].unscanned)
			f->hit[i].fingerprint = FINGERPRINT;
}

#include "checks/check.h"
#include "model/robot.h"

static bool is_tag(const struct update_fact *up)
{
	return span_starts(up->up->ref, SPAN_LIT("refs/tags/"));
}

/* What refs/sluice/ holds is evidence: approvals and waivers. */
static void reserved(const struct facts *facts, const struct update_fact *up,
	size_t u, struct findings *out)
{
	struct finding *f;

	if (facts->policy_change.given && facts->policy_change.update == u)
		return;

	if (span_starts(up->up->ref, SPAN_LIT(PROBE_REFS))) {
		f = findings_add(out, FINDING_REF_NAME, u, &up->up->new);
		f->detail =
			"such names are reserved for 'sluice doctor', whose "
			"pushes are refused";
		f->hint = "push to another name";
		return;
	}
	if (!span_is(up->up->ref, "refs/sluice") &&
		!span_starts(up->up->ref, SPAN_LIT("refs/sluice/")))
		return;
	if (span_starts(up->up->ref, SPAN_LIT("refs/sluice/approvals/")) ||
		span_starts(up->up->ref, SPAN_LIT("refs/sluice/waivers/")))
		return;
	f = findings_add(out, FINDING_REF_NAME, u, &up->up->new);
	f->detail = "refs/sluice/ is reserved; only refs/sluice/approvals/ and "
		    "refs/sluice/waivers/ may be pushed to";
	f->hint = "push to another name";
}

/* An object that stands in for another would be shown and checked out where
 * the gate let in that other. */
static void replacement(
	const struct update_fact *up, size_t u, struct findings *out)
{
	struct finding *f;

	if (!span_starts(up->up->ref, SPAN_LIT("refs/replace/")) ||
		up->movement == MOVEMENT_DELETE)
		return;
	f = findings_add(out, FINDING_REF_NAME, u, &up->up->new);
	f->detail = "git would take what is there for the object that the ref "
		    "is named after";
	f->hint = "keep replacements in your own repository";
}

static bool is_changes(struct span ref)
{
	return span_is(ref, "refs/changes") ||
		span_starts(ref, SPAN_LIT("refs/changes/"));
}

/* Whoever could push there could approve anything. Which repository the reviews
 * are read from is not asked: no other has a use for such refs. */
static void changes(const struct facts *facts, const struct update_fact *up,
	size_t u, struct findings *out)
{
	if (policy_has_notedb(facts->policy) &&
		(is_changes(up->up->ref) || is_changes(up->alias)))
		findings_add(out, FINDING_REF_CHANGES, u, &up->up->new);
}

/* Git follows a symbolic ref: rules of one name would decide on another. */
static void alias(const struct update_fact *up, size_t u, struct findings *out)
{
	struct finding *f;
	const char *target;

	if (!up->alias.n)
		return;
	target = findings_show(out, up->alias, 200);
	f = findings_add(out, FINDING_REF_NAME, u, &up->up->new);
	f->detail = arena_fmt(out->arena,
		"it is a symbolic ref: pushing to it would move '%s'", target);
	f->hint = arena_fmt(out->arena, "push to '%s' by its name", target);
}

/* A signature, an approval or an author is one of commits, and the files that
 * are judged are those of commits. */
static bool demands_commits(const struct rules *r)
{
	return r->signature || r->identity || r->approval || r->file ||
		robot_rule_of_commits(r->robot);
}

/* A ref that demands such must end at a commit, or nothing on the way would be
 * judged. */
static void target(const struct update_fact *up, size_t u, struct findings *out)
{
	/* Of evidence the tag itself is judged; a waiver points to a tree. */
	if (!demands_commits(&up->rules) ||
		span_starts(up->up->ref, SPAN_LIT("refs/sluice/")))
		return;
	if (up->last == OBJECT_COMMIT &&
		(up->type == OBJECT_COMMIT || up->ntag))
		return;
	findings_add(out, FINDING_REF_TARGET, u, &up->up->new)->detail =
		arena_fmt(out->arena, "%s%s",
			up->type == OBJECT_TAG ? "a tag of a " : "a ",
			up->last == OBJECT_NONE ? "missing object"
						: object_type_name(up->last));
}

static void name(const struct rule_ref *rule, const struct update_fact *up,
	size_t u, struct findings *out)
{
	const char *all = "";
	size_t i;

	if (!rule->nname)
		return;
	for (i = 0; i < rule->nname; i++) {
		if (bit_get(up->matches, rule->name[i].number))
			return;
		if (i < 3)
			all = arena_fmt(out->arena, "%s%s'%s'", all,
				i ? " or " : "",
				findings_quote(out, rule->name[i].text, 80));
	}
	findings_add(out, FINDING_REF_NAME, u, &up->up->new)->detail =
		arena_fmt(out->arena, "it does not match %s%s", all,
			rule->nname > 3 ? " or others" : "");
}

static void lightweight(
	const struct update_fact *up, size_t u, struct findings *out)
{
	if (is_tag(up) && up->type != OBJECT_TAG)
		findings_add(out, FINDING_REF_LIGHTWEIGHT, u, &up->up->new)
			->detail = arena_fmt(out->arena,
			"it points to a %s itself", object_type_name(up->type));
}

static void merges(const struct facts *facts, const struct update_fact *up,
	size_t u, struct findings *out)
{
	size_t i;

	for (i = 0; i < up->nchange; i++) {
		const struct commit *c = &facts->change[up->change[i]].commit;

		if (c->nparent < 2)
			continue;
		findings_add(out, FINDING_REF_MERGE, u, &c->id)->detail =
			arena_fmt(out->arena, "%zu parents: %s", c->nparent,
				findings_about(out, c));
	}
}

/* Of the whole push: to bring the same commits under several names is no way
 * round. */
static void amounts(const struct facts *facts, const struct rule_ref *rule,
	size_t u, struct findings *out)
{
	if (rule->max_refs && facts->push->nup > rule->max_refs)
		findings_add(out, FINDING_REF_MAX_REFS, u, NULL)->detail =
			arena_fmt(out->arena,
				"%zu refs in one push, at most %u are allowed",
				facts->push->nup, rule->max_refs);
	if (rule->max_commits && facts->nchange > rule->max_commits)
		findings_add(out, FINDING_REF_MAX_COMMITS, u, NULL)->detail =
			arena_fmt(out->arena,
				"%zu new commits in one push, at most %u are "
				"allowed",
				facts->nchange, rule->max_commits);
}

/* What is moved away from is part of what is wrong: who waives one does not
 * waive it for what the ref holds later. */
static void moves(const struct update_fact *up, enum finding_id id, size_t u,
	struct findings *out)
{
	struct finding *f = findings_add(out, id, u, &up->up->new);
	char hex[OID_HEX + 1];

	f->fingerprint =
		arena_fmt(out->arena, "%s", oid_hex(&up->up->old, hex));
}

static void run(const struct facts *facts, size_t u, struct findings *out)
{
	const struct update_fact *up = &facts->update[u];
	const struct rule_ref *rule = up->rules.ref;
	bool moved = up->movement == MOVEMENT_FORWARD ||
		up->movement == MOVEMENT_FORCED;

	reserved(facts, up, u, out);
	replacement(up, u, out);
	changes(facts, up, u, out);
	alias(up, u, out);
	if (up->movement != MOVEMENT_DELETE)
		target(up, u, out);
	if (!rule)
		return;
	amounts(facts, rule, u, out);
	if (up->movement == MOVEMENT_DELETE) {
		if (rule->deny_delete)
			findings_add(out, FINDING_REF_DELETE, u, &up->up->old);
		return;
	}
	if (rule->deny_move && moved && is_tag(up))
		moves(up, FINDING_REF_MOVE, u, out);
	else if (rule->deny_force_push && up->movement == MOVEMENT_FORCED)
		moves(up, FINDING_REF_FORCE_PUSH, u, out);
	if (rule->deny_update && moved)
		moves(up, FINDING_REF_UPDATE, u, out);
	if (rule->deny_lightweight)
		lightweight(up, u, out);
	if (rule->deny_merge)
		merges(facts, up, u, out);
	if (rule->deny_create && up->movement == MOVEMENT_CREATE)
		findings_add(out, FINDING_REF_CREATE, u, &up->up->new);
	name(rule, up, u, out);
}

const struct check check_ref = {"ref", run};

/* A waiver is checked when it arrives, so that whoever made it learns at once
 * that it can do nothing. What it does is for the gate. */
#include "checks/check.h"
#include "model/waive.h"

#define PREFIX "refs/sluice/waivers/"

/* What no rule of the ref lets count, whoever pushes in the end. */
static const char *policy_fault(const struct facts *facts,
	const struct waiver_fact *w, struct findings *out)
{
	const char *flaw, *first = NULL;
	struct rules rules;
	size_t i;

	if (!policy_rules(facts->policy, span_str(facts->push->repository),
		    w->ref, &rules))
		return "the policy does not name this repository";
	for (i = 0; i < rules.nwaiver; i++) {
		const struct rule_waiver *rule = &rules.waiver[i];

		if (!rule_waives(rule, w->finding))
			continue;
		flaw = waiver_flaw(facts, rule, w, out->arena);
		if (!flaw && w->about)
			flaw = change_flaw(
				w->about, rule, w->person, out->arena);
		if (!flaw)
			return NULL;
		if (!first)
			first = arena_fmt(
				out->arena, "%s: %s", w->person->name, flaw);
	}
	return first
		? first
		: arena_fmt(out->arena, "the policy lets nobody waive %s on %s",
			  findings_show(out, w->finding, 100),
			  findings_show(out, w->ref, 200));
}

static const char *fault_of(const struct facts *facts,
	const struct waiver_fact *w, struct findings *out)
{
	if (w->status == WAIVER_VALID && w->person)
		return policy_fault(facts, w, out);
	return w->detail && w->detail[0]
		? findings_show(out, span_str(w->detail), 200)
		: "it is not a signed waiver";
}

static void run(const struct facts *facts, size_t u, struct findings *out)
{
	const struct update_fact *up = &facts->update[u];
	const char *fault = "it is not a signed waiver";
	size_t i;

	if (up->movement == MOVEMENT_DELETE ||
		!span_starts(up->up->ref, SPAN_LIT(PREFIX)))
		return;
	for (i = 0; i < facts->nwaiver; i++) {
		const struct waiver_fact *w = &facts->waiver[i];

		if (w->pushed_in != u || !oid_eq(&w->object, &up->up->new))
			continue;
		fault = fault_of(facts, w, out);
		break;
	}
	if (up->type != OBJECT_TAG)
		fault = "it is not an annotated tag";
	if (fault)
		findings_add(out, FINDING_WAIVER_INVALID, u, &up->up->new)
			->detail = fault;
}

const struct check check_waiver = {"waiver", run};

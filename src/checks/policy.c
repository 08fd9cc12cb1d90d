/* A change of the policy that is kept in a repository. */
#include "checks/check.h"

static void signatures(const struct policy_change_fact *c, size_t u,
	const struct oid *at, struct findings *out)
{
	const char *names = "";
	size_t i;

	if (c->nsigner >= c->need)
		return;
	for (i = 0; i < c->nsigner; i++)
		names = arena_fmt(out->arena, "%s%s%s", names, i ? ", " : " (",
			c->signer[i]->name);
	findings_add(out, FINDING_POLICY_SIGNATURES, u, at)->detail =
		arena_fmt(out->arena, "%zu of %u%s%s", c->nsigner, c->need,
			names, c->nsigner ? ")" : "");
}

static void run(const struct facts *facts, size_t u, struct findings *out)
{
	const struct policy_change_fact *c = &facts->policy_change;
	const struct oid *at = &facts->update[u].up->new;
	struct finding *f;

	if (!c->given || c->update != u)
		return;
	if (c->broken) {
		f = findings_add(out, FINDING_POLICY_BROKEN, u, at);
		f->detail = findings_show(out, span_str(c->broken), 480);
	} else if (!oid_is_zero(at)) {
		signatures(c, u, at, out);
	}
	if (c->backwards) {
		f = findings_add(out, FINDING_POLICY_BACKWARDS, u, at);
		f->detail = findings_show(out, span_str(c->backwards), 480);
	}
}

const struct check check_policy = {"policy", run};

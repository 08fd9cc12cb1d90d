#include "model/waive.h"

#include "model/finding.h"
#include "model/robot.h"

#define DAY 86400

bool rule_waives(const struct rule_waiver *rule, struct span id)
{
	size_t i;

	for (i = 0; i < rule->nfinding; i++)
		if (finding_names(rule->finding[i], id))
			return true;
	return false;
}

const char *waiver_flaw(const struct facts *facts,
	const struct rule_waiver *rule, const struct waiver_fact *w,
	struct arena *arena)
{
	const int64_t most = (int64_t)rule->max_days * DAY;
	const int64_t now = facts->push->time;

	if (w->status != WAIVER_VALID || !w->person)
		return w->detail && w->detail[0] ? w->detail : "not valid";
	if (!rule_waives(rule, w->finding))
		return "it is for another finding";
	if (w->person->robot)
		return "a robot";
	if (!people_has(&rule->by, w->person))
		return "not one of those who may waive it here";
	if (w->until <= now)
		return "it has expired";
	if (w->until - now > most || w->made < w->until - most)
		return arena_fmt(arena,
			"it is for more than the %u day%s that are allowed",
			rule->max_days, rule->max_days == 1 ? "" : "s");
	return NULL;
}

const char *change_flaw(const struct change *c, const struct rule_waiver *rule,
	const struct person *who, struct arena *arena)
{
	const char *role = change_role(c, who, rule->exclude);
	char hex[OID_HEX + 1];

	return role ? arena_fmt(arena, "%s of %.10s", role,
			      oid_hex(&c->commit.id, hex))
		    : NULL;
}

/* Whether a waiver is one that the policy lets count. */
#ifndef MODEL_WAIVE_H
#define MODEL_WAIVE_H

#include "base/arena.h"
#include "model/fact.h"

/* rule_waives(rule, id): whether it is about findings of that id. */
bool rule_waives(const struct rule_waiver *rule, struct span id);

/*
 * waiver_flaw(facts, rule, w, arena):
 * Why ${w} counts for nothing under ${rule}, whatever finding of that id it is
 * held against; NULL if it counts. Who pushes and who made what it waives is
 * asked elsewhere. Never trusts a date alone that the signer wrote: the
 * lifetime is measured from the gate's clock as well as from the tag's date.
 */
const char *waiver_flaw(const struct facts *facts,
	const struct rule_waiver *rule, const struct waiver_fact *w,
	struct arena *arena);

/* change_flaw(c, rule, who, arena): how ${who} had a hand in a commit that the
 * rule excludes for it: "the author of 1a2b3c4d5e"; or NULL. */
const char *change_flaw(const struct change *c, const struct rule_waiver *rule,
	const struct person *who, struct arena *arena);

#endif

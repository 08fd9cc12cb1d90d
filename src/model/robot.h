/* Who had a hand in a commit, above all which robots. */
#ifndef MODEL_ROBOT_H
#define MODEL_ROBOT_H

#include "base/arena.h"
#include "model/fact.h"

/* robots_of(p, arena): the people of a policy that are robots. */
struct people robots_of(const struct policy *p, struct arena *arena);

/* robot_rule_of_commits(rule): whether it asks who had a hand in a commit, not
 * only who pushes; ${rule} may be NULL. */
bool robot_rule_of_commits(const struct rule_robot *rule);

/* change_role(c, who, exclude): how ${who} had a hand in a commit, of what the
 * EXCLUDE_ bits name: "the author", "a co-author", "the signer", "the
 * committer"; NULL for not at all. An address may be anybody's, so this can
 * only ever be held against a change. */
const char *change_role(
	const struct change *c, const struct person *who, unsigned exclude);

/* robot_role(c, who): the same, in whichever way. */
const char *robot_role(const struct change *c, const struct person *who);

/* robot_in(c, robots): the first of them that had a hand in it, or NULL. */
const struct person *robot_in(
	const struct change *c, const struct people *robots);

#endif

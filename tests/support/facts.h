/*
 * Facts made by hand, for tests of checks: a few people, one push, as many
 * updates and commits as a test wants. Start from a push that breaks nothing.
 */
#ifndef SUPPORT_FACTS_H
#define SUPPORT_FACTS_H

#include "checks/check.h"

#define WORLD_MAX 80

enum {
	ADA,
	BELA,
	CY,
	CI,
	WORLD_PEOPLE
}; /* CI is a robot */

struct world {
	struct arena *arena;
	struct person person[WORLD_PEOPLE];
	struct policy policy;
	struct push push;
	struct ref_update up[WORLD_MAX];
	struct update_fact update[WORLD_MAX];
	struct change change[WORLD_MAX];
	struct tag_change tag[WORLD_MAX];
	struct approval_fact approval[WORLD_MAX];
	struct waiver_fact waiver[WORLD_MAX];
	struct hit_fact hit[WORLD_MAX];
	size_t of_update[WORLD_MAX][WORLD_MAX], tag_of[WORLD_MAX][WORLD_MAX];
	struct facts facts;
	struct findings out;
	struct buf names;
};

void world_open(struct world *w);
void world_close(struct world *w);

/* An update of ${ref}: a fast-forward to a commit, until a test says else. */
struct update_fact *world_update(struct world *w, const char *ref);
/* One more commit of the update, by ${who} and signed well by them. */
struct change *world_commit(struct world *w, struct update_fact *up, int who);
/* One more tag of the update, pointing to a commit; the update's type is set. */
struct tag_change *world_tag(struct world *w, struct update_fact *up, int who);
/* A valid approval by ${who} of commit number ${upto} of the update and of the
 * commits before it in the list. */
struct approval_fact *world_approval(
	struct world *w, struct update_fact *up, int who, size_t upto);
/* A valid waiver by ${who} of that finding in commit number ${of} of the update,
 * made and good for a day. */
struct waiver_fact *world_waiver(struct world *w, struct update_fact *up,
	int who, const char *finding, size_t of);
struct hit_fact *world_hit(struct world *w, struct update_fact *up);

/* People as a rule's list; end with -1. */
struct people world_people(struct world *w, ...);

/* world_findings(w, check, up): the ids that the check adds, separated by
 * blanks; "" for none. The findings themselves are in w->out. */
const char *world_findings(struct world *w, const struct check *check,
	const struct update_fact *up);

#endif

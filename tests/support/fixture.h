/*
 * What a test of a check starts from: a world with one update of
 * refs/heads/main, and rules that demand nothing, of which a test puts that of
 * its check into force.
 */
#ifndef SUPPORT_FIXTURE_H
#define SUPPORT_FIXTURE_H

#include "support/facts.h"
#include "support/unit.h"

struct fixture {
	struct world w;
	const struct check *check;
	struct update_fact *up;
	struct change *c;     /* what a test gives the update, or NULL */
	struct hit_fact *hit; /* likewise */

	struct rule_signature signature;
	struct rule_identity identity;
	struct rule_approval approval;
	struct rule_robot robot;
	struct rule_secret secret;
	struct rule_message message;
	struct rule_file file;

	/* Room for what rules and commits point to. */
	struct approval_path approval_path;
	struct approval_group approval_group[2];
	struct robot_path robot_path;
	struct path_change path[3];
};

/* fixture_new(state, check): a new one, also in *${state}; for a set-up. */
struct fixture *fixture_new(void **state, const struct check *check);
/* fixture_free(state): the tear-down; 0. */
int fixture_free(void **state);

/* judged(f): the ids that its check adds, as world_findings. */
const char *judged(struct fixture *f);

/* A test between the file's own setup() and fixture_free(). */
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_free)

#endif

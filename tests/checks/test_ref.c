#include "support/facts.h"
#include "support/unit.h"

/* One update of ${ref} under ${rule}, in a world of its own. */
static void expect(const char *ref, enum movement movement,
	const struct rule_ref *rule, const char *findings)
{
	struct world w;
	struct update_fact *up;

	world_open(&w);
	up = world_update(&w, ref);
	up->movement = movement;
	up->rules.ref = rule;
	if (strcmp(world_findings(&w, &check_ref, up), findings))
		fail_msg("%s, movement %d: '%s', expected '%s'", ref,
			(int)movement, world_findings(&w, &check_ref, up),
			findings);
	world_close(&w);
}

static const struct rule_ref all = {.deny_force_push = true,
	.deny_delete = true,
	.deny_move = true,
	.deny_create = true};

static void movements(void **state)
{
	static const struct {
		const char *ref;
		enum movement movement;
		const char *findings;
	} rows[] = {
		{"refs/heads/main", MOVEMENT_FORWARD, ""},
		{"refs/heads/main", MOVEMENT_FORCED, "ref.force_push"},
		{"refs/heads/main", MOVEMENT_DELETE, "ref.delete"},
		{"refs/heads/main", MOVEMENT_CREATE, "ref.create"},
		{"refs/notes/commits", MOVEMENT_FORCED, "ref.force_push"},
		{"refs/tags/v1", MOVEMENT_FORWARD, "ref.move"},
		{"refs/tags/v1", MOVEMENT_FORCED, "ref.move"},
		{"refs/tags/v1", MOVEMENT_DELETE, "ref.delete"},
		{"refs/tags/v1", MOVEMENT_CREATE, "ref.create"},
	};
	static const struct rule_ref none = {0};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		expect(rows[i].ref, rows[i].movement, &all, rows[i].findings);
		expect(rows[i].ref, rows[i].movement, &none, "");
		expect(rows[i].ref, rows[i].movement, NULL, "");
	}
}

static void each_word_stands_for_itself(void **state)
{
	static const struct rule_ref force = {.deny_force_push = true},
				     move = {.deny_move = true},
				     delete = {.deny_delete = true},
				     create = {.deny_create = true};

	(void)state;
	expect("refs/heads/a", MOVEMENT_FORCED, &force, "ref.force_push");
	expect("refs/heads/a", MOVEMENT_DELETE, &force, "");
	expect("refs/heads/a", MOVEMENT_FORCED, &move, "");
	/* A tag that is forced elsewhere loses its history as a branch does. */
	expect("refs/tags/v1", MOVEMENT_FORCED, &force, "ref.force_push");
	expect("refs/tags/v1", MOVEMENT_FORWARD, &force, "");
	expect("refs/tags/v1", MOVEMENT_FORWARD, &move, "ref.move");
	expect("refs/heads/a", MOVEMENT_DELETE, &delete, "ref.delete");
	expect("refs/heads/a", MOVEMENT_FORCED, &delete, "");
	expect("refs/heads/a", MOVEMENT_CREATE, &create, "ref.create");
	expect("refs/heads/a", MOVEMENT_FORWARD, &create, "");
	/* Only refs/tags/ holds tags. */
	expect("refs/heads/refs/tags/v1", MOVEMENT_FORWARD, &move, "");
}

static void refs_of_ours_are_reserved(void **state)
{
	static const char *const reserved[] = {"refs/sluice",
		"refs/sluice/policy", "refs/sluice/approvals",
		"refs/sluice/waivers", "refs/sluice/approvalsx/1"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(reserved); i++) {
		expect(reserved[i], MOVEMENT_CREATE, NULL, "ref.name");
		expect(reserved[i], MOVEMENT_FORCED, NULL, "ref.name");
		expect(reserved[i], MOVEMENT_DELETE, NULL, "ref.name");
	}
	expect(PROBE_REFS "ab", MOVEMENT_CREATE, NULL, "ref.name");
	expect(PROBE_REFS "ab", MOVEMENT_DELETE, NULL, "ref.name");
	expect("refs/heads/sluice-doctors", MOVEMENT_CREATE, NULL, "");
	expect("refs/sluice/approvals/a/1", MOVEMENT_CREATE, NULL, "");
	expect("refs/sluice/approvals/a/1", MOVEMENT_DELETE, NULL, "");
	expect("refs/sluices/a", MOVEMENT_CREATE, NULL, "");
	expect("refs/heads/refs/sluice/a", MOVEMENT_CREATE, NULL, "");
}

/* Where reviews are read out of refs/changes nobody pushes there. */
static void changes_are_written_by_gerrit_alone(void **state)
{
	static struct forge forge = {.kind = FORGE_NOTEDB, .name = "gerrit"};
	static const struct {
		const char *ref, *alias, *findings;
	} t[] = {
		{"refs/changes/34/1234/meta", "", "ref.changes"},
		{"refs/changes/34/1234/1", "", "ref.changes"},
		{"refs/changes", "", "ref.changes"},
		{"refs/changesets/1", "", ""},
		{"refs/heads/changes/1", "", ""},
		{"refs/heads/a", "refs/changes/34/1234/meta",
			"ref.changes ref.name"},
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++)
		for (k = 0; k < 2 * (MOVEMENT_DELETE + 1); k++) {
			struct world w;
			struct update_fact *up;
			const char *expected = t[i].findings;

			world_open(&w);
			w.policy.forge = &forge;
			w.policy.nforge = k % 2;
			up = world_update(&w, t[i].ref);
			up->alias = span_str(t[i].alias);
			up->movement = (enum movement)(k / 2);
			if (!(k % 2))
				expected = t[i].alias[0] ? "ref.name" : "";
			assert_string_equal(
				world_findings(&w, &check_ref, up), expected);
			world_close(&w);
		}
	assert_true(finding_fixed(FINDING_REF_CHANGES));
	assert_false(finding_waivable(FINDING_REF_CHANGES));
	assert_false(finding_fixed(FINDING_REF_NAME));
}

static void names(void **state)
{
	struct pattern_ref name[] = {{"^refs/heads/[a-z]+$", 3}, {"^x", 70}};
	const struct rule_ref rule = {.name = name, .nname = 2};
	uint64_t matches[2] = {0};
	struct update_fact *up;
	struct world w;

	(void)state;
	world_open(&w);
	up = world_update(&w, "refs/heads/A\x1b");
	up->rules.ref = &rule;
	up->matches = matches;
	assert_string_equal(world_findings(&w, &check_ref, up), "ref.name");
	assert_string_equal(w.out.v[0].detail,
		"it does not match '^refs/heads/[a-z]+$' or '^x'");
	bit_set(matches, 4);
	assert_string_equal(world_findings(&w, &check_ref, up), "ref.name");
	bit_set(matches, 70);
	assert_string_equal(world_findings(&w, &check_ref, up), "");
	matches[1] = 0;
	bit_set(matches, 3);
	assert_string_equal(world_findings(&w, &check_ref, up), "");
	/* Without an answer the name is not known to be good. */
	up->matches = NULL;
	assert_string_equal(world_findings(&w, &check_ref, up), "ref.name");
	/* A name that should not be there may be taken away. */
	up->movement = MOVEMENT_DELETE;
	assert_string_equal(world_findings(&w, &check_ref, up), "");
	world_close(&w);
}

static void targets(void **state)
{
	static const struct rule_signature signature;
	static const struct rule_approval approval;
	static const struct rule_identity identity;
	static const struct rule_robot pushers = {.push_some = true},
				       authors = {.commit_some = true},
				       paths = {.npath = 1};
	static const struct {
		enum object_type type, last;
		const char *findings, *detail;
	} rows[] = {
		{OBJECT_COMMIT, OBJECT_COMMIT, "", ""},
		{OBJECT_BLOB, OBJECT_BLOB, "ref.target", "a blob"},
		{OBJECT_TREE, OBJECT_TREE, "ref.target", "a tree"},
		{OBJECT_NONE, OBJECT_NONE, "ref.target", "a missing object"},
		{OBJECT_TAG, OBJECT_COMMIT, "", ""},
		/* The tag itself says "type commit" in all of these. */
		{OBJECT_TAG, OBJECT_BLOB, "ref.target", "a tag of a blob"},
		{OBJECT_TAG, OBJECT_TREE, "ref.target", "a tag of a tree"},
		{OBJECT_TAG, OBJECT_NONE, "ref.target",
			"a tag of a missing object"},
		{OBJECT_TAG, OBJECT_TAG, "ref.target", "a tag of a tag"},
		/* Not possible, and not to be let in either. */
		{OBJECT_BLOB, OBJECT_COMMIT, "ref.target", "a commit"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct update_fact *up;
		struct world w;

		world_open(&w);
		up = world_update(&w, "refs/tags/v1");
		if (rows[i].type == OBJECT_TAG) {
			world_tag(&w, up, ADA);
			world_tag(&w, up, ADA);
		}
		up->type = rows[i].type;
		up->last = rows[i].last;
		assert_string_equal(world_findings(&w, &check_ref, up), "");
		up->rules.signature = &signature;
		assert_string_equal(
			world_findings(&w, &check_ref, up), rows[i].findings);
		up->rules.signature = NULL;
		up->rules.approval = &approval;
		assert_string_equal(
			world_findings(&w, &check_ref, up), rows[i].findings);
		up->rules.approval = NULL;
		up->rules.identity = &identity;
		assert_string_equal(
			world_findings(&w, &check_ref, up), rows[i].findings);
		up->rules.identity = NULL;
		up->rules.robot = &pushers;
		assert_string_equal(world_findings(&w, &check_ref, up), "");
		up->rules.robot = &authors;
		assert_string_equal(
			world_findings(&w, &check_ref, up), rows[i].findings);
		up->rules.robot = &paths;
		assert_string_equal(
			world_findings(&w, &check_ref, up), rows[i].findings);
		/* A tag that nobody looked into. */
		up->ntag = 0;
		if (rows[i].type == OBJECT_TAG)
			assert_string_equal(world_findings(&w, &check_ref, up),
				"ref.target");
		up->movement = MOVEMENT_DELETE;
		assert_string_equal(world_findings(&w, &check_ref, up), "");
		world_close(&w);
	}
}

static void history_can_be_linear(void **state)
{
	static const struct rule_ref linear = {.deny_merge = true};
	struct update_fact *up;
	struct world w;

	(void)state;
	world_open(&w);
	up = world_update(&w, "refs/heads/main");
	up->rules.ref = &linear;
	world_commit(&w, up, ADA)->commit.nparent = 1;
	world_commit(&w, up, ADA)->commit.nparent = 0;
	assert_string_equal(world_findings(&w, &check_ref, up), "");
	world_commit(&w, up, ADA)->commit.nparent = 2;
	world_commit(&w, up, BELA)->commit.nparent = 8;
	assert_string_equal(
		world_findings(&w, &check_ref, up), "ref.merge ref.merge");
	assert_string_equal(w.out.v[1].detail,
		"8 parents: 'PAY-1 add the parser' by bela "
		"<bela@example.org>");
	world_close(&w);
}

static void tags_can_have_to_be_annotated(void **state)
{
	static const struct rule_ref rule = {.deny_lightweight = true};
	struct update_fact *up, *branch;
	struct world w;

	(void)state;
	world_open(&w);
	up = world_update(&w, "refs/tags/v1");
	up->rules.ref = &rule;
	assert_string_equal(
		world_findings(&w, &check_ref, up), "ref.lightweight");
	world_tag(&w, up, ADA);
	assert_string_equal(world_findings(&w, &check_ref, up), "");
	up->type = OBJECT_TREE;
	assert_string_equal(
		world_findings(&w, &check_ref, up), "ref.lightweight");
	branch = world_update(&w, "refs/heads/v1");
	branch->rules.ref = &rule;
	assert_string_equal(world_findings(&w, &check_ref, branch), "");
	world_close(&w);
}

static void refs_can_be_left_alone(void **state)
{
	static const struct rule_ref rule = {.deny_update = true};

	(void)state;
	expect("refs/heads/a", MOVEMENT_FORWARD, &rule, "ref.update");
	expect("refs/heads/a", MOVEMENT_FORCED, &rule, "ref.update");
	expect("refs/heads/a", MOVEMENT_CREATE, &rule, "");
	expect("refs/heads/a", MOVEMENT_DELETE, &rule, "");
}

static void a_push_can_be_too_much(void **state)
{
	struct rule_ref rule = {.max_refs = 2, .max_commits = 3};
	struct update_fact *up, *other;
	struct world w;

	(void)state;
	world_open(&w);
	up = world_update(&w, "refs/heads/a");
	up->rules.ref = &rule;
	other = world_update(&w, "refs/heads/b");
	world_commit(&w, up, ADA);
	world_commit(&w, other, ADA);
	world_commit(&w, other, ADA);
	assert_string_equal(world_findings(&w, &check_ref, up), "");
	/* It is the push that counts, whatever ref brings it. */
	world_commit(&w, other, ADA);
	assert_string_equal(
		world_findings(&w, &check_ref, up), "ref.max_commits");
	assert_string_equal(w.out.v[0].detail,
		"4 new commits in one push, at most 3 are allowed");
	world_update(&w, "refs/heads/c");
	up->movement = MOVEMENT_DELETE;
	assert_string_equal(world_findings(&w, &check_ref, up),
		"ref.max_refs ref.max_commits");
	rule.max_refs = rule.max_commits = 0;
	assert_string_equal(world_findings(&w, &check_ref, up), "");
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(movements),
		cmocka_unit_test(each_word_stands_for_itself),
		cmocka_unit_test(refs_of_ours_are_reserved),
		cmocka_unit_test(changes_are_written_by_gerrit_alone),
		cmocka_unit_test(names),
		cmocka_unit_test(targets),
		cmocka_unit_test(history_can_be_linear),
		cmocka_unit_test(tags_can_have_to_be_annotated),
		cmocka_unit_test(refs_can_be_left_alone),
		cmocka_unit_test(a_push_can_be_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "../../support/unit.h"

#include "model/finding.h"
#include "model/slsa.h"

#define OTHERS (EXCLUDE_AUTHOR | EXCLUDE_PUSHER)

/* What earns the fourth level; each row of the test takes something away. */
struct all {
	struct person ada;
	const struct person *people[1];
	struct rule_signature signature;
	struct rule_approval approval;
	struct rule_ref ref;
	struct severity_override severity;
	struct rules rules;
	struct slsa_facts f;
};

static void whole(struct all *w)
{
	memset(w, 0, sizeof(*w));
	w->people[0] = &w->ada;
	w->signature.by = (struct people){w->people, 1};
	w->approval = (struct rule_approval){.count = 1, .exclude = OTHERS};
	w->ref = (struct rule_ref){.deny_force_push = true,
		.deny_delete = true,
		.deny_move = true};
	w->rules = (struct rules){.signature = &w->signature,
		.approval = &w->approval,
		.ref = &w->ref,
		.severity = &w->severity};
	w->f = (struct slsa_facts){
		.rules = &w->rules, .accepted = true, .continuous = true};
}

#define IS(level)                                             \
	do {                                                  \
		assert_int_equal(slsa_source(&w.f), (level)); \
		whole(&w);                                    \
	} while (0)

static void each_thing_counts(void **state)
{
	struct all w;

	(void)state;
	whole(&w);
	IS(SLSA_SOURCE_4);
	w.f.is_tag = true;
	IS(SLSA_SOURCE_4);
	w.f.accepted = false;
	IS(SLSA_SOURCE_0);
	w.f.continuous = false;
	IS(SLSA_SOURCE_1);
	w.rules.ref = NULL;
	IS(SLSA_SOURCE_1);
	w.ref.deny_delete = false;
	IS(SLSA_SOURCE_1);
	w.ref.deny_force_push = false;
	IS(SLSA_SOURCE_1);
	w.f.is_tag = true;
	w.ref.deny_force_push = false;
	IS(SLSA_SOURCE_4);
	w.f.is_tag = true;
	w.ref.deny_move = false;
	IS(SLSA_SOURCE_1);
	w.rules.observe = true;
	IS(SLSA_SOURCE_1);
	w.f.waived = true;
	IS(SLSA_SOURCE_2);
	w.rules.signature = NULL;
	IS(SLSA_SOURCE_2);
	w.signature.by.n = 0;
	IS(SLSA_SOURCE_2);
	w.rules.approval = NULL;
	IS(SLSA_SOURCE_3);
	w.approval.count = 0;
	IS(SLSA_SOURCE_3);
	w.approval.exclude = EXCLUDE_AUTHOR;
	IS(SLSA_SOURCE_3);
	w.approval.exclude = EXCLUDE_PUSHER | EXCLUDE_COMMITTER;
	IS(SLSA_SOURCE_3);
	w.approval.binds_patch = true;
	IS(SLSA_SOURCE_3);
	w.approval.clean_merges = true;
	IS(SLSA_SOURCE_3);
	/* one person and a robot are not two people */
	w.f.by_robot = true;
	IS(SLSA_SOURCE_3);
	w.f.by_robot = true;
	w.approval.count = 2;
	IS(SLSA_SOURCE_4);
	w.f.by_robot = true;
	w.approval.robot_count = 2;
	IS(SLSA_SOURCE_4);
}

static void severities_count(void **state)
{
	static const struct {
		const char *finding;
		int severity;
		enum slsa_source want;
	} v[] = {
		{"file.size", SEVERITY_OFF, SLSA_SOURCE_4},
		{"approval.too_few", SEVERITY_BLOCK, SLSA_SOURCE_4},
		{"approval.too_few", SEVERITY_WARN, SLSA_SOURCE_3},
		{"approval.*", SEVERITY_OFF, SLSA_SOURCE_3},
		{"signature.missing", SEVERITY_WARN, SLSA_SOURCE_2},
		{"s*", SEVERITY_WARN, SLSA_SOURCE_2},
		{"ref.force_push", SEVERITY_WARN, SLSA_SOURCE_1},
		{"*", SEVERITY_WARN, SLSA_SOURCE_1},
	};
	struct all w;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(v); i++) {
		whole(&w);
		w.severity =
			(struct severity_override){v[i].finding, v[i].severity};
		w.rules.nseverity = 1;
		if (slsa_source(&w.f) != v[i].want)
			fail_msg("%s", v[i].finding);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_thing_counts),
		cmocka_unit_test(severities_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

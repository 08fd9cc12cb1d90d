/* What waivers do to findings, as tables of facts. */
#include "gate/gate.h"

#include "support/facts.h"
#include "support/unit.h"

#define ALL (EXCLUDE_AUTHOR | EXCLUDE_COMMITTER | EXCLUDE_PUSHER)
#define SECRET "secret.github_pat"

struct fixture {
	struct world w;
	struct update_fact *up;
	struct rule_waiver rule[2];
	struct rule_approval approval;
	struct rule_ref ref;
	struct rule_secret secret;
	struct hit_fact *hit;
	struct judgement j;
};

static const char *ids[] = {
	"secret.*", "approval.too_few", "ref.force_push", "message.sign_off"};
static const char *only_file[] = {"file.*"};

/* ada's commit on main holds a secret; bela and cy may waive it. */
static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	world_open(&f->w);
	f->up = world_update(&f->w, "refs/heads/main");
	f->rule[0] = (struct rule_waiver){.finding = ids,
		.nfinding = ARRAY_LEN(ids),
		.by = world_people(&f->w, ADA, BELA, CY, CI, -1),
		.count = 1,
		.exclude = ALL,
		.max_days = 14};
	f->rule[1] = f->rule[0];
	f->rule[1].finding = only_file;
	f->rule[1].nfinding = 1;
	f->up->rules.waiver = f->rule;
	f->up->rules.nwaiver = 1;
	f->up->rules.secret = &f->secret;
	world_commit(&f->w, f->up, ADA);
	f->hit = world_hit(&f->w, f->up);
	f->hit->commit = f->w.change[0].commit.id;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	world_close(&f->w);
	free(f);
	return 0;
}

static const struct finding *judged(struct fixture *f)
{
	gate_judge(&f->w.facts, f->w.arena, &f->j);
	assert_true(f->j.findings.n > 0);
	return &f->j.findings.v[0];
}

static void is_waived(struct fixture *f)
{
	const struct finding *one = judged(f);

	assert_int_equal(one->severity, SEVERITY_WAIVED);
	assert_true(one->nwaiver > 0);
	assert_null(one->ask);
	assert_int_equal(f->j.verdict, VERDICT_ACCEPT);
	assert_true(f->j.admitted);
}

/* It still blocks, and what it says of waivers holds ${words}. */
static void blocks(struct fixture *f, const char *words)
{
	const struct finding *one = judged(f);

	assert_int_equal(one->severity, SEVERITY_BLOCK);
	assert_int_equal(one->nwaiver, 0);
	assert_int_equal(f->j.verdict, VERDICT_REJECT);
	assert_false(f->j.admitted);
	if (!words)
		assert_null(one->ask);
	else if (!one->ask || !strstr(one->ask, words))
		fail_msg("said '%s', expected '%s'",
			one->ask ? one->ask : "nothing", words);
}

static struct waiver_fact *waive(struct fixture *f, int who)
{
	struct waiver_fact *w = world_waiver(&f->w, f->up, who, SECRET, 0);

	w->fingerprint = SPAN_LIT("00ff");
	return w;
}

static void a_waiver_lets_it_pass(void **state)
{
	struct fixture *f = *state;

	blocks(f,
		"bela, cy: sluice waive " SECRET " --for 2001000000000000"
		"000000000000000000000000 --ref refs/heads/main "
		"--repository payments/api --fingerprint 00ff");
	waive(f, BELA);
	is_waived(f);
}

static void where_the_policy_is_silent_nothing_is_waived(void **state)
{
	struct fixture *f = *state;

	waive(f, BELA);
	f->up->rules.nwaiver = 0;
	blocks(f, NULL);
	f->up->rules.nwaiver = 1;
	f->up->rules.waiver = &f->rule[1];
	blocks(f, NULL);
	f->up->rules.waiver = f->rule;
	f->up->rules.nwaiver = 2;
	is_waived(f);
}

static void it_is_for_exactly_this(void **state)
{
	struct fixture *f = *state;
	struct waiver_fact *w = waive(f, BELA), good = *w;
	struct update_fact *other = world_update(&f->w, "refs/heads/other");

	is_waived(f);
	w->finding = SPAN_LIT("secret.other");
	blocks(f, "sluice waive");
	w->finding = SPAN_LIT("secret.*");
	blocks(f, "sluice waive");
	*w = good;
	w->fingerprint = SPAN_LIT("00fe");
	blocks(f, "sluice waive");
	w->fingerprint = SPAN_EMPTY;
	blocks(f, "sluice waive");
	*w = good;
	w->ref = SPAN_LIT("refs/heads/other");
	blocks(f, "sluice waive");
	w->update = (size_t)(other - f->w.update);
	blocks(f, "sluice waive");
	*w = good;
	w->update = SIZE_MAX;
	blocks(f, "sluice waive");
	*w = good;
	w->path = SPAN_LIT("src/other.c");
	blocks(f, "sluice waive");
	w->path = SPAN_LIT("src/config.c:7");
	is_waived(f);
}

static void another_commit_is_another_thing(void **state)
{
	struct fixture *f = *state;
	struct waiver_fact *w = waive(f, BELA);

	/* A commit that leads up to it, and one that is not of the update. */
	world_commit(&f->w, f->up, ADA);
	f->hit->commit = f->w.change[1].commit.id;
	blocks(f, "sluice waive");
	/* What the commit reaches holds the same secret of that fingerprint. */
	w->commit = f->w.change[1].commit.id;
	w->about = &f->w.change[1];
	bit_set(w->covers, 1);
	is_waived(f);
	f->hit->commit = f->w.change[0].commit.id;
	is_waived(f);
	w->covers = NULL;
	blocks(f, "sluice waive");
}

static void only_a_valid_one_counts(void **state)
{
	struct fixture *f = *state;
	struct waiver_fact *w = waive(f, BELA);
	int i;

	for (i = WAIVER_INVALID; i < WAIVER_VALID; i++) {
		w->status = (enum waiver_status)i;
		w->detail = "why not";
		blocks(f, "did not count: bela: why not");
	}
	w->status = WAIVER_VALID;
	w->person = NULL;
	blocks(f, "did not count: tag 6001000000");
}

static void it_ends(void **state)
{
	struct fixture *f = *state;
	struct waiver_fact *w = waive(f, BELA);

	w->until = f->w.push.time;
	blocks(f, "bela: it has expired");
	w->until = f->w.push.time + 1;
	is_waived(f);
	w->until = f->w.push.time + 15 * 86400;
	w->made = f->w.push.time;
	blocks(f, "bela: it is for more than the 14 days");
}

static void who_may_not(void **state)
{
	struct fixture *f = *state;
	struct waiver_fact *w = waive(f, BELA);

	w->person = &f->w.person[ADA];
	blocks(f, "ada: the author of 2001000000");
	w->person = &f->w.person[CI];
	blocks(f, "ci: a robot");
	w->person = &f->w.person[BELA];
	f->w.push.pusher.name = "bela";
	blocks(f, "bela: the pusher");
	f->w.push.pusher.name = "dora";
	f->w.push.pusher.email = "bela@home.example";
	blocks(f, "bela: the pusher");
	f->w.push.pusher.email = "";
	f->w.change[0].sig.person = &f->w.person[BELA];
	blocks(f, "bela: the signer of");
	f->w.change[0].sig.person = NULL;
	f->w.change[0].commit.committer.email = SPAN_LIT("BELA@example.org");
	blocks(f, "bela: the committer of");
	f->rule[0].exclude = 0;
	is_waived(f);
	f->rule[0].by = world_people(&f->w, ADA, CY, -1);
	blocks(f, "bela: not one of those");
	/* Those who cannot are not asked; if nobody is left, it says so. */
	f->rule[0].exclude = ALL;
	blocks(f, "cy (did not count");
	f->rule[0].by = world_people(&f->w, ADA, CI, -1);
	blocks(f, "not enough of those who may waive it had no hand in it");
}

static void two_people_where_two_are_asked(void **state)
{
	struct fixture *f = *state;

	f->rule[0].count = 2;
	blocks(f, "2 of bela, cy: sluice waive");
	waive(f, BELA);
	blocks(f, "2 of bela, cy (has 1 of 2): sluice waive");
	waive(f, BELA);
	blocks(f, "(has 1 of 2)");
	waive(f, ADA);
	blocks(f, "(has 1 of 2)");
	waive(f, CY);
	is_waived(f);
	assert_int_equal(f->j.findings.v[0].nwaiver, 3);
}

static void one_rule_alone_must_be_satisfied(void **state)
{
	struct fixture *f = *state;

	f->rule[0].by = world_people(&f->w, ADA, BELA, -1);
	f->rule[0].count = 2;
	f->rule[1] = f->rule[0];
	f->rule[1].by = world_people(&f->w, CY, ADA, -1);
	f->up->rules.nwaiver = 2;
	waive(f, BELA);
	waive(f, CY);
	blocks(f, "not enough of those");
	f->rule[1].count = 1;
	is_waived(f);
}

static void what_could_not_be_judged_is_never_waived(void **state)
{
	static const char *all[] = {"secret.*", "signature.*", "ref.*",
		"waiver.*", "policy.*", "secret.not_scanned"};
	struct fixture *f = *state;
	struct waiver_fact *w = waive(f, BELA);

	f->rule[0].finding = all;
	f->rule[0].nfinding = ARRAY_LEN(all);
	f->hit->unscanned = true;
	w->finding = SPAN_LIT("secret.not_scanned");
	blocks(f, NULL);
	w->fingerprint = SPAN_EMPTY;
	f->hit->fingerprint = "";
	blocks(f, NULL);
	f->w.facts.nhit = 0;
	w->finding = SPAN_LIT("signature.malformed");
	f->w.change[0].sig.status = SIGNATURE_MALFORMED;
	f->up->rules.signature = &(struct rule_signature){
		.by = world_people(&f->w, ADA, -1), .kinds = ~0u};
	blocks(f, NULL);
}

static void a_secret_of_no_known_commit(void **state)
{
	struct fixture *f = *state;
	struct waiver_fact *w = waive(f, BELA);

	memset(&f->hit->commit, 0, sizeof(f->hit->commit));
	w->commit = f->hit->object;
	w->about = NULL;
	w->covers = NULL;
	blocks(f, "nothing says who made what it names");
}

/* Approvals that several commits lack are waived for each of them. */
static void every_commit_that_lacks_must_be_covered(void **state)
{
	struct fixture *f = *state;
	struct waiver_fact *w;

	f->w.facts.nhit = 0;
	f->up->rules.approval = &f->approval;
	f->approval.count = 1;
	f->approval.by = world_people(&f->w, BELA, -1);
	world_commit(&f->w, f->up, ADA);
	world_commit(&f->w, f->up, ADA);
	blocks(f, "bela, cy: sluice waive approval.too_few --for 2003");
	w = world_waiver(&f->w, f->up, BELA, "approval.too_few", 1);
	blocks(f, "sluice waive");
	w->commit = f->w.change[2].commit.id;
	w->about = &f->w.change[2];
	bit_set(w->covers, 2);
	is_waived(f);
	/* Whoever made one of them cannot waive for it. */
	f->w.change[1].commit.author.email = SPAN_LIT("bela@example.org");
	blocks(f, "bela: the author of 2002000000");
	world_waiver(&f->w, f->up, CY, "approval.too_few", 2);
	is_waived(f);
	f->rule[0].count = 2;
	blocks(f, "(has 1 of 2)");
}

/* To move a ref away from what it holds is waived for what it holds now. */
static void a_forced_push_is_waived_from_where_the_ref_stands(void **state)
{
	struct fixture *f = *state;
	char old[OID_HEX + 1];
	struct waiver_fact *w;

	f->w.facts.nhit = 0;
	f->up->rules.ref = &f->ref;
	f->ref.deny_force_push = true;
	f->up->movement = MOVEMENT_FORCED;
	w = world_waiver(&f->w, f->up, BELA, "ref.force_push", 0);
	blocks(f, "--fingerprint 0101");
	w->fingerprint = span_str(oid_hex(&f->up->up->old, old));
	is_waived(f);
	f->w.up[0].old.b[5]++;
	blocks(f, "--fingerprint 0101");
}

static void a_tag_is_waived_by_others_than_its_tagger(void **state)
{
	struct fixture *f = *state;
	struct rule_signature rule = {
		.by = world_people(&f->w, CY, -1), .kinds = ~0u};
	static const char *names[] = {"signature.not_allowed"};
	struct update_fact *up = world_update(&f->w, "refs/tags/v1");
	struct tag_change *tag = world_tag(&f->w, up, ADA);
	struct waiver_fact *w;

	f->w.facts.nhit = 0;
	f->rule[0].finding = names;
	f->rule[0].nfinding = 1;
	up->rules.waiver = f->rule;
	up->rules.nwaiver = 1;
	up->rules.signature = &rule;
	f->w.up[1].new = tag->tag.id;
	blocks(f, "bela, cy: sluice waive signature.not_allowed --for 3001");
	w = world_waiver(&f->w, f->up, BELA, "signature.not_allowed", 0);
	w->update = 1;
	w->ref = f->w.up[1].ref;
	w->about = NULL;
	w->covers = NULL;
	w->commit = tag->tag.id;
	is_waived(f);
	w->person = &f->w.person[ADA];
	blocks(f, "ada: the tagger");
	tag->tag.tagger.email = SPAN_LIT("x@example.org");
	blocks(f, "ada: the signer of the tag");
}

/* What only warns needs no waiver, and none is spent on it. */
static void warnings_are_left_alone(void **state)
{
	struct fixture *f = *state;

	waive(f, BELA);
	f->hit->known = true;
	assert_int_equal(judged(f)->severity, SEVERITY_WARN);
	assert_int_equal(f->j.findings.v[0].nwaiver, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_waiver_lets_it_pass),
		TEST(where_the_policy_is_silent_nothing_is_waived),
		TEST(it_is_for_exactly_this),
		TEST(another_commit_is_another_thing),
		TEST(only_a_valid_one_counts),
		TEST(it_ends),
		TEST(who_may_not),
		TEST(two_people_where_two_are_asked),
		TEST(one_rule_alone_must_be_satisfied),
		TEST(what_could_not_be_judged_is_never_waived),
		TEST(a_secret_of_no_known_commit),
		TEST(every_commit_that_lacks_must_be_covered),
		TEST(a_forced_push_is_waived_from_where_the_ref_stands),
		TEST(a_tag_is_waived_by_others_than_its_tagger),
		TEST(warnings_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

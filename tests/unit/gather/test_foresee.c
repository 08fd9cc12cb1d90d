/* What a clone makes up for what only the server knows, and that it is less. */
#include "gather/foresee.h"

#include "support/unit.h"

/* Two commits; a waiver for each, of the second also on refs that it did not
 * come to, an approval where a waiver would be, and a waiver for what is no
 * commit. */
static const char script[] =
	"export GIT_CONFIG_NOSYSTEM=1 HOME=$PWD TZ=UTC0\n"
	"git config --global advice.nestedTag false\n"
	"export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@x\n"
	"export GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@x\n"
	"git init -q r; cd r\n"
	"git commit -q --allow-empty -m one; git update-ref refs/heads/a HEAD\n"
	"git commit -q --allow-empty -m two; git update-ref refs/heads/b HEAD\n"
	"waive() { git tag -a -m \"waive\n\nSluice: $2\nRepository: team/app\n"
	"For: refs/heads/${4-b}\nFinding: message.denied\nReason: so\n"
	"Until: 2026-12-01T12:00:00Z\" t \"$3\"\n"
	"git update-ref refs/sluice/waivers/$1 t; git tag -d t >/dev/null; }\n"
	"waive $(git rev-parse HEAD)/1 waiver HEAD\n"
	"waive $(git rev-parse HEAD^)/1 waiver HEAD^\n"
	"waive $(git rev-parse HEAD)/2 approval HEAD\n"
	"waive $(git rev-parse HEAD)/3 waiver HEAD a\n"
	"waive $(git rev-parse HEAD)/4 waiver HEAD none\n"
	"git tag -a -m inner inner HEAD\n"
	"waive $(git rev-parse inner)/1 waiver inner\n"
	"git update-ref refs/sluice/waivers/light HEAD\n";

struct fixture {
	char dir[300];
	struct arena *arena;
	struct repo *repo;
	struct gather g;
	struct person person[2];
	struct policy policy;
	struct ref_rules refs[1];
	struct repository_rules repository;
	struct ref_update up[2];
	struct push push;
};

static int setup(void **state)
{
	static const char *any[] = {"**"}, *a[] = {"refs/heads/a"};
	static const char *ada[] = {"ada@example.org"};
	static const char *bela[] = {"bela@example.org"};
	static const char *account[] = {"b.bela", "bb"};
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = ERR_INIT;

	assert_non_null(f);
	unit_dir(f->dir, sizeof(f->dir));
	unit_shell(f->dir, script);
	f->arena = arena_new(64u << 20);
	assert_int_equal(repo_open(arena_fmt(f->arena, "%s/r", f->dir), NULL,
				 &f->repo, &err),
		0);
	f->g = (struct gather){.arena = f->arena, .repo = f->repo};
	f->person[0] =
		(struct person){.name = "ada", .email = ada, .nemail = 1};
	f->person[1] = (struct person){.name = "bela",
		.email = bela,
		.nemail = 1,
		.account = account,
		.naccount = 2};
	f->refs[0] = (struct ref_rules){
		.match = a, .nmatch = 1, .rules = {.mode = MODE_OBSERVE}};
	f->repository = (struct repository_rules){
		.match = any, .nmatch = 1, .ref = f->refs, .nref = 1};
	f->policy = (struct policy){.person = f->person,
		.nperson = 2,
		.repository = &f->repository,
		.nrepository = 1};
	f->push =
		(struct push){.repository = "team/app", .up = f->up, .nup = 2};
	f->up[0].ref = SPAN_LIT("refs/heads/b");
	f->up[1].ref = SPAN_LIT("refs/heads/new");
	assert_true(repo_ref_value(f->repo, "refs/heads/b", &f->up[0].old));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	repo_close(f->repo);
	arena_free(f->arena);
	unit_rm(f->dir);
	free(f);
	return 0;
}

static void foreseen(struct fixture *f, const char *glob)
{
	struct err err = ERR_INIT;
	struct repo_ref *ref;
	size_t n;

	f->push.past = (struct waiver_past){0};
	f->push.ngated = 0;
	if (repo_refs(f->repo, glob, f->arena, &ref, &n, &err) ||
		foresee_log(&f->g, &f->policy, &f->push, ref, n, &err))
		fail_msg("%s", err.text);
}

static void what_stands_at_the_remote_came_through(void **state)
{
	struct fixture *f = *state;
	size_t i, seen = 0;

	foreseen(f, "refs/heads/*");
	/* A new ref came from nowhere. */
	assert_true(f->push.old_gated[0]);
	assert_false(f->push.old_gated[1]);
	for (i = 0; i < f->push.ngated; i++) {
		const struct gated_tip *t = &f->push.gated[i];
		struct oid at;

		assert_true(repo_ref_value(
			f->repo, arena_str(f->arena, t->ref), &at));
		assert_true(oid_eq(&at, &t->oid));
		/* Where the policy observes, nothing was held to it. */
		if (span_is(t->ref, "refs/heads/a")) {
			assert_false(t->accepted);
			seen++;
		}
		if (span_is(t->ref, "refs/heads/b")) {
			assert_true(t->accepted);
			seen++;
		}
	}
	assert_int_equal(seen, 2);
	assert_int_equal(f->push.past.nwaived, 0);
}

static void a_repository_without_rules_vouches_for_nothing(void **state)
{
	struct fixture *f = *state;
	size_t i;

	f->policy.nrepository = 0;
	foreseen(f, "refs/heads/*");
	assert_true(f->push.ngated > 1);
	for (i = 0; i < f->push.ngated; i++)
		assert_false(f->push.gated[i].accepted);
}

/* What a waiver is about, and no more; nothing else that lies beside it. */
static void waivers_let_in_what_they_are_about(void **state)
{
	struct fixture *f = *state;
	struct oid a, b;
	size_t i, seen = 0;

	assert_true(repo_ref_value(f->repo, "refs/heads/a", &a));
	assert_true(repo_ref_value(f->repo, "refs/heads/b", &b));
	foreseen(f, "refs/*");
	assert_int_equal(f->push.past.nwaived, 2);
	for (i = 0; i < 2; i++) {
		const struct waived_step *s = &f->push.past.waived[i];

		unit_span_is(s->ref, "refs/heads/b");
		if (oid_eq(&s->new, &b)) {
			assert_true(oid_eq(&s->old, &a));
			seen |= 1;
		} else {
			assert_true(oid_eq(&s->new, &a));
			assert_true(oid_is_zero(&s->old));
			seen |= 2;
		}
	}
	assert_int_equal(seen, 3);
}

static void the_pusher_is_who_one_says(void **state)
{
	struct fixture *f = *state;
	struct pusher p;

	assert_ptr_equal(foresee_pusher(&f->policy, "bb", NULL, f->arena, &p),
		&f->person[1]);
	assert_string_equal(p.name, "bb");
	assert_string_equal(p.source, "assumed");
	/* By an address: under the name that the server would give. */
	assert_ptr_equal(foresee_pusher(&f->policy, NULL, "BELA@example.org",
				 f->arena, &p),
		&f->person[1]);
	assert_string_equal(p.name, "b.bela");
	assert_ptr_equal(foresee_pusher(&f->policy, NULL, "ada@example.org",
				 f->arena, &p),
		&f->person[0]);
	assert_string_equal(p.name, "ada");
	/* The name goes before the address, and nobody is nobody. */
	assert_null(foresee_pusher(
		&f->policy, "zoe", "ada@example.org", f->arena, &p));
	assert_string_equal(p.name, "zoe");
	assert_null(foresee_pusher(
		&f->policy, NULL, "zoe@example.org", f->arena, &p));
	assert_string_equal(p.name, "");
	assert_string_equal(p.email, "");
	assert_string_equal(p.address, "");
}

static void a_certificate_will_be_in_order(void **state)
{
	struct fixture *f = *state;
	struct facts facts = {.policy = &f->policy, .push = &f->push};

	assert_false(certificate_holds(&facts.certificate, 0));
	foresee_certificate(&facts, &f->person[0]);
	assert_true(certificate_holds(&facts.certificate, 0));
	assert_ptr_equal(facts.certificate.sig.person, &f->person[0]);
	assert_true(facts_is_pusher(&facts, &f->person[0]));
	assert_false(facts_is_pusher(&facts, &f->person[1]));
	/* Of nobody that is known: it does not hold. */
	foresee_certificate(&facts, NULL);
	assert_false(certificate_holds(&facts.certificate, 0));
}

static void no_fingerprint_is_made_up(void **state)
{
	struct hit_fact hit[] = {{.fingerprint = "aa"},
		{.fingerprint = "bb", .unscanned = true}};
	struct facts facts = {.hit = hit, .nhit = 2};

	(void)state;
	foresee_secrets(&facts);
	assert_null(strstr(hit[0].fingerprint, "aa"));
	assert_non_null(strstr(hit[0].fingerprint, "the gate"));
	/* That of an object is no secret's, and the same at the server. */
	assert_string_equal(hit[1].fingerprint, "bb");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_stands_at_the_remote_came_through),
		TEST(a_repository_without_rules_vouches_for_nothing),
		TEST(waivers_let_in_what_they_are_about),
		TEST(the_pusher_is_who_one_says),
		TEST(a_certificate_will_be_in_order),
		TEST(no_fingerprint_is_made_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

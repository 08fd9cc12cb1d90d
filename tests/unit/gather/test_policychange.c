/* A push of the policy, judged by the root: real objects, real signatures. */
#include "gather/policyroot.h"

#include <sys/stat.h>

#include "model/finding.h"
#include "support/unit.h"

/*
 * Of the root: ada, bela, gus, and ci, a robot. mallory is nobody. Commits:
 * first (version 1), good (2, on first), same (1, on first), none (no version),
 * bad (a policy that cannot be read), deaf (does not name its repository),
 * aside (3, without parents).
 */
static const char script[] =
	"export GIT_CONFIG_NOSYSTEM=1 HOME=$PWD TZ=UTC0\n"
	"git config --global user.name x; git config --global user.email x@x\n"
	"git config --global gpg.format ssh\n"
	"git init -q r; mkdir keys\n"
	"for who in ada bela gus ci mallory; do\n"
	"	ssh-keygen -q -t ed25519 -N '' -f keys/$who; done\n"
	"cp keys/ada.pub .\n"
	"cd r; cp ../keys/ada.pub .\n"
	"commit() { git add -A; git commit -q -m \"$1\"\n"
	"	git update-ref refs/c/$1 HEAD; }\n"
	"policy() { cat <<END\n"
	"{\"people\": {\"ada\": {\"email\": [\"a@x\"], \"ssh\": "
	"[\"ada.pub\"]}},\n"
	" \"repositories\": [{\"match\": [\"$1\"], \"refs\": [{\"match\": "
	"[\"**\"],\n"
	"  \"signature\": {\"by\": [\"ada\"]}}]}]}\n"
	"END\n"
	"}\n"
	"policy 'team/*' >policy.json; echo 1 >version; commit first\n"
	"on() { git checkout -q --detach refs/c/first; }\n"
	"echo 2 >version; commit good\n"
	"on; echo 01 >other; commit same\n"
	"on; git rm -q version; commit none\n"
	"on; echo 2 >version; echo '{}' >policy.json; commit bad\n"
	"on; echo 2 >version; policy other >policy.json; commit deaf\n"
	"on; echo 2 >version; rm ada.pub; commit keyless\n"
	"git checkout -q --orphan aside refs/c/good; echo 3 >version\n"
	"commit aside\n"
	"tag() { git -c user.signingKey=../keys/$1 tag -s -m \"approve\n\n"
	"Sluice: ${5-approval}\nRepository: ${4-team/policy}\nFor: "
	"${3-refs/sluice/policy}\" t $2\n"
	"	git update-ref refs/t/$1-${6-$(basename $2)} t\n"
	"	git tag -d t >/dev/null; }\n"
	"tag ada refs/c/good; tag bela refs/c/good; tag ci refs/c/good\n"
	"tag mallory refs/c/good; tag gus refs/c/first\n"
	"tag ada refs/c/good refs/sluice/policy team/policy approval again\n"
	"tag gus refs/c/good refs/heads/main team/policy approval ref\n"
	"tag gus refs/c/good refs/sluice/policy team/other approval repo\n"
	"tag gus refs/c/good refs/sluice/policy team/policy objection no\n"
	"git -c user.signingKey=../keys/gus tag -a -m 'approve\n\n"
	"Sluice: approval\nRepository: team/policy\nFor: refs/sluice/policy' "
	"t refs/c/good\n"
	"git update-ref refs/t/gus-unsigned t; git tag -d t >/dev/null\n";

static const char root_text[] =
	"{\"people\": {\n"
	"\"ada\": {\"email\": [\"a@x\"], \"ssh\": [\"keys/ada.pub\"]},\n"
	"\"bela\": {\"email\": [\"b@x\"], \"ssh\": [\"keys/bela.pub\"]},\n"
	"\"gus\": {\"email\": [\"g@x\"], \"ssh\": [\"keys/gus.pub\"]},\n"
	"\"ci\": {\"email\": [\"c@x\"], \"ssh\": [\"keys/ci.pub\"], "
	"\"robot\": true}},\n"
	"\"repositories\": [{\"match\": [\"team/policy\"], \"refs\": [\n"
	"{\"match\": [\"" POLICY_REF "\"], \"approval\": {\"count\": 2, "
	"\"by\": [\"ada\", \"bela\", \"gus\", \"ci\"]}}]}]}\n";

struct fixture {
	char dir[300];
	struct arena *arena;
	struct gather g;
	struct policy_root *root;
	struct ref_update up[4];
	struct update_fact update[4];
	struct approval_fact approval[2];
	struct push push;
	struct facts f;
};

static struct oid at(struct fixture *f, const char *ref)
{
	struct oid o;

	if (!repo_ref_value(f->g.repo, ref, &o))
		fail_msg("no %s", ref);
	return o;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err = ERR_INIT;
	const char *path;
	FILE *file;

	assert_non_null(f);
	umask(022);
	unit_dir(f->dir, sizeof(f->dir));
	unit_shell(f->dir, script);
	f->arena = arena_new(64u << 20);
	f->g.arena = f->arena;
	assert_int_equal(repo_open(arena_fmt(f->arena, "%s/r", f->dir), NULL,
				 &f->g.repo, &err),
		0);
	path = arena_fmt(f->arena, "%s/root.json", f->dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(root_text, file);
	assert_int_equal(fclose(file), 0);
	if (policyroot_load(path, f->arena, &f->root, &err))
		fail_msg("%s", err.text);
	f->push = (struct push){.repository = "team/policy",
		.up = f->up,
		.nup = 1,
		.time = 1790000000,
		.policy = at(f, "refs/c/first")};
	f->f = (struct facts){
		.push = &f->push, .update = f->update, .approval = f->approval};
	f->up[0].ref = SPAN_LIT(POLICY_REF);
	f->up[0].old = f->push.policy;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	repo_close(f->g.repo);
	arena_free(f->arena);
	unit_rm(f->dir);
	free(f);
	return 0;
}

/* What is told of a push of refs/c/${name}. */
static const struct policy_change_fact *pushed(
	struct fixture *f, const char *name)
{
	struct err err = ERR_INIT;
	size_t u;

	f->up[0].new = at(f, arena_fmt(f->arena, "refs/c/%s", name));
	f->f.policy_change = (struct policy_change_fact){0};
	for (u = 0; u < f->push.nup; u++) {
		f->update[u].up = &f->up[u];
		if (!u && f->update[u].type == OBJECT_NONE)
			f->update[u].type = OBJECT_COMMIT;
	}
	if (gather_policy_change(&f->g, f->root, &f->f, &err))
		fail_msg("%s", err.text);
	return &f->f.policy_change;
}

/* Stores, or pushes beside it, that tag as an approval of "good". */
static void store(struct fixture *f, const char *tag, const char *as)
{
	unit_shell(f->dir,
		arena_fmt(f->arena,
			"cd r; git update-ref refs/sluice/approvals/$(git "
			"rev-parse refs/c/good)/%s refs/t/%s",
			as, tag));
}

static void push_tag(struct fixture *f, const char *tag)
{
	struct ref_update *up = &f->up[f->push.nup];

	f->update[f->push.nup].type = OBJECT_TAG;
	up->ref = span_str(
		arena_fmt(f->arena, "refs/sluice/approvals/x/%s", tag));
	up->new = at(f, arena_fmt(f->arena, "refs/t/%s", tag));
	f->push.nup++;
}

static void signers_of_the_root_are_counted_once(void **state)
{
	struct fixture *f = *state;
	const struct policy_change_fact *c = pushed(f, "good");

	assert_true(c->given);
	assert_int_equal(c->update, 0);
	assert_int_equal(c->need, 2);
	assert_null(c->broken);
	assert_null(c->backwards);
	assert_int_equal(c->nsigner, 0);
	assert_int_equal(c->version, 2);
	assert_int_equal(c->nfile, 2);
	assert_string_equal(c->file[0].name, "policy.json");
	assert_string_equal(c->file[1].name, "ada.pub");
	assert_int_equal(strlen(c->digest), 64);
	store(f, "ada-good", "1");
	store(f, "ada-again", "2");
	c = pushed(f, "good");
	assert_int_equal(c->nsigner, 1);
	assert_string_equal(c->signer[0]->name, "ada");
	/* A robot, a stranger, another commit, ref, repository or form. */
	store(f, "ci-good", "3");
	store(f, "mallory-good", "4");
	store(f, "gus-first", "5");
	store(f, "gus-ref", "6");
	store(f, "gus-repo", "7");
	store(f, "gus-no", "8");
	store(f, "gus-unsigned", "9");
	assert_int_equal(pushed(f, "good")->nsigner, 1);
	/* The second comes with the push itself. */
	push_tag(f, "bela-good");
	c = pushed(f, "good");
	assert_int_equal(c->nsigner, 2);
	assert_string_equal(c->signer[1]->name, "bela");
	/* That of one commit is none of another. */
	assert_int_equal(pushed(f, "same")->nsigner, 0);
}

static void it_has_to_be_a_policy_that_pushes_can_be_judged_by(void **state)
{
	static const char *const t[][2] = {{"none", "version"},
		{"bad", "repositories"},
		{"deaf", "does not name 'team/policy'"},
		{"keyless", "ada.pub"}};
	struct fixture *f = *state;
	size_t i;

	for (i = 0; i < 4; i++) {
		const struct policy_change_fact *c = pushed(f, t[i][0]);

		if (!c->broken || !strstr(c->broken, t[i][1]))
			fail_msg("%s: %s", t[i][0], c->broken);
		assert_int_equal(c->nfile, 0);
	}
	f->update[0].type = OBJECT_TAG;
	assert_string_equal(pushed(f, "good")->broken, "it is not a commit");
}

static void it_never_goes_back(void **state)
{
	struct fixture *f = *state;
	const struct policy_change_fact *c = pushed(f, "same");

	assert_null(c->broken);
	assert_non_null(strstr(c->backwards, "its version is 1, and that of"));
	f->update[0].movement = MOVEMENT_FORCED;
	assert_string_equal(pushed(f, "aside")->backwards,
		"it is not built on the policy in force");
	f->update[0].movement = MOVEMENT_DELETE;
	assert_string_equal(
		pushed(f, "good")->backwards, "it may not be deleted");
	/* Whatever the pusher says is there. */
	f->update[0].movement = MOVEMENT_FORWARD;
	f->up[0].old = at(f, "refs/c/aside");
	assert_string_equal(pushed(f, "good")->backwards,
		"it does not start from the policy in force");
	/* The first of all starts from none. */
	f->update[0].movement = MOVEMENT_CREATE;
	f->up[0].old = f->push.policy = (struct oid){0};
	assert_null(pushed(f, "first")->backwards);
}

static void the_root_says_whose_approval_arrives(void **state)
{
	struct fixture *f = *state;
	struct approval_fact *a = f->approval;

	f->f.napproval = 2;
	a[0] = (struct approval_fact){.object = at(f, "refs/t/bela-good"),
		.commit = at(f, "refs/c/good"),
		.ref = SPAN_LIT(POLICY_REF),
		.status = APPROVAL_STRANGER,
		.detail = "nobody"};
	a[1] = a[0];
	a[1].object = at(f, "refs/t/mallory-good");
	pushed(f, "good");
	assert_int_equal(a[0].status, APPROVAL_VALID);
	assert_string_equal(a[0].person->name, "bela");
	assert_string_equal(a[0].detail, "");
	assert_int_equal(a[1].status, APPROVAL_STRANGER);
	assert_null(a[1].person);
	/* One that does not come with the push is for the policy to judge. */
	a[0].status = APPROVAL_STRANGER;
	a[0].pushed_in = SIZE_MAX;
	pushed(f, "good");
	assert_int_equal(a[0].status, APPROVAL_STRANGER);
	/* So is one for another ref, and one that names another commit. */
	a[0].pushed_in = 0;
	a[0].ref = SPAN_LIT("refs/heads/main");
	pushed(f, "good");
	assert_int_equal(a[0].status, APPROVAL_STRANGER);
	a[0].ref = SPAN_LIT(POLICY_REF);
	a[0].commit = at(f, "refs/c/first");
	pushed(f, "good");
	assert_int_equal(a[0].status, APPROVAL_STRANGER);
}

/* Of any repository, root or not: its ref is never only observed. */
static void no_policy_weakens_the_policy(void **state)
{
	const struct severity_override off = {"policy.*", SEVERITY_OFF};
	struct fixture *f = *state;
	int i;

	for (i = 0; i < 2; i++) {
		f->push.repository = i ? "team/other" : "team/policy";
		f->push.nup = 2;
		f->up[1].ref = SPAN_LIT("refs/heads/main");
		f->up[1].new = f->up[1].old;
		f->update[0].rules = f->update[1].rules = (struct rules){
			.observe = true, .severity = &off, .nseverity = 1};
		assert_int_equal(pushed(f, "good")->given, !i);
		assert_false(f->update[0].rules.observe);
		assert_int_equal(f->update[0].rules.nseverity, 0);
		assert_true(f->update[1].rules.observe);
		assert_int_equal(f->update[1].rules.nseverity, 1);
	}
	f->root = NULL;
	f->push.repository = "team/policy";
	f->update[0].rules.observe = true;
	assert_false(pushed(f, "good")->given);
	assert_false(f->update[0].rules.observe);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(signers_of_the_root_are_counted_once),
		TEST(it_has_to_be_a_policy_that_pushes_can_be_judged_by),
		TEST(it_never_goes_back),
		TEST(the_root_says_whose_approval_arrives),
		TEST(no_policy_weakens_the_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

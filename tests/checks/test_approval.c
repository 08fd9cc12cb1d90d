#include "support/fixture.h"

#define EVERYBODY (EXCLUDE_AUTHOR | EXCLUDE_COMMITTER | EXCLUDE_PUSHER)
#define FEW "approval.too_few"

static int setup(void **state)
{
	struct fixture *f = fixture_new(state, &check_approval);

	f->approval.count = 1;
	f->approval.by = world_people(&f->w, ADA, BELA, CI, -1);
	f->approval.exclude = EVERYBODY;
	f->up->rules.approval = &f->approval;
	return 0;
}

/* Whether the first finding's detail says this. */
static bool says(struct fixture *f, const char *what)
{
	assert_true(f->w.out.n > 0);
	return strstr(f->w.out.v[0].detail, what) != NULL;
}

static void an_approved_change_passes(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), "");
	f->approval.count = 2;
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "has 1 of 2"));
	world_approval(&f->w, f->up, BELA, 0);
	assert_string_equal(judged(f), "");
}

static void nothing_approved_is_refused_with_the_way_out(void **state)
{
	struct fixture *f = *state;
	char want[200];
	char hex[OID_HEX + 1];

	world_commit(&f->w, f->up, CY);
	world_commit(&f->w, f->up, CY);
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "2 of 2 new commits without enough"));
	assert_true(says(f, "has 0 of 1"));
	snprintf(want, sizeof(want),
		"ask ada, bela to run: sluice approve %s --for "
		"refs/heads/main",
		oid_hex(&f->up->up->new, hex));
	assert_string_equal(f->w.out.v[0].hint, want);
}

static void those_who_cannot_are_not_asked(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, ADA);
	assert_string_equal(judged(f), FEW);
	assert_non_null(strstr(f->w.out.v[0].hint, "ask bela to run"));
	f->w.push.pusher.name = "bela";
	assert_string_equal(judged(f), FEW);
	assert_non_null(strstr(f->w.out.v[0].hint, "nobody who may approve"));
	f->approval.exclude = EXCLUDE_PUSHER;
	assert_string_equal(judged(f), FEW);
	assert_non_null(strstr(f->w.out.v[0].hint, "ask ada to run"));
	f->approval.by.n = 0;
	assert_string_equal(judged(f), FEW);
	assert_non_null(strstr(f->w.out.v[0].hint, "administrator"));
}

/* Who has approved what lacks more is not the one who is missing. */
static void those_who_have_are_not_asked_again(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, CY);
	world_commit(&f->w, f->up, CY);
	f->approval.count = 2;
	world_approval(&f->w, f->up, ADA, 1);
	assert_string_equal(judged(f), FEW);
	assert_non_null(strstr(f->w.out.v[0].hint, "ask bela to run"));
	/* One below: the tip has neither. */
	world_approval(&f->w, f->up, BELA, 0);
	assert_string_equal(judged(f), FEW);
	assert_non_null(strstr(f->w.out.v[0].hint, "ask bela to run"));
	f->approval.count = 3;
	world_approval(&f->w, f->up, BELA, 1);
	assert_string_equal(judged(f), FEW);
	assert_non_null(strstr(f->w.out.v[0].hint, "nobody else may approve"));
}

static void every_commit_must_be_covered(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, CY);
	world_commit(&f->w, f->up, CY);
	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 1);
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "1 of 3 new commits"));
	assert_memory_equal(&f->w.out.v[0].object, &f->w.change[2].commit.id,
		sizeof(struct oid));
	world_approval(&f->w, f->up, BELA, 2);
	assert_string_equal(judged(f), "");
}

static void a_person_counts_once(void **state)
{
	struct fixture *f = *state;

	f->approval.count = 2;
	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 0);
	world_approval(&f->w, f->up, ADA, 0);
	world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), FEW);
}

static void one_persons_approvals_add_up(void **state)
{
	struct fixture *f = *state;
	struct approval_fact *a;

	world_commit(&f->w, f->up, CY);
	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 0);
	a = world_approval(&f->w, f->up, ADA, 1);
	a->covers[0] = 2; /* the second commit only */
	assert_string_equal(judged(f), "");
}

static void those_who_made_it_do_not_count(void **state)
{
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, CY);
	struct span mail = SPAN_LIT("Ada@Home.Example");

	world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), "");

	c->commit.author.email = mail;
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "ada: the author of 2001000000"));
	f->approval.exclude = EXCLUDE_COMMITTER | EXCLUDE_PUSHER;
	assert_string_equal(judged(f), "");
	f->approval.exclude = EVERYBODY;
	c->commit.author.email = SPAN_LIT("cy@example.org");

	c->commit.coauthor = &mail;
	c->commit.ncoauthor = 1;
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "ada: a co-author"));
	c->commit.ncoauthor = 0;

	c->sig.person = &f->w.person[ADA];
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "ada: the signer"));
	f->approval.exclude = EXCLUDE_COMMITTER | EXCLUDE_PUSHER;
	assert_string_equal(judged(f), "");
	f->approval.exclude = EVERYBODY;
	c->sig.person = &f->w.person[CY];

	c->commit.committer.email = mail;
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "ada: the committer"));
	f->approval.exclude = EXCLUDE_AUTHOR | EXCLUDE_PUSHER;
	assert_string_equal(judged(f), "");
}

static void a_hand_in_one_commit_spoils_the_rest(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, CY);
	world_commit(&f->w, f->up, ADA);
	world_approval(&f->w, f->up, ADA, 1);
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "2 of 2 new commits"));
	/* What the approval does not cover does not matter. */
	f->w.approval[0].covers[0] = 1;
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "1 of 2 new commits"));
}

static void the_pusher_does_not_count(void **state)
{
	static const char *account[] = {"ada-lovelace"};
	struct fixture *f = *state;
	struct pusher *p = &f->w.push.pusher;

	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 0);
	f->w.person[ADA].account = account;
	f->w.person[ADA].naccount = 1;
	assert_string_equal(judged(f), "");
	p->name = "ada";
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "ada: the pusher"));
	p->name = "Ada-Lovelace";
	assert_string_equal(judged(f), FEW);
	p->name = "ADA@example.org";
	assert_string_equal(judged(f), FEW);
	p->name = "dora";
	p->email = "ada@home.example";
	assert_string_equal(judged(f), FEW);
	f->approval.exclude = EXCLUDE_AUTHOR | EXCLUDE_COMMITTER;
	assert_string_equal(judged(f), "");
}

static void an_account_beats_a_name(void **state)
{
	static const char *account[] = {"ada"};
	struct fixture *f = *state;

	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 0);
	f->w.push.pusher.name = "ada";
	f->w.person[BELA].account = account;
	f->w.person[BELA].naccount = 1;
	assert_string_equal(judged(f), "");
}

static void what_a_robot_helped_with_needs_more(void **state)
{
	struct span coauthor = SPAN_LIT("CI@example.org");
	struct fixture *f = *state;
	struct change *c;

	f->approval.robot_count = 2;
	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), "");
	c = world_commit(&f->w, f->up, CY);
	c->commit.coauthor = &coauthor;
	c->commit.ncoauthor = 1;
	assert_string_equal(judged(f), FEW " approval.robot");
	world_approval(&f->w, f->up, ADA, 1);
	assert_string_equal(judged(f), "approval.robot");
	assert_true(says(f, "1 of 1 new commits that a robot had a hand in "));
	assert_true(says(f, "(a co-author is the robot 'ci') has 1 of 2"));
	/* Neither itself, nor the same person twice, makes two. */
	world_approval(&f->w, f->up, CI, 1);
	world_approval(&f->w, f->up, ADA, 1);
	assert_string_equal(judged(f), "approval.robot");
	assert_true(says(f, "ci: a robot"));
	world_approval(&f->w, f->up, BELA, 1);
	assert_string_equal(judged(f), "");
	/* Who signed had a hand in it as well. */
	c = world_commit(&f->w, f->up, CY);
	c->sig.person = &f->w.person[CI];
	world_approval(&f->w, f->up, ADA, 2);
	assert_string_equal(judged(f), "approval.robot");
	f->approval.robot_count = 0;
	assert_string_equal(judged(f), "");
}

static void robots_and_strangers_do_not_count(void **state)
{
	struct fixture *f = *state;
	struct approval_fact *a;

	world_commit(&f->w, f->up, BELA);
	world_approval(&f->w, f->up, CI, 0);
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "ci: a robot"));
	world_approval(&f->w, f->up, CY, 0);
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "cy: not one of those who may approve here"));
	a = world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), "");
	a->person = NULL;
	assert_string_equal(judged(f), FEW);
}

static void only_valid_approvals_of_this_ref_count(void **state)
{
	static const enum approval_status not [] = {
		APPROVAL_INVALID, APPROVAL_STRANGER, APPROVAL_ELSEWHERE};
	struct fixture *f = *state;
	struct approval_fact *a;
	size_t i;

	world_commit(&f->w, f->up, CY);
	a = world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), "");
	for (i = 0; i < ARRAY_LEN(not ); i++) {
		a->status = not [i];
		a->detail = "the reason\x1b";
		assert_string_equal(judged(f), FEW);
		assert_true(says(f, "ada: the reason\\x1b"));
	}
	a->status = APPROVAL_VALID;
	a->ref = SPAN_LIT("refs/heads/other");
	assert_string_equal(judged(f), FEW);
	a->ref = f->up->up->ref;
	a->update = 1;
	assert_string_equal(judged(f), FEW);
	a->update = 0;
	a->covers[0] = 0;
	assert_string_equal(judged(f), FEW);
	a->covers = NULL;
	assert_string_equal(judged(f), FEW);
}

static void reasons_are_few(void **state)
{
	struct fixture *f = *state;
	const char *at;
	size_t i, n = 0;

	world_commit(&f->w, f->up, ADA);
	for (i = 0; i < 6; i++)
		world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), FEW);
	assert_false(says(f, "and others"));
	world_approval(&f->w, f->up, ADA, 0)->person = NULL;
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "; and others"));
	for (at = f->w.out.v[0].detail; (at = strstr(at, "the author")); at++)
		n++;
	assert_int_equal(n, 6);
}

static void nobody_may_approve(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 0);
	f->approval.by = (struct people){0};
	assert_string_equal(judged(f), FEW);
	f->approval.count = 1000;
	assert_string_equal(judged(f), FEW);
}

static void no_exclusion_lets_authors_approve(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, ADA);
	world_approval(&f->w, f->up, ADA, 0);
	f->w.push.pusher.name = "ada";
	f->approval.exclude = 0;
	assert_string_equal(judged(f), "");
}

static void nothing_new_needs_nothing(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(judged(f), "");
	world_commit(&f->w, f->up, CY);
	f->up->movement = MOVEMENT_DELETE;
	assert_string_equal(judged(f), "");
	f->up->movement = MOVEMENT_FORCED;
	assert_string_equal(judged(f), FEW);
	f->up->rules.approval = NULL;
	assert_string_equal(judged(f), "");
}

static void paths_may_ask_for_more(void **state)
{
	static const char *match[] = {"crypto/**"};
	struct fixture *f = *state;
	struct path_change touched[2] = {
		{.path = SPAN_LIT("README")}, {.path = SPAN_LIT("crypto/a.c")}};
	struct change *c;

	f->approval.path = &f->approval_path;
	f->approval.npath = 1;
	f->approval_path.match = match;
	f->approval_path.nmatch = 1;
	f->approval_path.count = 1;
	f->approval_path.by = world_people(&f->w, CY, -1);
	world_commit(&f->w, f->up, BELA);
	c = world_commit(&f->w, f->up, BELA);
	world_approval(&f->w, f->up, ADA, 1);
	assert_string_equal(judged(f), "");

	c->path = touched;
	c->npath = 1;
	assert_string_equal(judged(f), "");
	c->npath = 2;
	assert_string_equal(judged(f), "approval.path");
	assert_string_equal(f->w.out.v[0].place, "crypto/a.c");
	/* Moving it out of the way needs the same eyes. */
	touched[1].removed = true;
	assert_string_equal(judged(f), "approval.path");
	assert_true(says(f, "1 of 1 new commits"));
	assert_non_null(strstr(f->w.out.v[0].hint, "ask cy to run"));

	/* Somebody who may only approve the path does not count for the rest,
	 * and the first commit needs nothing from them. */
	world_approval(&f->w, f->up, CY, 1);
	assert_string_equal(judged(f), "");
	f->w.approval[0].status = APPROVAL_INVALID;
	assert_string_equal(judged(f), FEW);

	f->approval.count = 0;
	assert_string_equal(judged(f), "");
	f->w.approval[1].status = APPROVAL_INVALID;
	assert_string_equal(judged(f), "approval.path");
	f->approval_path.by = (struct people){0};
	f->w.approval[1].status = APPROVAL_VALID;
	assert_string_equal(judged(f), "approval.path");
}

static void one_approval_may_serve_both(void **state)
{
	static const char *match[] = {"**"};
	struct path_change touched = {.path = SPAN_LIT("a")};
	struct fixture *f = *state;
	struct change *c = world_commit(&f->w, f->up, CY);

	c->path = &touched;
	c->npath = 1;
	f->approval.path = &f->approval_path;
	f->approval.npath = 1;
	f->approval_path.match = match;
	f->approval_path.nmatch = 1;
	f->approval_path.count = 1;
	f->approval_path.by = world_people(&f->w, ADA, -1);
	assert_string_equal(judged(f), "approval.too_few approval.path");
	world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), "");
}

/* ${count} of ADA and BELA, and one of BELA. */
static void ask_groups(struct fixture *f, unsigned count)
{
	f->approval.count = count;
	f->approval.by = world_people(&f->w, ADA, BELA, -1);
	f->approval.group = f->approval_group;
	f->approval.ngroup = 1;
	f->approval_group[0].count = 1;
	f->approval_group[0].by = world_people(&f->w, BELA, -1);
}

static void a_group_must_have_its_part(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, CY);
	ask_groups(f, 1);
	assert_string_equal(judged(f), FEW " approval.group");
	world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), "approval.group");
	assert_true(says(f, "0 of the 1 people that approval.groups[0] asks"));
	assert_non_null(strstr(f->w.out.v[0].hint, "ask bela to run"));
	world_approval(&f->w, f->up, BELA, 0);
	assert_string_equal(judged(f), "");
	/* What does not count for the rule does not for a group. */
	f->w.push.pusher.name = "bela";
	assert_string_equal(judged(f), "approval.group");
	assert_true(says(f, "bela: the pusher"));
}

static void nobody_stands_for_two_groups(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, CY);
	ask_groups(f, 1);
	world_approval(&f->w, f->up, BELA, 0);
	assert_string_equal(judged(f), "approval.group");
	assert_true(says(f,
		"1 of the 2 people that approval.by and approval.groups[0] "
		"ask for"));
	assert_non_null(strstr(f->w.out.v[0].hint, "ask ada to run"));
	world_approval(&f->w, f->up, BELA, 0);
	assert_string_equal(judged(f), "approval.group");
	f->approval.shared = true;
	assert_string_equal(judged(f), "");
	f->approval.shared = false;
	world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), "");
}

static void groups_are_counted_on_every_commit(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, CY);
	world_commit(&f->w, f->up, CY);
	ask_groups(f, 1);
	world_approval(&f->w, f->up, ADA, 1);
	world_approval(&f->w, f->up, BELA, 0);
	assert_string_equal(judged(f), "approval.group");
	assert_true(says(f, "1 of 2 new commits"));
	assert_memory_equal(&f->w.out.v[0].object, &f->w.change[1].commit.id,
		sizeof(struct oid));
	/* A waiver has to be about each that lacks one, and no other. */
	assert_non_null(f->w.out.v[0].commits);
	assert_false(bit_get(f->w.out.v[0].commits, 0));
	assert_true(bit_get(f->w.out.v[0].commits, 1));
}

/* Somebody only of a group counts there and not for the rule. */
static void who_is_only_in_a_group_counts_there(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, CI);
	ask_groups(f, 1);
	f->approval_group[0].by = world_people(&f->w, CY, CI, -1);
	world_approval(&f->w, f->up, CY, 0);
	assert_string_equal(judged(f), FEW);
	world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), "");
	/* A robot is nobody here either. */
	f->w.approval[0].person = &f->w.person[CI];
	assert_string_equal(judged(f), "approval.group");
}

static void groups_are_beside_what_robots_need(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, CI);
	ask_groups(f, 1);
	f->approval.robot_count = 2;
	world_approval(&f->w, f->up, ADA, 0);
	world_approval(&f->w, f->up, BELA, 0);
	assert_string_equal(judged(f), "approval.group");
	assert_true(says(f, "2 of the 3 people"));
	/* A robot in it does not make it easier to be counted twice. */
	f->w.approval[0].status = APPROVAL_INVALID;
	assert_string_equal(judged(f), "approval.robot approval.group");
	f->w.approval[0].status = APPROVAL_VALID;
	f->approval.robot_count = 0;
	assert_string_equal(judged(f), "");
}

/* Two groups that ask for one each, three approvals in all orders, each there
 * or not: the answer is that of who approved, not of when. */
static void no_order_changes_the_answer(void **state)
{
	static const int order[][3] = {{ADA, BELA, CY}, {ADA, CY, BELA},
		{BELA, ADA, CY}, {BELA, CY, ADA}, {CY, ADA, BELA},
		{CY, BELA, ADA}};
	struct fixture *f = *state;
	size_t i, k, given, swap;
	char first[200];

	world_commit(&f->w, f->up, CI);
	for (k = 0; k < 3; k++)
		world_approval(&f->w, f->up, ADA, 0);
	ask_groups(f, 1);
	f->approval.ngroup = 2;
	for (given = 0; given < 8; given++) {
		for (i = 0; i < 2 * ARRAY_LEN(order); i++) {
			swap = i & 1;
			f->approval_group[swap] = (struct approval_group){
				1, world_people(&f->w, BELA, CY, -1)};
			f->approval_group[!swap] = (struct approval_group){
				1, world_people(&f->w, BELA, ADA, -1)};
			for (k = 0; k < 3; k++) {
				int who = order[i / 2][k];

				f->w.approval[k].person = &f->w.person[who];
				f->w.approval[k].status = given & (1u << who)
					? APPROVAL_VALID
					: APPROVAL_INVALID;
			}
			if (!i)
				snprintf(first, sizeof(first), "%s", judged(f));
			assert_string_equal(judged(f), first);
		}
		assert_int_equal(!first[0], given == 7);
	}
}

static void the_hint_can_be_pasted(void **state)
{
	static const struct {
		const char *ref, *word;
	} rows[] = {
		{"refs/heads/a-b_c.d@2+x", "--for refs/heads/a-b_c.d@2+x"},
		{"refs/heads/$(reboot)", "--for 'refs/heads/$(reboot)'"},
		{"refs/heads/a;b", "--for 'refs/heads/a;b'"},
		{"refs/heads/it's", "--for <ref>"},
		{"refs/heads/\x1b[31m", "--for <ref>"},
		{"refs/heads/\xff", "--for <ref>"},
	};
	struct fixture *f = *state;
	char name[300] = "refs/heads/";
	size_t i;

	memset(name + 11, 'a', 250);
	f->up = world_update(&f->w, name);
	f->up->rules.approval = &f->approval;
	world_commit(&f->w, f->up, CY);
	assert_string_equal(judged(f), FEW);
	assert_non_null(strstr(f->w.out.v[0].hint, "--for <ref>"));
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		f->up = world_update(&f->w, rows[i].ref);
		f->up->rules.approval = &f->approval;
		world_commit(&f->w, f->up, CY);
		assert_string_equal(judged(f), FEW);
		assert_non_null(strstr(f->w.out.v[0].hint, rows[i].word));
	}
}

static void a_tags_commit_is_what_to_approve(void **state)
{
	struct fixture *f = *state;
	char hex[OID_HEX + 1];

	f->up = world_update(&f->w, "refs/tags/v1");
	f->up->rules.approval = &f->approval;
	world_commit(&f->w, f->up, CY);
	world_tag(&f->w, f->up, CY);
	f->w.up[1].new = f->w.tag[0].tag.id;
	assert_string_equal(judged(f), FEW);
	oid_hex(&f->w.tag[0].tag.target, hex);
	assert_non_null(strstr(f->w.out.v[0].hint, hex));
}

/* An approval that arrives. */
static struct approval_fact *arrive(struct fixture *f, char ref[200])
{
	struct approval_fact *a;
	char hex[OID_HEX + 1];

	world_commit(&f->w, f->up, CY);
	a = world_approval(&f->w, f->up, ADA, 0);
	snprintf(ref, 200, "refs/sluice/approvals/%s/1",
		oid_hex(&a->commit, hex));
	f->up = world_update(&f->w, ref);
	f->up->movement = MOVEMENT_CREATE;
	f->up->type = OBJECT_TAG;
	f->w.up[1].new = a->object;
	a->pushed_in = 1;
	a->update = SIZE_MAX;
	return a;
}

#define INVALID "approval.invalid"

static void an_approval_is_checked_when_it_arrives(void **state)
{
	struct fixture *f = *state;
	char ref[200];
	struct approval_fact *a = arrive(f, ref);

	assert_string_equal(judged(f), "");
	a->status = APPROVAL_INVALID;
	a->detail = "no 'For:' line";
	assert_string_equal(judged(f), INVALID);
	assert_string_equal(f->w.out.v[0].detail, "no 'For:' line");
	a->status = APPROVAL_STRANGER;
	a->detail = "";
	assert_string_equal(judged(f), INVALID);
	a->status = APPROVAL_ELSEWHERE;
	assert_string_equal(judged(f), INVALID);
	a->status = APPROVAL_VALID;
	a->person = NULL;
	assert_string_equal(judged(f), INVALID);
	a->person = &f->w.person[ADA];
	assert_string_equal(judged(f), "");
	f->up->type = OBJECT_COMMIT;
	assert_string_equal(judged(f), INVALID);
	f->up->type = OBJECT_TAG;
	f->w.facts.napproval = 0;
	assert_string_equal(judged(f), INVALID);
	f->up->movement = MOVEMENT_DELETE;
	assert_string_equal(judged(f), "");
}

static void one_fault_is_enough(void **state)
{
	struct fixture *f = *state;
	char ref[200];
	struct approval_fact *a = arrive(f, ref);

	f->w.approval[1] = *a;
	f->w.facts.napproval = 2;
	assert_string_equal(judged(f), "");
	a->status = APPROVAL_INVALID;
	assert_string_equal(judged(f), INVALID);
	a->status = APPROVAL_VALID;
	f->w.approval[1].status = APPROVAL_INVALID;
	assert_string_equal(judged(f), INVALID);
}

static void it_may_be_for_a_ref_that_is_not_pushed(void **state)
{
	struct fixture *f = *state;
	char ref[200];
	struct approval_fact *a = arrive(f, ref);

	/* Told of under main, whose change it reaches, but made for another. */
	a->update = 0;
	a->status = APPROVAL_ELSEWHERE;
	a->ref = SPAN_LIT("refs/heads/release/1");
	assert_string_equal(judged(f), "");
	/* For main itself it can only be the repository that is another. */
	a->ref = SPAN_LIT("refs/heads/main");
	assert_string_equal(judged(f), INVALID);
}

static void it_is_stored_under_its_commit(void **state)
{
	static const char *const wrong[] = {
		"refs/sluice/approvals/",
		"refs/sluice/approvals/1",
		"refs/sluice/approvals/"
		"2001000000000000000000000000000000000000",
		"refs/sluice/approvals/"
		"2001000000000000000000000000000000000000/",
		"refs/sluice/approvals/"
		"2001000000000000000000000000000000000001/1",
		"refs/sluice/approvals/"
		"20010000000000000000000000000000000000000/1",
	};
	struct fixture *f = *state;
	char ref[200];
	size_t i;

	arrive(f, ref);
	for (i = 0; i < ARRAY_LEN(wrong); i++) {
		f->w.up[1].ref = span_str(wrong[i]);
		assert_string_equal(judged(f), INVALID);
	}
	f->w.up[1].ref = span_str(ref);
	assert_string_equal(judged(f), "");
}

static void another_pushed_approval_does_not_vouch(void **state)
{
	struct fixture *f = *state;
	char ref[200];
	struct approval_fact *a = arrive(f, ref);

	a->pushed_in = 0;
	assert_string_equal(judged(f), INVALID);
	a->pushed_in = 1;
	a->object.b[7] ^= 1;
	assert_string_equal(judged(f), INVALID);
}

static const struct forge git = {.name = "git"};

/* A review in place of a tag. */
static struct approval_fact *review(struct fixture *f, int who)
{
	struct approval_fact *a = world_approval(&f->w, f->up, who, 0);

	a->forge = &git;
	a->request = 7;
	a->login = SPAN_LIT("some-l");
	return a;
}

static void only_named_sources_count(void **state)
{
	static const struct forge other = {.name = "other"};
	static const struct forge *named[] = {&git};
	struct fixture *f = *state;
	struct approval_fact *a;

	f->c = world_commit(&f->w, f->up, ADA);
	a = review(f, BELA);
	assert_string_equal(judged(f), "approval.too_few");
	assert_true(says(f, "bela at 'git': reviews there do not count here"));
	f->approval.forge = named;
	f->approval.nforge = 1;
	assert_string_equal(judged(f), "");
	a->forge = &other;
	assert_string_equal(judged(f), "approval.too_few");
	a->forge = NULL;
	assert_string_equal(judged(f), "");
	f->approval.no_tags = true;
	assert_string_equal(judged(f), "approval.too_few");
	assert_true(says(f, "bela: signed tags do not count here"));
	assert_null(strstr(f->w.out.v[0].hint, "sluice approve"));
	assert_non_null(strstr(f->w.out.v[0].hint, "at 'git'"));
	a->forge = &git;
	a->opened = true;
	assert_string_equal(judged(f), "approval.too_few");
	assert_true(says(f, "bela at 'git': opened request 7"));
	a->person = NULL;
	a->status = APPROVAL_STRANGER;
	a->detail = "nobody's";
	assert_string_equal(judged(f), "approval.too_few");
	assert_true(says(f, "account 'some-l' at 'git': nobody's"));
}

/* The server may be the forge, and tell who pushes by the login there. */
static void the_pusher_by_a_login_does_not_count(void **state)
{
	static struct forge_account account = {
		.forge = "git", .login = "bela-l", .id = 12};
	static const struct forge *named[] = {&git};
	struct fixture *f = *state;

	f->c = world_commit(&f->w, f->up, ADA);
	f->approval.forge = named;
	f->approval.nforge = 1;
	f->w.person[BELA].forge = &account;
	f->w.person[BELA].nforge = 1;
	review(f, BELA);
	assert_string_equal(judged(f), "");
	f->w.push.pusher.name = "Bela-L";
	assert_string_equal(judged(f), "approval.too_few");
	assert_true(says(f, "bela at 'git': the pusher"));
	/* It keeps them out, and lets nobody pass for them. */
	assert_false(policy_is_pusher(
		&f->w.policy, &f->w.push.pusher, &f->w.person[BELA]));
}

/* What is lacking while a forge does not answer may not be lacking; what is
 * enough without it is enough; and where it has no say it changes nothing. */
static void a_forge_that_does_not_answer_is_told_apart(void **state)
{
	static const struct forge *named[] = {&git};
	struct fixture *f = *state;

	f->c = world_commit(&f->w, f->up, ADA);
	f->approval.forge = named;
	f->approval.nforge = 1;
	f->w.facts.reviews = (struct push_reviews){
		.asked = true, .fault = "it is down", .hint = "wait"};
	assert_string_equal(judged(f), "approval.forge");
	assert_true(says(f, "it is down"));
	assert_string_equal(f->w.out.v[0].hint, "wait");
	assert_true(bit_get(f->w.out.v[0].commits, 0));
	f->approval.nforge = 0;
	assert_string_equal(judged(f), "approval.too_few");
	f->approval.nforge = 1;
	world_approval(&f->w, f->up, BELA, 0);
	assert_string_equal(judged(f), "");
}

static void who_made_what_was_rebased_does_not_count(void **state)
{
	struct fixture *f = *state;
	struct change was[2];
	struct approval_fact *a;

	world_commit(&f->w, f->up, CY);
	world_commit(&f->w, f->up, CY);
	was[0] = f->w.change[0];
	was[1] = f->w.change[1];
	was[1].commit.id.b[0] = 0x77;
	a = world_approval(&f->w, f->up, ADA, 1);
	a->commit = was[1].commit.id;
	a->was = was;
	a->nwas = 2;
	assert_string_equal(judged(f), "");
	was[1].commit.committer.email = SPAN_LIT("ada@example.org");
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "ada: the committer of 7702000000, before it was"));
	was[1].commit.committer.email = SPAN_LIT("cy@example.org");
	was[1].sig.person = &f->w.person[ADA];
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "the signer"));
	f->approval.exclude = EXCLUDE_PUSHER;
	assert_string_equal(judged(f), "");
}

static void a_clean_merge_adds_nothing_to_approve(void **state)
{
	struct fixture *f = *state;
	struct change *c;

	f->approval.group = f->approval_group;
	f->approval.ngroup = 1;
	f->approval_group[0].count = 1;
	f->approval_group[0].by = world_people(&f->w, ADA, -1);
	f->approval.shared = true;
	f->approval.robot_count = 2;
	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 0);
	c = world_commit(&f->w, f->up, CI);
	c->merge = MERGE_CLEAN;
	assert_string_equal(judged(f), FEW " approval.robot approval.group");
	f->approval.clean_merges = true;
	assert_string_equal(judged(f), "");
	c->merge = MERGE_UNCLEAN;
	c->unclean = "conflicts";
	assert_string_equal(judged(f), FEW " approval.robot approval.group");
	assert_true(says(f, "(not a clean merge: conflicts)"));
	c->merge = MERGE_UNKNOWN;
	assert_string_equal(judged(f), FEW " approval.robot approval.group");
	/* What it merges is judged all the same. */
	c->merge = MERGE_CLEAN;
	f->w.approval[0].covers[0] = 2;
	assert_string_equal(judged(f), FEW " approval.group");
}

#define OBJECTION "approval.objection"

static void objections_have_to_be_resolved(void **state)
{
	struct fixture *f = *state;
	struct approval_fact *a;

	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 0);
	a = world_approval(&f->w, f->up, BELA, 0);
	a->what = APPROVAL_OBJECTION;
	/* Nobody's objections matter until the policy says so. */
	assert_string_equal(judged(f), "");
	f->approval.objections = world_people(&f->w, BELA, -1);
	assert_string_equal(judged(f), OBJECTION);
	assert_true(says(f, "bela objects to "));
	assert_non_null(strstr(f->w.out.v[0].hint, "--withdraw 4002"));
	a->status = APPROVAL_WITHDRAWN;
	assert_string_equal(judged(f), "");
	a->status = APPROVAL_ELSEWHERE;
	assert_string_equal(judged(f), "");
	a->status = APPROVAL_VALID;
	a->covers[0] = 0;
	assert_string_equal(judged(f), "");
	a->covers[0] = 1;
	f->approval.objections = world_people(&f->w, ADA, CI, -1);
	assert_string_equal(judged(f), "");
	/* It is no approval either, nor is a withdrawal. */
	f->w.approval[0].what = APPROVAL_WITHDRAWAL;
	assert_string_equal(judged(f), FEW);
}

/* At a forge it stands whatever else there is, if the forge is a source. */
static void objections_at_a_forge_have_to_be_resolved(void **state)
{
	static struct forge_account account = {
		.forge = "git", .login = "bela-l", .id = 12};
	static const struct forge *named[] = {&git};
	struct fixture *f = *state;
	struct approval_fact *a;

	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 0);
	a = world_approval(&f->w, f->up, BELA, 0);
	a->forge = &git;
	a->request = 7;
	a->status = APPROVAL_INVALID;
	a->detail = "asks for changes";
	a->against = true;
	f->approval.objections = world_people(&f->w, BELA, -1);
	assert_string_equal(judged(f), "");
	f->approval.forge = named;
	f->approval.nforge = 1;
	assert_string_equal(judged(f), OBJECTION);
	assert_true(says(f, "bela objects to "));
	assert_true(says(f, ": asks for changes"));
	assert_non_null(strstr(
		f->w.out.v[0].hint, "take that back in request 7 at 'git'"));
	f->approval.objections = world_people(&f->w, CI, -1);
	assert_string_equal(judged(f), "");
	f->approval.objections = world_people(&f->w, BELA, -1);
	a->against = false;
	assert_string_equal(judged(f), "");
	/* What it does not tell may be one, by who has an account there. */
	f->w.facts.reviews.fault = "it is down";
	assert_string_equal(judged(f), "");
	f->w.person[BELA].forge = &account;
	f->w.person[BELA].nforge = 1;
	assert_string_equal(judged(f), "approval.forge");
	assert_true(bit_get(f->w.out.v[0].commits, 0));
}

static void what_is_withdrawn_does_not_count(void **state)
{
	struct fixture *f = *state;
	struct approval_fact *a;

	world_commit(&f->w, f->up, CY);
	a = world_approval(&f->w, f->up, ADA, 0);
	a->status = APPROVAL_WITHDRAWN;
	a->detail = "withdrawn by who signed it";
	assert_string_equal(judged(f), FEW);
	assert_true(says(f, "ada: withdrawn by who signed it"));
	world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), "");
}

static void objections_are_not_taken_away(void **state)
{
	static const enum movement how[] = {MOVEMENT_DELETE, MOVEMENT_FORCED};
	struct fixture *f = *state;
	struct update_fact *up;
	struct approval_fact *a;
	size_t i;

	world_commit(&f->w, f->up, CY);
	up = world_update(&f->w,
		"refs/sluice/approvals/"
		"2001000000000000000000000000000000000000/x");
	f->approval.count = 0;
	a = world_approval(&f->w, f->up, BELA, 0);
	a->what = APPROVAL_OBJECTION;
	a->update = SIZE_MAX;
	up->movement = MOVEMENT_DELETE;
	assert_string_equal(world_findings(&f->w, f->check, up), "");
	a->taken = true;
	a->taken_in = 1;
	for (i = 0; i < ARRAY_LEN(how); i++) {
		up->movement = how[i];
		assert_non_null(strstr(
			world_findings(&f->w, f->check, up), "approval.kept"));
		assert_true(says(f, "an objection by bela"));
	}
	assert_string_equal(judged(f), "");
}

/* A rule of CODEOWNERS about commit number ${i} of the update. */
static struct owner_demand *owned(struct fixture *f, size_t i)
{
	static struct owner_demand v[WORLD_MAX];
	static uint64_t bits[WORLD_MAX][2];
	size_t n = f->up->nowner++;

	f->up->owner = v;
	memset(&v[n], 0, sizeof(v[n]));
	memset(bits[n], 0, sizeof(bits[n]));
	v[n].count = 1;
	v[n].by = world_people(&f->w, BELA, -1);
	v[n].rule = "CODEOWNERS line 3";
	v[n].owners = SPAN_LIT("@bela @gh\x1bost");
	v[n].path = SPAN_LIT("crypto/a\x1b.c");
	v[n].npath = 2;
	v[n].commits = bits[n];
	bit_set(v[n].commits, i);
	return &v[n];
}

#define OWNERS "approval.codeowners"

static void owners_are_asked(void **state)
{
	struct fixture *f = *state;
	struct owner_demand *d;

	world_commit(&f->w, f->up, CY);
	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 1);
	d = owned(f, 1);
	assert_string_equal(judged(f), OWNERS);
	assert_true(says(f,
		"CODEOWNERS line 3: 1 new commit changes "
		"crypto/a\\x1b.c and 1 more, owned by @bela "
		"@gh\\x1bost: "));
	assert_true(says(f, "has 0 of 1 approvals by owners"));
	assert_string_equal(f->w.out.v[0].place, "crypto/a\\x1b.c");
	assert_non_null(strstr(f->w.out.v[0].hint, "ask bela to run"));
	d->unknown = SPAN_LIT("@ghost");
	assert_string_equal(judged(f), OWNERS);
	assert_true(says(f, "nobody whom the policy knows: @ghost"));
	/* Of the first commit only, and then of both. */
	world_approval(&f->w, f->up, BELA, 0);
	assert_string_equal(judged(f), OWNERS);
	world_approval(&f->w, f->up, BELA, 1);
	assert_string_equal(judged(f), "");
	d->count = 2;
	assert_string_equal(judged(f), OWNERS);
	d->by = world_people(&f->w, BELA, ADA, -1);
	assert_string_equal(judged(f), "");
}

/* Who may not approve otherwise counts for what is theirs, and only that. */
static void an_owner_need_not_be_a_reviewer(void **state)
{
	struct fixture *f = *state;

	world_commit(&f->w, f->up, BELA);
	owned(f, 0)->by = world_people(&f->w, CY, -1);
	world_approval(&f->w, f->up, CY, 0);
	assert_string_equal(judged(f), FEW);
	world_approval(&f->w, f->up, ADA, 0);
	assert_string_equal(judged(f), "");
	f->w.push.pusher.name = "cy";
	assert_string_equal(judged(f), OWNERS);
	assert_true(says(f, "cy: the pusher"));
}

static void owners_who_made_it_do_not_count(void **state)
{
	struct fixture *f = *state;
	struct span mail = SPAN_LIT("bela@example.org");
	struct change *c = world_commit(&f->w, f->up, CY);

	owned(f, 0);
	world_approval(&f->w, f->up, BELA, 0);
	assert_string_equal(judged(f), "");
	c->commit.coauthor = &mail;
	c->commit.ncoauthor = 1;
	assert_string_equal(judged(f), FEW " " OWNERS);
	assert_non_null(strstr(f->w.out.v[1].hint, "nobody who may approve"));
}

static void nobody_is_no_owner(void **state)
{
	struct fixture *f = *state;
	struct owner_demand *d;

	world_commit(&f->w, f->up, CY);
	world_approval(&f->w, f->up, ADA, 0);
	world_approval(&f->w, f->up, BELA, 0);
	d = owned(f, 0);
	d->by.n = 0;
	d->fault = "none of its owners is anybody";
	assert_string_equal(judged(f), OWNERS);
	assert_true(says(f, "line 3: none of its owners is anybody; "));
	assert_true(says(f, "by those who stand in"));
	assert_non_null(
		strstr(f->w.out.v[0].hint, "approval.codeowners.owners"));
	d->owners.n = 0;
	assert_string_equal(judged(f), OWNERS);
	assert_non_null(strstr(f->w.out.v[0].hint, "codeowners.fallback"));
	d->by = world_people(&f->w, CI, -1);
	assert_string_equal(judged(f), OWNERS);
	assert_non_null(strstr(f->w.out.v[0].hint, "nobody who may approve"));
}

/* What is not told one by one is told in one, about all its commits. */
static void very_many_rules_are_one_finding(void **state)
{
	struct fixture *f = *state;
	size_t i;

	f->approval.count = 0;
	for (i = 0; i < 30; i++) {
		world_commit(&f->w, f->up, CY);
		owned(f, i);
	}
	judged(f);
	assert_int_equal(f->w.out.n, 21);
	assert_non_null(
		strstr(f->w.out.v[20].detail, "10 more rules lack approvals"));
	for (i = 0; i < 30; i++)
		assert_int_equal(bit_get(f->w.out.v[20].commits, i), i >= 20);
	world_approval(&f->w, f->up, BELA, 28);
	assert_string_equal(judged(f), OWNERS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_approved_change_passes),
		TEST(nothing_approved_is_refused_with_the_way_out),
		TEST(those_who_cannot_are_not_asked),
		TEST(those_who_have_are_not_asked_again),
		TEST(every_commit_must_be_covered),
		TEST(a_person_counts_once),
		TEST(one_persons_approvals_add_up),
		TEST(those_who_made_it_do_not_count),
		TEST(a_hand_in_one_commit_spoils_the_rest),
		TEST(the_pusher_does_not_count),
		TEST(an_account_beats_a_name),
		TEST(what_a_robot_helped_with_needs_more),
		TEST(robots_and_strangers_do_not_count),
		TEST(only_valid_approvals_of_this_ref_count),
		TEST(reasons_are_few),
		TEST(nobody_may_approve),
		TEST(no_exclusion_lets_authors_approve),
		TEST(nothing_new_needs_nothing),
		TEST(paths_may_ask_for_more),
		TEST(one_approval_may_serve_both),
		TEST(a_group_must_have_its_part),
		TEST(nobody_stands_for_two_groups),
		TEST(groups_are_counted_on_every_commit),
		TEST(who_is_only_in_a_group_counts_there),
		TEST(groups_are_beside_what_robots_need),
		TEST(no_order_changes_the_answer),
		TEST(the_hint_can_be_pasted),
		TEST(a_tags_commit_is_what_to_approve),
		TEST(an_approval_is_checked_when_it_arrives),
		TEST(one_fault_is_enough),
		TEST(it_may_be_for_a_ref_that_is_not_pushed),
		TEST(it_is_stored_under_its_commit),
		TEST(another_pushed_approval_does_not_vouch),
		TEST(only_named_sources_count),
		TEST(the_pusher_by_a_login_does_not_count),
		TEST(a_forge_that_does_not_answer_is_told_apart),
		TEST(who_made_what_was_rebased_does_not_count),
		TEST(a_clean_merge_adds_nothing_to_approve),
		TEST(objections_have_to_be_resolved),
		TEST(objections_at_a_forge_have_to_be_resolved),
		TEST(what_is_withdrawn_does_not_count),
		TEST(objections_are_not_taken_away),
		TEST(owners_are_asked),
		TEST(an_owner_need_not_be_a_reviewer),
		TEST(owners_who_made_it_do_not_count),
		TEST(nobody_is_no_owner),
		TEST(very_many_rules_are_one_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "support/fixture.h"

static int setup(void **state)
{
	struct fixture *f = fixture_new(state, &check_robot);

	f->up->rules.robot = &f->robot;
	f->c = world_commit(&f->w, f->up, ADA);
	return 0;
}

static void robots_push_where_they_may(void **state)
{
	struct fixture *f = *state;

	f->w.push.pusher.name = "ci";
	assert_string_equal(judged(f), "");
	f->robot.push_some = true;
	assert_string_equal(judged(f), "robot.push");
	f->up->movement = MOVEMENT_DELETE;
	assert_string_equal(judged(f), "robot.push");
	f->robot.push = world_people(&f->w, CI, -1);
	assert_string_equal(judged(f), "");
	f->robot.push = world_people(&f->w, -1);
	f->w.push.pusher.name = "ada";
	assert_string_equal(judged(f), "");
	/* A human's name does not hide a robot's address. */
	f->w.push.pusher.email = "ci@example.org";
	assert_string_equal(judged(f), "robot.push");
	f->w.push.pusher.email = "";
	f->w.push.pusher.name = "CI@home.example";
	assert_string_equal(judged(f), "robot.push");
	f->w.push.pusher.name = "nobody";
	assert_string_equal(judged(f), "");
}

/* Puts the robot into the commit in one of the ways. */
static void take_part(struct fixture *f, int way)
{
	static struct span coauthor[2];
	struct commit *c = &f->c->commit;

	c->author.email = c->committer.email = SPAN_LIT("ada@example.org");
	c->ncoauthor = 0;
	f->c->sig.person = &f->w.person[ADA];
	if (way == 0)
		c->author.email = SPAN_LIT("CI@example.org");
	if (way == 1)
		c->committer.email = SPAN_LIT("ci@home.example");
	if (way == 2) {
		coauthor[0] = SPAN_LIT("bela@example.org");
		coauthor[1] = SPAN_LIT("ci@example.org");
		c->coauthor = coauthor;
		c->ncoauthor = 2;
	}
	if (way == 3)
		f->c->sig.person = &f->w.person[CI];
}

/* Where a line has no address; a human's name may be another's too. */
static void robots_are_known_by_name(void **state)
{
	static const struct {
		const char *value;
		bool is;
	} t[] = {
		{"Agent", true},
		{"agent:model-3", true},
		{"Agent (a tool)", true},
		{"Other Thing, version 1", true},
		{"Agents", false},
		{"An Agent", false},
		{"Other", false},
		{"", false},
	};
	static const char *names[] = {"Agent", "Other Thing"};
	struct fixture *f = *state;
	struct span value;
	size_t i;

	f->robot.commit_some = true;
	f->c->commit.coauthor = &value;
	f->c->commit.ncoauthor = 1;
	f->w.person[CI].written = names;
	f->w.person[CI].nwritten = ARRAY_LEN(names);
	for (i = 0; i < ARRAY_LEN(t); i++) {
		value = span_str(t[i].value);
		assert_string_equal(judged(f), t[i].is ? "robot.commit" : "");
	}
	value = SPAN_LIT("Agent");
	f->w.person[CI].robot = false;
	assert_string_equal(judged(f), "");
}

static void robots_commit_where_they_may(void **state)
{
	static const char *const roles[] = {
		"the author", "the committer", "a co-author", "the signer"};
	struct fixture *f = *state;
	int way;

	f->robot.commit_some = true;
	assert_string_equal(judged(f), "");
	for (way = 0; way < 4; way++) {
		take_part(f, way);
		assert_string_equal(judged(f), "robot.commit");
		assert_non_null(strstr(f->w.out.v[0].detail, roles[way]));
		f->robot.commit = world_people(&f->w, CI, -1);
		assert_string_equal(judged(f), "");
		f->robot.commit = world_people(&f->w, -1);
		f->w.person[CI].robot = false;
		assert_string_equal(judged(f), "");
		f->w.person[CI].robot = true;
	}
	f->up->movement = MOVEMENT_DELETE;
	assert_string_equal(judged(f), "");
}

static void tags_are_made_by_somebody_too(void **state)
{
	struct fixture *f = *state;
	struct tag_change *t = world_tag(&f->w, f->up, ADA);

	f->robot.commit_some = true;
	assert_string_equal(judged(f), "");
	t->tag.tagger.email = SPAN_LIT("ci@example.org");
	assert_string_equal(judged(f), "robot.commit");
	t->tag.tagger.email = SPAN_LIT("ada@example.org");
	t->sig.person = &f->w.person[CI];
	assert_string_equal(judged(f), "robot.commit");
	f->robot.commit_some = false;
	assert_string_equal(judged(f), "");
}

static void robots_touch_what_is_theirs(void **state)
{
	static const char *match[] = {"deps/**", "*.lock"};
	struct fixture *f = *state;

	f->robot.path = &f->robot_path;
	f->robot.npath = 1;
	f->robot_path = (struct robot_path){
		world_people(&f->w, CI, -1), match, ARRAY_LEN(match)};
	f->path[0].path = SPAN_LIT("deps/a/b");
	f->path[1].path = SPAN_LIT("src/x.c");
	f->path[2].path = SPAN_LIT("sub/y.lock");
	f->path[2].removed = true;
	f->c->path = f->path;
	f->c->npath = 3;
	assert_string_equal(judged(f), "");
	take_part(f, 2);
	assert_string_equal(judged(f), "robot.path");
	assert_string_equal(f->w.out.v[0].place, "src/x.c");
	assert_string_equal(f->w.out.v[0].detail,
		"not for the robot 'ci', like 2 of the 3 paths of the commit");
	f->path[1].path = SPAN_LIT("y.lock");
	assert_string_equal(judged(f), "robot.path");
	assert_string_equal(f->w.out.v[0].place, "sub/y.lock");
	f->c->npath = 2;
	assert_string_equal(judged(f), "");
	/* Named by no entry: nothing is its own. */
	f->robot_path.by = world_people(&f->w, -1);
	assert_string_equal(judged(f), "robot.path");
	f->robot.npath = 0;
	assert_string_equal(judged(f), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(robots_push_where_they_may),
		TEST(robots_are_known_by_name),
		TEST(robots_commit_where_they_may),
		TEST(tags_are_made_by_somebody_too),
		TEST(robots_touch_what_is_theirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

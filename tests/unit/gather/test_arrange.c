/* Commits in an order that does not depend on who found them first. */
#include "gather/arrange.h"

#include "support/unit.h"

#define N 6

/* A graph: 5 and 4 are merged by 3; 2 is on 3; 1 on 2 as well as 0. All of one
 * second but for 0, whose clock was behind. */
static const int parents[N][2] = {
	{2, -1}, {2, -1}, {3, -1}, {4, 5}, {-1, -1}, {-1, -1}};

struct scene {
	struct arena *arena;
	struct facts f;
	struct push push;
	struct update_fact update[2];
	struct oid_set at;
};

static struct oid name(int i)
{
	struct oid o = {{0}};

	o.b[0] = (unsigned char)(0x10 + i);
	return o;
}

/* Found in the order of ${as}, which update 0 has whole and update 1 a part of.
 */
static void arrange(struct scene *s, const int as[N])
{
	size_t i, k;

	*s = (struct scene){.arena = arena_new(1 << 20)};
	s->push.nup = 2;
	s->f = (struct facts){.push = &s->push,
		.update = s->update,
		.change = arena_get(s->arena, N, sizeof(*s->f.change)),
		.nchange = N};
	for (i = 0; i < 2; i++)
		s->update[i].change = arena_get(s->arena, N, sizeof(size_t));
	for (i = 0; i < N; i++) {
		struct commit *c = &s->f.change[i].commit;

		c->id = name(as[i]);
		c->committer.time = as[i] ? 100 : 7;
		c->parent = arena_get(s->arena, 2, sizeof(*c->parent));
		for (k = 0; k < 2; k++)
			if (parents[as[i]][k] >= 0)
				c->parent[c->nparent++] =
					name(parents[as[i]][k]);
		oid_set_put(&s->at, &c->id, i);
		s->update[0].change[s->update[0].nchange++] = i;
		if (as[i] == 0 || as[i] == 3)
			s->update[1].change[s->update[1].nchange++] = i;
	}
	changes_arrange(&s->f, &s->at, s->arena);
}

static void end(struct scene *s)
{
	oid_set_free(&s->at);
	arena_free(s->arena);
}

static void a_child_goes_first_then_the_later_then_the_name(void **state)
{
	static const int order[] = {1, 0, 2, 3, 4, 5};
	static const int found[][N] = {
		{0, 1, 2, 3, 4, 5}, {5, 4, 3, 2, 1, 0}, {3, 0, 5, 1, 4, 2}};
	struct scene s;
	size_t i, k;

	(void)state;
	for (k = 0; k < 3; k++) {
		arrange(&s, found[k]);
		for (i = 0; i < N; i++) {
			struct oid id = name(order[i]);

			assert_true(oid_eq(&s.f.change[i].commit.id, &id));
			assert_int_equal(oid_set_get(&s.at, &id), i);
			assert_int_equal(s.update[0].change[i], i);
		}
		assert_int_equal(s.update[1].nchange, 2);
		assert_int_equal(s.update[1].change[0], 1);
		assert_int_equal(s.update[1].change[1], 3);
		end(&s);
	}
}

/* A parent that is no new commit, or named twice, is none to wait for. */
static void what_is_not_new_does_not_count(void **state)
{
	static const int found[N] = {0, 1, 2, 3, 4, 5};
	struct oid other = name(40), first = name(3);
	struct scene s;

	(void)state;
	arrange(&s, found);
	s.f.nchange = 2;
	s.update[0].nchange = s.update[1].nchange = 0;
	s.f.change[0].commit.id = name(4);
	s.f.change[0].commit.parent[0] = other;
	s.f.change[0].commit.nparent = 1;
	s.f.change[1].commit.id = first;
	s.f.change[1].commit.parent = arena_get(s.arena, 2, sizeof(struct oid));
	s.f.change[1].commit.parent[0] = s.f.change[1].commit.parent[1] =
		name(4);
	s.f.change[1].commit.nparent = 2;
	s.f.change[1].commit.committer.time = 1;
	oid_set_free(&s.at);
	oid_set_put(&s.at, &s.f.change[0].commit.id, 0);
	oid_set_put(&s.at, &first, 1);
	changes_arrange(&s.f, &s.at, s.arena);
	assert_true(oid_eq(&s.f.change[0].commit.id, &first));
	assert_int_equal(oid_set_get(&s.at, &other), SIZE_MAX);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_child_goes_first_then_the_later_then_the_name),
		cmocka_unit_test(what_is_not_new_does_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

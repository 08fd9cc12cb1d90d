#include "model/robot.h"
#include "base/text.h"
#include "checks/check.h"

struct judging {
	const struct facts *facts;
	const struct rule_robot *rule;
	struct people robots;
	size_t u;
	struct findings *out;
};

static void pusher(struct judging *j)
{
	const struct update_fact *up = &j->facts->update[j->u];
	size_t i;

	for (i = 0; i < j->robots.n; i++) {
		const struct person *who = j->robots.v[i];

		if (!facts_is_pusher(j->facts, who) ||
			people_has(&j->rule->push, who))
			continue;
		findings_add(j->out, FINDING_ROBOT_PUSH, j->u, &up->up->new)
			->detail =
			arena_fmt(j->out->arena, "'%s' is a robot", who->name);
	}
}

static void commit(struct judging *j, const struct change *c,
	const struct person *who, const char *role)
{
	if (!j->rule->commit_some || people_has(&j->rule->commit, who))
		return;
	findings_add(j->out, FINDING_ROBOT_COMMIT, j->u, &c->commit.id)
		->detail = arena_fmt(j->out->arena, "the robot '%s' is %s: %s",
		who->name, role, findings_about(j->out, &c->commit));
}

static bool may_touch(const struct rule_robot *rule, const struct person *who,
	struct span path)
{
	size_t i, k;

	for (i = 0; i < rule->npath; i++) {
		const struct robot_path *p = &rule->path[i];

		if (!people_has(&p->by, who))
			continue;
		for (k = 0; k < p->nmatch; k++)
			if (text_glob(span_str(p->match[k]), path))
				return true;
	}
	return false;
}

/* One finding a commit, at the first path; the way out is the same. */
static void paths(
	struct judging *j, const struct change *c, const struct person *who)
{
	const struct path_change *first = NULL;
	struct finding *f;
	size_t i, n = 0;

	for (i = 0; i < c->npath && j->rule->npath; i++) {
		if (may_touch(j->rule, who, c->path[i].path))
			continue;
		if (!n++)
			first = &c->path[i];
	}
	if (!n)
		return;
	f = findings_add(j->out, FINDING_ROBOT_PATH, j->u, &c->commit.id);
	f->place = findings_show(j->out, first->path, 300);
	f->detail = arena_fmt(j->out->arena,
		"not for the robot '%s', like %zu of the %zu paths of the "
		"commit",
		who->name, n, c->npath);
}

static void tag(struct judging *j, const struct tag_change *t)
{
	size_t i;

	for (i = 0; i < j->robots.n && j->rule->commit_some; i++) {
		const struct person *who = j->robots.v[i];

		if (people_has(&j->rule->commit, who) ||
			(t->sig.person != who &&
				!person_has_email(who, t->tag.tagger.email)))
			continue;
		findings_add(j->out, FINDING_ROBOT_COMMIT, j->u, &t->tag.id)
			->detail = arena_fmt(j->out->arena,
			"the robot '%s' made the tag '%s'", who->name,
			findings_show(j->out, t->tag.name, 80));
	}
}

static void run(const struct facts *facts, size_t u, struct findings *out)
{
	const struct update_fact *up = &facts->update[u];
	struct judging j = {
		.facts = facts, .rule = up->rules.robot, .u = u, .out = out};
	size_t i, k;

	if (!j.rule)
		return;
	j.robots = robots_of(facts->policy, out->arena);
	if (j.rule->push_some)
		pusher(&j);
	if (up->movement == MOVEMENT_DELETE)
		return;
	for (i = 0; i < up->ntag; i++)
		tag(&j, &facts->tag[up->tag[i]]);
	for (i = 0; i < up->nchange; i++) {
		const struct change *c = &facts->change[up->change[i]];

		for (k = 0; k < j.robots.n; k++) {
			const char *role = robot_role(c, j.robots.v[k]);

			if (!role)
				continue;
			commit(&j, c, j.robots.v[k], role);
			paths(&j, c, j.robots.v[k]);
		}
	}
}

const struct check check_robot = {"robot", run};

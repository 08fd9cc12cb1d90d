#include "model/robot.h"

#include "base/text.h"

struct people robots_of(const struct policy *p, struct arena *arena)
{
	struct people out = {0};
	size_t i, n = 0;

	for (i = 0; i < p->nperson; i++)
		n += p->person[i].robot;
	out.v = arena_get(arena, n, sizeof(*out.v));
	for (i = 0; i < p->nperson; i++)
		if (p->person[i].robot)
			out.v[out.n++] = &p->person[i];
	return out;
}

bool robot_rule_of_commits(const struct rule_robot *rule)
{
	return rule && (rule->commit_some || rule->npath);
}

/* "Agent" or "Agent:model-3 tool", as agents write who they are where they have
 * no address. Of people a name says nothing: others have it too. */
static bool is_named(const struct person *who, struct span value)
{
	size_t i;

	for (i = 0; who->robot && i < who->nwritten; i++) {
		struct span name = span_str(who->written[i]);

		if (text_same(span_sub(value, 0, name.n), name) &&
			(value.n == name.n ||
				strchr(" \t:,;(/", value.p[name.n])))
			return true;
	}
	return false;
}

const char *change_role(
	const struct change *c, const struct person *who, unsigned exclude)
{
	size_t i;

	if (exclude & EXCLUDE_AUTHOR) {
		if (person_has_email(who, c->commit.author.email))
			return "the author";
		for (i = 0; i < c->commit.ncoauthor; i++)
			if (person_has_email(who, c->commit.coauthor[i]) ||
				is_named(who, c->commit.coauthor[i]))
				return "a co-author";
		if (c->sig.person == who)
			return "the signer";
	}
	if ((exclude & EXCLUDE_COMMITTER) &&
		person_has_email(who, c->commit.committer.email))
		return "the committer";
	return NULL;
}

const char *robot_role(const struct change *c, const struct person *who)
{
	return change_role(c, who, EXCLUDE_AUTHOR | EXCLUDE_COMMITTER);
}

const struct person *robot_in(
	const struct change *c, const struct people *robots)
{
	size_t i;

	for (i = 0; i < robots->n; i++)
		if (robot_role(c, robots->v[i]))
			return robots->v[i];
	return NULL;
}

#include "model/owner.h"

#include "base/text.h"

static struct people one(const struct person *who, struct arena *arena)
{
	struct people p = {0};

	if (!who)
		return p;
	p.v = arena_get(arena, 1, sizeof(*p.v));
	p.v[p.n++] = who;
	return p;
}

/* Forges take names in other case for the same; of two groups it is nobody's.
 */
static struct people group_named(const struct policy *p, struct span name)
{
	const struct policy_group *same = NULL;
	size_t i, n = 0;

	for (i = 0; i < p->ngroup; i++) {
		if (span_is(name, p->group[i].name))
			return p->group[i].people;
		if (text_same(span_str(p->group[i].name), name)) {
			same = &p->group[i];
			n++;
		}
	}
	return n == 1 ? same->people : (struct people){0};
}

static struct span last_part(struct span s)
{
	size_t slash;

	while ((slash = span_find(s, '/')) != SIZE_MAX)
		s = span_from(s, slash + 1);
	return s;
}

struct people owner_people(const struct policy *p,
	const struct rule_codeowners *rule, struct span owner,
	struct arena *arena)
{
	const struct person *who;
	struct people all;
	size_t i;

	for (i = 0; i < rule->nowner; i++)
		if (text_same(span_str(rule->owner[i].name), owner))
			return rule->owner[i].by;
	if (span_starts(owner, SPAN_LIT("@")))
		owner = span_from(owner, 1);
	else if (span_find(owner, '@') != SIZE_MAX)
		return one(policy_person_by_email(p, owner), arena);
	else if (rule->dialect != CODEOWNERS_GITEA)
		return (struct people){0};
	/* "@@maintainer" is a role at the forge, which is nobody here. */
	if (!owner.n || owner.p[0] == '@')
		return (struct people){0};
	if (span_find(owner, '/') == SIZE_MAX) {
		who = policy_person_by_account(p, owner);
		return who ? one(who, arena) : group_named(p, owner);
	}
	all = group_named(p, owner);
	return all.n ? all : group_named(p, last_part(owner));
}

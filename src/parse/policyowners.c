/* "codeowners" of an approval section: whom files of that name ask. */
#include "parse/policyread.h"

/* Owners are never looked up by anything but what is written in the file. */
static int owners_read(struct reader *r, struct conf *c,
	struct rule_codeowners *o, struct err *err)
{
	const void *pos = NULL;
	struct conf *member;
	const char *name;
	size_t cap = 0;

	if (!c)
		return 0;
	if (conf_object(c, err))
		return -1;
	for (;;) {
		struct owner_name *to;

		if (conf_next(c, &pos, &name, &member, err))
			return -1;
		if (!member)
			return 0;
		if (list_limit(c, o->nowner + 1, POLICY_ENTRIES_MAX, err))
			return -1;
		if (!name[0] || strpbrk(name, " \t"))
			return conf_fail(member, err,
				"expected an owner as CODEOWNERS has it, such "
				"as '@org/team', found '%s'",
				name);
		o->owner = arena_grow(
			r->arena, o->owner, o->nowner, &cap, sizeof(*to));
		to = &o->owner[o->nowner++];
		to->name = name;
		if (people_list(r, member, 1, &to->by, err))
			return -1;
	}
}

int codeowners_read(struct reader *r, struct conf *c, struct rule_approval *a,
	struct err *err)
{
	struct rule_codeowners *o = ARENA_NEW(r->arena, struct rule_codeowners);
	struct conf *v;
	bool on = false;
	size_t i = 0;

	if (!conf_is_object(c)) {
		if (conf_bool(c, &on, err))
			return -1;
		if (on)
			a->codeowners = o;
		return 0;
	}
	v = conf_get(c, "dialect");
	if (v &&
		conf_choice(v, codeowners_dialect_names, CODEOWNERS_DIALECTS,
			&i, err))
		return -1;
	o->dialect = (enum codeowners_dialect)i;
	v = conf_get(c, "fallback");
	if (v &&
		(people_list(r, v, 1, &o->fallback, err) ||
			servers_check(r->policy, a, v, &o->fallback, 1, err)))
		return -1;
	if (owners_read(r, conf_get(c, "owners"), o, err))
		return -1;
	a->codeowners = o;
	return conf_done(c, err);
}

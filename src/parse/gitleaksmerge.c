/* Files of gitleaks put together, and the rule pack made of them. */
#include "base/text.h"
#include "parse/gitleaksfile.h"

#define GROUPS_MAX 63 /* PATTERN_GROUPS_MAX of port/pattern.h, without 0 */
#define ID_MAX 128

static const char remedy[] =
	"Revoke it where it was issued, then take it out of the commit. Where "
	"it is no secret, say so in the allow-lists of the rules.";

static bool listed(const struct word_list *list, struct span s)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (span_eq(list->v[i], s))
			return true;
	}
	return false;
}

static void add_allows(struct leak_allows *to, const struct leak_allows *from,
	struct arena *arena)
{
	const struct leak_allow *a;

	for (a = from->first; a; a = a->next)
		leak_allow_add(to, &a->list, arena);
}

static struct word_list words_add(const struct word_list *a,
	const struct word_list *b, struct arena *arena)
{
	struct word_list all;
	size_t i;

	all.v = arena_get(arena, a->n + b->n + 1, sizeof(*all.v));
	all.n = a->n + b->n;
	for (i = 0; i < all.n; i++)
		all.v[i] = i < a->n ? a->v[i] : b->v[i - a->n];
	return all;
}

/*
 * A rule of both files. gitleaks takes the base's and puts over it what the
 * other says; 'required' and 'skipReport' of the other are lost on the way.
 */
static struct leak_rule merged(const struct leak_rule *base,
	const struct leak_rule *over, struct arena *arena)
{
	struct leak_rule r = *base;

	r.line = over->line;
	r.depth = over->depth;
	if (over->description.n)
		r.description = over->description;
	if (over->entropy < 0 || over->entropy > 0)
		r.entropy = over->entropy;
	if (over->group)
		r.group = over->group;
	if (over->has_regex) {
		r.regex = over->regex;
		r.groups = over->groups;
		r.has_regex = true;
	}
	if (over->path.n)
		r.path = over->path;
	r.keywords = words_add(&base->keywords, &over->keywords, arena);
	r.allow = (struct leak_allows){0};
	add_allows(&r.allow, &base->allow, arena);
	add_allows(&r.allow, &over->allow, arena);
	return r;
}

void gitleaks_extend(struct gitleaks_file *f, const struct gitleaks_file *base,
	struct arena *arena)
{
	struct leak_rule *all =
		arena_get(arena, f->n + base->n + 1, sizeof(*all));
	struct leak_rule *old;
	size_t i;

	if (f->n)
		memcpy(all, f->rule, f->n * sizeof(*all));
	f->rule = all;
	for (i = 0; i < base->n; i++) {
		if (listed(&f->disabled, base->rule[i].id))
			continue;
		old = leak_rule_find(f, base->rule[i].id);
		if (old)
			*old = merged(&base->rule[i], old, arena);
		else
			f->rule[f->n++] = base->rule[i];
	}
	add_allows(&f->allow, &base->allow, arena);
}

/* What gitleaks checks last, and what we cannot carry. The line is that of the
 * file where the rule was last written; rules of an extended file say so. */
static int check(const struct leak_rule *r, struct err *err)
{
	const char *what = NULL;
	size_t i;

	for (i = 0; i < r->id.n && !what; i++) {
		if (r->id.p[i] < ' ' || r->id.p[i] > '~')
			what = "id: expected printable ASCII";
	}
	if (!span_trim(r->id).n)
		what = "a rule without 'id'";
	else if (r->id.n > ID_MAX)
		what = "id: longer than 128 bytes";
	else if (!r->has_regex && !r->path.n)
		what = "'regex' and 'path' are both missing";
	else if (r->has_regex && r->group > r->groups)
		what = "secretGroup: the regex has not so many groups";
	else if (r->groups > GROUPS_MAX)
		what = "regex: more than 63 groups cannot be carried";
	else if (!r->has_regex && r->keywords.n)
		what = "keywords of a rule on the path alone cannot be carried";
	else if (!r->has_regex && r->nrequired)
		what = "'required' of a rule on the path alone cannot be "
		       "carried";
	if (!what)
		return 0;
	leak_bad(r->line, r->id, err, what);
	return r->depth ? err_hint(err, "the rule is in an extended file") : -1;
}

/* What is on the path alone has no line to be near to. */
static int check_required(const struct gitleaks_file *f,
	const struct leak_rule *r, struct err *err)
{
	const struct leak_rule *other;
	size_t i;

	for (i = 0; i < r->nrequired; i++) {
		other = leak_rule_find(f, r->required[i].id);
		if (other && !other->has_regex)
			return leak_bad(r->line, r->id, err,
				"'required' that names a rule on the path "
				"alone cannot be carried");
	}
	return 0;
}

/* Allow-lists that name rules become lists of those rules. */
static int aim(struct gitleaks_file *f, struct arena *arena, struct err *err)
{
	const struct leak_target *t;
	struct leak_rule *r;
	size_t i;

	for (t = f->target; t; t = t->next) {
		for (i = 0; i < t->ids.n; i++) {
			r = leak_rule_find(f, t->ids.v[i]);
			if (!r)
				return leak_bad(t->line, SPAN_EMPTY, err,
					"targetRules: no rule of that id");
			leak_allow_add(&r->allow, t->list, arena);
		}
	}
	return 0;
}

static size_t number(struct leak_allows *list, size_t *next)
{
	struct leak_allow *a;
	size_t n = 0;

	for (a = list->first; a; a = a->next, n++)
		a->list.index = (*next)++;
	return n;
}

static bool is_generic(struct span id)
{
	size_t i;

	for (i = 0; i + 7 <= id.n; i++) {
		if (text_same(span_sub(id, i, 7), SPAN_LIT("generic")))
			return true;
	}
	return false;
}

static int put_rule(const struct gitleaks_file *f, const struct leak_rule *r,
	size_t nglobal, size_t nown, struct arena *arena, struct rule *out,
	struct err *err)
{
	struct gitleaks_rule *leak = ARENA_NEW(arena, struct gitleaks_rule);
	const struct leak_allow *a;

	if (nglobal + nown > GITLEAKS_ALLOW_MAX)
		return leak_bad(r->line, r->id, err,
			"more than 64 allow-lists cannot be carried");
	leak->allow =
		arena_get(arena, nglobal + nown + 1, sizeof(*leak->allow));
	for (a = f->allow.first; a; a = a->next)
		leak->allow[leak->nallow++] = &a->list;
	for (a = r->allow.first; a; a = a->next)
		leak->allow[leak->nallow++] = &a->list;
	leak->required = r->required;
	leak->nrequired = r->nrequired;
	leak->skip_report = r->skip_report;
	leak->generic = is_generic(r->id);
	*out = (struct rule){.id = r->id,
		.description = r->description.n ? r->description : r->id,
		.remediation = SPAN_LIT(remedy),
		.regex = r->regex,
		.path = r->path,
		.keywords = r->keywords,
		.group = (unsigned)r->group,
		.entropy = r->entropy,
		.confidence = CONFIDENCE_HIGH,
		.leak = leak};
	return 0;
}

int gitleaks_finish(struct gitleaks_file *f, struct arena *arena,
	const struct rulepack **out, struct err *err)
{
	struct rulepack *pack = ARENA_NEW(arena, struct rulepack);
	size_t i, nglobal;

	*out = NULL;
	for (i = 0; i < f->n; i++) {
		if (check(&f->rule[i], err) ||
			check_required(f, &f->rule[i], err))
			return -1;
	}
	if (aim(f, arena, err))
		return -1;
	if (f->n > RULEPACK_RULES_MAX)
		return err_set(err, ERR_POLICY, "more than %d rules in all",
			RULEPACK_RULES_MAX);
	if (!f->n)
		return err_set(err, ERR_POLICY, "there are no rules in it");
	pack->name = SPAN_LIT("gitleaks");
	pack->rules = arena_get(arena, f->n, sizeof(*pack->rules));
	nglobal = number(&f->allow, &pack->nleak);
	for (i = 0; i < f->n; i++) {
		size_t nown = number(&f->rule[i].allow, &pack->nleak);

		if (put_rule(f, &f->rule[i], nglobal, nown, arena,
			    &pack->rules[i], err))
			return -1;
	}
	pack->n = f->n;
	*out = pack;
	return 0;
}

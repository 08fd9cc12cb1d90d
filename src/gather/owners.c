#include "gather/owners.h"

#include "base/text.h"
#include "gather/paths.h"
#include "model/owner.h"
#include "parse/codeowners.h"
#include "parse/re2.h"
#include "port/pattern.h"

#define STEPS_MAX (UINT64_C(1) << 31) /* some seconds of comparing bytes */
#define STEPS_REGEX 64                /* what one expression counts for */
#define BITS_MAX ((size_t)1 << 31)    /* commits times rules that ask */

/* A file that was read: many refs of a push may have the same. */
struct owners_file {
	struct oid blob;
	struct codeowners c;
	struct pattern **regex; /* of Gitea's: one a rule */
	struct owners_file *next;
};

struct owners {
	struct gather *g;
	struct facts *f;
	struct update_fact *uf;
	struct owners_file *files;
	const char *place; /* of the file in force */
	size_t **demand;   /* [section][rule]: index + 1 */
	size_t cap;
	uint64_t steps;
};

/* The ref whose value of before holds the file, and that value. */
static bool value_now(struct gather *g, struct span ref, struct oid *out)
{
	return repo_ref_value(g->repo, arena_str(g->arena, ref), out);
}

static const struct gated_tip *admitted(const struct facts *f, struct span ref)
{
	size_t i;

	for (i = 0; i < f->push->ngated; i++)
		if (span_eq(f->push->gated[i].ref, ref))
			return &f->push->gated[i];
	return NULL;
}

static bool of_own_ref(
	struct gather *g, const struct facts *f, size_t u, struct oid *out)
{
	const struct ref_update *up = &f->push->up[u];
	const struct gated_tip *tip = admitted(f, up->ref);

	if (!value_now(g, up->ref, out))
		return false;
	if (f->push->old_gated[u] && oid_eq(out, &up->old))
		return true;
	if (tip)
		*out = tip->oid;
	return tip != NULL;
}

/* A branch that anybody could have put the file on is no default. */
static bool of_default(struct gather *g, const struct facts *f,
	struct span *ref, struct oid *out)
{
	const struct gated_tip *tip;
	struct err err = ERR_INIT;
	struct rules rules;

	if (repo_ref_symbolic(g->repo, "HEAD", g->arena, ref, &err) ||
		!ref->n ||
		!policy_rules(f->policy, span_str(f->push->repository), *ref,
			&rules) ||
		!rules.approval || !rules.approval->codeowners)
		return false;
	tip = admitted(f, *ref);
	return tip && value_now(g, *ref, out) && oid_eq(out, &tip->oid);
}

bool owners_come_from(
	struct gather *g, const struct facts *f, size_t u, struct span ref)
{
	struct span from;
	struct oid at;

	if (span_eq(ref, f->push->up[u].ref))
		return true;
	return !of_own_ref(g, f, u, &at) && of_default(g, f, &from, &at) &&
		span_eq(ref, from);
}

/* Demands */

static struct owner_demand *demand_add(struct owners *o, struct err *err)
{
	struct update_fact *uf = o->uf;
	size_t words = BIT_WORDS(uf->nchange);
	struct owner_demand *d;

	if ((uf->nowner + 1) * words > BITS_MAX / 64) {
		err_set(err, ERR_LIMIT,
			"%s: too many rules for so many commits", o->place);
		return NULL;
	}
	uf->owner = arena_grow(
		o->g->arena, uf->owner, uf->nowner, &o->cap, sizeof(*d));
	d = &uf->owner[uf->nowner++];
	d->commits = arena_get(o->g->arena, words, sizeof(*d->commits));
	d->count = 1;
	return d;
}

/* Where the file does not say who: the fallback, for all commits. */
static int demand_all(
	struct owners *o, const char *rule, const char *why, struct err *err)
{
	struct owner_demand *d = demand_add(o, err);
	size_t i;

	if (!d)
		return -1;
	d->by = o->uf->rules.approval->codeowners->fallback;
	d->rule = rule;
	d->fault = why;
	for (i = 0; i < o->uf->nchange; i++)
		bit_set(d->commits, i);
	return 0;
}

static void join(struct arena *arena, struct buf *to, struct span *out)
{
	*out = arena_copy(arena, buf_all(to));
	buf_free(to);
}

static int demand_make(struct owners *o, const struct owner_section *s,
	const struct owner_rule *r, struct err *err)
{
	const struct policy *policy = o->f->policy;
	const struct rule_codeowners *rule = o->uf->rules.approval->codeowners;
	struct buf all = BUF_INIT(2 << 20), unknown = BUF_INIT(2 << 20);
	struct arena *arena = o->g->arena;
	struct owner_demand *d = demand_add(o, err);
	size_t i, k;

	if (!d)
		return -1;
	d->count = s->count;
	d->rule = arena_fmt(arena, "%s line %u", o->place, r->line);
	d->by.v = arena_get(arena, policy->nperson, sizeof(*d->by.v));
	for (i = 0; i < r->nowner; i++) {
		struct people p =
			owner_people(policy, rule, r->owner[i], arena);

		buf_fmt(&all, "%s", all.n ? " " : "");
		buf_span(&all, r->owner[i]);
		for (k = 0; k < p.n; k++)
			if (!people_has(&d->by, p.v[k]))
				d->by.v[d->by.n++] = p.v[k];
		if (p.n)
			continue;
		buf_fmt(&unknown, "%s", unknown.n ? " " : "");
		buf_span(&unknown, r->owner[i]);
	}
	if (!d->by.n) {
		d->fault = "none of its owners is anybody whom the policy "
			   "knows";
		d->by = rule->fallback;
	}
	join(arena, &all, &d->owners);
	join(arena, &unknown, &d->unknown);
	return 0;
}

/* The rule ${r} is about a path of commit number ${i}. */
static int ask(struct owners *o, const struct codeowners *c, size_t section,
	const struct owner_rule *r, size_t i, struct span path, struct err *err)
{
	const struct owner_section *s = &c->section[section];
	size_t *at = &o->demand[section][r - s->rule];
	struct owner_demand *d;

	if (!r->nowner || !s->count)
		return 0;
	if (!*at) {
		if (demand_make(o, s, r, err))
			return -1;
		*at = o->uf->nowner;
	}
	d = &o->uf->owner[*at - 1];
	if (!d->npath++)
		d->path = path;
	bit_set(d->commits, i);
	return 0;
}

static int too_long(const struct owners *o, struct err *err)
{
	err_set(err, ERR_LIMIT, "%s: its rules take too many steps", o->place);
	return err_hint(err, "make the file simpler, or push less at once");
}

static int ask_by_regex(struct owners *o, const struct owners_file *file,
	size_t i, struct span path, struct err *err)
{
	const struct owner_section *s = &file->c.section[0];
	size_t k;

	for (k = 0; k < s->n; k++) {
		enum pattern_result hit = pattern_holds(file->regex[k], path);

		o->steps += STEPS_REGEX;
		if (hit == PATTERN_LIMIT) {
			err_set(err, ERR_LIMIT,
				"%s line %u: the expression takes too many "
				"steps on a path",
				o->place, s->rule[k].line);
			return err_hint(err,
				"make the expression simpler, or "
				"the path shorter");
		}
		if ((hit == PATTERN_MATCH) != s->rule[k].negated &&
			ask(o, &file->c, 0, &s->rule[k], i, path, err))
			return -1;
	}
	return o->steps > STEPS_MAX ? too_long(o, err) : 0;
}

static int ask_by_glob(struct owners *o, const struct codeowners *c, size_t i,
	struct span path, struct span shown, struct err *err)
{
	size_t k;

	for (k = 0; k < c->n; k++) {
		const struct owner_rule *r;

		if (!c->section[k].count)
			continue;
		r = owner_rule_of(&c->section[k], c->dialect, path, &o->steps);
		if (o->steps > STEPS_MAX)
			return too_long(o, err);
		if (r && ask(o, c, k, r, i, shown, err))
			return -1;
	}
	return 0;
}

static struct span as_folder(struct span path, struct arena *arena)
{
	unsigned char *v = arena_get(arena, path.n + 1, 1);

	memcpy(v, path.p, path.n);
	v[path.n] = '/';
	return span_of(v, path.n + 1);
}

/* A link or a submodule may stand for a whole folder: then whose the folder is
 * are asked as well. */
static int ask_for(struct owners *o, const struct owners_file *file, size_t i,
	const struct path_change *p, struct err *err)
{
	struct span path = p->path;

	if (file->regex)
		return ask_by_regex(o, file, i, path, err);
	if (ask_by_glob(o, &file->c, i, path, path, err))
		return -1;
	if (p->removed || entry_kind(p->mode) == ENTRY_FILE)
		return 0;
	return ask_by_glob(
		o, &file->c, i, as_folder(path, o->g->arena), path, err);
}

/* The file */

/* As Gitea does it, which puts no group around the expression. */
static void compile(struct owners *o, struct owners_file *file)
{
	struct codeowners *c = &file->c;
	struct owner_section *s = &c->section[0];
	size_t k;

	file->regex = arena_get(o->g->arena, s->n + 1, sizeof(*file->regex));
	for (k = 0; k < s->n; k++) {
		struct buf re = BUF_INIT(PATTERN_TEXT_MAX);
		struct span all = span_str(arena_fmt(
			o->g->arena, "^%.*s$", SPAN_FMT(s->rule[k].pattern)));
		struct err err = ERR_INIT;

		bool good = text_is_utf8(all) &&
			!re2_translate(all, &re, NULL, &err) && !re.full &&
			!pattern_new(buf_all(&re), &file->regex[k], &err);

		buf_free(&re);
		if (good)
			continue;
		if (!c->fault) {
			c->fault = "the expression cannot be read";
			c->fault_line = s->rule[k].line;
		}
		/* What it is about is not known: all that is asked then. */
		memmove(&s->rule[k], &s->rule[k + 1],
			(s->n - k - 1) * sizeof(*s->rule));
		s->n--;
		k--;
	}
}

static void files_free(struct owners_file *file)
{
	size_t k;

	for (; file; file = file->next)
		for (k = 0; file->regex && k < file->c.section[0].n; k++)
			pattern_free(file->regex[k]);
}

static int file_read(struct owners *o, const struct oid *blob,
	enum codeowners_dialect dialect, struct owners_file **out,
	struct err *err)
{
	struct err why = ERR_INIT;
	struct repo_object obj = {0};
	struct owners_file *file;
	uint64_t size = 0;

	for (file = o->files; file; file = file->next)
		if (oid_eq(&file->blob, blob) && file->c.dialect == dialect) {
			*out = file;
			return 0;
		}
	file = ARENA_NEW(o->g->arena, struct owners_file);
	repo_type(o->g->repo, blob, &size);
	if (size > CODEOWNERS_MAX) {
		file->c.fault = "the file is too large";
	} else if (repo_read(o->g->repo, blob, CODEOWNERS_MAX, &obj, err)) {
		return -1;
	} else if (codeowners_parse(arena_copy(o->g->arena, obj.data), dialect,
			   o->g->arena, &file->c, &why)) {
		file->c.fault = arena_str(o->g->arena, span_str(why.text));
	}
	repo_object_free(&obj);
	file->c.dialect = dialect;
	file->blob = *blob;
	if (dialect == CODEOWNERS_GITEA && file->c.n)
		compile(o, file);
	file->next = o->files;
	o->files = file;
	*out = file;
	return 0;
}

/* The first of the places where it stands. */
static int find(struct owners *o, const struct oid *commit,
	enum codeowners_dialect dialect, struct repo_path *out, struct err *err)
{
	size_t i;

	for (i = 0; i < CODEOWNERS_PLACES; i++) {
		o->place = codeowners_places[dialect][i];
		if (repo_entry_at(o->g->repo, commit, o->place, out, err))
			return -1;
		if (out->type != OBJECT_NONE)
			return 0;
	}
	o->place = "CODEOWNERS";
	return 0;
}

static int by_file(
	struct owners *o, const struct owners_file *file, struct err *err)
{
	const struct codeowners *c = &file->c;
	struct update_fact *uf = o->uf;
	size_t i, k;

	o->demand = arena_get(o->g->arena, c->n, sizeof(*o->demand));
	for (i = 0; i < c->n; i++)
		o->demand[i] = arena_get(o->g->arena, c->section[i].n + 1,
			sizeof(*o->demand[i]));
	if (c->fault &&
		demand_all(o,
			c->fault_line ? arena_fmt(o->g->arena, "%s line %u",
						o->place, c->fault_line)
				      : o->place,
			c->fault, err))
		return -1;
	for (i = 0; i < uf->nchange; i++) {
		const struct change *change = &o->f->change[uf->change[i]];

		for (k = 0; k < change->npath; k++)
			if (ask_for(o, file, i, &change->path[k], err))
				return -1;
	}
	return 0;
}

static int of_update(struct owners *o, size_t u, struct err *err)
{
	const struct rule_codeowners *rule = o->uf->rules.approval->codeowners;
	struct owners_file *file;
	enum object_type type;
	struct repo_path at;
	struct span ref;
	struct oid tip;

	o->place = "CODEOWNERS";
	if (!of_own_ref(o->g, o->f, u, &tip) &&
		!of_default(o->g, o->f, &ref, &tip))
		return demand_all(o, o->place,
			"there is none yet that owners approved", err);
	if (!repo_peel(o->g->repo, &tip, &tip, &type) || type != OBJECT_COMMIT)
		return demand_all(
			o, o->place, "what was there before is no commit", err);
	if (find(o, &tip, rule->dialect, &at, err))
		return -1;
	if (at.type == OBJECT_NONE)
		return demand_all(o, o->place,
			"what was there before has no such file", err);
	if (at.type != OBJECT_BLOB || entry_kind(at.mode) != ENTRY_FILE)
		return demand_all(o, o->place, "it is no plain file", err);
	if (file_read(o, &at.oid, rule->dialect, &file, err))
		return err_in(err, "%s", o->place);
	return by_file(o, file, err);
}

int gather_owners(struct gather *g, struct facts *f, struct err *err)
{
	struct owners o = {.g = g, .f = f};
	int ret = 0;
	size_t u;

	for (u = 0; !ret && u < f->push->nup; u++) {
		o.uf = &f->update[u];
		o.cap = 0;
		if (!o.uf->rules.approval ||
			!o.uf->rules.approval->codeowners || !o.uf->nchange)
			continue;
		ret = of_update(&o, u, err);
		if (ret)
			err_in_update(f, u, err);
	}
	files_free(o.files);
	return ret;
}

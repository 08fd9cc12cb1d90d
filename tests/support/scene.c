#include "support/scene.h"

#include "gather/signedtag.h"
#include "support/unit.h"

#define DAY 86400
#define SUBJECT_PATHS 2

static const char *const names[SCENE_PEOPLE] = {
	"ada", "bela", "cy", "dee", "eve", "agent", "forge"};
static const char *emails[SCENE_PEOPLE][2] = {
	{"ada@example.org", "ada@home.example"},
	{"bela@example.org", "bela@home.example"},
	{"cy@example.org", "cy@home.example"},
	{"dee@example.org", "dee@home.example"},
	{"eve@example.org", "eve@home.example"},
	{"agent@example.org", "agent@bots.example"},
	{"forge@example.org", "forge@bots.example"},
};
static const char *const folders[SUBJECT_PATHS][1] = {{"one/**"}, {"two/*"}};

struct making {
	const struct scene *s;
	struct world *w;
	struct person *people;
	struct forge *forge;
	struct update_fact *up;
	struct oid_set numbers;
	unsigned turn; /* which of two addresses of theirs a person uses next */
};

static bool has(unsigned set, size_t i)
{
	return set >> i & 1;
}

static struct people people_of(struct making *m, unsigned set)
{
	struct people p = {0};
	size_t i;

	p.v = arena_get(m->w->arena, SCENE_PEOPLE, sizeof(*p.v));
	for (i = 0; i < SCENE_PEOPLE; i++)
		if (has(set, i))
			p.v[p.n++] = &m->people[i];
	return p;
}

static struct span mail(struct making *m, size_t who)
{
	return who == SCENE_NOBODY ? SPAN_LIT("zoe@example.org")
				   : span_str(emails[who][m->turn++ % 2]);
}

static void accounts(struct making *m, size_t who)
{
	struct person *p = &m->people[who];
	size_t i;

	p->forge = arena_get(m->w->arena, SCENE_FORGES, sizeof(*p->forge));
	for (i = 0; i < SCENE_FORGES; i++)
		if (has(m->s->account[i], who))
			p->forge[p->nforge++] = (struct forge_account){
				.forge = m->forge[i].name, .login = names[who]};
}

static void people(struct making *m)
{
	struct arena *a = m->w->arena;
	size_t i;

	m->people = arena_get(a, SCENE_PEOPLE, sizeof(*m->people));
	for (i = 0; i < SCENE_PEOPLE; i++)
		m->people[i] = (struct person){.name = names[i],
			.email = emails[i],
			.nemail = 2,
			.robot = i >= SCENE_HUMANS};
	m->people[SCENE_FORGE].signs = m->s->forge_signs;
	m->w->policy.person = m->people;
	m->w->policy.nperson = SCENE_PEOPLE;
	m->w->policy.nforge = SCENE_FORGES;
	m->w->policy.forge = m->forge =
		arena_get(a, SCENE_FORGES, sizeof(*m->forge));
	for (i = 0; i < SCENE_FORGES; i++)
		m->forge[i] = (struct forge){.name = i ? "second" : "first",
			.url = "https://git.example.org"};
	for (i = 0; i < SCENE_PEOPLE; i++)
		accounts(m, i);
}

static void signature_rule(struct making *m)
{
	struct rule_signature *r =
		ARENA_NEW(m->w->arena, struct rule_signature);

	r->by = people_of(m, m->s->may_sign);
	r->kinds = m->s->kinds;
	r->identity = m->s->identity;
	r->merged_tags = m->s->merged_tags;
	m->up->rules.signature = r;
}

static void approval_rule(struct making *m)
{
	const struct scene *s = m->s;
	struct arena *a = m->w->arena;
	struct rule_approval *r = ARENA_NEW(a, struct rule_approval);
	size_t i;

	*r = (struct rule_approval){.no_tags = s->no_tags,
		.count = s->rule.count,
		.by = people_of(m, s->rule.by),
		.exclude = s->exclude,
		.shared = s->shared,
		.clean_merges = s->clean_merges,
		.objections = people_of(m, s->objectors),
		.robot_count = s->robot_count,
		.npath = s->npath,
		.ngroup = s->ngroup};
	r->codeowners = s->nowner ? ARENA_NEW(a, struct rule_codeowners) : NULL;
	r->forge = arena_get(a, SCENE_FORGES, sizeof(*r->forge));
	for (i = 0; i < SCENE_FORGES; i++)
		if (has(s->forges, i))
			r->forge[r->nforge++] = &m->forge[i];
	r->path = arena_get(a, SCENE_RULES, sizeof(*r->path));
	for (i = 0; i < s->npath; i++)
		r->path[i] = (struct approval_path){
			.match = (const char **)(uintptr_t)folders[i],
			.nmatch = 1,
			.count = s->path[i].count,
			.by = people_of(m, s->path[i].by)};
	r->group = arena_get(a, SCENE_RULES, sizeof(*r->group));
	for (i = 0; i < s->ngroup; i++)
		r->group[i] = (struct approval_group){
			s->group[i].count, people_of(m, s->group[i].by)};
	m->up->rules.approval = r;
}

static void owners(struct making *m)
{
	const struct scene *s = m->s;
	size_t i, k;

	m->up->owner =
		arena_get(m->w->arena, SCENE_RULES, sizeof(*m->up->owner));
	m->up->nowner = s->nowner;
	for (i = 0; i < s->nowner; i++) {
		struct owner_demand *d = &m->up->owner[i];

		*d = (struct owner_demand){.by = people_of(m, s->owner[i].by),
			.count = s->owner[i].count,
			.rule = "CODEOWNERS line 1",
			.commits = arena_get(m->w->arena, 1, 8)};
		for (k = 0; k < s->n; k++)
			if (has(s->owned[i], k))
				bit_set(d->commits, k);
	}
}

static void waiver_rules(struct making *m)
{
	const struct scene *s = m->s;
	struct arena *a = m->w->arena;
	struct rule_waiver *v = arena_get(a, SCENE_RULES, sizeof(*v));
	size_t i, k;

	for (i = 0; i < s->nwaiving; i++) {
		const struct scene_waiving *w = &s->waiving[i];

		v[i] = (struct rule_waiver){.by = people_of(m, w->by),
			.count = w->count,
			.exclude = w->exclude,
			.max_days = w->max_days};
		v[i].finding = arena_get(a, SCENE_IDS, sizeof(*v[i].finding));
		for (k = 0; k < SCENE_IDS; k++)
			if (has(w->findings, k))
				v[i].finding[v[i].nfinding++] = scene_ids[k];
	}
	m->up->rules.waiver = v;
	m->up->rules.nwaiver = s->nwaiving;
	if (s->warned < SCENE_IDS) {
		struct severity_override *o =
			ARENA_NEW(a, struct severity_override);

		*o = (struct severity_override){
			scene_ids[s->warned], SEVERITY_WARN};
		m->up->rules.severity = o;
		m->up->rules.nseverity = 1;
	}
}

static void touch(struct making *m, struct change *c, unsigned paths)
{
	static const char *const path[] = {"one/a/b", "two/c"};
	size_t i;

	c->path = arena_get(m->w->arena, SUBJECT_PATHS + 1, sizeof(*c->path));
	c->path[c->npath++].path = SPAN_LIT("README");
	for (i = 0; i < SUBJECT_PATHS; i++)
		if (has(paths, i)) {
			c->path[c->npath].removed = i;
			c->path[c->npath++].path = span_str(path[i]);
		}
}

/* As it is gathered: whose they are is not asked unless a rule does. */
static void merged_tags(
	struct making *m, const struct scene_commit *made, struct change *c)
{
	size_t i;

	c->commit.nmergetag = made->ntag;
	if (!made->ntag || m->s->merged_tags == MERGED_TAGS_OFF)
		return;
	c->merged = arena_get(m->w->arena, made->ntag, sizeof(*c->merged));
	for (i = 0; i < made->ntag; i++) {
		const struct scene_tag *t = &made->tag[i];
		struct merged_tag *out = &c->merged[i];

		out->tag.name = SPAN_LIT("v1");
		out->tag.tagger.email = mail(m, t->tagger);
		out->tag.malformed = t->malformed ? "no tag" : NULL;
		out->tag.target = t->of < c->commit.nparent
			? c->commit.parent[t->of]
			: (struct oid){{0x79}};
		out->sig.status = t->status;
		out->sig.kind = t->kind;
		out->sig.person = t->signer == SCENE_NOBODY
			? NULL
			: &m->people[t->signer];
		out->sig.key = out->sig.detail = "";
	}
}

static void commit(struct making *m, const struct scene_commit *made)
{
	struct world *w = m->w;
	struct change *c = world_commit(w, m->up, 0);
	size_t i;

	c->commit.author.email = mail(m, made->author);
	c->commit.committer.email = mail(m, made->committer);
	if (made->coauthor != SCENE_NOBODY) {
		c->commit.coauthor = ARENA_NEW(w->arena, struct span);
		*c->commit.coauthor = mail(m, made->coauthor);
		c->commit.ncoauthor = 1;
	}
	c->commit.malformed = made->malformed ? "two signatures" : NULL;
	c->commit.nparent = made->nparent ? made->nparent : 1;
	c->commit.parent = arena_get(w->arena, 2, sizeof(struct oid));
	/* What is not of the push is no commit of it. */
	c->commit.parent[0] = (struct oid){{0x77}};
	for (i = 0; i < made->nparent; i++)
		c->commit.parent[i] = w->change[made->parent[i]].commit.id;
	c->sig.status = made->status;
	c->sig.kind = made->kind;
	c->sig.key = "0123456789abcdef";
	c->sig.person =
		made->signer == SCENE_NOBODY ? NULL : &m->people[made->signer];
	if (made->nparent == 2)
		c->merge = made->clean ? MERGE_CLEAN : MERGE_UNCLEAN;
	merged_tags(m, made, c);
	touch(m, c, made->paths);
}

/* What the commits were before. */
static void carry(struct making *m, const struct scene_word *word,
	struct approval_fact *a)
{
	struct change *was = ARENA_NEW(m->w->arena, struct change);
	size_t i;

	a->commit = (struct oid){{0x78}};
	a->covers = arena_get(m->w->arena, 1, 8);
	for (i = 0; i < m->s->n; i++)
		if (has(word->covers, i))
			bit_set(a->covers, i);
	if (word->objection)
		return;
	was->commit.author.email = mail(m, word->was_author);
	was->commit.committer.email = mail(m, SCENE_NOBODY);
	was->sig.status = SIGNATURE_GOOD;
	was->sig.person = word->was_signer == SCENE_NOBODY
		? NULL
		: &m->people[word->was_signer];
	a->was = was;
	a->nwas = 1;
}

/* As reviews are gathered: who is against a request has not approved it. */
static void review(struct making *m, const struct scene_word *word,
	struct approval_fact *a)
{
	a->what = APPROVAL_GIVEN;
	a->forge = &m->forge[word->forge];
	a->opened = word->opened;
	a->login = span_str(names[word->who]);
	a->against = word->objection;
	a->person = &m->people[word->who];
	if (!has(m->s->account[word->forge], word->who)) {
		a->person = NULL;
		a->status = APPROVAL_STRANGER;
	}
	if (!word->objection)
		return;
	a->status = APPROVAL_INVALID;
	a->detail = "asks for changes";
}

static void word(struct making *m, const struct scene_word *word)
{
	struct world *w = m->w;
	struct approval_fact *a = world_approval(w, m->up, 0, word->commit);

	a->what = word->objection ? APPROVAL_OBJECTION : APPROVAL_GIVEN;
	a->person = &m->people[word->who];
	a->status = word->status;
	if (word->status == APPROVAL_INVALID ||
		word->status == APPROVAL_STRANGER)
		a->person = NULL;
	if (word->other_ref)
		a->ref = SPAN_LIT("refs/heads/other");
	/* As it is gathered; an approval must not count either way. */
	if (word->other_ref && word->objection)
		a->status = APPROVAL_ELSEWHERE;
	if (word->forge != SCENE_TAGS)
		review(m, word, a);
	if (word->carried) {
		carry(m, word, a);
		return;
	}
	a->covers = update_reach(
		&w->facts, m->up, &m->numbers, &a->commit, w->arena);
	if (!word->alone)
		return;
	a->covers = arena_get(w->arena, 1, 8);
	bit_set(a->covers, word->commit);
}

static void waiver(struct making *m, const struct scene_waiver *given)
{
	struct world *w = m->w;
	struct waiver_fact *f = world_waiver(
		w, m->up, 0, scene_ids[given->finding], given->commit);

	f->person = &m->people[given->who];
	f->status = given->status;
	if (given->status == WAIVER_INVALID || given->status == WAIVER_STRANGER)
		f->person = NULL;
	f->until = w->push.time + (int64_t)given->days * DAY;
	f->made = w->push.time - (int64_t)given->age * DAY;
	f->covers = update_reach(
		&w->facts, m->up, &m->numbers, &f->commit, w->arena);
	if (given->other_ref)
		f->ref = SPAN_LIT("refs/heads/other");
}

static void certificate(struct making *m)
{
	m->w->facts.certificate = (struct certificate_fact){.given = true,
		.sig = {.status = SIGNATURE_GOOD,
			.kind = SIGNATURE_SSH,
			.person = &m->people[m->s->certified],
			.key = "",
			.detail = ""}};
}

void scene_world(const struct scene *s, struct world *w)
{
	struct making m = {.s = s, .w = w, .turn = (unsigned)s->n};
	size_t i;

	people(&m);
	m.up = world_update(w, "refs/heads/main");
	signature_rule(&m);
	approval_rule(&m);
	owners(&m);
	waiver_rules(&m);
	if (s->pusher != SCENE_NOBODY)
		w->push.pusher.name = m.people[s->pusher].name;
	if (s->certified != SCENE_NOBODY)
		certificate(&m);
	if (s->forge_silent)
		w->facts.reviews.fault = "no answer in time";
	for (i = 0; i < s->n; i++)
		commit(&m, &s->commit[i]);
	change_numbers(&w->facts, &m.numbers);
	for (i = 0; i < s->nword; i++)
		word(&m, &s->word[i]);
	for (i = 0; i < s->nwaiver; i++)
		waiver(&m, &s->waiver[i]);
	oid_set_free(&m.numbers);
}

/*
 * The random scenes of support/scene.h, judged by the gate, written down as its
 * record, and judged again from that: under the same policy it comes to the
 * same, and under another one to what the gate would have made of it, unless it
 * says that it cannot tell. PROPERTY_ROUNDS and PROPERTY_SEED as of
 * test_property.
 */
#include "support/unit.h"

#include "gate/gate.h"
#include "gate/replay.h"
#include "gather/gather.h"
#include "parse/policytext.h"
#include "parse/record.h"
#include "support/scene.h"

#define ROUNDS 4000

/* A policy with the rules of the world's one update. */
static void policy_of(struct world *w)
{
	static const char *const all[] = {"**"};
	struct policy *p = &w->policy;

	p->repository = ARENA_NEW(w->arena, struct repository_rules);
	p->nrepository = 1;
	p->repository->ref = ARENA_NEW(w->arena, struct ref_rules);
	p->repository->nref = 1;
	p->repository->match = p->repository->ref->match =
		(const char **)(uintptr_t)all;
	p->repository->nmatch = p->repository->ref->nmatch = 1;
	p->repository->ref->rules = w->update->rules;
	snprintf(p->digest, sizeof(p->digest), "%064d", 0);
	snprintf(p->keys_digest, sizeof(p->keys_digest), "%064d", 0);
}

/* Only what would have been asked of forges is known, and when one of them does
 * not answer, nothing: where there is such a one, it is the first. */
static void ask(struct world *w)
{
	const struct rule_approval *rule = w->update->rules.approval;
	struct facts *f = &w->facts;
	size_t i, k, n = 0;

	f->reviews.asked = update_asks(w->update);
	for (k = 0; k < rule->nforge; k++)
		if (rule->forge[k] == &w->policy.forge[0])
			break;
	if (!f->reviews.asked || k == rule->nforge)
		f->reviews.fault = NULL;
	for (i = 0; i < f->napproval; i++) {
		const struct approval_fact *a = &f->approval[i];

		for (k = 0; a->forge && k < rule->nforge; k++)
			if (rule->forge[k] == a->forge)
				break;
		if (a->forge &&
			(k == rule->nforge || f->reviews.fault ||
				(a->against && !rule->objections.n)))
			continue;
		f->approval[n++] = *a;
	}
	f->napproval = n;
}

static void certify(struct world *w)
{
	struct certificate_fact *c = &w->facts.certificate;
	static const struct certificate_point shown = {.shown = true};

	w->push.sign.given = c->given;
	w->push.sign.nonce_status = NONCE_OK;
	snprintf(c->signed_sha256, sizeof(c->signed_sha256), "%064d", 0);
	c->commands = c->options = c->pushed_to = c->unused = c->fresh = shown;
}

/* The world of a scene, as it would have been gathered, and its judgement. */
static void judge(const struct scene *s, struct world *w, struct judgement *j)
{
	world_open(w);
	scene_world(s, w);
	policy_of(w);
	ask(w);
	certify(w);
	gather_sections(&w->facts, w->arena);
	gate_judge(&w->facts, w->arena, j);
}

/* As a record was before it had merged tags, reviews and objections: what it has
 * beyond is not read. */
static void make_old(struct buf *text)
{
	static const char now[] = "\"version\":2}";
	size_t at = span_search(buf_all(text), span_str(now));

	assert_int_not_equal(at, SIZE_MAX);
	text->p[at + sizeof(now) - 3] = '1';
}

static void replay_of(const struct world *was, const struct judgement *j,
	const struct world *now, bool old, struct replay *r)
{
	static const struct stages none;
	struct buf text = BUF_INIT(RECORD_MAX);
	struct err err = ERR_INIT;
	struct doc *record;

	if (evidence_decision(&was->facts, j, &none, &text, &err))
		fail_msg("%s", err.text);
	if (old)
		make_old(&text);
	if (record_parse(buf_all(&text), &record, &err) ||
		replay_open(r, record, &now->policy, now->arena, &err))
		fail_msg("%s", err.text);
	gather_sections(&r->facts, now->arena);
	replay_judge(r);
	doc_free(record);
	buf_free(&text);
}

static size_t times(const struct findings *all, const struct finding *f)
{
	size_t i, n = 0;

	for (i = 0; i < all->n; i++)
		n += all->v[i].def == f->def &&
			all->v[i].severity == f->severity &&
			oid_eq(&all->v[i].object, &f->object);
	return n;
}

/* What weighs nothing is not kept. */
static bool are_same(const struct findings *a, const struct findings *b)
{
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->v[i].severity != SEVERITY_OFF &&
			times(a, &a->v[i]) != times(b, &a->v[i]))
			return false;
	return true;
}

/* Less of what cannot be judged again; a word of a forge more often. */
static void simplify(struct scene *s)
{
	size_t i;

	s->forge_signs = SIGNS_ANYTHING;
	s->certified = SCENE_NOBODY;
	s->npath = s->nowner = 0;
	s->clean_merges = false;
	s->rule.count += !s->rule.count;
	s->forges |= 1;
	if (s->n & 1)
		s->objectors |= 1;
	for (i = 0; i < s->n; i++)
		if (s->commit[i].status == SIGNATURE_UNCHECKED)
			s->commit[i].status = SIGNATURE_BAD;
	for (i = 0; i < s->nword; i++)
		s->word[i].carried = false;
}

/* Other rules in one part of it, or in all. */
static void change(struct scene *s)
{
	struct scene other = *s;
	unsigned part;

	scene_rules(&other);
	if (scene_seed >> 30 & 1)
		other.forges = scene_seed >> 31 & 1 ? s->forges : 2;
	part = (unsigned)(scene_seed >> 20) % 4;
	if (!part) {
		*s = other;
		return;
	}
	if (part & 1) {
		s->may_sign = other.may_sign;
		s->kinds = other.kinds;
		s->identity = other.identity;
		s->merged_tags = other.merged_tags;
	}
	if (part & 2) {
		s->rule = other.rule;
		s->exclude = other.exclude;
		s->shared = other.shared;
		s->no_tags = other.no_tags;
		s->forges = other.forges;
		s->objectors = other.objectors;
		s->robot_count = other.robot_count;
	}
}

static void tell(const char *who, const struct findings *f)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		print_message("%s: %s %s: %s\n", who,
			severity_name(f->v[i].severity), f->v[i].def->id,
			f->v[i].detail);
}

static unsigned long rounds(void)
{
	const char *more = getenv("PROPERTY_ROUNDS");

	return more ? strtoul(more, NULL, 10) : ROUNDS / UNIT_STEP;
}

static void start(void)
{
	const char *other = getenv("PROPERTY_SEED");

	if (other)
		scene_seed = strtoull(other, NULL, 10);
}

/* How much of what was found anew was told, and so could have been wrong. */
struct told {
	unsigned long all, tags, reviews, objections, silent, refused;
};

static bool is_new(const struct replay *r, enum policy_section s)
{
	return strcmp(r->section[0][s], r->facts.update[0].section[s]) != 0;
}

static void count(struct told *t, const struct scene *s, const struct replay *r)
{
	const struct update_fact *up = &r->facts.update[0];
	bool approval = is_new(r, SECTION_APPROVAL);

	if (r->verdict == VERDICT_UNDECIDED || r->ngap)
		return;
	t->all++;
	t->refused += r->verdict == VERDICT_REJECT;
	t->tags += is_new(r, SECTION_SIGNATURE) && s->merged_tags;
	t->reviews += approval && update_asks(up);
	t->silent += approval && update_asks(up) && s->forge_silent;
	t->objections += approval && s->objectors;
}

static void test_same(void **unused)
{
	static struct world w;
	unsigned long round, n = rounds();

	(void)unused;
	start();
	for (round = 0; round < n; round++) {
		uint64_t began = scene_seed;
		struct judgement j;
		struct replay r;
		struct scene s;

		scene_make(&s);
		judge(&s, &w, &j);
		replay_of(&w, &j, &w, began >> 24 & 1, &r);
		if (r.ngap || r.verdict != j.verdict ||
			r.admitted != j.admitted ||
			!are_same(&j.findings, &r.findings) ||
			!are_same(&r.findings, &j.findings)) {
			tell("replay", &r.findings);
			tell("gate", &j.findings);
			fail_msg("round %lu, seed %llu: replayed %d, judged %d",
				round, (unsigned long long)began,
				(int)r.verdict, (int)j.verdict);
		}
		world_close(&w);
	}
}

static void test_other(void **unused)
{
	static struct world was, now;
	unsigned long round, n = rounds();
	struct told told = {0};

	(void)unused;
	start();
	for (round = 0; round < n; round++) {
		uint64_t began = scene_seed;
		struct judgement then, j;
		struct scene s;
		struct replay r;

		scene_make(&s);
		if (began >> 20 & 1)
			simplify(&s);
		judge(&s, &was, &then);
		change(&s);
		judge(&s, &now, &j);
		replay_of(&was, &then, &now, !(began >> 24 & 7), &r);
		if (r.verdict != VERDICT_UNDECIDED && r.verdict != j.verdict) {
			tell("replay", &r.findings);
			tell("gate", &j.findings);
			fail_msg("round %lu, seed %llu: replayed %d, the gate "
				 "%d",
				round, (unsigned long long)began,
				(int)r.verdict, (int)j.verdict);
		}
		if (!r.ngap && !are_same(&j.findings, &r.findings)) {
			tell("replay", &r.findings);
			tell("gate", &j.findings);
			fail_msg("round %lu, seed %llu: another finding", round,
				(unsigned long long)began);
		}
		count(&told, &s, &r);
		world_close(&was);
		world_close(&now);
	}
	print_message("%lu of %lu told, %lu refused; %lu with merged tags, "
		      "%lu with reviews, %lu with forges that are silent, %lu "
		      "with objections\n",
		told.all, n, told.refused, told.tags, told.reviews, told.silent,
		told.objections);
	/* Or nothing was asked. */
	assert_true(told.all > n / 10);
	assert_true(told.refused < told.all);
	assert_true(told.tags > n / 1000);
	assert_true(told.reviews > n / 1000);
	assert_true(told.silent > n / 10000);
	assert_true(told.objections > n / 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

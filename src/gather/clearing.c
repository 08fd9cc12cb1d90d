/*
 * Waivers of signature.compromised, as they stand in a repository: who looked
 * at what a compromised key had signed, and found it sound.
 */
#include "gather/paths.h"
#include "gather/signedtag.h"
#include "gather/suspect.h"
#include "model/signer.h"
#include "model/waive.h"
#include "parse/waiver.h"

#define ROOT "refs/sluice/waivers/"

struct reading {
	struct gather *g;
	const struct facts *f;
	struct signers *signers;
	bool (*arrived)(void *ctx, const struct oid *tag, struct arrival *out);
	void *ctx;
	struct clearings *out;
	size_t cap;
};

/* Who signed it and when that was asked; false: it is nobody's any more. */
static int judge(struct reading *r, const struct tag *tag, struct clearing *c,
	bool *good, struct err *err)
{
	struct suspect_key key;
	struct arrival from;
	struct signed_by by;

	*good = false;
	c->at = r->f->push->time;
	if (suspect_claim(
		    signers_book(r->signers), &tag->sig, r->g->arena, &key))
		return 0;
	if (r->arrived) {
		if (!r->arrived(r->ctx, &tag->id, &from))
			return 0;
		c->at = from.at;
		c->w.person = from.who;
	} else {
		if (signed_tag_judge(
			    r->signers, tag, c->at, r->g->arena, &by, err))
			return -1;
		c->w.person = by.person;
	}
	*good = c->w.person && c->w.until > c->at;
	return 0;
}

static int reached(void *ctx, const struct oid *id, struct err *err)
{
	struct oid_set *reach = ctx;

	if (reach->n == GATHER_COMMITS_MAX)
		return err_set(err, ERR_LIMIT,
			"more than %d commits behind one waiver",
			GATHER_COMMITS_MAX);
	oid_set_add(reach, id);
	return 0;
}

/* What it reaches, and who made it; a commit that is gone is named all the
 * same. */
static int reach(struct reading *r, struct clearing *c, struct err *err)
{
	struct change *about;

	oid_set_add(&c->reach, &c->w.commit);
	if (repo_type(r->g->repo, &c->w.commit, NULL) != OBJECT_COMMIT)
		return 0;
	about = ARENA_NEW(r->g->arena, struct change);
	about->sig.key = about->sig.detail = "";
	if (gather_commit(r->g, &c->w.commit, &about->commit, err))
		return -1;
	c->w.about = about;
	return repo_walk(
		r->g->repo, &c->w.commit, 1, NULL, 0, reached, &c->reach, err);
}

static int look_at(
	struct reading *r, const struct repo_ref *ref, struct err *err)
{
	struct clearing c = {.w = {.object = ref->oid,
				     .stored = ref->name,
				     .status = WAIVER_VALID,
				     .detail = "",
				     .pushed_in = SIZE_MAX,
				     .update = SIZE_MAX}};
	const char *fault;
	struct waiver said;
	struct oid named;
	struct tag tag;
	bool good;

	if (signed_tag_read(r->g, &ref->oid, &tag, &fault, err))
		return -1;
	if (fault || waiver_read(&tag, &said) ||
		said.id != FINDING_SIGNATURE_COMPROMISED ||
		!said.fingerprint.n ||
		!span_is(said.repository, r->f->push->repository) ||
		!signed_tag_place(ref->name, SPAN_LIT(ROOT), &named) ||
		!oid_eq(&named, &said.commit))
		return 0;
	c.w.commit = said.commit;
	c.w.ref = said.ref;
	c.w.finding = said.finding;
	c.w.fingerprint = said.fingerprint;
	c.w.reason = said.reason;
	c.w.until = said.until;
	c.w.made = tag.tagger.time;
	if (judge(r, &tag, &c, &good, err))
		return -1;
	if (!good)
		return 0;
	r->out->v = arena_grow(
		r->g->arena, r->out->v, r->out->n, &r->cap, sizeof(*r->out->v));
	r->out->v[r->out->n++] = c;
	return reach(r, &r->out->v[r->out->n - 1], err);
}

int clearings_read(struct gather *g, const struct facts *f,
	bool (*arrived)(void *ctx, const struct oid *tag, struct arrival *out),
	void *ctx, struct clearings *out, struct err *err)
{
	struct reading r = {
		.g = g, .f = f, .arrived = arrived, .ctx = ctx, .out = out};
	struct repo_ref *ref;
	int ret = -1;
	size_t n, i;

	memset(out, 0, sizeof(*out));
	if (signers_open(g, f->policy, &r.signers, err) ||
		repo_refs(g->repo, ROOT "*", g->arena, &ref, &n, err))
		goto out;
	for (i = 0; i < n; i++)
		if (look_at(&r, &ref[i], err))
			goto out;
	ret = 0;
out:
	if (ret) {
		err_in(err, "waivers");
		clearings_free(out);
	}
	signers_close(r.signers);
	return ret;
}

void clearings_free(struct clearings *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		oid_set_free(&c->v[i].reach);
	memset(c, 0, sizeof(*c));
}

static bool counts(const struct clearing *c, const struct policy *policy,
	const struct rule_waiver *rule, const struct change *about,
	struct arena *arena)
{
	const struct push then = {.time = c->at};
	const struct facts facts = {.push = &then, .policy = policy};

	return !waiver_flaw(&facts, rule, &c->w, arena) &&
		!change_flaw(about, rule, c->w.person, arena) &&
		(!c->w.about ||
			!change_flaw(c->w.about, rule, c->w.person, arena));
}

static bool by_rule(const struct clearings *all, const struct policy *policy,
	struct span ref, const struct rule_waiver *rule,
	const struct change *about, const char *fingerprint, struct oid_set *by,
	struct arena *arena)
{
	const struct person **who =
		arena_get(arena, all->n + 1, sizeof(struct person *));
	size_t i, k, n = 0;

	for (i = 0; i < all->n; i++) {
		const struct clearing *c = &all->v[i];

		if (!span_eq(c->w.ref, ref) ||
			!span_is(c->w.fingerprint, fingerprint) ||
			!oid_set_has(&c->reach, &about->commit.id) ||
			!counts(c, policy, rule, about, arena))
			continue;
		if (by)
			oid_set_add(by, &c->w.object);
		for (k = 0; k < n; k++)
			if (who[k] == c->w.person)
				break;
		if (k == n)
			who[n++] = c->w.person;
	}
	return n && n >= rule->count;
}

bool is_cleared(const struct clearings *c, const struct facts *f,
	struct span ref, const struct rules *rules, const struct change *about,
	const char *fingerprint, struct oid_set *by, struct arena *arena)
{
	static const struct span id = {
		(const unsigned char *)"signature.compromised", 21};
	size_t i;

	for (i = 0; i < rules->nwaiver; i++)
		if (rule_waives(&rules->waiver[i], id) &&
			by_rule(c, f->policy, ref, &rules->waiver[i], about,
				fingerprint, by, arena))
			return true;
	return false;
}

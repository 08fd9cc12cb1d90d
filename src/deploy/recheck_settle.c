#include "base/clock.h"
#include "deploy/recheck.h"
#include "gather/paths.h"
#include "gather/signedtag.h"
#include "parse/tag.h"

/* One repository, open or not to be had. */
struct settling {
	struct recheck *r;
	const char *name;
	struct gather g;
	bool open;
	struct push push;
	struct facts facts;
	struct clearings clearings;
};

static void untold(struct settling *s, uint64_t entry, const char *why)
{
	s->r->untold(s->r->ctx, s->name, entry, why);
}

static void failed(struct settling *s, uint64_t entry, struct err *err)
{
	untold(s, entry, arena_str(s->r->arena, span_str(err->text)));
	err_clear(err);
}

static bool arrived(void *ctx, const struct oid *tag, struct arrival *out)
{
	const struct recheck *r = ctx;
	size_t at = oid_set_get(&r->waiver_at, tag), i;

	if (at == SIZE_MAX)
		return false;
	out->at = r->waiver[at].at;
	for (i = 0; i < r->policy->nperson; i++) {
		out->who = &r->policy->person[i];
		if (!strcmp(out->who->name, r->waiver[at].person))
			return true;
	}
	return false;
}

/* The object that is signed, as a change; false: it is not there. */
static bool signed_object(struct settling *s, const struct doubt *d,
	struct change *out, struct err *err)
{
	const char *fault;
	struct tag tag;

	memset(out, 0, sizeof(*out));
	out->sig.key = out->sig.detail = "";
	switch (repo_type(s->g.repo, &d->object, NULL)) {
	case OBJECT_COMMIT:
		return !gather_commit(&s->g, &d->object, &out->commit, err);
	case OBJECT_TAG:
		if (signed_tag_read(&s->g, &d->object, &tag, &fault, err))
			return false;
		out->commit.id = tag.id;
		out->commit.author = out->commit.committer = tag.tagger;
		out->commit.sig = tag.sig;
		return true;
	case OBJECT_NONE:
	case OBJECT_TREE:
	case OBJECT_BLOB:
		break;
	}
	return false;
}

static bool is_merged(const struct doubt *d)
{
	return !strcmp(d->what, "merged tag");
}

/* Whether a compromised key that goes by that name signed it. */
static bool claims(
	struct settling *s, const struct doubt *d, const struct commit *c)
{
	static const struct oid unknown;
	struct err none = ERR_INIT;
	struct suspect_key key;
	struct tag tag;
	size_t i;

	if (!is_merged(d))
		return suspect_claim(s->r->book, &c->sig, s->r->arena, &key);
	for (i = 0; i < c->nmergetag; i++)
		if (!tag_parse(c->mergetag[i], &unknown, s->r->arena, &tag,
			    &none) &&
			suspect_claim(
				s->r->book, &tag.sig, s->r->arena, &key) &&
			!strcmp(key.key, d->key))
			return true;
	return false;
}

/* What the name of the key left open. */
static void make_sure(struct settling *s, struct doubt *d)
{
	struct err err = ERR_INIT;
	struct change c;

	if (d->sure)
		return;
	if (!s->open || !signed_object(s, d, &c, &err)) {
		untold(s, d->entry,
			arena_fmt(s->r->arena,
				"whether the key of a %s is compromised can "
				"only be told from the object, which is not "
				"there",
				d->what));
		d->dropped = true;
		return;
	}
	d->sure = claims(s, d, &c.commit);
	d->dropped = !d->sure;
}

/* By another ref of the same push. */
static bool came_elsewhere(struct settling *s, const struct doubt *d)
{
	enum object_type type;
	struct err err = ERR_INIT;
	struct oid tip;
	bool in = true;

	if (!s->open)
		return false;
	if (!strcmp(d->what, "tag"))
		return repo_type(s->g.repo, &d->tip, NULL) == OBJECT_COMMIT;
	return (!strcmp(d->what, "commit") || is_merged(d)) &&
		repo_peel(s->g.repo, &d->tip, &tip, &type) &&
		type == OBJECT_COMMIT &&
		!repo_is_ancestor(s->g.repo, &d->commit, &tip, &in, &err) &&
		!in;
}

static void clear(struct settling *s, struct doubt *d)
{
	struct doubt about = *d;
	struct err err = ERR_INIT;
	struct rules rules;
	struct change c;
	size_t i;

	if (!s->open)
		return;
	about.object = d->commit;
	if (!signed_object(s, &about, &c, &err))
		return;
	/* Whoever has or had the key does not vouch for what it signed. */
	for (i = 0; i < s->r->policy->nperson &&
		strcmp(d->what, "approval") != 0 && !doubt_is_review(d);
		i++)
		if (!strcmp(s->r->policy->person[i].name, d->person))
			c.sig.person = &s->r->policy->person[i];
	d->cleared =
		policy_rules(s->r->policy, span_str(s->name), d->ref, &rules) &&
		is_cleared(&s->clearings, &s->facts, d->ref, &rules, &c,
			d->fingerprint, &d->by, s->r->arena);
}

static void open_repository(struct settling *s, const char *path)
{
	struct err err = ERR_INIT;

	if (!path) {
		untold(s, UINT64_MAX,
			"nobody said where this repository is, so waivers were "
			"not looked for");
		return;
	}
	if (gather_open(&s->g, path, NULL, s->r->state, s->r->arena, &err)) {
		failed(s, UINT64_MAX, &err);
		return;
	}
	s->open = true;
	if (clearings_read(
		    &s->g, &s->facts, arrived, s->r, &s->clearings, &err))
		failed(s, UINT64_MAX, &err);
}

static void settle(struct recheck *r, const char *name, const char *path)
{
	struct settling s = {.r = r, .name = name};
	size_t i;

	s.push = (struct push){.repository = name, .time = clock_now()};
	s.facts = (struct facts){.push = &s.push, .policy = r->policy};
	open_repository(&s, path);
	for (i = 0; i < r->n; i++) {
		struct doubt *d = &r->v[i];

		if (strcmp(d->repository, name) != 0)
			continue;
		make_sure(&s, d);
		d->dropped |= came_elsewhere(&s, d);
		if (!d->dropped)
			clear(&s, d);
	}
	clearings_free(&s.clearings);
	if (s.open)
		gather_close(&s.g);
}

static const char *path_of(
	const struct gated_repository *v, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(v[i].name, name))
			return v[i].path;
	return NULL;
}

static bool is_first(const struct recheck *r, size_t at)
{
	size_t i;

	for (i = 0; i < at; i++)
		if (!strcmp(r->v[i].repository, r->v[at].repository))
			return false;
	return true;
}

void recheck_settle(
	struct recheck *r, const struct gated_repository *v, size_t n)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (is_first(r, i))
			settle(r, r->v[i].repository,
				path_of(v, n, r->v[i].repository));
}

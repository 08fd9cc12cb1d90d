/* Facts out of a record. */
#include "gate/replay.h"

#include "base/clock.h"
#include "base/text.h"
#include "gate/factdoc.h"
#include "parse/ranges.h"
#include "parse/record.h"

#define MAIL_WHOLE 200 /* bytes, from which on an address may be cut */

static struct span text_of(struct replay *r, struct span shown)
{
	struct buf raw = BUF_INIT(shown.n + 1);
	struct span s;

	text_unprintable(&raw, shown);
	s = arena_copy(r->arena, buf_all(&raw));
	buf_free(&raw);
	return s;
}

struct oid replay_oid(const struct doc *d, const char *key)
{
	struct oid o = {{0}};

	if (!oid_read(doc_get_text(d, key), &o))
		memset(&o, 0, sizeof(o));
	return o;
}

/* The person of that name, who is the same one only with r->same_people. */
static const struct person *person_of(struct replay *r, struct span name)
{
	size_t i;

	for (i = 0; name.n && i < r->policy->nperson; i++)
		if (span_is(name, r->policy->person[i].name))
			return &r->policy->person[i];
	return NULL;
}

static void read_signature(
	struct replay *r, const struct doc *d, struct signature_fact *out)
{
	struct span status = doc_get_text(d, "status");
	struct span kind = doc_get_text(d, "kind");
	unsigned i;

	out->status = SIGNATURE_UNCHECKED;
	for (i = 0; i <= SIGNATURE_UNCHECKED; i++)
		if (span_is(status,
			    signature_status_name((enum signature_status)i)))
			out->status = (enum signature_status)i;
	for (i = 0; i <= SIGNATURE_X509; i++)
		if (span_is(kind, signature_kind_name((enum signature_kind)i)))
			out->kind = (enum signature_kind)i;
	out->person = person_of(r, doc_get_text(d, "person"));
	out->key = arena_str(r->arena, doc_get_text(d, "key"));
	out->detail = arena_str(r->arena, doc_get_text(d, "detail"));
}

/* An address that was cut, or that held a secret, is not known. */
static bool is_vague(struct span shown)
{
	return shown.n >= MAIL_WHOLE ||
		span_search(shown, SPAN_LIT("[secret]")) != SIZE_MAX;
}

static size_t *read_ranges(struct replay *r, const struct doc *d,
	const char *key, size_t max, size_t *n, struct err *err)
{
	size_t *v;

	if (ranges_read(doc_get_text(d, key), max, r->arena, &v, n))
		return v;
	err_set(err, ERR_INPUT, "record: predicate.facts: %s", key);
	*n = SIZE_MAX;
	return NULL;
}

static void read_push(struct replay *r)
{
	const struct doc *updates = doc_get(r->predicate, "updates");
	const struct doc *who = doc_get(r->predicate, "pusher");
	const struct doc *facts = doc_get(r->predicate, "facts");
	struct push *p = &r->push;
	struct span way = doc_get_text(who, "transport");
	unsigned t;
	size_t i;

	p->repository =
		arena_str(r->arena, doc_get_text(r->predicate, "repository"));
	p->nup = doc_count(updates);
	p->up = arena_get(r->arena, p->nup + 1, sizeof(*p->up));
	for (i = 0; i < p->nup; i++) {
		const struct doc *u = doc_at(updates, i);

		p->up[i] = (struct ref_update){replay_oid(u, "old"),
			replay_oid(u, "new"),
			text_of(r, doc_get_text(u, "ref"))};
	}
	p->pusher.name = arena_str(r->arena, doc_get_text(who, "name"));
	p->pusher.source = arena_str(r->arena, doc_get_text(who, "source"));
	p->pusher.address = arena_str(r->arena, doc_get_text(who, "address"));
	p->pusher.email =
		arena_str(r->arena, doc_get_text(facts, "pusher_email"));
	for (t = 0; t <= TRANSPORT_WEB; t++)
		if (span_is(way, transport_name((enum transport)t)))
			p->pusher.transport = (enum transport)t;
	if (!clock_read(doc_get_text(r->predicate, "time"), &p->time))
		p->time = 0;
	p->sign.given = doc_get(r->predicate, "push_certificate") != NULL;
}

static void read_commits(struct replay *r, bool *vague)
{
	const struct doc *list = doc_get(r->predicate, "commits");
	struct facts *f = &r->facts;
	size_t i;

	f->nchange = doc_count(list);
	f->change = arena_get(r->arena, f->nchange + 1, sizeof(*f->change));
	for (i = 0; i < f->nchange; i++) {
		const struct doc *d = doc_at(list, i);
		struct span author = doc_get_text(d, "author");
		struct span committer = doc_get_text(d, "committer");
		struct change *c = &f->change[i];

		c->commit.id = replay_oid(d, "id");
		c->commit.author.email = text_of(r, author);
		c->commit.committer.email = text_of(r, committer);
		vague[i] = is_vague(author) || is_vague(committer);
		read_signature(r, doc_get(d, "signature"), &c->sig);
	}
}

static void read_tags(struct replay *r, const struct doc *facts)
{
	const struct doc *list = doc_get(r->predicate, "tags");
	const struct doc *more = doc_get(facts, "tags");
	struct facts *f = &r->facts;
	size_t i;

	f->ntag = doc_count(list);
	f->tag = arena_get(r->arena, f->ntag + 1, sizeof(*f->tag));
	for (i = 0; i < f->ntag; i++) {
		const struct doc *d = doc_at(list, i), *m = doc_at(more, i);
		struct tag_change *t = &f->tag[i];

		t->tag.id = replay_oid(d, "id");
		t->tag.tagger.email = text_of(r, doc_get_text(d, "committer"));
		t->tag.name = text_of(r, doc_get_text(m, "name"));
		if (doc_get_bool(m, "malformed"))
			t->tag.malformed = "malformed";
		read_signature(r, doc_get(d, "signature"), &t->sig);
	}
}

static int read_more(
	struct replay *r, const struct doc *facts, bool *vague, struct err *err)
{
	const struct doc *list = doc_get(facts, "coauthors");
	struct facts *f = &r->facts;
	size_t i, n, *v, *cap;

	v = read_ranges(r, facts, "merges", f->nchange, &n, err);
	for (i = 0; n != SIZE_MAX && i < n; i++) {
		struct commit *c = &f->change[v[i]].commit;

		/* How many, and which, nobody asks. */
		c->nparent = 2;
		c->parent = arena_get(r->arena, 2, sizeof(*c->parent));
	}
	if (n == SIZE_MAX)
		return -1;
	v = read_ranges(r, facts, "malformed", f->nchange, &n, err);
	if (n == SIZE_MAX)
		return -1;
	for (i = 0; i < n; i++)
		f->change[v[i]].commit.malformed = "malformed";
	cap = arena_get(r->arena, f->nchange + 1, sizeof(*cap));
	for (i = 0; i < doc_count(list); i++) {
		size_t at = (size_t)doc_get_int(doc_at(list, i), "at");
		struct span shown = doc_get_text(doc_at(list, i), "email");
		struct commit *c;

		if (at >= f->nchange)
			return err_set(err, ERR_INPUT,
				"record: predicate.facts.coauthors");
		c = &f->change[at].commit;
		c->coauthor = arena_grow(r->arena, c->coauthor, c->ncoauthor,
			&cap[at], sizeof(*c->coauthor));
		c->coauthor[c->ncoauthor++] = text_of(r, shown);
		vague[at] = vague[at] || is_vague(shown);
	}
	return 0;
}

static struct change *change_at(struct replay *r, const struct doc *d)
{
	uint64_t at = (uint64_t)doc_get_int(d, "at");

	return at < r->facts.nchange ? &r->facts.change[at] : NULL;
}

static int read_parents(
	struct replay *r, const struct doc *facts, struct err *err)
{
	const struct doc *list = doc_get(facts, "parents");
	size_t i, k, merges = 0;

	for (i = 0; i < r->facts.nchange; i++)
		merges += r->facts.change[i].commit.nparent > 1;
	if (doc_count(list) != merges)
		return err_set(
			err, ERR_INPUT, "record: predicate.facts.parents");
	for (i = 0; i < merges; i++) {
		const struct doc *of = doc_get(doc_at(list, i), "of");
		struct change *c = change_at(r, doc_at(list, i));

		if (!c || c->commit.nparent != 2 || doc_count(of) < 2 ||
			!oid_is_zero(&c->commit.parent[0]))
			return err_set(err, ERR_INPUT,
				"record: predicate.facts.parents[%zu]", i);
		c->commit.nparent = doc_count(of);
		c->commit.parent = arena_get(
			r->arena, c->commit.nparent, sizeof(*c->commit.parent));
		for (k = 0; k < c->commit.nparent; k++) {
			struct span hex;

			if (!doc_text(doc_at(of, k), &hex) ||
				!oid_read(hex, &c->commit.parent[k]))
				return err_set(err, ERR_INPUT,
					"record: predicate.facts.parents[%zu]",
					i);
		}
	}
	return 0;
}

static void read_merged(struct replay *r, const struct doc *d,
	struct merged_tag *out, bool *vague)
{
	struct span tagger = doc_get_text(d, "tagger");

	out->tag.name = text_of(r, doc_get_text(d, "name"));
	out->tag.target = replay_oid(d, "target");
	out->tag.tagger.email = text_of(r, tagger);
	if (!doc_get(d, "target"))
		out->tag.malformed = "malformed";
	read_signature(r, doc_get(d, "signature"), &out->sig);
	*vague = *vague || is_vague(tagger);
}

/* Of a commit that has tags, and none of them is told of, nobody asked whose
 * they are. */
static int read_mergetags(
	struct replay *r, const struct doc *facts, bool *vague, struct err *err)
{
	const struct doc *list = doc_get(r->predicate, "mergetags");
	size_t i, n, *v, at = 0, end = 0;

	v = read_ranges(r, facts, "tagged", r->facts.nchange, &n, err);
	if (n == SIZE_MAX || read_parents(r, facts, err))
		return -1;
	for (i = 0; i < n; i++, at = end) {
		struct change *c = &r->facts.change[v[i]];

		for (; end < doc_count(list); end++) {
			struct oid id = replay_oid(doc_at(list, end), "commit");

			if (!oid_eq(&id, &c->commit.id))
				break;
		}
		c->commit.nmergetag = end > at ? end - at : 1;
		if (end == at)
			continue;
		c->merged = arena_get(r->arena, end - at, sizeof(*c->merged));
		for (; at < end; at++)
			read_merged(r, doc_at(list, at),
				&c->merged[c->commit.nmergetag - (end - at)],
				&vague[v[i]]);
	}
	return at == doc_count(list)
		? 0
		: err_set(err, ERR_INPUT, "record: predicate.mergetags");
}

static enum approval_status approval_status_of(struct span s)
{
	return span_is(s, "valid")        ? APPROVAL_VALID
		: span_is(s, "stranger")  ? APPROVAL_STRANGER
		: span_is(s, "elsewhere") ? APPROVAL_ELSEWHERE
		: span_is(s, "withdrawn") ? APPROVAL_WITHDRAWN
					  : APPROVAL_INVALID;
}

/* The update that it is for, and what it covers there. */
static int read_covers(struct replay *r, const struct doc *d, const char *list,
	struct approval_fact *a, struct err *err)
{
	size_t n, *v;

	a->update = (size_t)doc_get_int(d, "update");
	if (a->update >= r->push.nup)
		return err_set(
			err, ERR_INPUT, "record: predicate.facts.%s", list);
	n = r->facts.update[a->update].nchange;
	a->covers = arena_get(r->arena, BIT_WORDS(n) + 1, sizeof(*a->covers));
	v = read_ranges(r, d, "covers", n, &n, err);
	if (n == SIZE_MAX)
		return -1;
	while (n)
		bit_set(a->covers, v[--n]);
	return 0;
}

static bool is_source(const struct update_fact *up, const struct forge *forge)
{
	size_t i;

	for (i = 0; up->rules.approval && i < up->rules.approval->nforge; i++)
		if (up->rules.approval->forge[i] == forge)
			return true;
	return false;
}

/* Those at forges that count now. */
static int read_reviews(
	struct replay *r, const struct doc *facts, struct err *err)
{
	const struct doc *list = doc_get(r->predicate, "reviews");
	const struct doc *more = doc_get(facts, "reviews");
	struct facts *f = &r->facts;
	size_t i;

	if (doc_count(more) != doc_count(list))
		return err_set(
			err, ERR_INPUT, "record: predicate.facts.reviews");
	for (i = 0; i < doc_count(list); i++) {
		const struct doc *d = doc_at(list, i), *m = doc_at(more, i);
		struct approval_fact a = {.what = APPROVAL_GIVEN,
			.commit = replay_oid(d, "commit"),
			.ref = text_of(r, doc_get_text(d, "ref")),
			.person = person_of(r, doc_get_text(d, "person")),
			.status = approval_status_of(doc_get_text(d, "status")),
			.key = "",
			.detail =
				arena_str(r->arena, doc_get_text(d, "detail")),
			.pushed_in = SIZE_MAX,
			.forge = policy_forge(
				r->policy, doc_get_text(d, "forge")),
			.request = (uint64_t)doc_get_int(d, "request"),
			.review = (uint64_t)doc_get_int(d, "review"),
			.login = text_of(r, doc_get_text(d, "login")),
			.opened = doc_get_bool(m, "opened"),
			.against = doc_get_bool(d, "against")};

		if (read_covers(r, m, "reviews", &a, err))
			return -1;
		if (a.forge && is_source(&f->update[a.update], a.forge))
			f->approval[f->napproval++] = a;
	}
	return 0;
}

/* Whether all that it covers is the commit itself, not what it became. */
static bool is_itself(const struct replay *r, const struct approval_fact *a)
{
	const struct update_fact *up = &r->facts.update[a->update];
	size_t i;

	for (i = 0; i < up->nchange; i++)
		if (bit_get(a->covers, i) &&
			!oid_eq(&r->facts.change[up->change[i]].commit.id,
				&a->commit))
			return false;
	return true;
}

static int read_objections(
	struct replay *r, const struct doc *facts, struct err *err)
{
	const struct doc *list = doc_get(facts, "objections");
	struct facts *f = &r->facts;
	size_t i;

	for (i = 0; i < doc_count(list); i++) {
		const struct doc *d = doc_at(list, i);
		struct approval_fact *a = &f->approval[f->napproval++];

		*a = (struct approval_fact){.what = APPROVAL_OBJECTION,
			.object = replay_oid(d, "object"),
			.commit = replay_oid(d, "commit"),
			.person = person_of(r, doc_get_text(d, "person")),
			.status = APPROVAL_VALID,
			.key = "",
			.detail = "",
			.pushed_in = SIZE_MAX};
		if (read_covers(r, d, "objections", a, err))
			return -1;
		a->ref = f->update[a->update].up->ref;
		r->rebased = r->rebased || !is_itself(r, a);
	}
	return 0;
}

static int read_approvals(
	struct replay *r, const struct doc *facts, struct err *err)
{
	const struct doc *list = doc_get(r->predicate, "approvals");
	const struct doc *more = doc_get(facts, "approvals");
	struct facts *f = &r->facts;
	size_t i;

	f->napproval = doc_count(list);
	f->approval = arena_get(r->arena,
		f->napproval + 1 + doc_count(doc_get(facts, "reviews")) +
			doc_count(doc_get(facts, "objections")),
		sizeof(*f->approval));
	if (facts && doc_count(more) != f->napproval)
		return err_set(
			err, ERR_INPUT, "record: predicate.facts.approvals");
	for (i = 0; i < f->napproval; i++) {
		const struct doc *d = doc_at(list, i), *m = doc_at(more, i);
		struct approval_fact *a = &f->approval[i];

		a->object = replay_oid(d, "object");
		a->commit = replay_oid(d, "commit");
		a->ref = text_of(r, doc_get_text(d, "ref"));
		a->person = person_of(r, doc_get_text(d, "person"));
		a->status = approval_status_of(doc_get_text(d, "status"));
		a->key = "";
		a->detail = "";
		a->pushed_in = a->update = SIZE_MAX;
		r->rebased = r->rebased || doc_get_bool(m, "rebased");
		if (doc_get(m, "update") &&
			read_covers(r, m, "approvals", a, err))
			return -1;
	}
	return 0;
}

static int read_update(
	struct replay *r, size_t u, const struct doc *d, struct err *err)
{
	struct update_fact *up = &r->facts.update[u];
	const struct doc *sections = doc_get(d, "sections");
	struct span last = doc_get_text(d, "last");
	unsigned i;

	if (!movement_read(doc_get_text(d, "movement"), &up->movement) ||
		!object_type_read(doc_get_text(d, "type"), &up->type) ||
		!object_type_read(
			last.n ? last : doc_get_text(d, "type"), &up->last))
		return err_set(err, ERR_INPUT,
			"record: predicate.facts.updates[%zu]", u);
	up->alias = text_of(r, doc_get_text(d, "alias"));
	up->change = read_ranges(
		r, d, "commits", r->facts.nchange, &up->nchange, err);
	if (up->nchange == SIZE_MAX)
		return -1;
	up->tag = read_ranges(r, d, "tags", r->facts.ntag, &up->ntag, err);
	if (up->ntag == SIZE_MAX)
		return -1;
	for (i = 0; i < SECTIONS; i++)
		r->section[u][i] = arena_str(
			r->arena, doc_get_text(sections, facts_section[i]));
	r->asked[u] = doc_get(d, "forges");
	r->heeded[u] = doc_get_bool(d, "objections");
	return 0;
}

static void read_answers(struct replay *r, const struct doc *facts)
{
	struct push_reviews *asked = &r->facts.reviews;

	asked->asked = doc_get(r->predicate, "reviews") != NULL;
	if (doc_get(facts, "unanswered"))
		asked->fault =
			arena_str(r->arena, doc_get_text(facts, "unanswered"));
}

static int read_facts(
	struct replay *r, const struct doc *facts, struct err *err)
{
	const struct doc *list = doc_get(facts, "updates");
	bool *vague;
	size_t u, i;

	vague = arena_get(r->arena,
		doc_count(doc_get(r->predicate, "commits")) + 1,
		sizeof(*vague));
	read_commits(r, vague);
	read_tags(r, facts);
	r->newer = doc_get_int(facts, "version") == FACTS_VERSION;
	r->whole = r->newer || doc_get_int(facts, "version") == FACTS_BEFORE;
	if (!r->whole)
		return read_approvals(r, NULL, err);
	if (doc_count(list) != r->push.nup ||
		doc_count(doc_get(facts, "tags")) != r->facts.ntag)
		return err_set(
			err, ERR_INPUT, "record: predicate.facts.updates");
	for (u = 0; u < r->push.nup; u++)
		if (read_update(r, u, doc_at(list, u), err))
			return -1;
	if (read_more(r, facts, vague, err) || read_approvals(r, facts, err))
		return -1;
	if (r->newer &&
		(read_mergetags(r, facts, vague, err) ||
			read_reviews(r, facts, err) ||
			read_objections(r, facts, err)))
		return -1;
	read_answers(r, facts);
	for (u = 0; u < r->push.nup; u++)
		for (i = 0; i < r->facts.update[u].nchange; i++)
			if (vague[r->facts.update[u].change[i]])
				r->vague[u] = true;
	return 0;
}

int replay_open(struct replay *r, const struct doc *record,
	const struct policy *policy, struct arena *a, struct err *err)
{
	struct facts *f = &r->facts;
	size_t u;

	*r = (struct replay){.predicate = doc_get(record, "predicate"),
		.policy = policy,
		.arena = a,
		.findings = {.arena = a}};
	f->push = &r->push;
	f->policy = policy;
	read_push(r);
	f->certificate.given = r->push.sign.given;
	read_signature(r,
		doc_get(doc_get(r->predicate, "push_certificate"), "signature"),
		&f->certificate.sig);
	f->update = arena_get(a, r->push.nup + 1, sizeof(*f->update));
	r->section = arena_get(a, r->push.nup + 1, sizeof(*r->section));
	r->vague = arena_get(a, r->push.nup + 1, sizeof(*r->vague));
	r->asked = arena_get(a, r->push.nup + 1, sizeof(*r->asked));
	r->heeded = arena_get(a, r->push.nup + 1, sizeof(*r->heeded));
	for (u = 0; u < r->push.nup; u++) {
		struct update_fact *up = &f->update[u];

		up->up = &r->push.up[u];
		up->silent = !policy_rules(policy, span_str(r->push.repository),
			up->up->ref, &up->rules);
		r->section[u] = arena_get(a, SECTIONS, sizeof(char *));
	}
	return read_facts(r, doc_get(r->predicate, "facts"), err);
}

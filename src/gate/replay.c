#include "gate/replay.h"

#include "base/clock.h"
#include "base/text.h"
#include "checks/check.h"
#include "gate/factdoc.h"
#include "parse/ranges.h"
#include "parse/record.h"

#define MAIL_WHOLE 200 /* bytes, from which on an address may be cut */

/* Facts out of a record */

static struct span text_of(struct replay *r, struct span shown)
{
	struct buf raw = BUF_INIT(shown.n + 1);
	struct span s;

	text_unprintable(&raw, shown);
	s = arena_copy(r->arena, buf_all(&raw));
	buf_free(&raw);
	return s;
}

static struct oid oid_of(const struct doc *d, const char *key)
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

		p->up[i] = (struct ref_update){oid_of(u, "old"),
			oid_of(u, "new"), text_of(r, doc_get_text(u, "ref"))};
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

		c->commit.id = oid_of(d, "id");
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

		t->tag.id = oid_of(d, "id");
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

static enum approval_status approval_status_of(struct span s)
{
	return span_is(s, "valid")        ? APPROVAL_VALID
		: span_is(s, "stranger")  ? APPROVAL_STRANGER
		: span_is(s, "elsewhere") ? APPROVAL_ELSEWHERE
		: span_is(s, "withdrawn") ? APPROVAL_WITHDRAWN
					  : APPROVAL_INVALID;
}

static int read_approvals(
	struct replay *r, const struct doc *facts, struct err *err)
{
	const struct doc *list = doc_get(r->predicate, "approvals");
	const struct doc *more = doc_get(facts, "approvals");
	struct facts *f = &r->facts;
	size_t i, k, n, *v;

	f->napproval = doc_count(list);
	f->approval =
		arena_get(r->arena, f->napproval + 1, sizeof(*f->approval));
	if (facts && doc_count(more) != f->napproval)
		return err_set(
			err, ERR_INPUT, "record: predicate.facts.approvals");
	for (i = 0; i < f->napproval; i++) {
		const struct doc *d = doc_at(list, i), *m = doc_at(more, i);
		struct approval_fact *a = &f->approval[i];

		a->object = oid_of(d, "object");
		a->commit = oid_of(d, "commit");
		a->ref = text_of(r, doc_get_text(d, "ref"));
		a->person = person_of(r, doc_get_text(d, "person"));
		a->status = approval_status_of(doc_get_text(d, "status"));
		a->key = "";
		a->detail = "";
		a->pushed_in = a->update = SIZE_MAX;
		r->rebased = r->rebased || doc_get_bool(m, "rebased");
		if (!doc_get(m, "update"))
			continue;
		a->update = (size_t)doc_get_int(m, "update");
		if (a->update >= r->push.nup)
			return err_set(err, ERR_INPUT,
				"record: predicate.facts.approvals[%zu]", i);
		k = f->update[a->update].nchange;
		a->covers = arena_get(
			r->arena, BIT_WORDS(k) + 1, sizeof(*a->covers));
		v = read_ranges(r, m, "covers", k, &n, err);
		if (n == SIZE_MAX)
			return -1;
		while (n)
			bit_set(a->covers, v[--n]);
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
	return 0;
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
	r->whole = doc_get_int(facts, "version") == FACTS_VERSION;
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
	for (u = 0; u < r->push.nup; u++) {
		struct update_fact *up = &f->update[u];

		up->up = &r->push.up[u];
		up->silent = !policy_rules(policy, span_str(r->push.repository),
			up->up->ref, &up->rules);
		r->section[u] = arena_get(a, SECTIONS, sizeof(char *));
	}
	return read_facts(r, doc_get(r->predicate, "facts"), err);
}

/* What each check would say */

static bool same(const struct replay *r, size_t u, enum policy_section section)
{
	return r->whole &&
		!strcmp(r->section[u][section],
			r->facts.update[u].section[section]);
}

/* Nobody's signature is good for merges alone, which only who looked at the
 * trees can tell apart. */
static bool any_limited(const struct policy *p)
{
	size_t i;

	for (i = 0; i < p->nperson; i++)
		if (p->person[i].signs != SIGNS_ANYTHING)
			return true;
	return false;
}

static bool all_checked(const struct replay *r, const struct update_fact *up)
{
	size_t i;

	for (i = 0; i < up->nchange; i++)
		if (r->facts.change[up->change[i]].sig.status ==
			SIGNATURE_UNCHECKED)
			return false;
	for (i = 0; i < up->ntag; i++)
		if (r->facts.tag[up->tag[i]].sig.status == SIGNATURE_UNCHECKED)
			return false;
	return true;
}

static enum replay_how kept_if(bool yes)
{
	return yes ? REPLAY_KEPT : REPLAY_UNTOLD;
}

static enum replay_how how_signature(const struct replay *r, size_t u)
{
	const struct update_fact *up = &r->facts.update[u];
	const struct rule_signature *rule = up->rules.signature;

	if (!rule)
		return REPLAY_NONE;
	if (r->whole && r->same_people && all_checked(r, up) &&
		rule->merged_tags == MERGED_TAGS_OFF &&
		!any_limited(r->policy) && !(rule->identity && r->vague[u]))
		return REPLAY_AGAIN;
	return kept_if(r->same_people && same(r, u, SECTION_SIGNATURE));
}

static enum replay_how how_certificate(const struct replay *r, size_t u)
{
	const struct rule_signature *rule = r->facts.update[u].rules.signature;

	if (!rule)
		return REPLAY_NONE;
	if (!r->push.sign.given || rule->push_certificate == DEMAND_FORBIDDEN)
		return REPLAY_AGAIN;
	return kept_if(r->same_people && same(r, u, SECTION_SIGNATURE));
}

static enum replay_how how_ref(const struct replay *r, size_t u)
{
	const struct rule_ref *rule = r->facts.update[u].rules.ref;

	if (r->whole && (!rule || !rule->nname))
		return REPLAY_AGAIN;
	/* Which sections there are decides where a ref has to lead. */
	return kept_if(same(r, u, SECTION_REF) &&
		same(r, u, SECTION_SIGNATURE) && same(r, u, SECTION_IDENTITY) &&
		same(r, u, SECTION_APPROVAL) && same(r, u, SECTION_FILE) &&
		same(r, u, SECTION_ROBOT));
}

static bool has_prefix(const struct replay *r, size_t u, struct span prefix)
{
	return span_starts(r->push.up[u].ref, prefix);
}

static enum replay_how how_approval(const struct replay *r, size_t u)
{
	const struct update_fact *up = &r->facts.update[u];
	const struct rule_approval *rule = up->rules.approval;

	if (has_prefix(r, u, SPAN_LIT("refs/sluice/approvals/")))
		return kept_if(r->whole && r->same_people);
	if (!rule)
		return REPLAY_NONE;
	/* Approvals were looked for only where the rules asked for some, and
	 * of what was said at forges the record has the judgement alone. */
	if (r->whole && !rule->nforge && r->same_people &&
		r->section[u][SECTION_APPROVAL][0] && !rule->npath &&
		!rule->codeowners && !rule->objections.n &&
		!rule->clean_merges && !rule->binds_patch && !r->rebased &&
		!r->vague[u] && all_checked(r, up))
		return REPLAY_AGAIN;
	return kept_if(r->same_people && same(r, u, SECTION_APPROVAL));
}

/* Hits are told under the first update that asks for any. */
static enum replay_how how_secret(const struct replay *r, size_t u)
{
	size_t i;

	if (!r->facts.update[u].rules.secret)
		return REPLAY_NONE;
	for (i = 0; i < r->push.nup; i++)
		if (!same(r, i, SECTION_SECRET))
			return REPLAY_UNTOLD;
	return REPLAY_KEPT;
}

static enum replay_how how_section(const struct replay *r, size_t u,
	const void *rule, enum policy_section section, bool people)
{
	if (!rule)
		return REPLAY_NONE;
	return kept_if(same(r, u, section) && (r->same_people || !people));
}

static enum replay_how how_identity(const struct replay *r, size_t u)
{
	const struct rules *rules = &r->facts.update[u].rules;
	enum replay_how how =
		how_section(r, u, rules->identity, SECTION_IDENTITY, true);

	return how == REPLAY_KEPT ? kept_if(same(r, u, SECTION_SIGNATURE))
				  : how;
}

static enum replay_how how_robot(const struct replay *r, size_t u)
{
	return how_section(
		r, u, r->facts.update[u].rules.robot, SECTION_ROBOT, true);
}

static enum replay_how how_message(const struct replay *r, size_t u)
{
	return how_section(
		r, u, r->facts.update[u].rules.message, SECTION_MESSAGE, false);
}

static enum replay_how how_file(const struct replay *r, size_t u)
{
	return how_section(
		r, u, r->facts.update[u].rules.file, SECTION_FILE, false);
}

/* What a waiver is good for is asked of all rules of the ref it is for. */
static enum replay_how how_waiver(const struct replay *r, size_t u)
{
	if (!has_prefix(r, u, SPAN_LIT("refs/sluice/waivers/")))
		return REPLAY_NONE;
	return kept_if(r->same_people &&
		span_is(doc_get_text(r->predicate, "policy"),
			r->policy->digest));
}

/* The root says who changes the policy, not the policy. */
static enum replay_how how_policy(const struct replay *r, size_t u)
{
	(void)r;
	(void)u;
	return REPLAY_KEPT;
}

struct part {
	const struct check *check;
	const char *ids; /* beginning of what it finds */
	enum replay_how (*how)(const struct replay *r, size_t u);
};
/* The order in which the gate judges; of two that find the same, the first. */
static const struct part parts[] = {
	{&check_policy, "policy.", how_policy},
	{&check_ref, "ref.", how_ref},
	{&check_signature, "signature.", how_signature},
	{&check_push_certificate, "push_certificate.", how_certificate},
	{&check_identity, "identity.", how_identity},
	{&check_approval, "approval.", how_approval},
	{&check_waiver, "waiver.", how_waiver},
	{&check_robot, "robot.", how_robot},
	{&check_secret, "secret.", how_secret},
	{&check_message, "message.", how_message},
	{&check_file, "file.", how_file},
};

static void untold(
	struct replay *r, size_t u, const char *check, const char *why)
{
	size_t i;

	for (i = 0; i < r->ngap; i++)
		if (r->gap[i].update == u && !strcmp(r->gap[i].check, check))
			return;
	r->gap = arena_grow(
		r->arena, r->gap, r->ngap, &r->gap_cap, sizeof(*r->gap));
	r->gap[r->ngap++] = (struct replay_gap){u, check, why};
}

/* Whether a finding of the record is about update ${u}. */
static bool is_about(const struct replay *r, const struct doc *d, size_t u)
{
	const struct doc *up = doc_at(doc_get(r->predicate, "updates"), u);

	return span_eq(doc_get_text(d, "ref"), doc_get_text(up, "ref"));
}

static bool has_finding(const struct replay *r, struct span id, size_t u,
	const struct oid *object)
{
	struct buf name = BUF_INIT(200);
	bool yes = false;
	size_t i;

	for (i = 0; i < r->findings.n && !yes; i++) {
		const struct finding *f = &r->findings.v[i];

		if (f->update != u || !oid_eq(&f->object, object))
			continue;
		buf_reset(&name);
		finding_name(f, &name);
		yes = span_eq(buf_all(&name), id);
	}
	buf_free(&name);
	return yes;
}

/* What the severity of a finding was before the policy had its say; false when
 * that cannot be told. */
static bool weigh_kept(
	struct replay *r, const struct doc *d, size_t u, struct finding *f)
{
	struct span was = doc_get_text(d, "severity");
	bool depends = f->def->number == FINDING_SECRET_FOUND ||
		span_starts(
			span_str(f->def->id), SPAN_LIT("push_certificate."));

	f->severity = span_is(was, "warn") ? SEVERITY_WARN : SEVERITY_BLOCK;
	if (same(r, u, SECTION_SEVERITY))
		return true;
	if (r->section[u][SECTION_SEVERITY][0] && !depends)
		f->severity = f->def->severity;
	else if (r->section[u][SECTION_SEVERITY][0])
		f->severity = SEVERITY_OFF; /* a mark: who says it otherwise? */
	gate_weigh(&r->facts, f);
	return f->severity != SEVERITY_OFF || !depends ||
		!r->section[u][SECTION_SEVERITY][0];
}

static void keep(struct replay *r, const struct doc *d, size_t u,
	const struct part *part)
{
	struct span id = doc_get_text(d, "id");
	struct oid object = oid_of(d, "object");
	enum finding_id number = FINDING_SECRET_FOUND;
	struct finding *f;

	if (has_finding(r, id, u, &object) && part->check == &check_signature)
		return;
	if (!finding_id_known(id, &number)) {
		untold(r, u, part->check->name, "a finding that is not known");
		return;
	}
	f = findings_add(&r->findings, number, u, &object);
	if (number == FINDING_SECRET_FOUND)
		f->rule = arena_str(r->arena, span_from(id, 7));
	f->place = arena_str(r->arena, doc_get_text(d, "place"));
	f->detail = arena_str(r->arena, doc_get_text(d, "detail"));
	f->fingerprint = arena_str(r->arena, doc_get_text(d, "fingerprint"));
	if (!weigh_kept(r, d, u, f))
		untold(r, u, part->check->name,
			"how much was found weighs by itself");
}

static void keep_all(struct replay *r, size_t u, const struct part *part)
{
	const struct doc *list = doc_get(r->predicate, "findings");
	const struct doc *off = doc_get(doc_get(r->predicate, "facts"), "off");
	size_t i;

	r->kept++;
	for (i = 0; i < doc_count(list); i++) {
		const struct doc *d = doc_at(list, i);
		struct span id = doc_get_text(d, "id");

		/* The gate itself says so, of every policy. */
		if (span_is(id, "policy.silent") || !is_about(r, d, u))
			continue;
		if (span_starts(id, span_str(part->ids)))
			keep(r, d, u, part);
	}
	for (i = 0; i < doc_count(off); i++)
		if ((size_t)doc_get_int(doc_at(off, i), "update") == u &&
			span_starts(doc_get_text(doc_at(off, i), "id"),
				span_str(part->ids)) &&
			!same(r, u, SECTION_SEVERITY))
			untold(r, u, part->check->name,
				"what was found weighed nothing then, and was "
				"not kept");
}

/* A signed tag under another name is found by the check of signatures, under an
 * id of refs. */
static void keep_renamed(struct replay *r, size_t u, const struct part *part)
{
	const struct doc *list = doc_get(r->predicate, "findings");
	struct oid object;
	size_t i;

	for (i = 0; i < doc_count(list); i++) {
		const struct doc *d = doc_at(list, i);
		struct span id = doc_get_text(d, "id");

		object = oid_of(d, "object");
		if (is_about(r, d, u) && span_is(id, "ref.name") &&
			!has_finding(r, id, u, &object))
			keep(r, d, u, part);
	}
}

static void judge_part(struct replay *r, size_t u, const struct part *part)
{
	size_t i, from = r->findings.n;

	switch (part->how(r, u)) {
	case REPLAY_UNTOLD:
		untold(r, u, part->check->name,
			r->whole ? "the rules are others, and the record does "
				   "not have what they ask about"
				 : "the record is from before facts were kept");
		break;
	case REPLAY_NONE:
		break;
	case REPLAY_AGAIN:
		r->again++;
		part->check->run(&r->facts, u, &r->findings);
		for (i = from; i < r->findings.n; i++)
			gate_weigh(&r->facts, &r->findings.v[i]);
		break;
	case REPLAY_KEPT:
		keep_all(r, u, part);
		if (part->check == &check_signature)
			keep_renamed(r, u, part);
		break;
	}
}

/* Waivers, and the verdict */

/* What became of the same finding then; "" if there was none. */
static struct span severity_then(
	const struct replay *r, const struct finding *f, struct span id)
{
	const struct doc *list = doc_get(r->predicate, "findings");
	struct oid object;
	size_t i;

	for (i = 0; i < doc_count(list); i++) {
		const struct doc *d = doc_at(list, i);

		object = oid_of(d, "object");
		if (is_about(r, d, f->update) &&
			span_eq(doc_get_text(d, "id"), id) &&
			oid_eq(&object, &f->object) &&
			(!f->fingerprint[0] ||
				span_is(doc_get_text(d, "fingerprint"),
					f->fingerprint)))
			return doc_get_text(d, "severity");
	}
	return SPAN_EMPTY;
}

static bool may_waive(const struct rules *rules, struct span id)
{
	size_t i, k;

	for (i = 0; i < rules->nwaiver; i++)
		for (k = 0; k < rules->waiver[i].nfinding; k++)
			if (finding_names(rules->waiver[i].finding[k], id))
				return true;
	return false;
}

/* One that blocks: waived then and now, blocking, or (false) not known. */
static bool waive(struct replay *r, struct finding *f, struct span id)
{
	const struct rules *rules = &r->facts.update[f->update].rules;
	struct span then = severity_then(r, f, id);
	bool same_waivers =
		r->same_people && same(r, f->update, SECTION_WAIVER);

	if (!may_waive(rules, id))
		return true;
	if (span_is(then, "waived") && same_waivers) {
		f->severity = SEVERITY_WAIVED;
		return true;
	}
	return span_is(then, "block") && same_waivers;
}

static void settle(struct replay *r)
{
	size_t i, block = 0, observed = 0, observing = 0;
	struct buf id = BUF_INIT(200);

	for (i = 0; i < r->findings.n; i++) {
		struct finding *f = &r->findings.v[i];

		if (f->severity != SEVERITY_BLOCK)
			continue;
		buf_reset(&id);
		finding_name(f, &id);
		if (!waive(r, f, buf_all(&id))) {
			untold(r, f->update, "waiver",
				"whether anybody had waived it");
			continue;
		}
		if (f->severity != SEVERITY_BLOCK)
			continue;
		block++;
		observed += r->facts.update[f->update].rules.observe;
	}
	for (i = 0; i < r->push.nup; i++)
		observing += r->facts.update[i].rules.observe;
	r->verdict = block ? VERDICT_REJECT
		: r->ngap  ? VERDICT_UNDECIDED
			   : VERDICT_ACCEPT;
	r->observe = block ? observed == block
			   : observing == r->push.nup && observing;
	r->admitted = r->verdict == VERDICT_ACCEPT ||
		(r->verdict == VERDICT_REJECT && r->observe && !r->ngap);
	buf_free(&id);
}

/* The one ref that is not reserved though its name is. */
static void note_policy(struct replay *r)
{
	const struct doc *list = doc_get(r->predicate, "findings");
	size_t u, i;

	for (u = 0; u < r->push.nup; u++) {
		if (!span_is(r->push.up[u].ref, POLICY_REF))
			continue;
		r->facts.policy_change.given =
			doc_get(r->predicate, "policy_change") != NULL;
		r->facts.policy_change.update = u;
		for (i = 0; i < doc_count(list); i++)
			if (span_starts(doc_get_text(doc_at(list, i), "id"),
				    SPAN_LIT("policy.")))
				r->facts.policy_change.given = true;
	}
}

void replay_judge(struct replay *r)
{
	struct span people =
		doc_get_text(doc_get(r->predicate, "facts"), "people");
	size_t u, i;

	r->same_people = r->whole && span_is(people, r->facts.people);
	note_policy(r);
	for (u = 0; u < r->push.nup; u++) {
		if (r->facts.update[u].silent) {
			findings_add(
				&r->findings, FINDING_POLICY_SILENT, u, NULL);
			gate_weigh(
				&r->facts, &r->findings.v[r->findings.n - 1]);
		}
		for (i = 0; i < ARRAY_LEN(parts); i++)
			judge_part(r, u, &parts[i]);
	}
	if (doc_get(r->predicate, "cause")) {
		for (u = 0; u < r->push.nup; u++)
			untold(r, u, "gate", "it could not be judged then");
		r->findings.n = 0;
	}
	settle(r);
}

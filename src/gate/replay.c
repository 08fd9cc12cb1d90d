#include "gate/replay.h"

#include "base/text.h"
#include "checks/check.h"
#include "gate/factdoc.h"

/* What each check would say */

static bool same(const struct replay *r, size_t u, enum policy_section section)
{
	return r->whole &&
		!strcmp(r->section[u][section],
			r->facts.update[u].section[section]);
}

/* Whether somebody's signature is good for merges alone, which only who looked
 * at the trees can tell apart, or for what was approved before it was rebased,
 * which the rules of approvals decide. */
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

/* Whether it is known of each commit which tags it has and whose they are. */
static bool merged_known(const struct replay *r, const struct update_fact *up)
{
	size_t i;

	for (i = 0; r->newer && i < up->nchange; i++) {
		const struct change *c = &r->facts.change[up->change[i]];

		if (c->commit.nmergetag && !c->merged)
			return false;
	}
	return r->newer;
}

static enum replay_how how_signature(const struct replay *r, size_t u)
{
	const struct update_fact *up = &r->facts.update[u];
	const struct rule_signature *rule = up->rules.signature;

	if (!rule)
		return REPLAY_NONE;
	if (r->whole && r->same_people && all_checked(r, up) &&
		(rule->merged_tags == MERGED_TAGS_OFF || merged_known(r, up)) &&
		!any_limited(r->policy) && !(rule->identity && r->vague[u]))
		return REPLAY_AGAIN;
	return kept_if(r->same_people && same(r, u, SECTION_SIGNATURE) &&
		(!any_limited(r->policy) || same(r, u, SECTION_APPROVAL)));
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

static bool was_asked(const struct doc *asked, const struct forge *forge)
{
	struct span name;
	size_t i;

	for (i = 0; i < doc_count(asked); i++)
		if (doc_text(doc_at(asked, i), &name) &&
			span_is(name, forge->name))
			return true;
	return false;
}

/* Whether what would be asked of forges for update ${u} was asked: with
 * ${only}, nothing else was. */
static bool heard_of(const struct replay *r, size_t u, bool only)
{
	const struct update_fact *up = &r->facts.update[u];
	const struct rule_approval *rule = up->rules.approval;
	size_t i, n = update_asks(up) ? rule->nforge : 0;
	bool heeds = n && rule->objections.n;

	for (i = 0; i < n; i++)
		if (!was_asked(r->asked[u], rule->forge[i]))
			return false;
	return (r->heeded[u] || !heeds) &&
		(!only ||
			(doc_count(r->asked[u]) == n && r->heeded[u] == heeds));
}

/* All that a push asks of forges is one question, and nothing is heard when any
 * of it fails: another question might not have. */
static bool reviews_known(const struct replay *r)
{
	size_t u;

	for (u = 0; r->newer && u < r->push.nup; u++)
		if (!heard_of(r, u, r->facts.reviews.fault != NULL))
			return false;
	return r->newer;
}

static enum replay_how how_approval(const struct replay *r, size_t u)
{
	const struct update_fact *up = &r->facts.update[u];
	const struct rule_approval *rule = up->rules.approval;

	if (has_prefix(r, u, SPAN_LIT("refs/sluice/approvals/")))
		return kept_if(r->whole && r->same_people);
	if (!rule)
		return REPLAY_NONE;
	/* Approvals were looked for only where the rules asked for some. */
	if (r->whole && r->same_people && r->section[u][SECTION_APPROVAL][0] &&
		(!update_asks(up) || reviews_known(r)) &&
		(!rule->objections.n || r->newer) && !rule->npath &&
		!rule->codeowners && !rule->clean_merges &&
		!rule->binds_patch && !r->rebased && !r->vague[u] &&
		all_checked(r, up))
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

/* Of the finding that was added last. */
static void note_from(struct replay *r, const struct doc *d)
{
	while (r->nfrom < r->findings.n) {
		r->from = arena_grow(r->arena, r->from, r->nfrom, &r->from_cap,
			sizeof(*r->from));
		r->from[r->nfrom++] = NULL;
	}
	r->from[r->nfrom - 1] = d;
}

static void keep(struct replay *r, const struct doc *d, size_t u,
	const struct part *part)
{
	struct span id = doc_get_text(d, "id");
	struct oid object = replay_oid(d, "object");
	enum finding_id number = FINDING_SECRET_FOUND;
	struct finding *f;

	if (has_finding(r, id, u, &object) && part->check == &check_signature)
		return;
	if (!finding_id_known(id, &number)) {
		untold(r, u, part->check->name, "a finding that is not known");
		return;
	}
	f = findings_add(&r->findings, number, u, &object);
	note_from(r, d);
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

		object = replay_oid(d, "object");
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

/* How many before number ${at} are of its name and object. */
static size_t place_of(const struct replay *r, size_t at)
{
	const struct finding *f = &r->findings.v[at];
	size_t i, n = 0;

	for (i = 0; i < at; i++)
		n += r->findings.v[i].def == f->def &&
			r->findings.v[i].update == f->update &&
			oid_eq(&r->findings.v[i].object, &f->object);
	return n;
}

/* What became of the same one then, of those of its name and object; "" if it
 * was not there. */
static struct span severity_then(
	const struct replay *r, size_t at, struct span id)
{
	const struct doc *list = doc_get(r->predicate, "findings");
	const struct finding *f = &r->findings.v[at];
	size_t i, skip = place_of(r, at);
	struct oid object;

	for (i = 0; i < doc_count(list); i++) {
		const struct doc *d = doc_at(list, i);

		object = replay_oid(d, "object");
		if (is_about(r, d, f->update) &&
			span_eq(doc_get_text(d, "id"), id) &&
			oid_eq(&object, &f->object) && !skip--)
			return doc_get_text(d, "severity");
	}
	return SPAN_EMPTY;
}

/* Whether anybody tried to. */
static bool has_waiver(const struct replay *r, struct span id)
{
	const struct doc *list = doc_get(r->predicate, "waivers");
	size_t i;

	for (i = 0; i < doc_count(list); i++)
		if (span_eq(doc_get_text(doc_at(list, i), "finding"), id))
			return true;
	return false;
}

/* Whether it is about the same commits as then: one object only, or by the same
 * rules. */
static bool is_alike(const struct replay *r, const struct finding *f)
{
	if (span_starts(span_str(f->def->id), SPAN_LIT("approval.")))
		return same(r, f->update, SECTION_APPROVAL);
	return f->def->number != FINDING_SIGNATURE_COMPROMISED ||
		same(r, f->update, SECTION_SIGNATURE);
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

/* Number ${at}, which blocks: waived or not as it was then, or (false) that is
 * not known. */
static bool waive(struct replay *r, size_t at, struct span id)
{
	struct finding *f = &r->findings.v[at];
	struct span then;

	if (!may_waive(&r->facts.update[f->update].rules, id))
		return true;
	if (!r->same_people || !same(r, f->update, SECTION_WAIVER))
		return false;
	if (at < r->nfrom && r->from[at])
		then = doc_get_text(r->from[at], "severity");
	else if (is_alike(r, f))
		then = severity_then(r, at, id);
	else
		then = SPAN_EMPTY;
	if (span_is(then, "waived"))
		f->severity = SEVERITY_WAIVED;
	return span_is(then, "waived") || span_is(then, "block") ||
		!has_waiver(r, id);
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
		if (!waive(r, i, buf_all(&id))) {
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

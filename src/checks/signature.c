#include "checks/check.h"
#include "model/robot.h"
#include "model/signer.h"

/* One signed object: a commit or a tag. */
struct subject {
	const struct signature_fact *sig;
	const struct commit *commit;
	const struct tag *tag;
};

static const char *about(struct findings *out, const struct subject *s)
{
	if (s->commit)
		return arena_fmt(out->arena, "%s, committer <%s>",
			findings_about(out, s->commit),
			findings_show(out, s->commit->committer.email, 80));
	return arena_fmt(out->arena, "tag '%s' by <%s>",
		findings_show(out, s->tag->name, 80),
		findings_show(out, s->tag->tagger.email, 80));
}

/* Whether the object says that it is the signer's. */
static bool is_own(const struct subject *s)
{
	const struct person *who = s->sig->person;

	if (s->commit)
		return person_has_email(who, s->commit->author.email) ||
			person_has_email(who, s->commit->committer.email);
	return person_has_email(who, s->tag->tagger.email);
}

static enum finding_id finding_of(enum signature_status s)
{
	switch (s) {
	case SIGNATURE_BAD:
		break;
	case SIGNATURE_MISSING:
		return FINDING_SIGNATURE_MISSING;
	case SIGNATURE_UNKNOWN_KEY:
		return FINDING_SIGNATURE_UNKNOWN_KEY;
	case SIGNATURE_EXPIRED:
		return FINDING_SIGNATURE_EXPIRED;
	case SIGNATURE_REVOKED:
		return FINDING_SIGNATURE_REVOKED;
	case SIGNATURE_COMPROMISED:
		return FINDING_SIGNATURE_COMPROMISED;
	case SIGNATURE_WEAK:
		return FINDING_SIGNATURE_WEAK;
	case SIGNATURE_MALFORMED:
		return FINDING_SIGNATURE_MALFORMED;
	case SIGNATURE_UNSUPPORTED:
		return FINDING_SIGNATURE_UNSUPPORTED;
	case SIGNATURE_GOOD:
	case SIGNATURE_UNCHECKED: /* not where a rule asks; refused anyhow */
		break;
	}
	return FINDING_SIGNATURE_BAD;
}

/* Whether somebody approved what they had a hand in, before or since. */
static bool is_own_work(const struct facts *facts, const struct update_fact *up,
	const struct approval_fact *a)
{
	const unsigned exclude = up->rules.approval->exclude;
	size_t i;

	for (i = 0; i < a->nwas; i++)
		if (change_role(&a->was[i], a->person, exclude))
			return true;
	for (i = 0; i < up->nchange; i++)
		if (bit_get(a->covers, i) &&
			change_role(&facts->change[up->change[i]], a->person,
				exclude))
			return true;
	return false;
}

/* Whether an approval that was given before a rebase or a squash covers the
 * commit. How many are needed is not asked here, but who gave it must be
 * somebody whose approvals can count. */
static bool is_carried(const struct facts *facts, size_t u, size_t i)
{
	const struct update_fact *up = &facts->update[u];
	size_t k;

	for (k = 0; up->rules.approval && k < facts->napproval; k++) {
		const struct approval_fact *a = &facts->approval[k];

		if (a->what == APPROVAL_GIVEN && a->update == u && a->nwas &&
			a->status == APPROVAL_VALID && a->person &&
			!a->person->robot && !up->rules.approval->no_tags &&
			span_eq(a->ref, up->up->ref) && bit_get(a->covers, i) &&
			!is_own_work(facts, up, a))
			return true;
	}
	return false;
}

/* A forge's key stands for what the forge did, which is not to write code.
 * Number ${i} of the update's commits. */
static void limited(
	const struct facts *facts, size_t u, size_t i, struct findings *out)
{
	const struct change *c = &facts->change[facts->update[u].change[i]];
	const struct person *who = c->sig.person;

	if (c->sig.status != SIGNATURE_GOOD || !who ||
		who->signs == SIGNS_ANYTHING || c->merge == MERGE_CLEAN)
		return;
	if (who->signs == SIGNS_UNCHANGED && is_carried(facts, u, i))
		return;
	findings_add(out, FINDING_SIGNATURE_LIMITED, u, &c->commit.id)->detail =
		arena_fmt(out->arena, "%s, which may sign %s; %s%s%s",
			signer_key(out, &c->sig),
			who->signs == SIGNS_MERGES
				? "clean merges only"
				: "clean merges and what was approved and "
				  "rebased or squashed",
			findings_about(out, &c->commit),
			c->unclean ? " is none: " : "",
			c->unclean ? c->unclean : "");
}

/* Exactly one finding, the first that applies: an object whose form is in doubt
 * proves nothing whoever signed it, and whose key it is matters only once the
 * signature is good. */
static void judge(const struct rule_signature *rule, const struct subject *s,
	size_t u, struct findings *out)
{
	const char *malformed =
		s->commit ? s->commit->malformed : s->tag->malformed;
	const struct signature_fact *sig = s->sig;
	enum finding_id id;
	const char *detail;
	struct finding *f;

	if (malformed) {
		id = FINDING_SIGNATURE_MALFORMED;
		detail = findings_show(out, span_str(malformed), 200);
	} else if (sig->status == SIGNATURE_MISSING) {
		id = FINDING_SIGNATURE_MISSING;
		detail = about(out, s);
	} else if (!(rule->kinds & SIGNATURE_BIT(sig->kind))) {
		id = FINDING_SIGNATURE_KIND;
		detail = arena_fmt(out->arena, "signed with %s, allowed: %s",
			signature_kind_name(sig->kind),
			signer_kinds(out, rule->kinds));
	} else if (sig->status != SIGNATURE_GOOD) {
		id = finding_of(sig->status);
		detail = signer_key(out, sig);
	} else if (!sig->person) {
		id = FINDING_SIGNATURE_UNKNOWN_KEY;
		detail = signer_key(out, sig);
	} else if (!people_has(&rule->by, sig->person)) {
		id = FINDING_SIGNATURE_NOT_ALLOWED;
		detail = arena_fmt(out->arena, "%s; allowed: %s",
			signer_key(out, sig), signer_names(out, &rule->by));
	} else if (rule->identity && !is_own(s)) {
		id = FINDING_SIGNATURE_IDENTITY;
		detail = arena_fmt(out->arena, "%s; %s", signer_key(out, sig),
			about(out, s));
	} else {
		return;
	}
	f = findings_add(out, id, u, s->commit ? &s->commit->id : &s->tag->id);
	f->detail = detail;
	if (id == FINDING_SIGNATURE_COMPROMISED)
		f->fingerprint = signer_fingerprint(out->arena, sig->key);
}

static bool is_parent(const struct commit *c, const struct oid *id)
{
	size_t i;

	for (i = 0; i < c->nparent; i++)
		if (oid_eq(&c->parent[i], id))
			return true;
	return false;
}

/* What is wrong with a tag in the header of ${c}, or NULL. */
static const char *merged_fault(struct findings *out,
	const struct rule_signature *rule, const struct commit *c,
	const struct merged_tag *m)
{
	const struct subject s = {.sig = &m->sig, .tag = &m->tag};

	if (m->tag.malformed)
		return m->tag.malformed;
	if (!is_parent(c, &m->tag.target))
		return "it is of no commit that is merged here";
	if (m->sig.status == SIGNATURE_MISSING)
		return "it is not signed";
	if (!(rule->kinds & SIGNATURE_BIT(m->sig.kind)))
		return arena_fmt(out->arena, "signed with %s, allowed: %s",
			signature_kind_name(m->sig.kind),
			signer_kinds(out, rule->kinds));
	if (m->sig.status != SIGNATURE_GOOD || !m->sig.person)
		return arena_fmt(out->arena, "%s, %s",
			signature_status_name(m->sig.status),
			signer_key(out, &m->sig));
	if (rule->identity && !is_own(&s))
		return arena_fmt(out->arena, "its tagger is not the signer: %s",
			signer_key(out, &m->sig));
	return NULL;
}

static const char *merged_untagged(
	struct findings *out, const struct change *c, const struct oid *parent)
{
	char hex[OID_HEX + 1];
	size_t i;

	for (i = 0; i < c->commit.nmergetag; i++)
		if (oid_eq(&c->merged[i].tag.target, parent))
			return NULL;
	return arena_fmt(out->arena, "no signed tag of %.12s, which it merges",
		oid_hex(parent, hex));
}

/* At most one finding a commit: it may have any number of tags. */
static void merged_tags(const struct rule_signature *rule,
	const struct change *c, size_t u, struct findings *out)
{
	const char *why = NULL;
	size_t i;

	if (c->commit.nmergetag && !c->merged)
		why = "its tags were not looked into";
	for (i = 0; !why && i < c->commit.nmergetag; i++) {
		why = merged_fault(out, rule, &c->commit, &c->merged[i]);
		if (why)
			why = arena_fmt(out->arena, "tag '%s': %s",
				findings_show(out, c->merged[i].tag.name, 80),
				why);
	}
	if (rule->merged_tags == MERGED_TAGS_REQUIRED)
		for (i = 1; !why && i < c->commit.nparent; i++)
			why = merged_untagged(out, c, &c->commit.parent[i]);
	if (!why)
		return;
	findings_add(out, FINDING_SIGNATURE_MERGED_TAG, u, &c->commit.id)
		->detail = arena_fmt(
		out->arena, "%s; %s", why, findings_about(out, &c->commit));
}

static void lightweight(
	const struct update_fact *up, size_t u, struct findings *out)
{
	struct finding *f;

	f = findings_add(out, FINDING_SIGNATURE_MISSING, u, &up->up->new);
	f->detail = "a lightweight tag cannot be signed";
	f->hint = "make a signed tag in its place, then push again: git tag -s "
		  "-f <name> <name>^{commit}";
}

/* A signed tag says its own name. Under another one it would tell what nobody
 * signed: that an old release is a new one. */
static void renamed(const struct facts *facts, const struct update_fact *up,
	size_t u, struct findings *out)
{
	struct span name = span_from(up->up->ref, sizeof("refs/tags/") - 1);
	const struct tag *tag;
	struct finding *f;

	if (!up->ntag || !span_starts(up->up->ref, SPAN_LIT("refs/tags/")))
		return;
	tag = &facts->tag[up->tag[0]].tag;
	if (span_eq(tag->name, name))
		return;
	f = findings_add(out, FINDING_REF_NAME, u, &tag->id);
	f->detail = arena_fmt(out->arena, "the tag in it was signed as '%s'",
		findings_show(out, tag->name, 80));
	f->hint = "make and sign a tag of that name: git tag -s <name> "
		  "<commit>";
}

static void run(const struct facts *facts, size_t u, struct findings *out)
{
	const struct update_fact *up = &facts->update[u];
	const struct rule_signature *rule = up->rules.signature;
	size_t i;

	if (!rule || up->movement == MOVEMENT_DELETE)
		return;
	if (span_starts(up->up->ref, SPAN_LIT("refs/tags/")) &&
		up->type == OBJECT_COMMIT)
		lightweight(up, u, out);
	renamed(facts, up, u, out);
	for (i = 0; i < up->ntag; i++) {
		const struct tag_change *t = &facts->tag[up->tag[i]];

		judge(rule, &(struct subject){.sig = &t->sig, .tag = &t->tag},
			u, out);
		if (t->sig.status == SIGNATURE_GOOD && t->sig.person &&
			t->sig.person->signs != SIGNS_ANYTHING)
			findings_add(
				out, FINDING_SIGNATURE_LIMITED, u, &t->tag.id)
				->detail = signer_key(out, &t->sig);
	}
	for (i = 0; i < up->nchange; i++) {
		const struct change *c = &facts->change[up->change[i]];

		judge(rule,
			&(struct subject){.sig = &c->sig, .commit = &c->commit},
			u, out);
		if (rule->merged_tags != MERGED_TAGS_OFF)
			merged_tags(rule, c, u, out);
		limited(facts, u, i, out);
	}
}

const struct check check_signature = {"signature", run};

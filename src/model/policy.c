#include "model/policy.h"

#include "base/text.h"

const char *const unwitnessed_names[4] = {"allow", "warn", "wait", "block"};

bool people_has(const struct people *p, const struct person *who)
{
	size_t i;

	for (i = 0; who && i < p->n; i++)
		if (p->v[i] == who)
			return true;
	return false;
}

unsigned approval_serves(
	const struct rule_approval *a, const struct person *who)
{
	unsigned set = people_has(&a->by, who);
	size_t i;

	for (i = 0; i < a->ngroup; i++)
		if (people_has(&a->group[i].by, who))
			set |= 2u << i;
	return set;
}

bool globs_match(const char *const *glob, size_t n, struct span s)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (text_glob(span_str(glob[i]), s))
			return true;
	return false;
}

/* Fill in the sections that no earlier entry had. */
static void merge(struct rules *to, const struct rules *from)
{
	if (!to->signature) {
		to->signature = from->signature;
		to->at_signature = from->at_signature;
	}
	if (!to->identity) {
		to->identity = from->identity;
		to->at_identity = from->at_identity;
	}
	if (!to->approval) {
		to->approval = from->approval;
		to->at_approval = from->at_approval;
	}
	if (!to->robot) {
		to->robot = from->robot;
		to->at_robot = from->at_robot;
	}
	if (!to->secret) {
		to->secret = from->secret;
		to->at_secret = from->at_secret;
	}
	if (!to->ref) {
		to->ref = from->ref;
		to->at_ref = from->at_ref;
	}
	if (!to->message) {
		to->message = from->message;
		to->at_message = from->at_message;
	}
	if (!to->file) {
		to->file = from->file;
		to->at_file = from->at_file;
	}
	if (!to->waiver) {
		to->waiver = from->waiver;
		to->nwaiver = from->nwaiver;
		to->at_waiver = from->at_waiver;
	}
	if (!to->mode) {
		to->mode = from->mode;
		to->at_mode = from->at_mode;
	}
	if (!to->severity) {
		to->severity = from->severity;
		to->nseverity = from->nseverity;
		to->at_severity = from->at_severity;
	}
	if (!to->hint) {
		to->hint = from->hint;
		to->nhint = from->nhint;
		to->at_hints = from->at_hints;
	}
}

/* An approval must be able to arrive before what it approves is allowed in, and
 * so must a waiver. So their refs never stand in for one that demands
 * signatures or approvals: those sections gone, rules_cover says no. */
static void keep_evidence_rules(struct rules *r)
{
	const struct rules all = *r;

	memset(r, 0, sizeof(*r));
	r->secret = all.secret;
	r->at_secret = all.at_secret;
	r->file = all.file;
	r->at_file = all.at_file;
	r->severity = all.severity;
	r->nseverity = all.nseverity;
	r->at_severity = all.at_severity;
	r->mode = all.mode;
	r->at_mode = all.at_mode;
	r->hint = all.hint;
	r->nhint = all.nhint;
	r->at_hints = all.at_hints;
}

/* What the gate itself writes there must not be a client's to write, however
 * lenient a policy is. */
static bool is_ours(struct span ref)
{
	return span_starts(ref, SPAN_LIT("refs/sluice/")) &&
		!span_starts(ref, SPAN_LIT("refs/sluice/approvals/")) &&
		!span_starts(ref, SPAN_LIT("refs/sluice/waivers/")) &&
		!span_is(ref, POLICY_REF);
}

static void keep_strict(struct rules *r)
{
	r->severity = NULL;
	r->nseverity = 0;
	r->at_severity = NULL;
	r->mode = MODE_ENFORCE;
	r->at_mode = NULL;
}

bool policy_rules(const struct policy *p, struct span repository,
	struct span ref, struct rules *out)
{
	bool named = false;
	size_t i, k;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < p->nrepository; i++) {
		const struct repository_rules *repo = &p->repository[i];

		if (!globs_match(repo->match, repo->nmatch, repository))
			continue;
		named = true;
		for (k = 0; k < repo->nref; k++)
			if (globs_match(repo->ref[k].match, repo->ref[k].nmatch,
				    ref))
				merge(out, &repo->ref[k].rules);
	}
	if (span_starts(ref, SPAN_LIT("refs/sluice/")))
		keep_evidence_rules(out);
	if (is_ours(ref))
		keep_strict(out);
	out->observe = out->mode ? out->mode == MODE_OBSERVE : p->observe;
	return named;
}

bool rules_empty(const struct rules *r)
{
	return !r->signature && !r->identity && !r->approval && !r->robot &&
		!r->secret && !r->ref && !r->message && !r->file;
}

bool person_has_email(const struct person *who, struct span email)
{
	size_t i;

	for (i = 0; who && email.n && i < who->nemail; i++)
		if (text_same(span_str(who->email[i]), email))
			return true;
	return false;
}

const struct person *policy_person_by_email(
	const struct policy *p, struct span email)
{
	size_t i;

	for (i = 0; i < p->nperson; i++)
		if (person_has_email(&p->person[i], email))
			return &p->person[i];
	return NULL;
}

const char *forge_kind_name(enum forge_kind k)
{
	static const char *const name[] = {
		"gitea", "gitlab", "github", "gerrit", "gerrit-notedb"};

	return name[k];
}

bool policy_has_notedb(const struct policy *p)
{
	size_t i;

	for (i = 0; i < p->nforge; i++)
		if (p->forge[i].kind == FORGE_NOTEDB)
			return true;
	return false;
}

const struct forge *policy_forge(const struct policy *p, struct span name)
{
	size_t i;

	for (i = 0; i < p->nforge; i++)
		if (span_is(name, p->forge[i].name))
			return &p->forge[i];
	return NULL;
}

bool account_compromised(const struct forge_account *a, int64_t at)
{
	return a->compromised && at >= a->compromised &&
		(!a->regained || at < a->regained);
}

const struct forge_account *policy_account(const struct policy *p,
	const struct forge *forge, struct span login, uint64_t id,
	const struct person **who)
{
	size_t i, k;

	*who = NULL;
	for (i = 0; login.n && i < p->nperson; i++) {
		const struct person *one = &p->person[i];

		for (k = 0; k < one->nforge; k++) {
			const struct forge_account *a = &one->forge[k];

			if (strcmp(a->forge, forge->name) != 0 ||
				!span_is(login, a->login) ||
				(a->id && a->id != id))
				continue;
			*who = one;
			return a;
		}
	}
	return NULL;
}

const struct person *policy_person_by_review(const struct policy *p,
	const struct forge *forge, struct span login, uint64_t id)
{
	const struct person *who;

	policy_account(p, forge, login, id, &who);
	return who;
}

struct span forge_project(const struct forge *f, struct span repository)
{
	size_t i;

	for (i = 0; i < f->nplace; i++)
		if (span_is(repository, f->place[i].repository))
			return span_str(f->place[i].project);
	return repository;
}

const struct person *policy_person_by_account(
	const struct policy *p, struct span account)
{
	size_t i, k;

	if (!account.n)
		return NULL;
	for (i = 0; i < p->nperson; i++) {
		const struct person *who = &p->person[i];

		for (k = 0; k < who->naccount; k++)
			if (text_same(span_str(who->account[k]), account))
				return who;
	}
	for (i = 0; i < p->nperson; i++)
		if (text_same(span_str(p->person[i].name), account))
			return &p->person[i];
	return NULL;
}

const struct person *policy_pusher(
	const struct policy *p, const struct pusher *pusher)
{
	const struct person *who =
		policy_person_by_account(p, span_str(pusher->name));

	if (!who)
		who = policy_person_by_email(p, span_str(pusher->email));
	if (!who)
		who = policy_person_by_email(p, span_str(pusher->name));
	return who;
}

bool person_has_login(const struct person *who, struct span name)
{
	size_t i;

	for (i = 0; name.n && i < who->nforge; i++)
		if (text_same(span_str(who->forge[i].login), name))
			return true;
	return false;
}

bool policy_is_pusher(const struct policy *p, const struct pusher *pusher,
	const struct person *who)
{
	return policy_person_by_account(p, span_str(pusher->name)) == who ||
		person_has_email(who, span_str(pusher->email)) ||
		person_has_email(who, span_str(pusher->name));
}

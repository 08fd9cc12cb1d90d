/* What was decided, as the record that goes into the log. */
#include "base/clock.h"
#include "base/text.h"
#include "gate/factdoc.h"
#include "gate/gate.h"
#include "parse/pushcert.h"
#include "parse/record.h"
#include "parse/recordlist.h"
#include "parse/review.h"

#define STATEMENT "https://in-toto.io/Statement/v1"
#define PUSH_TYPE "urn:sluice:push:v1"
#define MAIL_MAX 200
#define NAME_TEXT_MAX 512
#define DETAIL_MAX 500
#define LOGIN_MAX 200

static void set_str(struct doc *to, const char *key, const char *value)
{
	doc_set(to, key, doc_of_str(value ? value : ""));
}

static void set_oid(struct doc *to, const char *key, const struct oid *o)
{
	char hex[OID_HEX + 1];

	set_str(to, key, oid_hex(o, hex));
}

/* Bytes from a push, as text that is safe everywhere it will be shown. */
static void set_text(struct doc *to, const char *key, struct span s, size_t max)
{
	struct buf b = BUF_INIT(max * 4 + 8);

	text_printable(&b, s, max);
	doc_set(to, key, doc_of_text(buf_all(&b)));
	buf_free(&b);
}

/* What a finding says, whose parts are printable. */
static void set_said(
	struct doc *to, const char *key, const char *text, size_t max)
{
	struct buf b = BUF_INIT(max * 4 + 8);

	text_still_printable(&b, span_str(text), max);
	doc_set(to, key, doc_of_text(buf_all(&b)));
	buf_free(&b);
}

static void set_time(struct doc *to, int64_t t)
{
	char text[CLOCK_TEXT_MAX];

	clock_text(t, text);
	set_str(to, "time", text);
}

static const char *digest_name(enum object_type t)
{
	switch (t) {
	case OBJECT_TREE:
		return "gitTree";
	case OBJECT_BLOB:
		return "gitBlob";
	case OBJECT_TAG:
		return "gitTag";
	case OBJECT_NONE:
	case OBJECT_COMMIT:
		break;
	}
	return "gitCommit";
}

static void add_subject(struct doc *subjects, struct span ref,
	const struct oid *new, enum object_type type)
{
	struct doc *subject = doc_object(), *digest = doc_object();

	set_oid(digest, digest_name(type), new);
	set_text(subject, "name", ref, 4096);
	doc_set(subject, "digest", digest);
	doc_add(subjects, subject);
}

static struct doc *statement(struct doc *subjects, struct doc *predicate)
{
	struct doc *d = doc_object();

	set_str(d, "_type", STATEMENT);
	set_str(d, "predicateType", PUSH_TYPE);
	doc_set(d, "subject", subjects);
	doc_set(d, "predicate", predicate);
	return d;
}

static struct doc *updates_doc(const struct ref_update *up, size_t n)
{
	struct doc *list = doc_array();
	size_t i;

	for (i = 0; i < n; i++) {
		struct doc *d = doc_object();

		set_text(d, "ref", up[i].ref, 4096);
		set_oid(d, "old", &up[i].old);
		set_oid(d, "new", &up[i].new);
		doc_add(list, d);
	}
	return list;
}

static struct doc *head(const char *kind, const char *repository, int64_t time)
{
	struct doc *p = doc_object();

	set_str(p, "kind", kind);
	set_str(p, "repository", repository);
	set_time(p, time);
	set_str(p, "program", "sluice " SLUICE_VERSION);
	return p;
}

static void set_push(struct doc *p, const struct push *push)
{
	struct doc *who = doc_object(), *options = doc_array();
	size_t i;

	set_str(who, "name", push->pusher.name);
	if (push->pusher.pseudonym)
		set_str(who, "pseudonym", push->pusher.pseudonym);
	set_str(who, "source", push->pusher.source);
	set_str(who, "transport", transport_name(push->pusher.transport));
	set_str(who, "address", push->pusher.address);
	doc_set(p, "pusher", who);
	for (i = 0; i < push->noption; i++)
		doc_add(options, doc_of_str(push->option[i]));
	doc_set(p, "push_options", options);
	doc_set(p, "updates", updates_doc(push->up, push->nup));
}

/* What stays empty is left out: most commits of an old history. */
static void set_some(struct doc *to, const char *key, const char *value)
{
	if (value && value[0])
		set_str(to, key, value);
}

static const char *kind_name(const struct signature_fact *sig)
{
	return sig->kind == SIGNATURE_NONE ? ""
					   : signature_kind_name(sig->kind);
}

static const char *person_name(const struct signature_fact *sig)
{
	return sig->person ? sig->person->name : "";
}

static struct doc *signature_doc(
	const struct findings *f, const struct signature_fact *sig)
{
	struct doc *d = doc_object();

	set_str(d, "status", signature_status_name(sig->status));
	set_some(d, "kind", kind_name(sig));
	set_some(d, "key", sig->key);
	set_some(d, "person", person_name(sig));
	if (sig->detail && sig->detail[0])
		set_text(d, "detail", findings_hide(f, span_str(sig->detail)),
			DETAIL_MAX);
	return d;
}

/* A tagger stands for both. */
static struct doc *tag_doc(const struct findings *f, const struct tag_change *t)
{
	struct span mail = findings_hide(f, t->tag.tagger.email);
	struct doc *d = doc_object();

	set_oid(d, "id", &t->tag.id);
	set_text(d, "author", mail, MAIL_MAX);
	set_text(d, "committer", mail, MAIL_MAX);
	doc_set(d, "signature", signature_doc(f, &t->sig));
	return d;
}

static struct doc *tags_doc(const struct facts *facts, const struct findings *f)
{
	struct doc *list = doc_array();
	size_t i;

	for (i = 0; i < facts->ntag; i++)
		doc_add(list, tag_doc(f, &facts->tag[i]));
	return list;
}

static void add_mergetags(
	struct doc *list, const struct findings *f, const struct change *c)
{
	size_t i;

	for (i = 0; c->merged && i < c->commit.nmergetag; i++) {
		const struct tag *tag = &c->merged[i].tag;
		struct doc *d = doc_object();

		set_oid(d, "commit", &c->commit.id);
		set_text(d, "name", findings_hide(f, tag->name), NAME_TEXT_MAX);
		if (!tag->malformed)
			set_oid(d, "target", &tag->target);
		if (tag->tagger.email.n)
			set_text(d, "tagger",
				findings_hide(f, tag->tagger.email), MAIL_MAX);
		doc_set(d, "signature", signature_doc(f, &c->merged[i].sig));
		doc_add(list, d);
	}
}

/* Those that a rule asked for; NULL where there is no merge. An empty list says
 * that there were none, which a record from before it was kept does not. */
static struct doc *mergetags_doc(
	const struct facts *facts, const struct findings *f)
{
	struct doc *list = NULL;
	size_t i;

	for (i = 0; i < facts->nchange; i++) {
		const struct change *c = &facts->change[i];

		if (c->commit.nparent < 2 && !c->merged)
			continue;
		if (!list)
			list = doc_array();
		add_mergetags(list, f, c);
	}
	return list;
}

/* A name from the policy or of a key, as doc_of_str would take it. */
static const char *plain(struct buf *out, const char *s)
{
	struct span all = span_str(s ? s : "");
	size_t i;

	buf_reset(out);
	for (i = 0; i < all.n && all.p[i] >= 0x20; i++)
		;
	if (i == all.n && text_is_utf8(all))
		buf_span(out, all);
	else
		text_printable(out, all, NAME_TEXT_MAX);
	return buf_cstr(out);
}

static void put_commits(
	const struct facts *facts, const struct findings *f, struct buf *out)
{
	struct buf author = BUF_INIT((size_t)MAIL_MAX * 4 + 8);
	struct buf committer = BUF_INIT((size_t)MAIL_MAX * 4 + 8);
	struct buf key = BUF_INIT((size_t)NAME_TEXT_MAX * 4 + 8);
	struct buf person = BUF_INIT((size_t)NAME_TEXT_MAX * 4 + 8);
	struct buf detail = BUF_INIT((size_t)DETAIL_MAX * 4 + 8);
	char hex[OID_HEX + 1];
	size_t i;

	for (i = 0; i < facts->nchange; i++) {
		const struct change *c = &facts->change[i];

		buf_reset(&author);
		text_printable(&author,
			findings_hide(f, c->commit.author.email), MAIL_MAX);
		buf_reset(&committer);
		if (span_eq(c->commit.author.email, c->commit.committer.email))
			buf_span(&committer, buf_all(&author));
		else
			text_printable(&committer,
				findings_hide(f, c->commit.committer.email),
				MAIL_MAX);
		buf_reset(&detail);
		if (c->sig.detail)
			text_printable(&detail,
				findings_hide(f, span_str(c->sig.detail)),
				DETAIL_MAX);
		recordlist_put_commit(out,
			&(struct recordlist_commit){
				.id = span_str(oid_hex(&c->commit.id, hex)),
				.author = buf_all(&author),
				.committer = buf_all(&committer),
				.status = signature_status_name(c->sig.status),
				.kind = kind_name(&c->sig),
				.detail = buf_cstr(&detail),
				.key = plain(&key, c->sig.key),
				.person =
					plain(&person, person_name(&c->sig))});
	}
	buf_free(&key);
	buf_free(&person);
	buf_free(&detail);
	buf_free(&author);
	buf_free(&committer);
}

static const char *approval_status_name(enum approval_status s)
{
	switch (s) {
	case APPROVAL_INVALID:
		break;
	case APPROVAL_STRANGER:
		return "stranger";
	case APPROVAL_ELSEWHERE:
		return "elsewhere";
	case APPROVAL_WITHDRAWN:
		return "withdrawn";
	case APPROVAL_VALID:
		return "valid";
	}
	return "invalid";
}

/* With what key an approval or a waiver is signed. */
static void set_signer(struct doc *to, const struct person *who,
	enum signature_kind kind, const char *key)
{
	set_str(to, "person", who ? who->name : "");
	if (!who)
		return;
	set_some(to, "kind", signature_kind_name(kind));
	set_some(to, "key", key);
}

static struct doc *approvals_doc(const struct facts *facts)
{
	struct doc *list = doc_array();
	size_t i;

	for (i = 0; i < facts->napproval; i++) {
		const struct approval_fact *a = &facts->approval[i];
		struct doc *d;

		/* What the others do stands in the findings and the status. */
		if (a->what != APPROVAL_GIVEN || a->forge)
			continue;
		d = doc_object();
		set_oid(d, "object", &a->object);
		set_oid(d, "commit", &a->commit);
		set_text(d, "ref", a->ref, 4096);
		set_signer(d, a->person, a->kind, a->key);
		set_str(d, "status", approval_status_name(a->status));
		doc_add(list, d);
	}
	return list;
}

/* What was said at forges. */
static struct doc *reviews_doc(const struct facts *facts)
{
	struct doc *list = doc_array();
	size_t i;

	for (i = 0; i < facts->napproval; i++) {
		const struct approval_fact *a = &facts->approval[i];
		struct doc *d;

		if (!a->forge)
			continue;
		d = doc_object();
		set_str(d, "forge", a->forge->name);
		doc_set(d, "request", doc_of_int((int64_t)a->request));
		if (a->review)
			doc_set(d, "review", doc_of_int((int64_t)a->review));
		set_oid(d, "commit", &a->commit);
		set_text(d, "ref", a->ref, 4096);
		set_text(d, "login", a->login, LOGIN_MAX);
		set_str(d, "person", a->person ? a->person->name : "");
		set_str(d, "status", approval_status_name(a->status));
		set_some(d, "detail", a->detail);
		if (a->against)
			doc_set(d, "against", doc_of_bool(true));
		doc_add(list, d);
	}
	return list;
}

/* As they were received, so that it can be seen later by what words of a forge
 * a push was let in. */
static struct doc *answers_doc(const struct facts *facts)
{
	struct doc *list = doc_array();
	struct buf text = BUF_INIT(2 * (size_t)REVIEWBUNDLE_MAX);
	size_t i;

	for (i = 0; i < facts->nanswer; i++) {
		const struct review_answer *a = &facts->answer[i].answer;
		struct doc *d = doc_object();

		set_text(d, "forge", a->forge, LOGIN_MAX);
		doc_set(d, "request", doc_of_int((int64_t)a->number));
		set_text(d, "part", a->part, LOGIN_MAX);
		set_text(d, "path", a->path, REVIEW_PATH_MAX);
		if (a->status)
			doc_set(d, "status", doc_of_int((int64_t)a->status));
		set_str(d, "sha256", facts->answer[i].sha256);
		buf_reset(&text);
		text_base64(&text, a->body);
		doc_set(d, "base64", doc_of_text(buf_all(&text)));
		doc_add(list, d);
	}
	buf_free(&text);
	return list;
}

/* Whether any finding of the push was waived by it. */
static bool was_used(const struct findings *findings, size_t waiver)
{
	size_t i, k;

	for (i = 0; i < findings->n; i++)
		for (k = 0; k < findings->v[i].nwaiver; k++)
			if (findings->v[i].waiver[k] == waiver)
				return true;
	return false;
}

static struct doc *waivers_doc(
	const struct facts *facts, const struct findings *findings)
{
	struct doc *list = doc_array();
	char until[CLOCK_TEXT_MAX];
	size_t i;

	for (i = 0; i < facts->nwaiver; i++) {
		const struct waiver_fact *w = &facts->waiver[i];
		struct doc *d = doc_object();

		set_oid(d, "object", &w->object);
		set_oid(d, "commit", &w->commit);
		set_text(d, "ref", w->ref, 4096);
		set_text(d, "finding", w->finding, 400);
		if (w->fingerprint.n)
			set_text(d, "fingerprint", w->fingerprint, 200);
		if (w->path.n)
			set_text(d, "path", findings_hide(findings, w->path),
				1000);
		set_text(d, "reason", findings_hide(findings, w->reason), 1000);
		clock_text(w->until, until);
		set_str(d, "until", w->ref.n ? until : "");
		set_signer(d, w->person, w->kind, w->key);
		set_str(d, "status", waiver_status_name(w->status));
		if (w->detail[0])
			set_text(d, "detail", span_str(w->detail), 1000);
		doc_set(d, "used", doc_of_bool(was_used(findings, i)));
		doc_add(list, d);
	}
	return list;
}

static struct doc *waived_by(const struct facts *facts, const struct finding *f)
{
	struct doc *list = doc_array();
	char hex[OID_HEX + 1];
	size_t i;

	for (i = 0; i < f->nwaiver; i++)
		doc_add(list,
			doc_of_str(oid_hex(
				&facts->waiver[f->waiver[i]].object, hex)));
	return list;
}

static struct doc *finding_doc(
	const struct facts *facts, const struct finding *f, const char *id)
{
	struct doc *d = doc_object();

	set_str(d, "id", id);
	set_str(d, "severity", severity_name(f->severity));
	set_text(d, "ref", facts->push->up[f->update].ref, 4096);
	if (facts->update[f->update].rules.observe &&
		!finding_fixed(f->def->number))
		doc_set(d, "observed", doc_of_bool(true));
	set_oid(d, "object", &f->object);
	set_str(d, "text", f->def->text);
	if (f->place[0])
		set_said(d, "place", f->place, 1000);
	if (f->detail[0])
		set_said(d, "detail", f->detail, 1000);
	set_said(d, "hint", f->hint ? f->hint : f->def->hint, 1000);
	if (f->fingerprint[0])
		set_str(d, "fingerprint", f->fingerprint);
	if (f->ask)
		set_said(d, "waiver", f->ask, 2000);
	if (f->nwaiver)
		doc_set(d, "waivers", waived_by(facts, f));
	return d;
}

static struct doc *findings_doc(
	const struct facts *facts, const struct findings *findings)
{
	struct doc *list = doc_array();
	struct buf id = BUF_INIT(200);
	size_t i;

	for (i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->v[i];

		if (f->severity == SEVERITY_OFF)
			continue;
		finding_name(f, &id);
		doc_add(list, finding_doc(facts, f, buf_cstr(&id)));
	}
	buf_free(&id);
	return list;
}

static struct doc *counts_doc(const struct facts *facts)
{
	struct doc *d = doc_object();

	doc_set(d, "commits", doc_of_int((int64_t)facts->nchange));
	doc_set(d, "objects", doc_of_int((int64_t)facts->objects));
	doc_set(d, "bytes", doc_of_int((int64_t)facts->bytes));
	return d;
}

static struct doc *stages_doc(const struct stages *stages)
{
	struct doc *d = doc_object();
	size_t i;

	for (i = 0; i < stages->n; i++)
		doc_set(d, stages->v[i].name, doc_of_int(stages->v[i].us));
	return d;
}

static void add_fault(struct doc *list, const struct certificate_point *p)
{
	if (!p->shown)
		doc_add(list, doc_of_str(p->detail ? p->detail : "not shown"));
}

/* Whole, because git keeps it only until the next collection of garbage, and in
 * the record, so that it lasts with it and is proven with it. */
static struct doc *certificate_doc(
	const struct facts *facts, const struct findings *f)
{
	const struct certificate_fact *c = &facts->certificate;
	const struct push_signed *sign = &facts->push->sign;
	struct doc *d = doc_object(), *faults = doc_array();
	struct buf text = BUF_INIT(2 * (size_t)PUSHCERT_MAX);

	set_oid(d, "blob", &c->blob);
	set_str(d, "nonce_status", nonce_status_name(sign->nonce_status));
	if (c->sha256[0]) {
		text_base64(&text, c->text);
		set_str(d, "sha256", c->sha256);
		doc_set(d, "base64", doc_of_text(buf_all(&text)));
	}
	buf_free(&text);
	if (c->malformed) {
		set_text(d, "malformed", span_str(c->malformed), 1000);
		doc_free(faults);
		return d;
	}
	set_str(d, "signed_sha256", c->signed_sha256);
	set_text(d, "pusher", c->pusher, 500);
	set_text(d, "pushee", c->pushee, 4000);
	set_text(d, "nonce", c->nonce, 500);
	if (sign->nonce_status == NONCE_SLOP)
		doc_set(d, "nonce_age", doc_of_int((int64_t)c->slop));
	doc_set(d, "signature", signature_doc(f, &c->sig));
	add_fault(faults, &c->commands);
	add_fault(faults, &c->options);
	add_fault(faults, &c->pushed_to);
	add_fault(faults, &c->unused);
	add_fault(faults, &c->fresh);
	doc_set(d, "faults", faults);
	return d;
}

/* The policy itself, so that each version can be read in the vault for as long
 * as anybody asks by what a push was judged. */
static struct doc *policy_change_doc(const struct policy_change_fact *c)
{
	struct doc *d = doc_object(), *signers = doc_array(),
		   *files = doc_array(), *file;
	struct buf text = BUF_INIT(RECORD_MAX);
	size_t i;

	doc_set(d, "version", doc_of_int((int64_t)c->version));
	set_str(d, "policy", c->digest);
	set_str(d, "keys", c->keys_digest);
	for (i = 0; i < c->nsigner; i++)
		doc_add(signers, doc_of_str(c->signer[i]->name));
	for (i = 0; i < c->nfile; i++) {
		file = doc_object();
		set_text(file, "name", span_str(c->file[i].name), 4000);
		buf_reset(&text);
		text_base64(&text, c->file[i].data);
		doc_set(file, "base64", doc_of_text(buf_all(&text)));
		doc_add(files, file);
	}
	buf_free(&text);
	doc_set(d, "signers", signers);
	doc_set(d, "files", files);
	return d;
}

static struct doc *decision(const struct facts *facts,
	const struct judgement *j, const struct stages *stages)
{
	const struct push *push = facts->push;
	struct doc *p = head("decision", push->repository, push->time);
	struct doc *subjects = doc_array(), *again, *merged;
	size_t i;

	set_push(p, push);
	set_str(p, "verdict", verdict_name(j->verdict));
	set_str(p, "mode", j->observe ? "observe" : "enforce");
	doc_set(p, "admitted", doc_of_bool(j->admitted));
	if (facts->certificate.given)
		doc_set(p, "push_certificate",
			certificate_doc(facts, &j->findings));
	set_str(p, "policy", facts->policy->digest);
	if (facts->policy_change.given && facts->policy_change.digest[0])
		doc_set(p, "policy_change",
			policy_change_doc(&facts->policy_change));
	if (facts->rules_digest[0])
		set_str(p, "rules", facts->rules_digest);
	doc_set(p, "commits", doc_array()); /* that put_lists fills */
	doc_set(p, "tags", tags_doc(facts, &j->findings));
	merged = mergetags_doc(facts, &j->findings);
	if (merged)
		doc_set(p, "mergetags", merged);
	doc_set(p, "approvals", approvals_doc(facts));
	if (facts->reviews.asked) {
		doc_set(p, "reviews", reviews_doc(facts));
		doc_set(p, "review_answers", answers_doc(facts));
	}
	if (facts->nwaiver)
		doc_set(p, "waivers", waivers_doc(facts, &j->findings));
	doc_set(p, "findings", findings_doc(facts, &j->findings));
	again = facts_doc(facts, &j->findings);
	if (again)
		doc_set(p, "facts", again);
	doc_set(p, "counts", counts_doc(facts));
	doc_set(p, "durations_us", stages_doc(stages));
	for (i = 0; i < push->nup; i++)
		if (!oid_is_zero(&push->up[i].new))
			add_subject(subjects, push->up[i].ref, &push->up[i].new,
				facts->update[i].type);
	return statement(subjects, p);
}

/* The record, whose ${rest} has empty lists for those that may be long. */
static void put_lists(const struct facts *facts, const struct findings *f,
	struct span rest, struct buf *out)
{
	if (!recordlist_open(&rest, RECORDLIST_COMMITS, out))
		die("evidence: a record without a list of commits");
	put_commits(facts, f, out);
	if (recordlist_open(&rest, RECORDLIST_PARENTS, out))
		facts_put_parents(facts, out);
	buf_span(out, rest);
}

int evidence_decision(const struct facts *facts, const struct judgement *j,
	const struct stages *stages, struct buf *out, struct err *err)
{
	static const char what[] = "the record of this push";
	struct doc *record = decision(facts, j, stages);
	struct buf rest = BUF_INIT(out->max);
	int ret;

	doc_canonical(record, &rest);
	doc_free(record);
	ret = buf_check(&rest, what, err);
	if (!ret) {
		put_lists(facts, &j->findings, buf_all(&rest), out);
		ret = buf_check(out, what, err);
	}
	buf_free(&rest);
	return ret;
}

struct doc *evidence_undecided(const struct push *push,
	const struct policy *policy, const struct err *cause)
{
	struct doc *p = head("decision", push->repository, push->time);

	set_push(p, push);
	set_str(p, "verdict", verdict_name(VERDICT_UNDECIDED));
	set_str(p, "mode", policy && policy->observe ? "observe" : "enforce");
	doc_set(p, "admitted", doc_of_bool(false));
	if (policy)
		set_str(p, "policy", policy->digest);
	set_text(p, "cause", span_str(cause->text), ERR_TEXT_MAX);
	if (cause->hint[0])
		set_text(p, "hint", span_str(cause->hint), ERR_HINT_MAX);
	return statement(doc_array(), p);
}

struct doc *evidence_observed(const char *repository, int64_t time,
	const struct ref_update *up, size_t n, uint64_t decision,
	const char *policy)
{
	struct doc *p = head("observed", repository, time);

	doc_set(p, "updates", updates_doc(up, n));
	if (decision != EVIDENCE_NO_DECISION)
		doc_set(p, "decision", doc_of_int((int64_t)decision));
	if (policy)
		set_str(p, "policy", policy);
	return statement(doc_array(), p);
}

struct doc *evidence_pruned(const char *repository, int64_t time,
	int64_t before, const char *by, struct span entries, uint64_t count)
{
	struct doc *p = head("pruned", repository ? repository : "*", time);
	char text[CLOCK_TEXT_MAX];

	clock_text(before, text);
	set_str(p, "before", text);
	set_text(p, "by", span_str(by), 100);
	doc_set(p, "count", doc_of_int((int64_t)count));
	doc_set(p, "entries", doc_of_text(entries));
	doc_set(p, "updates", doc_array());
	return statement(doc_array(), p);
}

struct doc *evidence_outcome(const char *repository, int64_t time,
	const struct ref_update *up, size_t n, uint64_t decision)
{
	struct doc *p = head("outcome", repository, time);

	doc_set(p, "updates", updates_doc(up, n));
	doc_set(p, "decision", doc_of_int((int64_t)decision));
	return statement(doc_array(), p);
}

#include "deploy/recheck.h"

#include "base/clock.h"
#include "log/vault.h"
#include "model/signer.h"
#include "parse/bundle.h"
#include "parse/entry.h"
#include "parse/pushcert.h"

#define ENTRY_ARENA ((size_t)1 << 30)
#define OURS SPAN_LIT("refs/sluice/")

/* One record that is looked through. */
struct looking {
	struct recheck *r;
	uint64_t entry;
	const char *repository, *time;
	const struct doc *p; /* its predicate */
};

static void untold(const struct looking *l, const char *why)
{
	l->r->untold(l->r->ctx, l->repository, l->entry, why);
}

bool recheck_needed(const struct policy *p, const struct keybook *book)
{
	return suspects_any(book) || suspect_accounts(p);
}

bool doubt_is_review(const struct doubt *d)
{
	return !strcmp(d->what, "review");
}

static enum signature_kind kind_read(struct span name)
{
	static const enum signature_kind all[] = {
		SIGNATURE_OPENPGP, SIGNATURE_SSH, SIGNATURE_X509};
	size_t i;

	for (i = 0; i < ARRAY_LEN(all); i++)
		if (span_is(name, signature_kind_name(all[i])))
			return all[i];
	return SIGNATURE_NONE;
}

static struct oid oid_of(const struct doc *d, const char *key)
{
	struct oid o = {{0}};

	if (!oid_read(doc_get_text(d, key), &o))
		memset(&o, 0, sizeof(o));
	return o;
}

/* What is in a record is of its shape, or it would not have been read. ${from}
 * says with which key; ${like} the rest. */
static bool suspect(
	const struct looking *l, const struct doc *from, struct doubt *like)
{
	struct span key = doc_get_text(from, "key");
	bool named, certified;

	like->kind = kind_read(doc_get_text(from, "kind"));
	if (!key.n || !doc_get_text(from, "person").n)
		return false;
	like->key = arena_str(l->r->arena, key);
	certified = span_starts(
		doc_get_text(from, "detail"), SPAN_LIT("certified by "));
	named = suspect_named(
		l->r->book, like->kind, like->key, certified, &like->sure);
	if (!named && like->sure)
		return false;
	like->fingerprint = signer_fingerprint(l->r->arena, like->key);
	like->person = arena_str(l->r->arena, doc_get_text(from, "person"));
	return true;
}

static void keep(
	const struct looking *l, const struct doubt *like, struct span ref)
{
	struct recheck *r = l->r;
	struct doubt *d;

	r->v = arena_grow(r->arena, r->v, r->n, &r->cap, sizeof(*r->v));
	d = &r->v[r->n++];
	*d = *like;
	d->entry = l->entry;
	d->repository = l->repository;
	d->time = l->time;
	d->ref = arena_copy(r->arena, ref);
}

/* The record does not say which of its refs brought an object: each does, until
 * the repository tells. A certificate is about where they went. */
static void keep_each(const struct looking *l, struct doubt like, bool tips)
{
	const struct doc *updates = doc_get(l->p, "updates");
	size_t i;

	for (i = 0; i < doc_count(updates); i++) {
		const struct doc *u = doc_at(updates, i);
		struct span ref = doc_get_text(u, "ref");
		struct oid new = oid_of(u, "new");

		like.tip = new;
		if (tips)
			like.commit =
				oid_is_zero(&new) ? oid_of(u, "old") : new;
		else if (oid_is_zero(&new) || span_starts(ref, OURS))
			continue;
		keep(l, &like, ref);
	}
}

static void objects(const struct looking *l, const char *list, const char *what)
{
	const struct doc *all = doc_get(l->p, list);
	size_t i;

	for (i = 0; i < doc_count(all); i++) {
		const struct doc *one = doc_at(all, i);
		struct doubt d = {.what = what, .object = oid_of(one, "id")};

		d.commit = d.object;
		if (suspect(l, doc_get(one, "signature"), &d))
			keep_each(l, d, false);
	}
}

/* Tags in the headers of merges, where a rule asked for them. */
static void merged_tags(const struct looking *l)
{
	const struct doc *all = doc_get(l->p, "mergetags");
	size_t i;

	for (i = 0; i < doc_count(all); i++) {
		const struct doc *one = doc_at(all, i);
		struct doubt d = {
			.what = "merged tag", .object = oid_of(one, "commit")};

		d.commit = d.object;
		if (!suspect(l, doc_get(one, "signature"), &d))
			continue;
		d.name = arena_str(l->r->arena, doc_get_text(one, "name"));
		keep_each(l, d, false);
	}
}

/* Whether the policy asks for merged tags on a ref that the push moved. */
static bool asks_for_merged(const struct looking *l)
{
	const struct doc *updates = doc_get(l->p, "updates");
	struct rules rules;
	size_t i;

	for (i = 0; i < doc_count(updates); i++)
		if (policy_rules(l->r->policy, span_str(l->repository),
			    doc_get_text(doc_at(updates, i), "ref"), &rules) &&
			rules.signature &&
			rules.signature->merged_tags != MERGED_TAGS_OFF)
			return true;
	return false;
}

/* Records did not always say who signed them. */
static void without_merged_tags(const struct looking *l)
{
	const struct doc *facts = doc_get(l->p, "facts");
	bool merges = facts ? doc_get(facts, "merges") != NULL
			    : doc_count(doc_get(l->p, "commits")) > 0;

	if (merges && !doc_get(l->p, "mergetags") && asks_for_merged(l))
		untold(l,
			"the record does not say with which keys the tags "
			"that it merges are signed");
}

/* Whether somebody has any key that is compromised. */
static bool has_suspect(const struct recheck *r, struct span person)
{
	const struct keybook *b = r->book;
	size_t i;

	for (i = 0; i < b->npgp; i++)
		if (b->pgp[i].revoked == KEYBOOK_COMPROMISED &&
			span_is(person, b->pgp[i].who->name))
			return true;
	return (b->ssh.nrevoked && b->ssh.revoked[0].compromised) ||
		x509book_suspects(&b->x509);
}

static void tags(
	const struct looking *l, const struct doc *one, const char *what)
{
	struct span person = doc_get_text(one, "person");
	struct doubt d = {.what = what,
		.object = oid_of(one, "object"),
		.commit = oid_of(one, "commit")};

	if (!doc_get(one, "key")) {
		if (has_suspect(l->r, person))
			untold(l,
				arena_fmt(l->r->arena,
					"the record does not say with which "
					"key "
					"the %s by '%.*s' is signed",
					what, SPAN_FMT(person)));
	} else if (suspect(l, one, &d)) {
		keep(l, &d, doc_get_text(one, "ref"));
	}
}

static bool moves(const struct looking *l, struct span ref)
{
	const struct doc *updates = doc_get(l->p, "updates");
	size_t i;

	for (i = 0; i < doc_count(updates); i++)
		if (span_eq(doc_get_text(doc_at(updates, i), "ref"), ref))
			return true;
	return false;
}

static bool is_valid(const struct doc *one)
{
	return span_is(doc_get_text(one, "status"), "valid");
}

/* When it is pushed, an approval has not let anything in yet. */
static void approvals(const struct looking *l)
{
	const struct doc *all = doc_get(l->p, "approvals");
	size_t i;

	for (i = 0; i < doc_count(all); i++)
		if (is_valid(doc_at(all, i)) &&
			moves(l, doc_get_text(doc_at(all, i), "ref")))
			tags(l, doc_at(all, i), "approval");
}

/* Since when the account is somebody else's is told by when the push came: a
 * forge can be made to say anything of when it was said. */
static void reviews(const struct looking *l)
{
	const struct doc *all = doc_get(l->p, "reviews");
	const struct forge_account *a;
	struct arena *arena = l->r->arena;
	int64_t at = INT64_MAX;
	size_t i;

	if (!clock_read(span_str(l->time), &at))
		at = INT64_MAX;
	for (i = 0; i < doc_count(all); i++) {
		const struct doc *one = doc_at(all, i);
		struct span ref = doc_get_text(one, "ref");
		struct doubt d = {.what = "review",
			.object = oid_of(one, "commit"),
			.commit = oid_of(one, "commit"),
			.sure = true};

		a = suspect_account(l->r->policy, doc_get_text(one, "forge"),
			doc_get_text(one, "login"), at);
		if (!a || !is_valid(one) || doc_get_bool(one, "against") ||
			!moves(l, ref))
			continue;
		d.key = arena_fmt(arena, "%s at %s", a->login, a->forge);
		d.fingerprint = suspect_account_fingerprint(a, arena);
		d.person = arena_str(arena, doc_get_text(one, "person"));
		keep(l, &d, ref);
	}
}

/* When a waiver came in, or was first found good; that it then was. */
static void note_waiver(const struct looking *l, const struct doc *one)
{
	struct recheck *r = l->r;
	struct oid tag = oid_of(one, "object");
	struct recheck_waiver *w;

	if (oid_set_has(&r->waiver_at, &tag))
		return;
	r->waiver = arena_grow(r->arena, r->waiver, r->nwaiver, &r->waiver_cap,
		sizeof(*r->waiver));
	w = &r->waiver[r->nwaiver];
	if (!clock_read(span_str(l->time), &w->at))
		return;
	w->person = arena_str(r->arena, doc_get_text(one, "person"));
	oid_set_put(&r->waiver_at, &tag, r->nwaiver++);
}

static void note_waivers(const struct looking *l)
{
	const struct doc *all = doc_get(l->p, "waivers");
	size_t i;

	for (i = 0; i < doc_count(all); i++)
		if (is_valid(doc_at(all, i)))
			note_waiver(l, doc_at(all, i));
}

static void waivers(const struct looking *l)
{
	const struct doc *all = doc_get(l->p, "waivers");
	size_t i;

	note_waivers(l);
	for (i = 0; i < doc_count(all); i++)
		if (is_valid(doc_at(all, i)) &&
			doc_get_bool(doc_at(all, i), "used"))
			tags(l, doc_at(all, i), "waiver");
}

/* The record has all of it, whatever became of git's copy. */
static bool is_suspect(const struct looking *l)
{
	struct buf bytes = BUF_INIT(PUSHCERT_MAX);
	struct suspect_key key;
	struct pushcert cert;
	struct err err = ERR_INIT;
	bool is = false;

	if (!predicate_certificate(l->p, &bytes) ||
		pushcert_parse(buf_all(&bytes), l->r->arena, &cert, &err))
		untold(l, "its push certificate cannot be read");
	else
		is = suspect_claim(l->r->book, &cert.sig, l->r->arena, &key);
	buf_free(&bytes);
	return is;
}

static void certificate(const struct looking *l)
{
	const struct doc *c = doc_get(l->p, "push_certificate");
	struct doubt d = {
		.what = "push certificate", .object = oid_of(c, "blob")};

	if (!c || !suspect(l, doc_get(c, "signature"), &d))
		return;
	if (!d.sure && !is_suspect(l))
		return;
	d.sure = true;
	keep_each(l, d, true);
}

/* Strings live as long as the answer. */
static struct looking looking_of(
	struct recheck *r, uint64_t entry, const struct doc *predicate)
{
	return (struct looking){.r = r,
		.entry = entry,
		.repository = arena_str(
			r->arena, doc_get_text(predicate, "repository")),
		.time = arena_str(r->arena, doc_get_text(predicate, "time")),
		.p = predicate};
}

void recheck_record(
	struct recheck *r, uint64_t entry, const struct doc *predicate)
{
	const struct looking l = looking_of(r, entry, predicate);

	objects(&l, "commits", "commit");
	objects(&l, "tags", "tag");
	merged_tags(&l);
	without_merged_tags(&l);
	approvals(&l);
	reviews(&l);
	waivers(&l);
	certificate(&l);
}

static void note_record(
	struct recheck *r, uint64_t entry, const struct doc *predicate)
{
	const struct looking l = looking_of(r, entry, predicate);

	note_waivers(&l);
}

/* What is done with the record of a decision that let something in. */
typedef void with_record(
	struct recheck *r, uint64_t entry, const struct doc *predicate);

static const char *why_gone(struct recheck *r, uint64_t n)
{
	const struct pruned_entry *e = pruned_find(&r->pruned, n);
	struct buf why = BUF_INIT(PRUNED_TEXT_MAX);
	const char *text = "its record is not in the vault any more";

	if (e) {
		buf_str(&why, "its record was ");
		pruned_text(e, &why);
		text = arena_str(r->arena, buf_all(&why));
	}
	buf_free(&why);
	return text;
}

/* That there is none to be read is told. */
static void look_at(
	struct recheck *r, uint64_t n, const struct entry *e, with_record *with)
{
	const struct looking l = {.r = r,
		.entry = n,
		.repository = arena_str(r->arena, e->repository)};
	struct buf bytes = BUF_INIT(RECORD_MAX);
	struct doc *record = NULL;
	struct err err = ERR_INIT;
	bool found;

	if (vault_record(r->vault, n, e->record, &bytes, &found, &err))
		untold(&l, arena_str(r->arena, span_str(err.text)));
	else if (!found)
		untold(&l, why_gone(r, n));
	else if (record_parse(buf_all(&bytes), &record, &err))
		untold(&l, arena_str(r->arena, span_str(err.text)));
	else
		with(r, n, doc_get(record, "predicate"));
	doc_free(record);
	buf_free(&bytes);
}

static bool is_wanted(const struct recheck *r, const struct entry *e)
{
	return e->kind == RECORD_DECISION && e->admitted &&
		(!r->wanted || r->wanted(r->ctx, e->repository));
}

static int take_entry(struct recheck *r, uint64_t n, struct span bytes,
	bool (*wanted)(const struct recheck *r, const struct entry *e),
	with_record *with, struct err *err)
{
	struct arena *a = arena_new(ENTRY_ARENA);
	struct entry e;
	int ret = entry_parse(bytes, a, &e, err);

	if (ret)
		err_in(err, "entry %llu", (unsigned long long)n);
	else if (wanted(r, &e))
		look_at(r, n, &e, with);
	arena_free(a);
	return ret;
}

static int each(void *ctx, uint64_t n, struct span bytes, struct err *err)
{
	return take_entry(ctx, n, bytes, is_wanted, recheck_record, err);
}

/* Of a repository in doubt. */
static bool may_clear(const struct recheck *r, const struct entry *e)
{
	size_t i;

	if (e->kind != RECORD_DECISION || !e->admitted)
		return false;
	for (i = 0; i < r->n; i++)
		if (span_is(e->repository, r->v[i].repository))
			return true;
	return false;
}

static int each_clearing(
	void *ctx, uint64_t n, struct span bytes, struct err *err)
{
	return take_entry(ctx, n, bytes, may_clear, note_record, err);
}

static int open_log(struct recheck *r, struct index **ix, struct err *err)
{
	r->vault = vault_new(r->state);
	if (index_open(r->state, ix, err))
		return -1;
	return pruned_read(*ix, r->arena, &r->pruned, err);
}

static void close_log(struct recheck *r, struct index *ix)
{
	index_close(ix);
	vault_free(r->vault);
	r->vault = NULL;
}

int recheck_entries(
	struct recheck *r, const uint64_t *entry, size_t n, struct err *err)
{
	struct buf bytes = BUF_INIT(ENTRY_MAX);
	struct index *ix = NULL;
	int ret = open_log(r, &ix, err);
	size_t i;

	for (i = 0; !ret && i < n; i++) {
		ret = log_entry(index_log(ix), entry[i], &bytes, err);
		if (!ret)
			ret = each(r, entry[i], buf_all(&bytes), err);
	}
	if (!ret && r->n)
		ret = log_each(index_log(ix), 0, NULL, each_clearing, r, err);
	close_log(r, ix);
	buf_free(&bytes);
	return ret;
}

int recheck_log(struct recheck *r, struct err *err)
{
	struct index *ix = NULL;
	int ret = open_log(r, &ix, err);

	if (!ret)
		ret = log_each(index_log(ix), 0, NULL, each, r, err);
	close_log(r, ix);
	return ret;
}

void recheck_free(struct recheck *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		oid_set_free(&r->v[i].by);
	oid_set_free(&r->waiver_at);
	r->n = 0;
}

#include "log/attest.h"

#include "log/index.h"
#include "log/prooffile.h"
#include "log/store.h"
#include "log/vault.h"
#include "model/slsa.h"
#include "parse/dsse.h"
#include "parse/policy.h"
#include "port/crypto.h"
#include "port/sodium.h"

#define ARENA_MAX ((size_t)1 << 30)
#define VSA_TYPE "https://slsa.dev/verification_summary/v1"

struct found {
	struct index *ix;
	struct arena *a;
	struct index_row row;
	struct proof_file proof; /* of the decision and its outcome */
	const struct proof_item *item;
	const struct entry_update *update; /* the one asked about */
};

/* Through a proof, as anybody else would have to: so what is signed is in the
 * log, and in the vault as the log has it. */
static int find(
	const char *state, uint64_t entry, struct found *f, struct err *err)
{
	struct buf text = BUF_INIT(PROOF_FILE_MAX), vkey = BUF_INIT(4096);
	enum proof_verdict verdict;
	uint64_t n[2] = {entry};
	int ret = -1;

	if (index_open(state, &f->ix, err) ||
		index_entry(f->ix, entry, f->a, &f->row, err))
		goto out;
	n[1] = f->row.outcome;
	if (f->row.kind != RECORD_DECISION) {
		err_set(err, ERR_LOG, "entry %llu is not a decision",
			(unsigned long long)entry);
		goto out;
	}
	if (proof_file_write(index_log(f->ix), state, n,
		    n[1] == ENTRY_NONE ? 1 : 2, NULL, &text, err) ||
		store_vkey(state, &vkey, err) ||
		proof_file_open(buf_all(&text), buf_all(&vkey), f->a, &f->proof,
			&verdict, err))
		goto out;
	if (verdict != PROOF_GOOD)
		goto out;
	f->item = &f->proof.item[0];
	ret = 0;
out:
	buf_free(&vkey);
	buf_free(&text);
	return ret;
}

/* Accepted, not only observed, and carried out. */
static int find_update(struct found *f, struct span ref, struct err *err)
{
	const struct entry *e = &f->item->entry;
	size_t i;

	for (i = 0; i < e->nupdate; i++)
		if (span_eq(e->update[i].ref, ref) &&
			!oid_is_zero(&e->update[i].new))
			f->update = &e->update[i];
	if (!f->update)
		return err_set(err, ERR_LOG,
			"the push of entry %llu did not move '%.*s'",
			(unsigned long long)f->item->index, SPAN_FMT(ref));
	if (e->verdict != VERDICT_ACCEPT ||
		!proof_file_moved(&f->proof, f->item, f->update))
		return err_set(err, ERR_LOG,
			"the push of entry %llu was not accepted and carried "
			"out",
			(unsigned long long)f->item->index);
	return 0;
}

/* Whether the ref's moves join, from here back to when it was first made or the
 * gate found it: each starts where the one before ended, none too, and no audit
 * saw it elsewhere since, though it may have been put back. */
static int look_back(struct found *f, bool *continuous, struct err *err)
{
	const struct entry *e = &f->item->entry;
	struct oid expected = f->update->old;
	struct index_steps steps, seen;
	uint64_t start = 0;
	size_t i;

	*continuous = false;
	if (index_ref_history(f->ix, e->repository, f->update->ref, 0, f->a,
		    &steps, err) ||
		index_ref_observed(
			f->ix, e->repository, f->update->ref, f->a, &seen, err))
		return -1;
	for (i = 0; i < steps.n; i++) {
		const struct index_step *s = &steps.v[i];

		if (s->entry >= f->item->index || !s->admitted || !s->applied)
			continue;
		if (!oid_eq(&s->new, &expected))
			return 0;
		expected = s->old;
		start = s->entry;
		if (s->kind == RECORD_ADOPT)
			break;
	}
	if (i == steps.n && !oid_is_zero(&expected))
		return 0;
	for (i = 0; i < seen.n; i++)
		if (seen.v[i].entry >= start &&
			seen.v[i].entry < f->item->index)
			return 0;
	*continuous = true;
	return 0;
}

/* By the record of the push, whose signers the policy knows. */
static bool has_robot(const struct found *f, const struct policy *p)
{
	const struct doc *list = doc_get(f->item->predicate, "commits");
	size_t i, k;

	for (i = 0; i < doc_count(list); i++) {
		struct span who = doc_get_text(
			doc_get(doc_at(list, i), "signature"), "person");

		for (k = 0; k < p->nperson; k++)
			if (p->person[k].robot &&
				span_is(who, p->person[k].name))
				return true;
	}
	return false;
}

static int read_policy(struct found *f, struct span text, struct rules *out,
	bool *robot, struct err *err)
{
	char sum[SHA256_HEX + 1];
	struct policy *p;

	if (!span_is(f->item->entry.policy, sha256_hex(text, sum))) {
		err_set(err, ERR_POLICY,
			"this is not the policy that entry %llu was judged by",
			(unsigned long long)f->item->index);
		return err_hint(err,
			"--policy FILE names the one of SHA-256 %.*s",
			SPAN_FMT(f->item->entry.policy));
	}
	if (policy_parse(text, f->a, &p, err))
		return -1;
	if (!policy_rules(p, f->item->entry.repository, f->update->ref, out))
		return err_set(err, ERR_POLICY,
			"the policy says nothing of '%.*s'",
			SPAN_FMT(f->item->entry.repository));
	*robot = has_robot(f, p);
	return 0;
}

static struct doc *digest(const char *name, struct span value)
{
	struct doc *d = doc_object();

	doc_set(d, name, doc_of_text(value));
	return d;
}

/* What the update moved the ref to, by the kind of object that it is. */
static struct doc *subject(const struct found *f)
{
	struct doc *s = doc_object(), *notes = doc_object(),
		   *refs = doc_array();
	bool is_tag = span_starts(f->update->ref, SPAN_LIT("refs/tags/"));
	const struct doc *tags = doc_get(f->item->predicate, "tags");
	const char *name = "gitCommit";
	char hex[OID_HEX + 1];
	size_t i;

	oid_hex(&f->update->new, hex);
	for (i = 0; is_tag && i < doc_count(tags); i++)
		if (span_is(doc_get_text(doc_at(tags, i), "id"), hex))
			name = "gitTag";
	doc_add(refs, doc_of_text(f->update->ref));
	doc_set(notes, "sourceRefs", refs);
	doc_set(s, "annotations", notes);
	doc_set(s, "digest", digest(name, span_str(hex)));
	return s;
}

static void write_vsa(
	const struct found *f, enum slsa_source level, struct buf *out)
{
	const struct entry *e = &f->item->entry;
	struct doc *j = doc_object(), *p = doc_object(), *one = doc_object();
	struct doc *list = doc_array(), *levels = doc_array(),
		   *who = doc_object();
	struct doc *version = doc_object(), *policy = doc_object();
	char text[64];

	snprintf(text, sizeof(text), "SLSA_SOURCE_LEVEL_%d", (int)level);
	doc_add(levels, doc_of_str(text));
	doc_set(version, "sluice", doc_of_str(SLUICE_VERSION));
	doc_set(who, "id",
		doc_of_str(arena_fmt(f->a, "https://%s", f->proof.origin)));
	doc_set(who, "version", version);
	doc_set(policy, "uri", doc_of_str("urn:sluice:policy"));
	doc_set(policy, "digest", digest("sha256", e->policy));
	doc_set(one, "uri",
		doc_of_str(arena_fmt(f->a, "urn:sluice:entry:%llu",
			(unsigned long long)f->item->index)));
	doc_set(one, "digest", digest("sha256", span_str(e->record)));
	doc_add(list, one);
	doc_set(p, "verifier", who);
	doc_set(p, "timeVerified", doc_of_text(e->time));
	doc_set(p, "resourceUri",
		doc_of_str(arena_fmt(f->a, "urn:sluice:repository:%s:%.*s",
			f->proof.origin, SPAN_FMT(e->repository))));
	doc_set(p, "policy", policy);
	doc_set(p, "inputAttestations", list);
	doc_set(p, "verificationResult", doc_of_str("PASSED"));
	doc_set(p, "verifiedLevels", levels);
	doc_set(p, "slsaVersion", doc_of_str("1.2"));
	list = doc_array();
	doc_add(list, subject(f));
	doc_set(j, "_type", doc_of_str("https://in-toto.io/Statement/v1"));
	doc_set(j, "subject", list);
	doc_set(j, "predicateType", doc_of_str(VSA_TYPE));
	doc_set(j, "predicate", p);
	doc_canonical(j, out);
	doc_free(j);
}

static int vsa(struct found *f, const struct attest *what, struct buf *out,
	struct err *err)
{
	struct rules rules;
	struct slsa_facts facts = {.rules = &rules};

	if (find_update(f, what->ref, err) ||
		read_policy(f, what->policy, &rules, &facts.by_robot, err) ||
		look_back(f, &facts.continuous, err))
		return -1;
	facts.is_tag = span_starts(f->update->ref, SPAN_LIT("refs/tags/"));
	facts.accepted = true;
	facts.waived = f->item->entry.nwaiver > 0;
	write_vsa(f, slsa_source(&facts), out);
	return buf_check(out, "the summary", err);
}

int attest_statement(const char *state, const struct attest *what,
	struct buf *out, struct err *err)
{
	struct found f = {.a = arena_new(ARENA_MAX)};
	bool found;
	int ret = find(state, what->entry, &f, err);

	if (!ret && what->ref.n)
		ret = vsa(&f, what, out, err);
	else if (!ret)
		ret = vault_read(state, what->entry, f.item->entry.record, out,
			&found, err);
	proof_file_free(&f.proof);
	index_close(f.ix);
	arena_free(f.a);
	return ret;
}

int attest_sign(const struct logkey *key, struct span statement,
	struct buf *out, struct err *err)
{
	struct buf pae = BUF_INIT(statement.n + 128);
	const unsigned char *k = key->public.id;
	unsigned char sig[LOGKEY_SIG];
	char id[16];
	int ret;

	dsse_pae(DSSE_INTOTO, statement, &pae);
	ret = logkey_sign(key, buf_all(&pae), sig, err);
	snprintf(id, sizeof(id), "%02x%02x%02x%02x", k[0], k[1], k[2], k[3]);
	if (!ret) {
		dsse_write(DSSE_INTOTO, statement, id,
			span_of(sig, sizeof(sig)), out);
		ret = buf_check(out, "the envelope", err);
	}
	buf_free(&pae);
	return ret;
}

#include "gather/suspect.h"

#include "base/text.h"
#include "gather/paths.h"
#include "gather/sshname.h"
#include "gather/sshrevoked.h"
#include "gather/x509judge.h"
#include "model/signer.h"
#include "parse/armor.h"
#include "parse/tag.h"
#include "port/crypto.h"
#include "port/pubkey.h"

bool suspects_any(const struct keybook *book)
{
	size_t i;

	for (i = 0; i < book->npgp; i++)
		if (book->pgp[i].revoked == KEYBOOK_COMPROMISED)
			return true;
	return (book->ssh.nrevoked && book->ssh.revoked[0].compromised) ||
		x509book_suspects(&book->x509);
}

bool suspect_accounts(const struct policy *p)
{
	size_t i, k;

	for (i = 0; i < p->nperson; i++)
		for (k = 0; k < p->person[i].nforge; k++)
			if (p->person[i].forge[k].compromised)
				return true;
	return false;
}

const struct forge_account *suspect_account(const struct policy *p,
	struct span forge, struct span login, int64_t at)
{
	size_t i, k;

	for (i = 0; i < p->nperson; i++)
		for (k = 0; k < p->person[i].nforge; k++) {
			const struct forge_account *a = &p->person[i].forge[k];

			if (account_compromised(a, at) &&
				span_is(forge, a->forge) &&
				span_is(login, a->login))
				return a;
		}
	return NULL;
}

const char *suspect_account_fingerprint(
	const struct forge_account *a, struct arena *arena)
{
	char hex[SHA256_HEX + 1];
	const char *text =
		arena_fmt(arena, "account %s\n%s\n", a->forge, a->login);

	return arena_str(arena, span_str(sha256_hex(span_str(text), hex)));
}

static const char *pgp_name(const struct keybook_entry *e, struct arena *arena)
{
	struct buf name = BUF_INIT(128);
	const char *text;

	text_hex(&name, e->id);
	text = arena_str(arena, buf_all(&name));
	buf_free(&name);
	return text;
}

static bool pgp_claim(const struct keybook *book, struct span armored,
	struct arena *arena, struct suspect_key *out)
{
	const char *label = "PGP SIGNATURE";
	struct pgp_signature sig;
	struct err none = ERR_INIT;
	struct span binary, name;
	size_t i;

	if (span_starts(armored, SPAN_LIT("-----BEGIN PGP MESSAGE")))
		label = "PGP MESSAGE";
	if (armor_read(armored, label, arena, &binary, &none) ||
		pgp_signature_read(binary, &sig, &none))
		return false;
	name = sig.issuer.n ? sig.issuer : sig.keyid;
	for (i = 0; name.n && i < book->npgp; i++) {
		const struct keybook_entry *e = &book->pgp[i];

		if (e->revoked != KEYBOOK_COMPROMISED ||
			!span_ends(e->id, name))
			continue;
		*out = (struct suspect_key){pgp_name(e, arena), e->who};
		return true;
	}
	return false;
}

static bool ssh_claim(const struct sshbook *book, struct span armored,
	struct arena *arena, struct suspect_key *out)
{
	struct buf plain = BUF_INIT(SSHKEY_BLOB_MAX);
	const struct sshbook_key *k;
	struct err none = ERR_INIT;
	bool compromised = false;
	struct sshsig sig;
	struct span blob;
	size_t n;

	if (armor_read(armored, "SSH SIGNATURE", arena, &blob, &none) ||
		sshsig_read(blob, &sig, &none))
		return false;
	if (sig.certified) {
		sshcert_plain(&sig.cert, &plain);
		sig.key.blob = arena_copy(arena, buf_all(&plain));
	}
	buf_free(&plain);
	if (!sshrevoked(book, &sig, &compromised, arena) || !compromised)
		return false;
	k = sshbook_find(&book->key, sig.key.blob, &n);
	*out = (struct suspect_key){
		sshname(sig.key.blob, arena), k ? k->who : NULL};
	return true;
}

bool suspect_claim(const struct keybook *book, const struct signed_text *text,
	struct arena *arena, struct suspect_key *out)
{
	memset(out, 0, sizeof(*out));
	if (!text->count)
		return false;
	if (text->kind == SIGNATURE_OPENPGP)
		return pgp_claim(book, text->signature, arena, out);
	if (text->kind == SIGNATURE_SSH)
		return ssh_claim(&book->ssh, text->signature, arena, out);
	if (text->kind == SIGNATURE_X509)
		return x509claim(
			&book->x509, text, arena, &out->key, &out->who);
	return false;
}

static bool pgp_named(const struct keybook *book, const char *key)
{
	unsigned char raw[PGP_FPR];
	const struct keybook_entry *e;

	if (!text_hex_read(span_str(key), raw, sizeof(raw)))
		return false;
	e = keybook_find(book->pgp, book->npgp, span_of(raw, sizeof(raw)));
	return e && e->revoked == KEYBOOK_COMPROMISED;
}

static bool list_names(const struct sshkrl *list, struct span digest)
{
	unsigned char sha256[PUBKEY_HASH_MAX];
	size_t i;

	for (i = 0; i < list->sha256.n; i++)
		if (span_eq(list->sha256.v[i], digest))
			return true;
	for (i = 0; i < list->key.n; i++)
		if (span_eq(span_of(sha256,
				    pubkey_digest(PUBKEY_SHA256,
					    &list->key.v[i], 1, sha256)),
			    digest))
			return true;
	return false;
}

/* Of a list that has SHA-1 alone only the key itself can say whether it is
 * meant, and of a certificate only that. */
static bool ssh_named(const struct sshbook *book, const char *key, bool *sure)
{
	struct buf padded = BUF_INIT(64), raw = BUF_INIT(PUBKEY_HASH_MAX);
	struct span text = span_str(key), prefix = SPAN_LIT("SHA256:");
	bool named = false;
	size_t i;

	buf_span(&padded, span_from(text, prefix.n));
	buf_byte(&padded, '=');
	if (!span_starts(text, prefix) ||
		!text_base64_read(buf_all(&padded), &raw))
		*sure = false;
	for (i = 0; i < book->nrevoked && book->revoked[i].compromised; i++) {
		named |= list_names(&book->revoked[i].list, buf_all(&raw));
		*sure &= !book->revoked[i].list.sha1.n;
	}
	buf_free(&padded);
	buf_free(&raw);
	return named;
}

bool suspect_named(const struct keybook *book, enum signature_kind kind,
	const char *key, bool certified, bool *sure)
{
	bool named = false;

	*sure = true;
	if (kind == SIGNATURE_OPENPGP)
		named = pgp_named(book, key);
	if (kind == SIGNATURE_SSH && book->ssh.nrevoked &&
		book->ssh.revoked[0].compromised) {
		*sure = !certified;
		named = ssh_named(&book->ssh, key, sure);
	}
	/* Any certificate above it may be meant. */
	if (kind == SIGNATURE_X509)
		*sure = !x509book_suspects(&book->x509);
	*sure |= named;
	return named;
}

/* The commits behind a tip, that have not been judged by this update's rules
 * since the key was found to be another's as well. */
struct search {
	struct gather *g;
	const struct facts *f;
	const struct keybook *book;
	struct change *v; /* with the person, as far as their key is known */
	const char **fingerprint;
	bool merged; /* the rules ask about tags in merges */
	size_t n, cap, names;
	size_t looked_at;
};

/* A tag in the header of a merge; one that is no tag was never good. */
static bool merges_claim(
	const struct search *s, const struct commit *c, struct suspect_key *out)
{
	static const struct oid unknown;
	struct err none = ERR_INIT;
	struct tag tag;
	size_t i;

	for (i = 0; s->merged && i < c->nmergetag; i++)
		if (!tag_parse(c->mergetag[i], &unknown, s->g->arena, &tag,
			    &none) &&
			suspect_claim(s->book, &tag.sig, s->g->arena, out))
			return true;
	return false;
}

static int look_at(void *ctx, const struct oid *id, struct err *err)
{
	struct search *s = ctx;
	struct arena *a = s->g->arena;
	struct suspect_key key;
	struct commit commit;

	if (s->looked_at++ == GATHER_COMMITS_MAX)
		return err_set(err, ERR_LIMIT,
			"more than %d commits to look through for those of a "
			"compromised key",
			GATHER_COMMITS_MAX);
	if (gather_commit(s->g, id, &commit, err))
		return -1;
	if (!suspect_claim(s->book, &commit.sig, a, &key) &&
		!merges_claim(s, &commit, &key))
		return 0;
	s->fingerprint = arena_grow(
		a, s->fingerprint, s->n, &s->names, sizeof(*s->fingerprint));
	s->fingerprint[s->n] = signer_fingerprint(a, key.key);
	s->v = arena_grow(a, s->v, s->n, &s->cap, sizeof(*s->v));
	s->v[s->n++] = (struct change){.commit = commit,
		.sig = {.status = SIGNATURE_COMPROMISED,
			.kind = commit.sig.kind,
			.person = key.who,
			.key = key.key,
			.detail = ""}};
	return 0;
}

/* Whether it was cleared on another ref where this update's rules, and its
 * rules for waivers, would have had the same. What is waived on its own ref is
 * for the gate, and for the record. */
static bool cleared_elsewhere(const struct search *s,
	const struct clearings *all, const struct update_fact *uf, size_t at)
{
	const struct rules *ours = &uf->rules;
	struct rules theirs;
	size_t i;

	for (i = 0; i < all->n; i++) {
		const struct span ref = all->v[i].w.ref;

		if (!span_eq(ref, uf->up->ref) &&
			policy_rules(s->f->policy,
				span_str(s->f->push->repository), ref,
				&theirs) &&
			rules_cover(&theirs, ours) &&
			waivers_cover(&theirs, ours) &&
			is_cleared(all, s->f, ref, &theirs, &s->v[at],
				s->fingerprint[at], NULL, s->g->arena))
			return true;
	}
	return false;
}

static int without_cleared(struct search *s, const struct update_fact *uf,
	struct oid **out, size_t *n, struct err *err)
{
	struct clearings all = {0};
	size_t i;

	if (clearings_read(s->g, s->f, NULL, NULL, &all, err))
		return -1;
	*out = arena_get(s->g->arena, s->n + 1, sizeof(**out));
	for (i = 0; i < s->n; i++)
		if (!cleared_elsewhere(s, &all, uf, i))
			(*out)[(*n)++] = s->v[i].commit.id;
	clearings_free(&all);
	return 0;
}

int suspect_commits(struct gather *g, const struct facts *f, size_t u,
	const struct oid *tip, const struct oid *hide, size_t nhide,
	struct oid **out, size_t *n, struct err *err)
{
	const struct rule_signature *rule = f->update[u].rules.signature;
	struct search s = {.g = g,
		.f = f,
		.merged = rule && rule->merged_tags != MERGED_TAGS_OFF};
	struct signers *signers;
	int ret = 0;

	*out = NULL;
	*n = 0;
	if (signers_open(g, f->policy, &signers, err))
		return -1;
	s.book = signers_book(signers);
	if (suspects_any(s.book))
		ret = repo_walk(g->repo, tip, 1, hide, nhide, look_at, &s, err);
	if (!ret && s.n)
		ret = without_cleared(&s, &f->update[u], out, n, err);
	signers_close(signers);
	return ret;
}

#include "gather/x509judge.h"

#include "base/text.h"
#include "gather/verdict.h"
#include "parse/armor.h"
#include "port/pubkey.h"

#define UP_MAX 10 /* certificates above the signer's, by their names */

#define MET_MAX 256 /* of which more is remembered */

/* What certificates come to, should the signature match. */
struct standing {
	struct standing *next;
	unsigned char digest[PUBKEY_HASH_MAX]; /* of all it follows from */
	bool decided;                          /* whatever the signature */
	struct signature_fact fact;
	struct x509_key *key; /* of the signer */
};

struct x509judge {
	const struct x509book *book;
	const struct policy *policy;
	struct arena *arena;
	struct x509_trust *trust;
	struct standing *met;
	size_t nmet;
};

int x509judge_new(const struct x509book *book, const struct policy *policy,
	struct arena *arena, struct x509judge **out, struct err *err)
{
	struct x509judge *j = calloc(1, sizeof(*j));

	*out = NULL;
	if (!j)
		die("out of memory");
	*j = (struct x509judge){.book = book, .policy = policy, .arena = arena};
	if (x509book_trust(book, arena, &j->trust, err)) {
		x509judge_free(j);
		return -1;
	}
	*out = j;
	return 0;
}

void x509judge_free(struct x509judge *j)
{
	const struct standing *s;

	if (!j)
		return;
	for (s = j->met; s; s = s->next)
		x509_key_free(s->key);
	x509_trust_free(j->trust);
	free(j);
}

/* One signature at hand. */
struct at_hand {
	const struct x509book *book;
	const struct policy *policy;
	const struct x509_trust *trust;
	struct cms sig;
	struct x509_facts brought[CMS_CERTS_MAX];
	struct span leaf;                /* the signer's certificate */
	struct x509_facts facts;         /* of it */
	const struct x509book_cert *own; /* it is one of the policy's people */
	int64_t at;
	struct signature_fact *out;
	struct arena *arena;
};

const char *x509name(struct span der, struct arena *arena)
{
	unsigned char digest[PUBKEY_HASH_MAX];
	struct buf hex = BUF_INIT(128);
	const char *text;

	text_hex(&hex,
		span_of(digest, pubkey_digest(PUBKEY_SHA256, &der, 1, digest)));
	text = arena_str(arena, buf_all(&hex));
	buf_free(&hex);
	return text;
}

static bool names(const struct cms *sig, const struct x509_facts *c)
{
	if (sig->keyid.n)
		return span_eq(sig->keyid, c->keyid);
	return span_eq(sig->issuer, c->issuer) &&
		span_eq(sig->serial, c->serial);
}

/* Which certificate made it, of those it brings and of people's. */
static int find_leaf(struct at_hand *h)
{
	const struct x509book_certs *own = &h->book->own;
	size_t i;

	for (i = 0; i < h->sig.ncert; i++) {
		if (!names(&h->sig, &h->brought[i]))
			continue;
		h->leaf = h->sig.cert[i];
		h->facts = h->brought[i];
		return 0;
	}
	for (i = 0; i < own->n; i++) {
		if (!names(&h->sig, &own->v[i].facts))
			continue;
		h->leaf = own->v[i].der;
		h->facts = own->v[i].facts;
		return 0;
	}
	return -1;
}

static int read_text(struct at_hand *h, const struct signed_text *text,
	struct arena *arena, struct err *err)
{
	struct span blob;

	return armor_read(
		       text->signature, "SIGNED MESSAGE", arena, &blob, err) ||
			cms_read(blob, &h->sig, err)
		? -1
		: 0;
}

static int read_all(
	struct at_hand *h, const struct signed_text *text, struct err *err)
{
	size_t i;

	if (read_text(h, text, h->arena, err))
		return -1;
	for (i = 0; i < h->sig.ncert; i++)
		if (x509_facts(h->sig.cert[i], h->arena, &h->brought[i], err))
			return -1;
	return 0;
}

static bool has(const struct span *v, size_t n, struct span one)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (span_eq(v[i], one))
			return true;
	return false;
}

static bool has_cert(const struct x509book_certs *all, struct span one)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		if (span_eq(all->v[i].der, one))
			return true;
	return false;
}

/* Nobody signed which certificates are brought: each must be vouched for bit by
 * bit, or a good signature could be changed. */
static bool all_known(const struct at_hand *h, const struct x509_chain *chain)
{
	size_t i;

	for (i = 0; i < h->sig.ncert; i++) {
		struct span one = h->sig.cert[i];

		if (has(h->sig.cert, i, one) ||
			(!has(chain->cert, chain->n, one) &&
				!has_cert(&h->book->root, one) &&
				!has_cert(&h->book->between, one)))
			return false;
	}
	return true;
}

/* The policy gives the key to somebody: also with another certificate. */
static const struct person *owner_of_key(const struct at_hand *h)
{
	const struct x509book_certs *own = &h->book->own;
	size_t i;

	for (i = 0; i < own->n; i++)
		if (!memcmp(own->v[i].facts.key, h->facts.key, X509_HASH))
			return own->v[i].who;
	return NULL;
}

/* The one person to whom its addresses belong; false: ${out} is decided. */
static bool owner(struct at_hand *h, const struct person **who)
{
	const struct person *found, *of_key = owner_of_key(h);
	size_t i;

	*who = h->own ? h->own->who : NULL;
	if (*who)
		return true;
	for (i = 0; i < h->facts.nemail; i++) {
		found = policy_person_by_email(h->policy, h->facts.email[i]);
		if (!found || found == *who)
			continue;
		if (*who) {
			signature_found(h->out, SIGNATURE_UNKNOWN_KEY,
				arena_fmt(h->arena,
					"its certificate is for '%s' and for "
					"'%s'",
					(*who)->name, found->name));
			return false;
		}
		*who = found;
	}
	if (!*who) {
		signature_found(h->out, SIGNATURE_UNKNOWN_KEY,
			"its certificate has no address of anybody whom the "
			"policy knows");
		return false;
	}
	if (!of_key || of_key == *who)
		return true;
	signature_found(h->out, SIGNATURE_UNKNOWN_KEY,
		arena_fmt(h->arena,
			"its certificate is for '%s', and the key is that of "
			"'%s'",
			(*who)->name, of_key->name));
	return false;
}

/* Why one of the chain does not count any more; NULL if all do. */
static const char *revoked(
	struct at_hand *h, const struct x509_chain *chain, bool *compromised)
{
	const char *why, *soft = NULL;
	struct err none = ERR_INIT;
	struct x509_facts c;
	size_t i;

	for (i = 0; i < chain->n; i++) {
		if (x509_facts(chain->cert[i], h->arena, &c, &none))
			return "a certificate that cannot be read";
		why = x509book_revoked(h->book, &c, compromised, h->arena);
		if (why && *compromised)
			return why;
		if (why && !soft)
			soft = why;
	}
	*compromised = false;
	return soft;
}

/* Of which certificate below the last there is no list that is not out of date;
 * NULL if there is of all. */
static const char *unlisted(struct at_hand *h, const struct x509_chain *chain)
{
	struct err none = ERR_INIT;
	struct x509_facts c;
	size_t i, k;

	for (i = 0; i + 1 < chain->n; i++) {
		if (x509_facts(chain->cert[i], h->arena, &c, &none))
			return "a certificate that cannot be read";
		for (k = 0; k < h->book->nlist; k++)
			if (span_eq(h->book->list[k].list.issuer, c.issuer) &&
				h->book->list[k].list.next > h->at)
				break;
		if (k == h->book->nlist)
			return c.called;
	}
	return NULL;
}

/* The certificate counts, or what is wrong with it. */
static void by_chain(struct at_hand *h, const struct x509_chain *chain,
	const struct person *who)
{
	struct signature_fact *out = h->out;
	bool compromised;
	const char *why = revoked(h, chain, &compromised);

	out->person = who;
	if (why)
		signature_found(out,
			compromised ? SIGNATURE_COMPROMISED : SIGNATURE_REVOKED,
			why);
	else if (chain->verdict == X509_EXPIRED)
		signature_found(out, SIGNATURE_EXPIRED,
			arena_fmt(h->arena,
				"its certificate, or one above it: "
				"%s",
				chain->detail));
	else if (h->book->need_list && (why = unlisted(h, chain)))
		signature_found(out, SIGNATURE_EXPIRED,
			arena_fmt(h->arena,
				"no revocation list that is not out of date "
				"is about the certificate of '%s'",
				why));
	else if (h->own)
		signature_found(out, SIGNATURE_GOOD, "");
	else
		signature_found(out, SIGNATURE_GOOD,
			arena_fmt(h->arena, "certified as '%s'",
				h->facts.called));
}

/* What the certificates come to, in ${h->out}; true: whatever the signature. */
static bool certificates(struct at_hand *h)
{
	struct signature_fact *out = h->out;
	const struct person *who;
	struct x509_chain chain;

	if (find_leaf(h)) {
		signature_found(out, SIGNATURE_UNKNOWN_KEY,
			"it does not bring its certificate, and the policy "
			"does not have it");
		return true;
	}
	out->key = x509name(h->leaf, h->arena);
	h->own = x509book_own(h->book, h->leaf);
	if (h->own)
		x509_alone(h->leaf, h->at, h->arena, &chain);
	else
		x509_chain(h->trust, h->leaf, h->sig.cert, h->sig.ncert, h->at,
			h->arena, &chain);
	if (chain.verdict == X509_UNTRUSTED) {
		signature_found(out, SIGNATURE_UNKNOWN_KEY,
			arena_fmt(h->arena,
				"its certificate leads to no root of the "
				"policy: %s",
				chain.detail));
		return true;
	}
	if (chain.verdict == X509_WEAK)
		signature_found(out, SIGNATURE_WEAK, chain.detail);
	else if (chain.verdict == X509_UNFIT)
		signature_found(out, SIGNATURE_BAD,
			arena_fmt(h->arena, "its certificate does not do: %s",
				chain.detail));
	else if (!h->own && h->facts.authority)
		signature_found(out, SIGNATURE_BAD,
			"its certificate is that of an authority");
	else if (!all_known(h, &chain))
		signature_found(out, SIGNATURE_MALFORMED,
			"it brings certificates that nothing vouches for");
	else if (owner(h, &who))
		by_chain(h, &chain, who);
	return false;
}

/* All that certificates are judged by, and the time. */
static void digest_of(
	const struct at_hand *h, unsigned char out[PUBKEY_HASH_MAX])
{
	const struct cms *sig = &h->sig;
	uint64_t size[4 + CMS_CERTS_MAX] = {
		(uint64_t)h->at, sig->issuer.n, sig->serial.n, sig->keyid.n};
	struct span part[4 + CMS_CERTS_MAX] = {span_of(size, sizeof(size)),
		sig->issuer, sig->serial, sig->keyid};
	size_t i;

	for (i = 0; i < sig->ncert; i++) {
		size[4 + i] = sig->cert[i].n;
		part[4 + i] = sig->cert[i];
	}
	memset(out, 0, PUBKEY_HASH_MAX);
	pubkey_digest(PUBKEY_SHA256, part, 4 + sig->ncert, out);
}

static struct standing *meet(
	struct x509judge *j, struct at_hand *h, struct err *err)
{
	unsigned char digest[PUBKEY_HASH_MAX];
	struct standing *s;
	size_t i;

	digest_of(h, digest);
	for (s = j->met; s; s = s->next)
		if (!memcmp(s->digest, digest, sizeof(digest)))
			return s;
	for (i = 0; i < h->sig.ncert; i++)
		if (x509_facts(h->sig.cert[i], h->arena, &h->brought[i], err))
			return NULL;
	s = ARENA_NEW(j->arena, struct standing);
	memcpy(s->digest, digest, sizeof(digest));
	s->fact = *h->out;
	h->out = &s->fact;
	s->decided = certificates(h);
	s->key = s->decided ? NULL : x509_key_new(h->leaf);
	if (j->nmet == MET_MAX) {
		x509_key_free(j->met->key);
		*j->met = (struct standing){.next = j->met->next};
		j->met = j->met->next;
		j->nmet--;
	}
	s->next = j->met;
	j->met = s;
	j->nmet++;
	return s;
}

static void judge(const struct standing *s, const struct cms *sig,
	struct span payload, struct signature_fact *out)
{
	out->key = s->fact.key;
	if (!s->decided && sig->digest == CMS_DIGEST_WEAK) {
		signature_found(
			out, SIGNATURE_WEAK, "its digest is SHA-1 or MD5");
	} else if (!s->decided &&
		(sig->digest == CMS_DIGEST_OTHER ||
			sig->algorithm == CMS_ALGORITHM_OTHER)) {
		signature_found(out, SIGNATURE_UNSUPPORTED,
			"an algorithm that is not known");
	} else if (!s->decided && !x509_signed(s->key, sig, payload)) {
		signature_found(
			out, SIGNATURE_BAD, "the signature does not match");
	} else {
		out->person = s->fact.person;
		signature_found(out, s->fact.status, s->fact.detail);
	}
}

void x509judge(struct x509judge *j, const struct signed_text *text, int64_t at,
	struct signature_fact *out, struct arena *arena)
{
	struct at_hand h = {.book = j->book,
		.policy = j->policy,
		.trust = j->trust,
		.at = at,
		.out = out,
		.arena = j->arena};
	struct err why = ERR_INIT;
	struct standing *s = NULL;

	if (!read_text(&h, text, arena, &why))
		s = meet(j, &h, &why);
	if (s)
		judge(s, &h.sig, text->payload, out);
	else
		signature_malformed(out, arena, &why);
}

/* The certificate above it, by its name. */
static const struct x509_facts *above(
	const struct at_hand *h, const struct x509_facts *c)
{
	const struct x509book_certs *const all[] = {
		&h->book->between, &h->book->root};
	size_t i, k;

	for (i = 0; i < h->sig.ncert; i++)
		if (span_eq(h->brought[i].subject, c->issuer))
			return &h->brought[i];
	for (k = 0; k < ARRAY_LEN(all); k++)
		for (i = 0; i < all[k]->n; i++)
			if (span_eq(all[k]->v[i].facts.subject, c->issuer))
				return &all[k]->v[i].facts;
	return NULL;
}

bool x509claim(const struct x509book *book, const struct signed_text *text,
	struct arena *arena, const char **key, const struct person **who)
{
	struct at_hand h = {.book = book, .arena = arena};
	const struct x509_facts *c;
	struct err none = ERR_INIT;
	bool compromised = false;
	size_t i;

	*who = NULL;
	if (!x509book_suspects(book) || read_all(&h, text, &none) ||
		find_leaf(&h))
		return false;
	c = &h.facts;
	for (i = 0; c && i < UP_MAX && !compromised; i++) {
		if (x509book_revoked(book, c, &compromised, arena) &&
			compromised)
			break;
		compromised = false;
		c = above(&h, c);
	}
	if (!compromised)
		return false;
	*key = x509name(h.leaf, arena);
	*who = owner_of_key(&h);
	return true;
}

/*
 * Signatures -> who made them and how good they are. Trust is the policy's keys
 * alone. The forms are read here and strictly; only then are the bytes given to
 * libcrypto or GnuPG.
 */
#include "gather/gather.h"

#include "base/text.h"
#include "gather/keyring.h"
#include "gather/mergedtags.h"
#include "gather/pgpsig.h"
#include "gather/sshjudge.h"
#include "gather/verdict.h"
#include "gather/x509judge.h"
#include "model/robot.h"
#include "parse/armor.h"
#include "port/pubkey.h"

#define BUCKETS 65536 /* a push may have millions */

/* A signature judged before in this run: an approval is looked at as a tag that
 * is pushed and as an approval, and one gpg costs 5 ms. */
struct judged {
	struct judged *next;
	unsigned char digest[PUBKEY_HASH_MAX];
	struct signature_fact fact;
};

struct signers {
	struct keybook book;
	struct keyring ring;    /* opened at the first OpenPGP signature */
	struct x509judge *x509; /* made at the first X.509 signature */
	const struct policy *policy;
	const char *state;
	struct arena *arena; /* the run's */
	struct judged *seen[BUCKETS];
	unsigned users;
	bool gnupg_alone;
};

int signers_open(struct gather *g, const struct policy *p, struct signers **out,
	struct err *err)
{
	struct signers *s = g->signers;

	*out = NULL;
	if (!s) {
		s = calloc(1, sizeof(*s));
		if (!s)
			die("out of memory");
		s->users = 1;
		s->state = g->state;
		s->policy = p;
		s->arena = g->arena;
		if (keybook_make(p, s->arena, &s->book, err)) {
			signers_close(s);
			return -1;
		}
		g->signers = s;
	}
	s->users++;
	*out = s;
	return 0;
}

int signers_check(const struct policy *p, struct arena *arena, struct err *err)
{
	struct keyring ring;
	struct keybook book;

	if (keybook_make(p, arena, &book, err))
		return -1;
	if (!book.npgp)
		return 0;
	if (keyring_open(&book, NULL, arena, &ring, err))
		return -1;
	keyring_close(&ring);
	return 0;
}

const struct keybook *signers_book(const struct signers *s)
{
	return &s->book;
}

void signers_gnupg_alone(struct signers *s)
{
	s->gnupg_alone = true;
}

void signers_close(struct signers *s)
{
	if (!s || --s->users)
		return;
	keyring_close(&s->ring);
	x509judge_free(s->x509);
	free(s);
}

/* An OpenPGP signature and what is made of it. */
struct pgp_case {
	struct span binary;
	struct pgp_signature sig;
	unsigned char digest[PUBKEY_HASH_MAX];
	size_t ndigest;
};

static bool pgp_known(struct signers *s, const struct pgp_signature *sig)
{
	struct keybook_entry *one;

	if (sig->issuer.n)
		return keybook_find(s->book.pgp, s->book.npgp, sig->issuer);
	return sig->keyid.n && keybook_keyid(&s->book, sig->keyid, &one);
}

/* OpenPGP: what must hold before GnuPG is asked. False: ${out} is decided. */
static bool pgp_form(struct signers *s, const struct signed_text *text,
	struct pgp_case *c, struct signature_fact *out, struct arena *arena)
{
	static const char *const labels[] = {"PGP SIGNATURE", "PGP MESSAGE"};
	struct pgp_signature *sig = &c->sig;
	struct err why = ERR_INIT;
	struct buf name = BUF_INIT(128);
	const char *label = labels[0];
	const char *hash;

	if (span_starts(text->signature, SPAN_LIT("-----BEGIN PGP MESSAGE")))
		label = labels[1];
	if (armor_read(text->signature, label, arena, &c->binary, &why) ||
		pgp_signature_read(c->binary, sig, &why)) {
		signature_malformed(out, arena, &why);
		return false;
	}
	text_hex(&name, sig->issuer.n ? sig->issuer : sig->keyid);
	out->key = arena_str(arena, buf_all(&name));
	buf_free(&name);
	/* How others name their key is not read. */
	if ((sig->keyid.n || sig->version == 4) && !pgp_known(s, sig)) {
		signature_found(out, SIGNATURE_UNKNOWN_KEY, "");
		return false;
	}
	if (sig->version != 4) {
		signature_found(out, SIGNATURE_UNSUPPORTED,
			arena_fmt(arena, "an OpenPGP signature of version %u",
				sig->version));
		return false;
	}
	if (sig->type != 0) {
		signature_found(out, SIGNATURE_MALFORMED,
			"not a signature of bytes as they stand");
		return false;
	}
	if (pgp_hash_weak(sig->hash)) {
		hash = pgp_hash_name(sig->hash);
		signature_found(out, SIGNATURE_WEAK,
			hash ? arena_fmt(arena, "its digest is %s", hash)
			     : arena_fmt(arena, "its digest is number %u",
				       sig->hash));
		return false;
	}
	/* GnuPG does not look at these two bytes. */
	c->ndigest = pgpsig_digest(sig, &text->payload, 1, c->digest);
	if (memcmp(c->digest, sig->hint.p, 2) != 0) {
		signature_found(
			out, SIGNATURE_BAD, "the signature does not match");
		return false;
	}
	return true;
}

/* The one key of the policy that ${sig} can be of, or NULL. */
static const struct keybook_entry *pgp_issuer(
	const struct signers *s, const struct pgp_signature *sig)
{
	struct keybook_entry *one;

	if (sig->issuer.n)
		return keybook_find(s->book.pgp, s->book.npgp, sig->issuer);
	return keybook_keyid(&s->book, sig->keyid, &one) == 1 ? one : NULL;
}

/*
 * In process, as GnuPG would answer. What does not match is bad, whoever's key
 * it names: anybody can write a signature that only GnuPG could judge, and a
 * push holds thousands. What matches is good only of a key that GnuPG vouches
 * for and of the common sort. False: ask it. The clock of a signature that is
 * ahead of ours is one of the cases left to it.
 */
static bool pgp_here(const struct signers *s, const struct pgp_case *c,
	int64_t at, struct openpgp_result *res)
{
	const struct keybook_entry *e = pgp_issuer(s, &c->sig);
	const struct keytable_entry *t;
	struct buf name = BUF_INIT(OPENPGP_FPR_MAX);
	enum pgpsig_verdict verdict;
	struct pgpkey key;

	memset(res, 0, sizeof(*res));
	res->detail = "";
	if (!e || s->gnupg_alone)
		return false;
	pgpkey_read(e->body, &key);
	verdict = pgpsig_verify(&c->sig, &key, span_of(c->digest, c->ndigest));
	if (verdict == PGPSIG_BAD) {
		res->detail = "the signature does not match";
		return true;
	}
	t = keytable_find(&s->ring.table, e->id);
	if (verdict != PGPSIG_GOOD || !t || c->sig.created > at)
		return false;
	text_hex(&name, e->id);
	snprintf(res->fingerprint, sizeof(res->fingerprint), "%s",
		buf_cstr(&name));
	buf_free(&name);
	res->count = 1;
	res->created = c->sig.created;
	res->status = t->expires && t->expires <= at ? OPENPGP_KEY_EXPIRED
						     : OPENPGP_GOOD;
	return true;
}

/* The answer, and whose key it was. */
static void pgp_answer(struct signers *s, const struct openpgp_result *res,
	int64_t at, struct signature_fact *out, struct arena *arena)
{
	const struct keybook_entry *e = NULL;
	unsigned char raw[PGP_FPR];
	char *low = arena_str(arena, span_str(res->fingerprint));
	size_t i;

	if (res->status == OPENPGP_BAD) {
		signature_found(out, SIGNATURE_BAD, res->detail);
		return;
	}
	for (i = 0; low[i]; i++)
		low[i] = (char)text_lower((unsigned char)low[i]);
	if (text_hex_read(span_str(low), raw, sizeof(raw)))
		e = keybook_find(
			s->book.pgp, s->book.npgp, span_of(raw, sizeof(raw)));
	if (res->status == OPENPGP_UNKNOWN_KEY || !e) {
		signature_found(out, SIGNATURE_UNKNOWN_KEY, "");
		return;
	}
	out->key = low;
	out->person = e->who;
	if (e->revoked == KEYBOOK_COMPROMISED)
		signature_found(out, SIGNATURE_COMPROMISED,
			"the key is revoked, and not as merely replaced or no "
			"longer used");
	else if (res->status == OPENPGP_KEY_REVOKED)
		signature_found(out, SIGNATURE_REVOKED, "the key is revoked");
	else if (res->status == OPENPGP_KEY_EXPIRED)
		signature_found(out, SIGNATURE_EXPIRED, "the key has expired");
	else if (res->status == OPENPGP_EXPIRED ||
		(res->expires && res->expires <= at))
		signature_found(
			out, SIGNATURE_EXPIRED, "the signature has expired");
	else if (e->weak)
		signature_found(out, SIGNATURE_WEAK, e->weak);
	else if (res->status == OPENPGP_GOOD)
		signature_found(out, SIGNATURE_GOOD, "");
}

static int pgp_judge(struct signers *s, const struct signed_text *text,
	int64_t at, struct signature_fact *out, struct arena *arena,
	struct err *err)
{
	struct openpgp_result res;
	struct openpgp *gpg;
	struct pgp_case c = {.ndigest = 0};

	if (!pgp_form(s, text, &c, out, arena))
		return 0;
	if (!s->ring.home &&
		keyring_open(&s->book, s->state, s->arena, &s->ring, err))
		return -1;
	if (!pgp_here(s, &c, at, &res) &&
		(keyring_gpg(&s->ring, &gpg, err) ||
			openpgp_verify(
				gpg, c.binary, text->payload, &res, err)))
		return -1;
	pgp_answer(s, &res, at, out, arena);
	return 0;
}

static int by_kind(struct signers *s, const struct signed_text *text,
	int64_t at, struct signature_fact *out, struct arena *arena,
	struct err *err)
{
	switch (text->kind) {
	case SIGNATURE_NONE:
		signature_found(out, SIGNATURE_MALFORMED,
			"a signature of no known kind");
		break;
	case SIGNATURE_OPENPGP:
		return pgp_judge(s, text, at, out, arena, err);
	case SIGNATURE_SSH:
		sshjudge(&s->book.ssh, text, at, out, arena);
		break;
	case SIGNATURE_X509:
		if (!s->x509 &&
			x509judge_new(&s->book.x509, s->policy, s->arena,
				&s->x509, err))
			return -1;
		x509judge(s->x509, text, at, out, arena);
		break;
	}
	return 0;
}

static void fact_start(
	struct signature_fact *out, const struct signed_text *text)
{
	memset(out, 0, sizeof(*out));
	out->kind = text->kind;
	out->key = "";
	out->detail = "";
}

static struct signature_fact fact_copy(
	const struct signature_fact *f, struct arena *arena)
{
	struct signature_fact copy = *f;

	copy.key = arena_str(arena, span_str(f->key));
	copy.detail = arena_str(arena, span_str(f->detail));
	return copy;
}

int signature_judge(struct signers *s, const struct signed_text *text,
	int64_t at, struct signature_fact *out, struct arena *arena,
	struct err *err)
{
	struct judged *j, **bucket;
	unsigned char digest[PUBKEY_HASH_MAX] = {0}, head[16];
	const uint64_t n = text->signature.n;
	const struct span parts[] = {
		span_of(head, sizeof(head)), text->signature, text->payload};

	fact_start(out, text);
	if (!text->count) {
		signature_found(out, SIGNATURE_MISSING, "");
		return 0;
	}
	if (text->count > 1) {
		signature_found(
			out, SIGNATURE_MALFORMED, "more than one signature");
		return 0;
	}
	memcpy(head, &n, 8);
	memcpy(head + 8, &at, 8);
	pubkey_digest(PUBKEY_SHA256, parts, ARRAY_LEN(parts), digest);
	bucket = &s->seen[(digest[0] | (unsigned)digest[1] << 8) % BUCKETS];
	for (j = *bucket; j; j = j->next) {
		if (memcmp(j->digest, digest, sizeof(digest)) == 0) {
			*out = fact_copy(&j->fact, arena);
			return 0;
		}
	}
	if (by_kind(s, text, at, out, arena, err)) {
		fact_start(out, text);
		return -1;
	}
	j = ARENA_NEW(s->arena, struct judged);
	memcpy(j->digest, digest, sizeof(digest));
	j->fact = fact_copy(out, s->arena);
	j->next = *bucket;
	*bucket = j;
	return 0;
}

/* Noted, not verified. A malformed object is told in any case. */
static void note(const char *why, const struct signed_text *text,
	struct signature_fact *out)
{
	fact_start(out, text);
	if (why)
		signature_found(out, SIGNATURE_MALFORMED, why);
	else if (!text->count)
		signature_found(out, SIGNATURE_MISSING, "");
	else
		signature_found(out, SIGNATURE_UNCHECKED, "");
}

/* Once each: what another update had judged is no longer unchecked. */
static int judge(struct gather *g, struct facts *f,
	const struct signed_text *text, struct signature_fact *out,
	struct err *err)
{
	struct signers *s;
	int ret;

	if (out->status != SIGNATURE_UNCHECKED)
		return 0;
	if (signers_open(g, f->policy, &s, err))
		return -1;
	ret = signature_judge(s, text, f->push->time, out, g->arena, err);
	signers_close(s);
	return ret;
}

/* Whether any rule needs to know who signed. */
static bool asks_who(const struct rules *r)
{
	return r->signature || r->approval || r->nwaiver ||
		robot_rule_of_commits(r->robot) ||
		(r->identity && r->identity->email != IDENTITY_OFF);
}

int gather_signatures(struct gather *g, struct facts *f, struct err *err)
{
	size_t u, i;

	for (i = 0; i < f->nchange; i++)
		note(f->change[i].commit.malformed, &f->change[i].commit.sig,
			&f->change[i].sig);
	for (i = 0; i < f->ntag; i++)
		note(f->tag[i].tag.malformed, &f->tag[i].tag.sig,
			&f->tag[i].sig);
	for (u = 0; u < f->push->nup; u++) {
		const struct update_fact *uf = &f->update[u];

		if (!asks_who(&uf->rules))
			continue;
		for (i = 0; i < uf->nchange; i++) {
			struct change *c = &f->change[uf->change[i]];

			if (judge(g, f, &c->commit.sig, &c->sig, err))
				return -1;
		}
		for (i = 0; i < uf->ntag; i++) {
			struct tag_change *t = &f->tag[uf->tag[i]];

			if (judge(g, f, &t->tag.sig, &t->sig, err))
				return -1;
		}
	}
	return mergedtags_gather(g, f, err);
}

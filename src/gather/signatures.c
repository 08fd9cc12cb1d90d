/*
 * Signatures -> who made them and how good they are. Trust is the policy's keys
 * alone. The forms are read here and strictly; only then are the bytes given to
 * GnuPG or libcrypto.
 */
#include "gather/gather.h"

#include "base/text.h"
#include "gather/keyring.h"
#include "parse/armor.h"
#include "parse/sshsig.h"
#include "port/pubkey.h"

#define BUCKETS 1024

/* A signature judged before in this run: an approval is looked at as a tag that
 * is pushed and as an approval, and one gpg costs 5 ms. */
struct judged {
	struct judged *next;
	unsigned char digest[PUBKEY_HASH_MAX];
	struct signature_fact fact;
};

struct signers {
	struct keybook book;
	struct keyring ring; /* opened at the first OpenPGP signature */
	const char *state;
	struct arena *arena; /* the run's */
	struct judged *seen[BUCKETS];
	unsigned users;
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
	if (keyring_open(&book, NULL, &ring, err))
		return -1;
	keyring_close(&ring);
	return 0;
}

void signers_close(struct signers *s)
{
	if (!s || --s->users)
		return;
	keyring_close(&s->ring);
	free(s);
}

static void found(struct signature_fact *out, enum signature_status status,
	const char *detail)
{
	out->status = status;
	out->detail = detail;
}

/* What a parser refused, in its words. */
static void malformed(
	struct signature_fact *out, struct arena *arena, struct err *err)
{
	found(out, SIGNATURE_MALFORMED, arena_fmt(arena, "%s", err->text));
	err_clear(err);
}

/* The two bytes of the hash that a signature shows. GnuPG does not look at
 * them, and where they are wrong it need not be asked. */
static bool pgp_hint_right(const struct pgp_signature *sig, struct span payload)
{
	unsigned char digest[PUBKEY_HASH_MAX], trailer[PGP_TRAILER];
	const struct span parts[] = {
		payload, sig->signed_head, span_of(trailer, sizeof(trailer))};
	enum pubkey_hash h;

	if (sig->hash == PGP_SHA224)
		h = PUBKEY_SHA224;
	else if (sig->hash == PGP_SHA256)
		h = PUBKEY_SHA256;
	else if (sig->hash == PGP_SHA384)
		h = PUBKEY_SHA384;
	else
		h = PUBKEY_SHA512;
	pgp_trailer(sig, trailer);
	pubkey_digest(h, parts, ARRAY_LEN(parts), digest);
	return memcmp(digest, sig->hint.p, 2) == 0;
}

/* OpenPGP: what must hold before GnuPG is asked. False: ${out} is decided. */
static bool pgp_form(struct signers *s, const struct signed_text *text,
	struct span *binary, struct signature_fact *out, struct arena *arena)
{
	static const char *const labels[] = {"PGP SIGNATURE", "PGP MESSAGE"};
	struct pgp_signature sig;
	struct err why = ERR_INIT;
	struct buf name = BUF_INIT(128);
	const char *label = labels[0];
	const char *hash;

	if (span_starts(text->signature, SPAN_LIT("-----BEGIN PGP MESSAGE")))
		label = labels[1];
	if (armor_read(text->signature, label, arena, binary, &why) ||
		pgp_signature_read(*binary, &sig, &why)) {
		malformed(out, arena, &why);
		return false;
	}
	if (sig.version != 4) {
		found(out, SIGNATURE_UNSUPPORTED,
			arena_fmt(arena, "an OpenPGP signature of version %u",
				sig.version));
		return false;
	}
	text_hex(&name, sig.issuer.n ? sig.issuer : sig.keyid);
	out->key = arena_str(arena, buf_all(&name));
	buf_free(&name);
	if (sig.type != 0) {
		found(out, SIGNATURE_MALFORMED,
			"not a signature of bytes as they stand");
		return false;
	}
	if (sig.issuer.n ? !keybook_find(s->book.pgp, s->book.npgp, sig.issuer)
			 : !sig.keyid.n ||
				!keybook_has_keyid(&s->book, sig.keyid)) {
		found(out, SIGNATURE_UNKNOWN_KEY, "");
		return false;
	}
	if (pgp_hash_weak(sig.hash)) {
		hash = pgp_hash_name(sig.hash);
		found(out, SIGNATURE_WEAK,
			hash ? arena_fmt(arena, "its digest is %s", hash)
			     : arena_fmt(arena, "its digest is number %u",
				       sig.hash));
		return false;
	}
	if (!pgp_hint_right(&sig, text->payload)) {
		found(out, SIGNATURE_BAD, "the signature does not match");
		return false;
	}
	return true;
}

/* GnuPG's answer, and whose key it was. */
static void pgp_answer(struct signers *s, const struct openpgp_result *res,
	int64_t at, struct signature_fact *out, struct arena *arena)
{
	const struct keybook_entry *e = NULL;
	unsigned char raw[PGP_FPR];
	char *low = arena_str(arena, span_str(res->fingerprint));
	size_t i;

	if (res->status == OPENPGP_BAD) {
		found(out, SIGNATURE_BAD, res->detail);
		return;
	}
	for (i = 0; low[i]; i++)
		low[i] = (char)text_lower((unsigned char)low[i]);
	if (text_hex_read(span_str(low), raw, sizeof(raw)))
		e = keybook_find(
			s->book.pgp, s->book.npgp, span_of(raw, sizeof(raw)));
	if (res->status == OPENPGP_UNKNOWN_KEY || !e) {
		found(out, SIGNATURE_UNKNOWN_KEY, "");
		return;
	}
	out->key = low;
	out->person = e->who;
	if (res->status == OPENPGP_KEY_REVOKED)
		found(out, SIGNATURE_REVOKED, "the key is revoked");
	else if (res->status == OPENPGP_KEY_EXPIRED)
		found(out, SIGNATURE_EXPIRED, "the key has expired");
	else if (res->status == OPENPGP_EXPIRED ||
		(res->expires && res->expires <= at))
		found(out, SIGNATURE_EXPIRED, "the signature has expired");
	else if (e->weak)
		found(out, SIGNATURE_WEAK, e->weak);
	else if (res->status == OPENPGP_GOOD)
		found(out, SIGNATURE_GOOD, "");
}

static int pgp_judge(struct signers *s, const struct signed_text *text,
	int64_t at, struct signature_fact *out, struct arena *arena,
	struct err *err)
{
	struct openpgp_result res;
	struct span binary;

	if (!pgp_form(s, text, &binary, out, arena))
		return 0;
	if (!s->ring.gpg && keyring_open(&s->book, s->state, &s->ring, err))
		return -1;
	if (openpgp_verify(s->ring.gpg, binary, text->payload, &res, err))
		return -1;
	pgp_answer(s, &res, at, out, arena);
	return 0;
}

/* As ssh-keygen -l shows it. */
static const char *ssh_name(const struct sshkey *key, struct arena *arena)
{
	unsigned char digest[PUBKEY_HASH_MAX];
	struct buf name = BUF_INIT(128);
	const char *text;

	buf_str(&name, "SHA256:");
	text_base64(&name,
		span_of(digest,
			pubkey_digest(PUBKEY_SHA256, &key->blob, 1, digest)));
	while (name.n && name.p[name.n - 1] == '=')
		name.n--;
	text = arena_str(arena, buf_all(&name));
	buf_free(&name);
	return text;
}

static enum pubkey_hash hash_of(enum sshsig_hash h)
{
	switch (h) {
	case SSHSIG_HASH_NONE:
	case SSHSIG_SHA1:
	case SSHSIG_SHA256:
		break;
	case SSHSIG_SHA384:
		return PUBKEY_SHA384;
	case SSHSIG_SHA512:
		return PUBKEY_SHA512;
	}
	return PUBKEY_SHA256;
}

static enum pubkey_verdict ssh_verify(
	const struct sshsig *sig, struct span payload)
{
	enum pubkey_verdict verdict = PUBKEY_BAD;
	unsigned char digest[PUBKEY_HASH_MAX];
	const struct sshkey *key = &sig->key;
	struct buf text = BUF_INIT(1024);
	struct span bytes;
	size_t n =
		pubkey_digest(hash_of(sig->message_hash), &payload, 1, digest);

	sshsig_signed(sig, span_of(digest, n), &text);
	bytes = buf_all(&text);
	if (text.full)
		goto out;
	switch (key->type) {
	case SSHKEY_UNSUPPORTED:
		break;
	case SSHKEY_ED25519:
		verdict = pubkey_ed25519(key->point, bytes, sig->sig);
		break;
	case SSHKEY_P256:
		verdict = pubkey_ecdsa(PUBKEY_P256, hash_of(sig->hash),
			key->point, bytes, sig->r, sig->s);
		break;
	case SSHKEY_P384:
		verdict = pubkey_ecdsa(PUBKEY_P384, hash_of(sig->hash),
			key->point, bytes, sig->r, sig->s);
		break;
	case SSHKEY_P521:
		verdict = pubkey_ecdsa(PUBKEY_P521, hash_of(sig->hash),
			key->point, bytes, sig->r, sig->s);
		break;
	case SSHKEY_RSA:
		verdict = pubkey_rsa(
			hash_of(sig->hash), key->e, key->n, bytes, sig->sig);
		break;
	}
out:
	buf_free(&text);
	return verdict;
}

static const char *shown(struct arena *arena, struct span outside)
{
	struct buf text = BUF_INIT(512);
	const char *s;

	text_printable(&text, outside, 64);
	s = arena_str(arena, buf_all(&text));
	buf_free(&text);
	return s;
}

static void ssh_judge(struct signers *s, const struct signed_text *text,
	struct signature_fact *out, struct arena *arena)
{
	const struct keybook_entry *e;
	struct err why = ERR_INIT;
	struct span blob;
	struct sshsig sig;

	if (armor_read(text->signature, "SSH SIGNATURE", arena, &blob, &why) ||
		sshsig_read(blob, &sig, &why)) {
		malformed(out, arena, &why);
		return;
	}
	out->key = ssh_name(&sig.key, arena);
	/* Made for something else, such as a file or a log-in: a signature
	 * says what it is for by its namespace. */
	if (!span_is(sig.space, "git")) {
		found(out, SIGNATURE_BAD,
			arena_fmt(arena, "made for '%s' instead of 'git'",
				shown(arena, sig.space)));
		return;
	}
	if (sig.key.type == SSHKEY_UNSUPPORTED) {
		found(out, SIGNATURE_UNSUPPORTED,
			arena_fmt(arena, "made with a key of type '%s'",
				shown(arena, sig.key.name)));
		return;
	}
	e = keybook_find(s->book.ssh, s->book.nssh, sig.key.blob);
	if (!e) {
		found(out, SIGNATURE_UNKNOWN_KEY, "");
		return;
	}
	if (sig.hash == SSHSIG_SHA1) {
		found(out, SIGNATURE_WEAK, "its digest is SHA-1");
		return;
	}
	if (ssh_verify(&sig, text->payload) != PUBKEY_GOOD) {
		found(out, SIGNATURE_BAD, "the signature does not match");
		return;
	}
	out->person = e->who;
	if (e->weak)
		found(out, SIGNATURE_WEAK, e->weak);
	else
		found(out, SIGNATURE_GOOD, "");
}

static int by_kind(struct signers *s, const struct signed_text *text,
	int64_t at, struct signature_fact *out, struct arena *arena,
	struct err *err)
{
	switch (text->kind) {
	case SIGNATURE_NONE:
		found(out, SIGNATURE_MALFORMED, "a signature of no known kind");
		break;
	case SIGNATURE_OPENPGP:
		return pgp_judge(s, text, at, out, arena, err);
	case SIGNATURE_SSH:
		ssh_judge(s, text, out, arena);
		break;
	case SIGNATURE_X509:
		found(out, SIGNATURE_UNSUPPORTED,
			"X.509 signatures cannot be checked yet");
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
		found(out, SIGNATURE_MISSING, "");
		return 0;
	}
	if (text->count > 1) {
		found(out, SIGNATURE_MALFORMED, "more than one signature");
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
		found(out, SIGNATURE_MALFORMED, why);
	else if (!text->count)
		found(out, SIGNATURE_MISSING, "");
	else
		found(out, SIGNATURE_UNCHECKED, "");
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

		if (!uf->rules.signature && !uf->rules.approval)
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
	return 0;
}

#include "gather/vouch.h"

#include "base/text.h"
#include "gather/pgpsig.h"
#include "parse/pgpcert.h"

#define TYPE_CROSS 0x19

/* What is known about book->pgp[i]. */
struct candidate {
	bool listed, doubtful;
	const struct keybook_entry *primary;
	int64_t expires;
};

struct vouching {
	const struct keybook *book;
	struct candidate *v;
	int64_t now;
	struct arena *arena;
};

static struct keybook_entry *entry_of(
	const struct keybook *book, const char *fingerprint)
{
	unsigned char raw[PGP_FPR];
	char low[2 * PGP_FPR + 1];
	size_t i;

	for (i = 0; i < 2 * PGP_FPR && fingerprint[i]; i++)
		low[i] = (char)text_lower((unsigned char)fingerprint[i]);
	if (fingerprint[i] || !text_hex_read(span_of(low, i), raw, sizeof(raw)))
		return NULL;
	return keybook_find(book->pgp, book->npgp, span_of(raw, sizeof(raw)));
}

static void listed(void *ctx, const struct openpgp_signer *one)
{
	struct vouching *m = ctx;
	struct keybook_entry *e = entry_of(m->book, one->fingerprint);
	struct keybook_entry *top = entry_of(m->book, one->primary);
	struct candidate *c;

	if (!e || !top)
		return;
	c = &m->v[e - m->book->pgp];
	/* A subkey of two keys is nobody's. */
	if (c->listed || one->created > m->now)
		c->doubtful = true;
	c->listed = true;
	c->primary = top;
	c->expires = one->expires;
}

/* Section 5.2.4: both keys as for their fingerprints, the primary one first. */
static bool cross_good(
	struct span primary, struct span subkey, struct span embedded)
{
	const unsigned char head[2][3] = {
		{0x99, (unsigned char)(primary.n >> 8),
			(unsigned char)primary.n},
		{0x99, (unsigned char)(subkey.n >> 8),
			(unsigned char)subkey.n}};
	const struct span parts[] = {
		span_of(head[0], 3), primary, span_of(head[1], 3), subkey};
	unsigned char digest[PUBKEY_HASH_MAX];
	struct pgp_signature sig;
	struct err err = ERR_INIT;
	struct pgpkey key;
	size_t n;

	if (pgp_signature_body(embedded, &sig, &err) || sig.version != 4 ||
		sig.type != TYPE_CROSS || pgp_hash_weak(sig.hash))
		return false;
	n = pgpsig_digest(&sig, parts, ARRAY_LEN(parts), digest);
	if (memcmp(digest, sig.hint.p, 2) != 0)
		return false;
	pgpkey_read(subkey, &key);
	return pgpsig_verify(&sig, &key, span_of(digest, n)) == PGPSIG_GOOD;
}

static bool key_sure(const struct pgpcert *cert, size_t at)
{
	const struct pgpcert_key *k = &cert->key[at];
	struct pgpkey key;
	size_t i;

	pgpkey_read(k->body, &key);
	if (key.kind == PGPKEY_OTHER)
		return false;
	if (at == 0)
		return true;
	if (k->alone || !k->ncross)
		return false;
	for (i = 0; i < k->ncross; i++)
		if (!cross_good(cert->key[0].body, k->body, k->cross[i]))
			return false;
	return true;
}

static void cert_look(struct vouching *m, const struct pgpcert *cert)
{
	struct keybook_entry *top = NULL, *e;
	unsigned char id[PGP_FPR];
	struct candidate *c;
	size_t i;

	for (i = 0; i < cert->nkey; i++) {
		keybook_pgp_id(cert->key[i].body, id);
		e = keybook_find(
			m->book->pgp, m->book->npgp, span_of(id, sizeof(id)));
		if (!e)
			die("keybook: a key without an entry");
		if (i == 0)
			top = e;
		c = &m->v[e - m->book->pgp];
		if (!c->listed || c->doubtful)
			continue;
		c->doubtful = c->primary != top || cert->settled > m->now ||
			!key_sure(cert, i);
	}
}

int vouch_make(const struct keybook *book, struct openpgp *gpg, int64_t now,
	struct arena *arena, struct keytable *out, struct err *err)
{
	struct vouching m = {.book = book, .now = now, .arena = arena};
	struct keytable_entry *one;
	struct pgpcert cert;
	struct span rest;
	size_t i;

	memset(out, 0, sizeof(*out));
	m.v = arena_get(arena, book->npgp + 1, sizeof(*m.v));
	if (openpgp_signers(gpg, listed, &m, err))
		return -1;
	for (i = 0; i < book->nbinary; i++) {
		for (rest = book->binary[i]; rest.n;) {
			if (pgpcert_next(&rest, arena, &cert, err))
				return -1;
			cert_look(&m, &cert);
		}
	}
	out->v = arena_get(arena, book->npgp + 1, sizeof(*out->v));
	for (i = 0; i < book->npgp; i++) {
		if (!m.v[i].listed || m.v[i].doubtful || out->n == KEYTABLE_MAX)
			continue;
		one = &out->v[out->n++];
		memcpy(one->fingerprint, book->pgp[i].id.p, PGP_FPR);
		one->expires = m.v[i].expires;
	}
	return 0;
}

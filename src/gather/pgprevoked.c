#include "gather/pgprevoked.h"

#include "gather/pgpsig.h"
#include "parse/pgpcert.h"

/* Section 5.2.4: the primary key, and the subkey if it is about one. */
static size_t digest_of(const struct pgpcert *cert, size_t at,
	const struct pgp_signature *sig, unsigned char out[PUBKEY_HASH_MAX])
{
	unsigned char head[2][3];
	struct span part[4];
	size_t i, n = 0;

	for (i = 0; i <= at; i += at ? at : 1) {
		const struct span body = cert->key[i].body;
		unsigned char *h = head[n / 2];

		h[0] = 0x99;
		h[1] = (unsigned char)(body.n >> 8);
		h[2] = (unsigned char)body.n;
		part[n++] = span_of(h, 3);
		part[n++] = body;
	}
	return pgpsig_digest(sig, part, n, out);
}

/* Whether it is shown to be made by nobody who could. */
static bool is_forged(
	const struct pgpcert *cert, size_t at, struct span revocation)
{
	unsigned char digest[PUBKEY_HASH_MAX], id[PGP_FPR];
	struct pgp_signature sig;
	struct err err = ERR_INIT;
	struct pgpkey key;
	size_t n;

	keybook_pgp_id(cert->key[0].body, id);
	if (pgp_signature_body(revocation, &sig, &err) || sig.version != 4 ||
		!sig.keyid.n)
		return false;
	if (!span_ends(span_of(id, sizeof(id)), sig.keyid))
		return !cert->revokers;
	if (pgp_hash_weak(sig.hash))
		return false;
	n = digest_of(cert, at, &sig, digest);
	pgpkey_read(cert->key[0].body, &key);
	/* It has a reason, which is not common, and was looked at. */
	sig.common = true;
	return pgpsig_verify(&sig, &key, span_of(digest, n)) == PGPSIG_BAD;
}

static enum keybook_revoked revoked_of(const struct pgpcert *cert, size_t at)
{
	enum keybook_revoked worst = KEYBOOK_KEPT;
	const struct pgpcert_key *k = &cert->key[at];
	size_t i;

	for (i = 0; i < k->nrevocation; i++) {
		if (is_forged(cert, at, k->revocation[i]))
			continue;
		if (!pgpcert_reason_soft(k->revocation[i]))
			return KEYBOOK_COMPROMISED;
		worst = KEYBOOK_REPLACED;
	}
	return worst;
}

static void cert_mark(struct keybook *book, const struct pgpcert *cert)
{
	enum keybook_revoked above = revoked_of(cert, 0), own;
	unsigned char id[PGP_FPR];
	struct keybook_entry *e;
	size_t i;

	for (i = 0; i < cert->nkey; i++) {
		keybook_pgp_id(cert->key[i].body, id);
		e = keybook_find(book->pgp, book->npgp, span_of(id, PGP_FPR));
		if (!e)
			die("keybook: a key without an entry");
		own = i ? revoked_of(cert, i) : above;
		if (own < above)
			own = above;
		if (e->revoked < own)
			e->revoked = own;
	}
}

int pgprevoked_mark(struct keybook *book, struct arena *arena, struct err *err)
{
	struct pgpcert cert;
	struct span rest;
	size_t i;

	for (i = 0; i < book->nbinary; i++) {
		for (rest = book->binary[i]; rest.n;) {
			if (pgpcert_next(&rest, arena, &cert, err))
				return -1;
			cert_mark(book, &cert);
		}
	}
	return 0;
}

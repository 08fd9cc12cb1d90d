#include "gather/pgpsig.h"

static enum pubkey_hash hash_of(const struct pgp_signature *sig)
{
	if (sig->hash == PGP_SHA224)
		return PUBKEY_SHA224;
	if (sig->hash == PGP_SHA256)
		return PUBKEY_SHA256;
	if (sig->hash == PGP_SHA384)
		return PUBKEY_SHA384;
	return PUBKEY_SHA512;
}

size_t pgpsig_digest(const struct pgp_signature *sig, const struct span *parts,
	size_t n, unsigned char out[PUBKEY_HASH_MAX])
{
	unsigned char trailer[PGP_TRAILER];
	struct span all[PGPSIG_PARTS_MAX + 2];

	if (n > PGPSIG_PARTS_MAX || pgp_hash_weak(sig->hash))
		die("pgpsig: nothing to hash");
	memcpy(all, parts, n * sizeof(*parts));
	pgp_trailer(sig, trailer);
	all[n++] = sig->signed_head;
	all[n++] = span_of(trailer, sizeof(trailer));
	return pubkey_digest(hash_of(sig), all, n, out);
}

/* Each half is a string of 32 bytes that was written down as a number. */
static enum pubkey_verdict ed25519(const struct pgp_signature *sig,
	const struct pgpkey *key, struct span digest)
{
	unsigned char halves[64] = {0};
	size_t i;

	for (i = 0; i < 2; i++) {
		if (sig->number[i].n > 32)
			return PUBKEY_BAD;
		memcpy(halves + 32 * (i + 1) - sig->number[i].n,
			sig->number[i].p, sig->number[i].n);
	}
	return pubkey_ed25519(
		key->point, digest, span_of(halves, sizeof(halves)));
}

static enum pubkey_verdict ecdsa(const struct pgp_signature *sig,
	const struct pgpkey *key, enum pubkey_curve curve, struct span digest)
{
	return pubkey_ecdsa(
		curve, key->point, digest, sig->number[0], sig->number[1]);
}

/* *${least}: GnuPG wants a hash as long as the curve's order, in whole powers
 * of two. */
static enum pubkey_verdict arithmetic(const struct pgp_signature *sig,
	const struct pgpkey *key, struct span digest, size_t *least)
{
	*least = 0;
	switch (key->kind) {
	case PGPKEY_OTHER:
		break;
	case PGPKEY_RSA:
		if (sig->padded && sig->padded != key->n.n)
			break;
		return pubkey_rsa(
			hash_of(sig), key->e, key->n, digest, sig->number[0]);
	case PGPKEY_ED25519:
		*least = 32;
		return ed25519(sig, key, digest);
	case PGPKEY_P256:
		*least = 32;
		return ecdsa(sig, key, PUBKEY_P256, digest);
	case PGPKEY_P384:
		*least = 48;
		return ecdsa(sig, key, PUBKEY_P384, digest);
	case PGPKEY_P521:
		*least = 64;
		return ecdsa(sig, key, PUBKEY_P521, digest);
	}
	return PUBKEY_BAD;
}

enum pgpsig_verdict pgpsig_verify(const struct pgp_signature *sig,
	const struct pgpkey *key, struct span digest)
{
	size_t least;

	if (sig->version != 4 || key->kind == PGPKEY_OTHER)
		return PGPSIG_UNABLE;
	if (sig->key_algorithm != key->algorithm ||
		arithmetic(sig, key, digest, &least) != PUBKEY_GOOD)
		return PGPSIG_BAD;
	return sig->common && sig->created >= key->created && digest.n >= least
		? PGPSIG_GOOD
		: PGPSIG_ODD;
}

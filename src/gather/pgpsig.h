/*
 * OpenPGP signatures of the common sort, verified with libcrypto: RSA, ECDSA on
 * the NIST curves, and EdDSA with Ed25519. Only the arithmetic is here: whether
 * the key is anybody's, and valid, is asked elsewhere.
 */
#ifndef GATHER_PGPSIG_H
#define GATHER_PGPSIG_H

#include "parse/pgp.h"
#include "parse/pgpkey.h"
#include "port/pubkey.h"

/*
 * pgpsig_digest(sig, parts, n, out):
 * What was signed: ${n} spans in a row, then the signed part of the packet. The
 * length; sig->hash must not be weak (see pgp_hash_weak). The caller compares
 * with sig->hint.
 */
#define PGPSIG_PARTS_MAX 8
size_t pgpsig_digest(const struct pgp_signature *sig, const struct span *parts,
	size_t n, unsigned char out[PUBKEY_HASH_MAX]);

enum pgpsig_verdict {
	PGPSIG_UNABLE, /* it cannot be computed here: ask GnuPG */
	PGPSIG_BAD,    /* it does not match, whatever GnuPG would say */
	PGPSIG_ODD,    /* it matches, and something about it is not common:
			* ask GnuPG */
	PGPSIG_GOOD,
};
/* Whether ${sig}, of version 4, is ${key}'s over what ${digest} is of. */
MUST_USE enum pgpsig_verdict pgpsig_verify(const struct pgp_signature *sig,
	const struct pgpkey *key, struct span digest);

#endif

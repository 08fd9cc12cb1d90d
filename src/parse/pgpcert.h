/*
 * Certificates (a key, its names, its subkeys and the signatures that bind
 * them; RFC 4880 section 11.1), for three questions that GnuPG's list of keys
 * does not answer: whether a subkey agreed to belong to the key, whether time
 * alone could change what GnuPG thinks of it, and why a key was revoked.
 */
#ifndef PARSE_PGPCERT_H
#define PARSE_PGPCERT_H

#include "parse/pgp.h"

struct pgpcert_key {
	struct span body;   /* of its packet */
	struct span *cross; /* embedded in its bindings: each should be a
			     * signature by it over both keys */
	size_t ncross;
	bool alone; /* some binding has nothing embedded, or there is none */
	struct span *revocation; /* bodies of signatures that revoke it, as far
				  * as they say themselves */
	size_t nrevocation;
};

struct pgpcert {
	struct pgpcert_key *key; /* the first is the primary one */
	size_t nkey;
	/* The latest time at which one of its signatures was made; INT64_MAX
	 * when one of them expires or could not be read. */
	int64_t settled;
	bool revokers; /* it names others who may revoke it, or may do so where
			* that cannot be read */
};

/*
 * pgpcert_next(rest, arena, out, err):
 * Take one certificate off ${rest}, which is not empty and not armoured.
 * ERR_INPUT when it is no row of packets that starts with a public key.
 */
MUST_USE int pgpcert_next(struct span *rest, struct arena *arena,
	struct pgpcert *out, struct err *err);

/*
 * pgpcert_reason_soft(revocation):
 * Whether it says that the key was replaced or is no longer used (section
 * 5.2.3.23: 1, 3). Any other reason, none at all, and what cannot be read leave
 * open that somebody else has the key.
 */
bool pgpcert_reason_soft(struct span revocation);

#endif

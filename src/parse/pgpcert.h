/*
 * Certificates (a key, its names, its subkeys and the signatures that bind
 * them; RFC 4880 section 11.1), for two questions that GnuPG's list of keys
 * does not answer: whether a subkey agreed to belong to the key, and whether
 * time alone could change what GnuPG thinks of it.
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
};

struct pgpcert {
	struct pgpcert_key *key; /* the first is the primary one */
	size_t nkey;
	/* The latest time at which one of its signatures was made; INT64_MAX
	 * when one of them expires or could not be read. */
	int64_t settled;
};

/*
 * pgpcert_next(rest, arena, out, err):
 * Take one certificate off ${rest}, which is not empty and not armoured.
 * ERR_INPUT when it is no row of packets that starts with a public key.
 */
MUST_USE int pgpcert_next(struct span *rest, struct arena *arena,
	struct pgpcert *out, struct err *err);

#endif

/*
 * Whose key is it? Every key of the policy under the name that signatures give
 * it: the fingerprint for OpenPGP keys and subkeys; sshbook.h has those of SSH,
 * x509book.h certificates.
 */
#ifndef GATHER_KEYBOOK_H
#define GATHER_KEYBOOK_H

#include "base/arena.h"
#include "base/err.h"
#include "gather/sshbook.h"
#include "gather/x509book.h"
#include "model/policy.h"
#include "parse/pgp.h"

/* What the key file says of a key or the primary key above it, as far as that
 * is not plainly somebody else's word. Whether it is true is for GnuPG. */
enum keybook_revoked {
	KEYBOOK_KEPT,
	KEYBOOK_REPLACED,    /* or no longer used */
	KEYBOOK_COMPROMISED, /* or revoked without saying why */
};

struct keybook_entry {
	struct span id; /* the fingerprint */
	const struct person *who;
	const char *file; /* as the policy names it */
	const char *weak; /* why it is too weak, or NULL */
	bool primary;     /* not a subkey */
	struct span body; /* what is in its packet */
	enum keybook_revoked revoked;
};

struct keybook {
	struct keybook_entry *pgp; /* sorted by id */
	size_t npgp;
	struct span *binary; /* each OpenPGP key file without its armour */
	size_t nbinary;
	struct sshbook ssh;
	struct x509book x509;
};

/*
 * keybook_make(p, arena, out, err):
 * ERR_POLICY, naming person and file, when a file cannot be read as keys of its
 * kind or when a key belongs to two people: one of them could then count twice.
 */
MUST_USE int keybook_make(const struct policy *p, struct arena *arena,
	struct keybook *out, struct err *err);

/* keybook_find(v, n, id): the entry of that name, or NULL. */
struct keybook_entry *keybook_find(
	struct keybook_entry *v, size_t n, struct span id);

/* keybook_keyid(b, id, one): how many OpenPGP keys' fingerprints end so; the
 * last of them, or NULL, is put in *${one}. */
size_t keybook_keyid(
	const struct keybook *b, struct span id, struct keybook_entry **one);

/* keybook_pgp_id(body, out): the fingerprint of an OpenPGP key. */
void keybook_pgp_id(struct span body, unsigned char out[PGP_FPR]);

#endif

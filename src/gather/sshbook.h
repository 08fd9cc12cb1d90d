/* Whose SSH key is it? Every key of the policy, under its wire form. */
#ifndef GATHER_SSHBOOK_H
#define GATHER_SSHBOOK_H

#include "gather/sshowner.h"
#include "parse/sshkeyline.h"
#include "parse/sshkrl.h"

/* One line of a file. */
struct sshbook_key {
	const struct person *who; /* NULL: of an authority, which is nobody */
	const char *file;         /* as the policy names it */
	const char *weak;         /* why it is too weak, or NULL */
	struct sshkeyline line;
};

/* Sorted by the key; one that stands in several lines is there several times,
 * in their order. */
struct sshbook_keys {
	struct sshbook_key *v;
	size_t n, cap;
};

/* A list of what is revoked. */
struct sshbook_revoked {
	const char *file;
	struct sshkrl list;
	bool compromised; /* because somebody else may have it */
};

struct sshbook {
	struct sshbook_keys key;       /* all lines of a key are one person's */
	struct sshbook_keys authority; /* that certify keys */
	struct sshowners owners;       /* where there are allowed signers */
	struct sshbook_revoked *revoked; /* the compromised first */
	size_t nrevoked;
};

/*
 * sshbook_make(p, arena, out, err):
 * ERR_POLICY as of keybook_make. In a file of allowed signers a principal is an
 * e-mail address as it stands in 'people', or a pattern of some; the addresses
 * that fit the principals of a key belong to exactly one person, and one that
 * is no pattern is somebody's, of an authority too.
 */
MUST_USE int sshbook_make(const struct policy *p, struct arena *arena,
	struct sshbook *out, struct err *err);

/* sshbook_weakness(key): why it is too weak, or NULL. */
const char *sshbook_weakness(const struct sshkey *key);

/* sshbook_find(keys, blob, n): the first of the ${n} lines with that key, or
 * NULL. */
const struct sshbook_key *sshbook_find(
	const struct sshbook_keys *keys, struct span blob, size_t *n);

#endif

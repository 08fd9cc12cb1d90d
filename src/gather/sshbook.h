/* Whose SSH key is it? Every key of the policy, under its wire form. */
#ifndef GATHER_SSHBOOK_H
#define GATHER_SSHBOOK_H

#include "model/policy.h"
#include "parse/sshkeyline.h"

/* One line of a file. */
struct sshbook_key {
	const struct person *who;
	const char *file; /* as the policy names it */
	const char *weak; /* why it is too weak, or NULL */
	struct sshkeyline line;
};

struct sshbook {
	/* Sorted by the key; one that stands in several lines, all of one
	 * person, is there several times. */
	struct sshbook_key *key;
	size_t nkey;
};

/* sshbook_make(p, arena, out, err): ERR_POLICY as of keybook_make. */
MUST_USE int sshbook_make(const struct policy *p, struct arena *arena,
	struct sshbook *out, struct err *err);

/* sshbook_find(b, blob, n): the first of the ${n} lines with that key, or NULL.
 */
const struct sshbook_key *sshbook_find(
	const struct sshbook *b, struct span blob, size_t *n);

#endif

/* Whom the principals of an ALLOWED SIGNERS line mean. */
#ifndef GATHER_SSHOWNER_H
#define GATHER_SSHOWNER_H

#include "base/arena.h"
#include "base/err.h"
#include "model/policy.h"

struct sshowner_address {
	struct span text;
	const struct person *who;
};

/* The addresses of all people, sorted. Case counts, as it does for ssh-keygen.
 */
struct sshowners {
	struct sshowner_address *v;
	size_t n;
};

void sshowners_make(
	const struct policy *p, struct arena *arena, struct sshowners *out);

/* sshowners_find(o, address): NULL if it is nobody's. */
const struct person *sshowners_find(
	const struct sshowners *o, struct span address);

/* sshowners_known(o, principals, err): that those which are no pattern are
 * addresses of people. */
MUST_USE int sshowners_known(
	const struct sshowners *o, struct span principals, struct err *err);

/* sshowners_one(o, principals, out, err): the one person whose addresses fit.
 */
MUST_USE int sshowners_one(const struct sshowners *o, struct span principals,
	const struct person **out, struct err *err);

#endif

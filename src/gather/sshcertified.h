/* A signature whose key comes with a certificate -> who made it, and how good
 * it is. */
#ifndef GATHER_SSHCERTIFIED_H
#define GATHER_SSHCERTIFIED_H

#include "gather/sshbook.h"
#include "model/fact.h"
#include "parse/sshsig.h"

/*
 * sshcertified(book, sig, payload, at, out, arena):
 * The authority is one of the policy and signed the certificate, the key in it
 * signed ${payload}, the certificate is a user's, valid at ${at}, demands
 * nothing that is not known here, and its principals, as far as lines of the
 * authority admit them, are addresses of exactly one person, who owns the key
 * if it is one of the policy. sig->key.blob is that of the plain key.
 * Of a good one out->detail says whose certificate it is.
 */
void sshcertified(const struct sshbook *book, const struct sshsig *sig,
	struct span payload, int64_t at, struct signature_fact *out,
	struct arena *arena);

#endif

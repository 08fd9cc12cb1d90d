/* SSH signatures, verified in process with what port/pubkey.h offers. Only the
 * arithmetic: whose the key is, and whether it is good, is asked elsewhere. */
#ifndef GATHER_SSHVERIFY_H
#define GATHER_SSHVERIFY_H

#include "parse/sshsig.h"
#include "port/pubkey.h"

/* sshverify(key, proof, bytes): whether ${key} signed ${bytes}. Of a security
 * key what it says in proof->flags is then true; the caller asks for it. */
MUST_USE enum pubkey_verdict sshverify(const struct sshkey *key,
	const struct sshproof *proof, struct span bytes);

/* sshverify_sig(sig, payload): the same of ssh-keygen -Y. */
MUST_USE enum pubkey_verdict sshverify_sig(
	const struct sshsig *sig, struct span payload);

/* sshverify_cert(cert): whether the authority it names certified the key. */
MUST_USE enum pubkey_verdict sshverify_cert(const struct sshcert *cert);

#endif

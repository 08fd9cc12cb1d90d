/* What the policy's lists of revoked SSH keys say. */
#ifndef GATHER_SSHREVOKED_H
#define GATHER_SSHREVOKED_H

#include "gather/sshbook.h"
#include "parse/sshsig.h"

/* sshrevoked_key(book, blob): the list that revokes the key, one of compromised
 * keys if any is; or NULL. */
const struct sshbook_revoked *sshrevoked_key(
	const struct sshbook *book, struct span blob);

/*
 * sshrevoked(book, sig, compromised, arena):
 * What about a signature is revoked, as text: its key, its certificate or the
 * authority of that; or NULL. *${compromised}: because somebody else may have
 * it. sig->key.blob is that of the plain key.
 */
const char *sshrevoked(const struct sshbook *book, const struct sshsig *sig,
	bool *compromised, struct arena *arena);

#endif

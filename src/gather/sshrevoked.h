/* What the policy's lists of revoked SSH keys say. */
#ifndef GATHER_SSHREVOKED_H
#define GATHER_SSHREVOKED_H

#include "gather/sshbook.h"
#include "parse/sshsig.h"

/* sshrevoked_key(book, blob): the file that revokes the key, or NULL. */
const char *sshrevoked_key(const struct sshbook *book, struct span blob);

/* sshrevoked(book, sig, arena): what about a signature is revoked, as text: its
 * key, its certificate or the authority of that; or NULL. sig->key.blob is that
 * of the plain key. */
const char *sshrevoked(const struct sshbook *book, const struct sshsig *sig,
	struct arena *arena);

#endif

/*
 * checkpoint.asc: an OpenPGP signature over the checkpoint, beside it, for
 * those who check with gpg alone. Made by sluice-repo after each append, when
 * the policy's log.openpgp_key names a key; the front links no GPGME.
 */
#ifndef CMD_COUNTERSIGN_H
#define CMD_COUNTERSIGN_H

#include "cmd/cmd.h"

/*
 * countersign(run, err):
 * Have it made. Costs a look at the policy's bytes where no key is named. The
 * log stands without it, so a failure (-1) is for telling, not for refusing.
 */
MUST_USE int countersign(const struct run *run, struct err *err);

/* countersign_by(run, key, err): by that key, whatever the policy says: where
 * the log is kept apart from the gate, nobody there has a policy. */
MUST_USE int countersign_by(
	const struct run *run, const char *key, struct err *err);

#endif

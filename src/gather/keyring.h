/*
 * A GnuPG folder that holds exactly the policy's OpenPGP keys. Made once per
 * set of keys under <state>/cache, aside and then renamed, so that concurrent
 * pushes see a whole one or none; where that cannot be written, in the
 * temporary folder for one run.
 */
#ifndef GATHER_KEYRING_H
#define GATHER_KEYRING_H

#include "gather/keybook.h"
#include "port/openpgp.h"

struct keyring {
	struct openpgp *gpg;
	char *temporary; /* folder to remove, or NULL */
};

/*
 * keyring_open(book, state, out, err):
 * ${state} may be NULL. ERR_POLICY, naming person and file, when GnuPG does not
 * take a key (it has no valid self-signature, for one).
 */
MUST_USE int keyring_open(const struct keybook *book, const char *state,
	struct keyring *out, struct err *err);
void keyring_close(struct keyring *k);

#endif

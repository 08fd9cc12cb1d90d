/*
 * A GnuPG folder that holds exactly the policy's OpenPGP keys, and the table of
 * those that GnuPG vouches for. Made once per set of keys under <state>/cache,
 * aside and then renamed, so that concurrent pushes see a whole one or none;
 * where that cannot be written, in the temporary folder for one run.
 */
#ifndef GATHER_KEYRING_H
#define GATHER_KEYRING_H

#include "gather/vouch.h"

struct keyring {
	struct keytable table;
	char *home;          /* NULL: not open */
	struct openpgp *gpg; /* see keyring_gpg */
	char *temporary;     /* folder to remove, or NULL */
};

/*
 * keyring_open(book, state, arena, out, err):
 * ${state} may be NULL. ERR_POLICY, naming person and file, when GnuPG does not
 * take a key (it has no valid self-signature, for one). Where all is there
 * already, it reads one small file and starts nothing.
 */
MUST_USE int keyring_open(const struct keybook *book, const char *state,
	struct arena *arena, struct keyring *out, struct err *err);
void keyring_close(struct keyring *k);

/* keyring_gpg(k, out, err): GnuPG with these keys, started at the first call;
 * it goes with ${k}. */
MUST_USE int keyring_gpg(
	struct keyring *k, struct openpgp **out, struct err *err);

#endif

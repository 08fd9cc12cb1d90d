/*
 * Which keys of the policy make signatures that GnuPG would take, so that it
 * need not be asked about each signature.
 */
#ifndef GATHER_VOUCH_H
#define GATHER_VOUCH_H

#include "gather/keybook.h"
#include "parse/keytable.h"
#include "port/openpgp.h"

/*
 * vouch_make(book, gpg, now, arena, out, err):
 * Ask ${gpg}, whose keyring holds exactly the keys of ${book}. In the table is
 * a key or subkey only if
 *   - GnuPG lists it as able to sign and as valid, and its owner key too;
 *   - its signatures can be verified in process (see pgpkey.h);
 *   - as a subkey, it signed that it belongs to its key wherever the key says
 *     so: GnuPG demands that of signatures and is silent about it in its list;
 *   - no signature in its certificate expires or was made after ${now}, so that
 *     the list cannot change by itself but for the expiry that it tells.
 * out->keys stays zero for the caller to fill.
 */
MUST_USE int vouch_make(const struct keybook *book, struct openpgp *gpg,
	int64_t now, struct arena *arena, struct keytable *out,
	struct err *err);

#endif

/*
 * A name for a secret that does not help to guess it: HMAC-SHA-256 under a key
 * of this installation. Equal secrets have equal names here, and no list of
 * common passwords can be tried on a log that is public.
 */
#ifndef SCAN_FINGERPRINT_H
#define SCAN_FINGERPRINT_H

#include "base/err.h"
#include "base/span.h"

#define FINGERPRINT_KEY 32
#define FINGERPRINT_HEX 32 /* half of the hash is told */

/* fingerprint_of(key, secret, out): lower-case hex and a NUL. */
void fingerprint_of(const unsigned char key[FINGERPRINT_KEY],
	struct span secret, char out[FINGERPRINT_HEX + 1]);

/*
 * fingerprint_key(state, make, key, err):
 * The installation's key, from <state>/fingerprint.key (mode 0600). When the
 * file is missing: with ${make} it is made from random bytes; without, -1 and
 * err->sys is ENOENT. A file of another length, owner or wider mode is refused.
 * The caller wipes the key.
 */
MUST_USE int fingerprint_key(const char *state, bool make,
	unsigned char key[FINGERPRINT_KEY], struct err *err);

#endif

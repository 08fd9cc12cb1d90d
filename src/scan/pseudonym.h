/*
 * What the log calls people whose names the policy keeps out of it: a keyed
 * hash under the installation's key (fingerprint.h), the same for the same
 * name. Who has the key can try names; nobody else can.
 */
#ifndef SCAN_PSEUDONYM_H
#define SCAN_PSEUDONYM_H

#include "base/arena.h"
#include "base/err.h"

/*
 * pseudonym_of(state, name, a, out, err): "redacted:" and 32 digits.
 *
 * pseudonym_remember(state, on, err): whether the policy in force redacts, for
 * when it cannot be read. pseudonym_remembered(state): what it was.
 */
MUST_USE int pseudonym_of(const char *state, const char *name, struct arena *a,
	const char **out, struct err *err);
MUST_USE int pseudonym_remember(const char *state, bool on, struct err *err);
bool pseudonym_remembered(const char *state);

/* In place of a name when there is no key. */
#define PSEUDONYM_NOBODY "redacted"

#endif

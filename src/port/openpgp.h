/*
 * OpenPGP through GPGME, and so through the gpg program: verifying against a
 * keyring of our own, and signing with a key of the account's.
 */
#ifndef PORT_OPENPGP_H
#define PORT_OPENPGP_H

#include "base/buf.h"

/*
 * openpgp_open(home, out, err):
 * Verify with the keys in the GnuPG folder ${home} and no others. GPGME's
 * notion of the engine and GNUPGHOME belong to the whole process, so one at a
 * time may be open. The environment is put back by openpgp_close. Starting
 * costs one "gpg --version" (3 ms); each verification or import one gpg (5 ms).
 */
struct openpgp;
MUST_USE int openpgp_open(
	const char *home, struct openpgp **out, struct err *err);
void openpgp_close(struct openpgp *o); /* NULL is fine */

/*
 * openpgp_home(home, err):
 * Make ${home} (mode 0700, must not be there) a GnuPG folder without keys, set
 * up to fetch nothing, start no agent, ask for no trust and never write when it
 * verifies.
 */
MUST_USE int openpgp_home(const char *home, struct err *err);

/* openpgp_import(o, keys, each, ctx, err): add public keys; ${each} is called
 * with the fingerprint (upper case) of every primary key that GnuPG took, those
 * it already had included. */
MUST_USE int openpgp_import(struct openpgp *o, struct span keys,
	void (*each)(void *ctx, const char *fingerprint), void *ctx,
	struct err *err);

/* A key or subkey that GnuPG would take signatures from now: neither expired,
 * revoked, disabled nor invalid, and neither is the key it belongs to. */
#define OPENPGP_FPR_MAX 64
struct openpgp_signer {
	const char *fingerprint; /* upper case */
	const char *primary; /* of the key it belongs to: its own for that */
	int64_t created, expires; /* expires: of the earlier of the two; 0 for
				   * never */
};

/* openpgp_signers(o, each, ctx, err): every one in the keyring; what ${each} is
 * given lives as long as its call. One gpg. */
MUST_USE int openpgp_signers(struct openpgp *o,
	void (*each)(void *ctx, const struct openpgp_signer *one), void *ctx,
	struct err *err);

/* What GnuPG says about one signature. Zero refuses. */
enum openpgp_status {
	OPENPGP_BAD, /* does not match, or cannot be judged */
	OPENPGP_GOOD,
	OPENPGP_UNKNOWN_KEY,
	OPENPGP_KEY_EXPIRED, /* by the clock, now */
	OPENPGP_EXPIRED,     /* the signature itself */
	OPENPGP_KEY_REVOKED,
};

struct openpgp_result {
	enum openpgp_status status;
	unsigned count;                        /* signatures it saw */
	char fingerprint[OPENPGP_FPR_MAX + 1]; /* of the key or subkey, upper
						* case as GnuPG writes it */
	int64_t created, expires;              /* expires: 0 for never */
	const char *detail;                    /* static text for BAD, or "" */
};

/*
 * openpgp_verify(o, sig, data, out, err):
 * A detached signature in binary form. -1 only when GnuPG could not be run or
 * gave no answer; whatever it thinks of the signature is in ${out}. Anything
 * but exactly one signature is OPENPGP_BAD with its count.
 */
MUST_USE int openpgp_verify(struct openpgp *o, struct span sig,
	struct span data, struct openpgp_result *out, struct err *err);

/*
 * openpgp_sign_detached(home, fingerprint, data, armored, err):
 * Sign with a secret key of the GnuPG folder ${home}, or of the account's own
 * when it is NULL. The passphrase must be empty or known to the agent: nobody
 * is asked. ${armored} needs room for some 2 KiB.
 */
MUST_USE int openpgp_sign_detached(const char *home, const char *fingerprint,
	struct span data, struct buf *armored, struct err *err);

#endif

/*
 * What signs for a log: its secret key, in a file as it is or under a
 * passphrase (parse/sealedkey.h), or in a token that the file names
 * (parse/tokenkey.h). Held by the key holder, for as long as it signs.
 */
#ifndef LOG_LOGKEY_H
#define LOG_LOGKEY_H

#include "log/key.h"
#include "parse/tokenkey.h"
#include "port/token.h"

/* What opens an encrypted key, or is the PIN of a token: a line, below the
 * state folder or among the credentials that a service manager hands over.
 * Read only when it is needed. */
#define LOGKEY_PASSPHRASE "log.passphrase"
#define LOGKEY_PASSPHRASE_MAX 1024u

struct logkey {
	struct note_key public, secret;
	bool sealed;         /* the file is an encrypted one */
	struct token *token; /* it is in there, and ${secret} empty */
	struct tokenkey *place;
};

/*
 * logkey_open(state, path, out, err): from the file of a log's secret key, with
 * the passphrase of ${state} if it takes one.
 * logkey_close wipes it; also one that is all zero.
 * logkey_peek(path, public, err): the public half alone, without a passphrase,
 * as the file says it.
 */
MUST_USE int logkey_open(const char *state, const char *path,
	struct logkey *out, struct err *err);
void logkey_close(struct logkey *s);
MUST_USE int logkey_peek(
	const char *path, struct note_key *public, struct err *err);

/*
 * logkey_credentials(dir): look for the passphrase there first; ${dir} stays
 * the caller's. Not for hooks, whose environment is somebody else's.
 * logkey_keep(err): from now on the key of an encrypted file is found out once
 * and kept, in memory that is not swapped, dumped or given to child processes.
 */
void logkey_credentials(const char *dir);
/* logkey_foreign(): this process, and those that it forks to sign, have the
 * environment of a hook, part of which the pusher has set, and print for them:
 * the library of a token gets no environment, and what it says is dropped. */
void logkey_foreign(void);
MUST_USE int logkey_keep(struct err *err);

/*
 * logkey_text(state, sealed, passphrase, k, out, err):
 * What stands in the file of ${k}, plain or under a passphrase, added to
 * ${out}, which must be wiped. ${passphrase}: a file with it; NULL: where
 * logkey_open finds it.
 */
MUST_USE int logkey_text(const char *state, bool sealed, const char *passphrase,
	const struct logkey *k, struct buf *out, struct err *err);

/* logkey_token(state, place, name, out, err): what stands in the file of a key
 * in a token, as one of the log ${name}, added to ${out}. The token is asked
 * for the public half, and for a signature. */
MUST_USE int logkey_token(const char *state, struct tokenkey *place,
	const char *name, struct buf *out, struct err *err);

/* logkey_rewrite(state, path, sealed, passphrase, err): the file ${path} again,
 * plain or under that passphrase. For who holds the log's lock. */
MUST_USE int logkey_rewrite(const char *state, const char *path, bool sealed,
	const char *passphrase, struct err *err);

/* logkey_sign(s, text, sig, err): Ed25519, over all of it.
 * logkey_add(s, text, note, err): the same, as a line added to ${note}. */
#define LOGKEY_SIG 64
MUST_USE int logkey_sign(const struct logkey *s, struct span text,
	unsigned char sig[LOGKEY_SIG], struct err *err);
MUST_USE int logkey_add(const struct logkey *s, struct span text,
	struct buf *note, struct err *err);

#endif

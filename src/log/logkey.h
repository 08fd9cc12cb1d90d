/*
 * What signs for a log: its secret key, in a file. Held by the key holder, for
 * as long as it signs.
 */
#ifndef LOG_LOGKEY_H
#define LOG_LOGKEY_H

#include "log/key.h"

struct logkey {
	struct note_key public, secret;
};

/* logkey_open(path, out, err): from the file of a log's secret key.
 * logkey_close wipes it; also one that is all zero. */
MUST_USE int logkey_open(const char *path, struct logkey *out, struct err *err);
void logkey_close(struct logkey *s);

/* logkey_sign(s, text, sig, err): Ed25519, over all of it.
 * logkey_add(s, text, note, err): the same, as a line added to ${note}. */
#define LOGKEY_SIG 64
MUST_USE int logkey_sign(const struct logkey *s, struct span text,
	unsigned char sig[LOGKEY_SIG], struct err *err);
MUST_USE int logkey_add(const struct logkey *s, struct span text,
	struct buf *note, struct err *err);

#endif

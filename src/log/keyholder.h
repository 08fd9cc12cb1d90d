/*
 * The key holder: the one role that opens the log's key. It is a child process
 * that is forked with a record, checks its shape, derives the entry by itself,
 * makes both durable and signs; it never sees a repository. Where the
 * state folder names a logd, that one is the key holder (log/remote.h).
 */
#ifndef LOG_KEYHOLDER_H
#define LOG_KEYHOLDER_H

#include "log/attest.h"
#include "parse/receipt.h"

/*
 * keyholder_append(state, record, out, err):
 * When this answers 0 the record is in the vault, its entry in the log and the
 * checkpoint signed, all of it durable. On failure (-1) the log is as it was,
 * or holds the entry without anybody having been told; both verify.
 */
MUST_USE int keyholder_append(const char *state, struct span record,
	struct log_receipt *out, struct err *err);

/*
 * keyholder_attest(state, what, out, err):
 * The envelope of an attestation (log/attest.h), derived and signed there.
 */
MUST_USE int keyholder_attest(const char *state, const struct attest *what,
	struct buf *out, struct err *err);

/* keyholder_seclude(): for a process that the key comes into: no core file, no
 * debugger, and no file that others may write. */
void keyholder_seclude(void);

#endif

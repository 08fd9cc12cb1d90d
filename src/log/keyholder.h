/*
 * The key holder: the one role that opens the log's key. It is a child process
 * that gets a record through a pipe, checks its shape, derives the entry by
 * itself, makes both durable and signs; it never sees a repository.
 */
#ifndef LOG_KEYHOLDER_H
#define LOG_KEYHOLDER_H

#include "base/err.h"
#include "base/span.h"
#include "log/attest.h"

struct log_receipt {
	uint64_t index;  /* of the entry, from 0 */
	uint64_t size;   /* of the log that was signed with it */
	char record[65]; /* SHA-256 of the record, hex */
};

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

#endif

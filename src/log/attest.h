/*
 * Signed attestations about what came through the gate, for tools that read
 * in-toto: the record of a push as it is, or a verification summary (VSA) of
 * SLSA's source track, in DSSE envelopes signed by the log's key.
 *
 * The key holder is told which decision and which ref, and by which policy, and
 * derives all else from what it finds in the log: a policy must be the one
 * whose digest the entry has.
 */
#ifndef LOG_ATTEST_H
#define LOG_ATTEST_H

#include "base/buf.h"
#include "log/logkey.h"

struct attest {
	uint64_t entry;     /* of a decision */
	struct span ref;    /* VSA: which of its updates; empty: the record */
	struct span policy; /* VSA: the text of the policy file */
};

/*
 * attest_statement(state, what, out, err):
 * What is to be signed, added to ${out}. ERR_LOG: the log does not say what the
 * attestation would. ERR_POLICY: it is not the policy of that push.
 */
MUST_USE int attest_statement(const char *state, const struct attest *what,
	struct buf *out, struct err *err);

/* attest_sign(key, statement, out, err): in an envelope. No such signature is
 * one of a checkpoint: those are over text that begins with the log's name,
 * which has no space, and these over "DSSEv1 ". */
MUST_USE int attest_sign(const struct logkey *key, struct span statement,
	struct buf *out, struct err *err);

#endif

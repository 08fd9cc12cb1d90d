/* Cosignatures of witnesses on checkpoints: made and checked. */
#ifndef LOG_COSIGN_H
#define LOG_COSIGN_H

#include "log/key.h"

/*
 * cosign_line(secret, time, text, out, err):
 * Add the signature line of the witness's ${secret} key (NOTE_COSIGN) on the
 * note's ${text}, seen at ${time} (seconds).
 */
MUST_USE int cosign_line(const struct note_key *secret, uint64_t time,
	struct span text, struct buf *out, struct err *err);

/* cosign_check(k, note, time): as key_check; *${time} is when it was seen, by
 * the newest of several. */
MUST_USE enum note_verdict cosign_check(
	const struct note_key *k, const struct note *note, uint64_t *time);

#endif

/*
 * The log's side of witnesses: what is asked of them, and their cosignatures
 * gathered until the quorum of <state>/witnesses (a file as in
 * parse/tlogpolicy.h) is met.
 *
 * <state>/witness-asked is the checkpoint that is being witnessed, with the
 * cosignatures that came so far. When there is a quorum of them it becomes
 * log/witnessed, the newest checkpoint that the witnesses vouch for; and
 * log/checkpoint itself gets them as long as nothing was appended since.
 */
#ifndef LOG_WITNESSED_H
#define LOG_WITNESSED_H

#include "log/reader.h"
#include "parse/note.h"
#include "parse/tlogpolicy.h"

#define WITNESSED_POLICY "witnesses"
#define WITNESSED_ASKED "witness-asked"
#define WITNESSED_CHECKPOINT "log/witnessed"

/*
 * witnessed_policy(path, a, out, err):
 * A policy from a file that carries trust. Each witness's key is a cosigner's
 * and its id fits.
 */
MUST_USE int witnessed_policy(const char *path, struct arena *a,
	struct tlogpolicy *out, struct err *err);

/* What is known of the witnessing of a checkpoint. */
struct witnessed {
	bool cosigned[TLOGPOLICY_NODES_MAX]; /* by that node of the policy */
	uint64_t time[TLOGPOLICY_NODES_MAX]; /* seconds */
	size_t n;                            /* how many did */
	bool quorum;
};

/*
 * witnessed_by(p, note, out, err):
 * Whose cosignatures ${note} has. -1 (ERR_LOG) when one that names a witness is
 * false: whoever added it wanted to deceive.
 */
MUST_USE int witnessed_by(const struct tlogpolicy *p, const struct note *note,
	struct witnessed *out, struct err *err);

/*
 * witnessed_ask(r, old, note, out, err):
 * The body for a witness that has seen ${old} entries (at most log_size(r)),
 * about the checkpoint ${note} (r's).
 */
MUST_USE int witnessed_ask(struct log_reader *r, uint64_t old, struct span note,
	struct buf *out, struct err *err);

/*
 * witnessed_begin(state, r, out, err):
 * Remember r's checkpoint as the one that is asked about, unless it is already;
 * ${out}: it, with the cosignatures it has.
 */
MUST_USE int witnessed_begin(const char *state, struct log_reader *r,
	struct buf *out, struct err *err);

/*
 * witnessed_take(state, p, lines, out, err):
 * Add the signature lines to the checkpoint that was asked about; those that
 * are no witness's are dropped, a false one is ERR_LOG. ${out} says how it
 * stands now.
 */
MUST_USE int witnessed_take(const char *state, const struct tlogpolicy *p,
	struct span lines, struct witnessed *out, struct err *err);

#endif

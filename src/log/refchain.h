/*
 * Whether the moves of refs follow from each other, entry by entry: each was
 * let in by the decision that it names, and starts where the one before it
 * ended. Where log/continuity.h shows that of one ref and a time, this is told
 * all entries as they come, and remembers where each ref is.
 *
 * As there: outcomes are logged after the refs moved, so that two of them may
 * stand in the other order. A move that starts elsewhere waits for its
 * predecessor, which must have been decided before it was carried out. An
 * adoption, or what an audit found outside the gate, says where a ref is,
 * whatever was known.
 */
#ifndef LOG_REFCHAIN_H
#define LOG_REFCHAIN_H

#include "log/reader.h"
#include "parse/entry.h"
#include "parse/monitorstate.h"

struct refchain;

/*
 * refchain_new(log, s, broken, ctx):
 * What is remembered is in ${s}, and changed there. ${log} has all entries up
 * to those that are told. ${broken} is called for each thing that does not
 * follow, with the entry that shows it and a line of text.
 */
struct refchain *refchain_new(struct log_reader *log, struct monitor_state *s,
	void (*broken)(void *ctx, uint64_t entry, const char *text), void *ctx);
void refchain_free(struct refchain *c); /* NULL is fine */

/* refchain_take(c, n, e, time, err): entry ${n}, the next, at ${time}. */
MUST_USE int refchain_take(struct refchain *c, uint64_t n,
	const struct entry *e, int64_t time, struct err *err);

/* refchain_overdue(c, before): moves that have waited since before that time
 * wait no longer. */
void refchain_overdue(struct refchain *c, int64_t before);

#endif

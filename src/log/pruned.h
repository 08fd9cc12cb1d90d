/*
 * Records that were taken out of the vault on purpose, as entries of the log
 * tell: which, by whom, when. Such a record is not missing; one that nobody
 * told of is.
 */
#ifndef LOG_PRUNED_H
#define LOG_PRUNED_H

#include "base/arena.h"
#include "log/index.h"
#include "parse/entry.h"
#include "parse/ranges.h"

/* What one entry tells. */
struct pruned_entry {
	uint64_t entry;
	struct span time, by, before;
	struct range *range;
	size_t nrange;
	uint64_t count; /* of records */
};

struct pruned {
	struct arena *a; /* the caller's */
	struct pruned_entry *v;
	size_t n, cap;
};

/* pruned_add(p, n, e): what entry ${n} tells, if it is one that tells of
 * records; of no entries but those before it. */
void pruned_add(struct pruned *p, uint64_t n, const struct entry *e);

/* pruned_read(ix, a, out, err): all that the log tells. */
MUST_USE int pruned_read(
	struct index *ix, struct arena *a, struct pruned *out, struct err *err);

/* pruned_find(p, n): who tells that the record of entry ${n} was pruned, or
 * NULL. */
const struct pruned_entry *pruned_find(const struct pruned *p, uint64_t n);

/* pruned_text(e, out): "pruned on 2026-… by 'ada' (entry 17)". */
void pruned_text(const struct pruned_entry *e, struct buf *out);

#define PRUNED_TEXT_MAX 1200
/* pruned_why(state, n, out): why the record of entry ${n} is not in the vault,
 * in ${out} of that maximum: "was pruned on …", or "is not in the vault any
 * more". */
void pruned_why(const char *state, uint64_t n, struct buf *out);

#endif

/*
 * What a log has not and says so: <state>/gaps, a line each,
 *
 *	recovered <from> <to> <time>
 *		entries that came back from a mirror, which has no records
 *	lost <from> <to> <time>
 *		entries that were signed once; others may have their place
 *
 * of entries from ${from} up to and without ${to}. Written by 'sluice log
 * recover'; 'sluice log verify' names each.
 */
#ifndef LOG_GAPS_H
#define LOG_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define STORE_GAPS "gaps" /* below the state folder */
#define GAPS_MAX 4096

enum gap_kind {
	GAP_RECOVERED,
	GAP_LOST
};

struct gap {
	enum gap_kind kind;
	uint64_t from, to;
	char time[32];
};

struct gaps {
	struct gap *v;
	size_t n;
};
#define GAPS_NONE ((struct gaps){.n = 0})

const char *gap_name(enum gap_kind kind);

/* gaps_read(state, out, err): none if there is no such file. ERR_LOG when it is
 * not as written here. */
MUST_USE int gaps_read(const char *state, struct gaps *out, struct err *err);
void gaps_free(struct gaps *g);

/* gaps_add(state, kind, from, to, now, err): one more, lasting. */
MUST_USE int gaps_add(const char *state, enum gap_kind kind, uint64_t from,
	uint64_t to, int64_t now, struct err *err);

/* gaps_excuse(g, n): whether the record of entry ${n} need not be there. */
MUST_USE bool gaps_excuse(const struct gaps *g, uint64_t n);

#endif

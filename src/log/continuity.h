/*
 * Whether a ref was gated without a gap, by all entries of a part of the log:
 * from the value it had at a time, each move was accepted and carried out,
 * starts where the one before ended, and nothing else is said of the ref.
 *
 * Outcomes are logged after the ref moved, so two of them may stand in the
 * other order. One that starts elsewhere waits for its predecessor, which must
 * have been decided before it was carried out.
 */
#ifndef LOG_CONTINUITY_H
#define LOG_CONTINUITY_H

#include "parse/entry.h"

#define CONTINUITY_POLICIES_MAX 64u
#define CONTINUITY_WAITING_MAX 64u

/* What is asked, and of what: n entries, numbered from ${start} on, updates
 * of that repository's in place. Times are seconds since 1970. */
struct continuity_ask {
	struct span repository, ref;
	int64_t from, to;
	uint64_t start;
	const struct entry *entry;
	size_t n;
};

/* Zero says nothing good. */
enum continuity_verdict {
	CONTINUITY_UNKNOWN, /* what the ref was at the start, or at the end */
	CONTINUITY_BROKEN,
	CONTINUITY_OPEN, /* an accepted push of which no outcome is known */
	CONTINUITY_WHOLE,
};

struct continuity {
	enum continuity_verdict verdict;
	const char *why; /* unless it is whole */
	uint64_t at;     /* the entry that breaks it or leaves it open */
	uint64_t since;  /* the entry by which the ref's value was known */
	bool adopted;    /* and that is an adoption */
	struct oid first, last;
	size_t moves;
	size_t waived;   /* moves that a waiver let in */
	size_t observed; /* moves whose outcome an audit wrote later */
	struct span policy[CONTINUITY_POLICIES_MAX]; /* of the moves */
	size_t npolicy;
	bool more_policies; /* than these */
};

/* continuity_find(ask, a, out): spans of the answer are the entries'. */
void continuity_find(const struct continuity_ask *ask, struct arena *a,
	struct continuity *out);

#endif

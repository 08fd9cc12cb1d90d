/*
 * What runs, held against what the log says: one verdict for each item. Pure.
 */
#ifndef DEPLOY_MATCH_H
#define DEPLOY_MATCH_H

#include "deploy/history.h"

enum deploy_verdict {
	DEPLOY_NOT_EVALUABLE, /* 0: what was not looked at is not fine */
	DEPLOY_UNKNOWN,       /* not in the log: a dark deploy */
	DEPLOY_REJECTED,      /* the gate refused it */
	DEPLOY_NOT_APPLIED,   /* accepted, and yet the ref did not move */
	DEPLOY_ELSEWHERE,     /* gated, for another repository or ref */
	DEPLOY_ADOPTED,       /* it was there before the gate */
	DEPLOY_DIRTY,         /* the files are not the commit's */
	DEPLOY_GATED,
};
#define DEPLOY_VERDICTS (DEPLOY_GATED + 1)

/* deploy_verdict_name(v): "gated", "gated elsewhere", "before the gate" … */
const char *deploy_verdict_name(enum deploy_verdict v);

/* What will do; empty: anything will. */
struct deploy_wish {
	struct span repository;
	struct span ref; /* a glob (text_glob) over whole ref names */
};

#define DEPLOY_NO_ENTRY UINT64_MAX

struct deploy_answer {
	enum deploy_verdict verdict;
	uint64_t entry;  /* that it rests on, or DEPLOY_NO_ENTRY */
	size_t waivers;  /* by which that entry let its push in */
	const char *why; /* in words, printable, never NULL */
};

/*
 * deploy_match(h, wish, item, a, out):
 * A commit can stand in many entries. Those that fit the wish, and the
 * repository that the item itself claims, come first, the best of them:
 * gated, before the gate, accepted but not applied, rejected. Only when none
 * fits, one that does not.
 *
 * A push of several refs tells which commits it brought, not on which of the
 * refs. So a commit counts for a ref when it was the ref's new tip, or when
 * every ref in that push fits the wish and moved; refs/sluice/, where
 * approvals are pushed, only when the wish names it.
 */
void deploy_match(const struct history *h, const struct deploy_wish *wish,
	const struct deployed *item, struct arena *a,
	struct deploy_answer *out);

#endif

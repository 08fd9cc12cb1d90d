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
	DEPLOY_DOUBT, /* gated, on the word of a key that is compromised now */
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

/* Whether keys that the entry stands on were found to be compromised since. */
enum deploy_keys {
	DEPLOY_KEYS_UNTOLD, /* 0: nobody looked, or could */
	DEPLOY_KEYS_SOUND,
	DEPLOY_KEYS_COMPROMISED,
};

struct deploy_answer {
	enum deploy_verdict verdict;
	uint64_t entry;  /* that it rests on, or DEPLOY_NO_ENTRY */
	size_t waivers;  /* by which that entry let its push in */
	const char *why; /* in words, printable, never NULL */
	enum deploy_keys keys;
};

/* deploy_doubt(out, why, a): a gated answer is in doubt for that reason, which
 * is printable. deploy_untold(out, why, a): whether it is cannot be told. */
void deploy_doubt(struct deploy_answer *out, const char *why, struct arena *a);
void deploy_untold(struct deploy_answer *out, const char *why, struct arena *a);

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

/* What the parts of the scanner share. */
#ifndef SCAN_STATE_H
#define SCAN_STATE_H

#include "base/clock.h"
#include "port/multipattern.h"
#include "port/pattern.h"
#include "scan/fresh.h"
#include "scan/leaks.h"
#include "scan/scanner.h"

#define NIL UINT32_MAX
#define SCANNER_JOINT_MAX ((size_t)1 << 20)

/* Where matches of one rule may start: [lo, hi]. */
struct zone {
	size_t lo, hi;
	uint32_t next; /* of the same rule, by lo; or NIL */
};

/* A rule at work. Expressions are compiled when first needed. */
struct worker {
	const struct rule *rule;
	struct pattern *regex, *path;
	struct allower **allow; /* [rule->nallow] */
	struct leaks *leaks;    /* of its pack, when it has rule->leak */
	uint64_t asked;         /* s->input when its words were looked for */
	bool worded;            /* then: whether one is there */
	uint32_t first, last;   /* its zones in this input, or NIL */
	size_t reports;         /* of the engine, that made them */
	bool fired;
	bool confirmed; /* matches somewhere… */
	bool idle;      /* …or nowhere: not searched */
	bool whole;     /* searched everywhere, whatever the zones */
};

/* An allow-list, its expressions compiled when first needed. */
struct allower {
	const struct allow_set *set;
	struct pattern **secret, **match;
};

/* A match, before anything is asked of it: where it starts, and the last byte
 * of it. */
struct spot {
	uint32_t rule, lo, hi;
};

/* A hit by its hash. */
struct mark {
	uint32_t rule;
	bool old;
	unsigned char hash[16];
};

struct scan_carry {
	size_t n;       /* length of the blob */
	bool whole;     /* not enough is known: what is made from it is read
			* whole */
	uint64_t *word; /* a bit a rule: one of its words may be there */
	size_t nword;
	struct spot *spot; /* rules whose reach is known; each's in order */
	size_t nspot, spotcap;
	struct mark *mark;
	size_t nmark, markcap;
};

struct scanner {
	struct scanner_setup setup; /* for clones; without the key */
	struct worker *worker; /* [n] rules on content, then rules on paths */
	size_t n, npath;
	struct allower *allower;
	size_t nallower;
	struct leaks **leaks; /* [setup.npacks], NULL where not needed */
	struct multi *multi;
	uint32_t *apart; /* [napart] rules that no zone is found for: first
			  * those of kind MULTI_WORDS, from [unsure] on
			  * MULTI_PRESENT, from [blind] on MULTI_ALWAYS */
	size_t napart, unsure, blind;
	struct fresh_reach reach; /* for fresh_windows */
	struct zone *zone;
	size_t nzone, zonecap;
	uint32_t *fired; /* [n] */
	size_t nfired;
	struct fresh fresh;
	size_t shift; /* where in the input the search for candidates began */
	struct buf joint;  /* windows put together */
	size_t *joint_end; /* [fresh.n] where each ends there */
	size_t jointcap;
	struct scan_hit *hit; /* of the input at hand */
	size_t nhit, hitcap;
	struct scan_carry *carry; /* to fill in, or NULL */
	struct clock_limit limit; /* of the rule at hand */
	size_t unclocked; /* starts tried since it was last asked about */
	uint64_t input;   /* counts inputs */
	struct span path; /* of the input at hand; p NULL: not known */
	bool companion;   /* the rule at hand is asked for by another one */
	int64_t now;      /* 0: not asked yet */
	unsigned char key[FINGERPRINT_KEY];
	bool keyed;
	size_t max;
	char digest[65];
};

/*
 * Answers of the steps of a scan. STEP_STOP: a limit was met, result->why says
 * which, and the input counts as not scanned.
 */
enum step {
	STEP_FAIL,
	STEP_STOP,
	STEP_NO,
	STEP_YES
};

#endif

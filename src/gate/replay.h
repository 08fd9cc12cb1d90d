/*
 * A push judged again, from its record, under another policy. Nothing but the
 * record is asked: each part of the answer is found out
 *
 * - again, by the check itself, where the record has all that the check reads;
 * - from what was found then, where the rules are the same ones, since a check
 *   is a function of facts and rules;
 * - or it could not be told.
 */
#ifndef GATE_REPLAY_H
#define GATE_REPLAY_H

#include "gate/gate.h"

/* How the answer of a check on an update was come by. */
enum replay_how {
	REPLAY_UNTOLD, /* 0: what is not known is not known */
	REPLAY_NONE,   /* the rules ask nothing */
	REPLAY_AGAIN,
	REPLAY_KEPT,
};

/* Something that could not be told. */
struct replay_gap {
	size_t update;
	const char *check; /* "message", "secret" … */
	const char *why;
};

struct replay {
	const struct doc *predicate;
	const struct policy *policy;
	struct arena *arena;
	struct push push;
	struct facts facts;
	const char ***section; /* of each update, as the record has them */
	bool *vague; /* of each update: an address of it is not whole */
	const struct doc **asked; /* the forges, of each update; or NULL */
	bool *heeded; /* of each: who is against a request was asked as well */
	bool whole;   /* the record has facts of a version that is known */
	bool newer;   /* and those of merged tags, reviews and objections */
	bool same_people, rebased;

	/* The answer. */
	struct findings findings;
	const struct doc **from; /* [nfrom], beside: what was found then, if it
				  * is kept from that; else NULL */
	size_t nfrom, from_cap;
	struct replay_gap *gap;
	size_t ngap, gap_cap;
	enum verdict verdict; /* UNDECIDED: it could not be told */
	bool admitted, observe;
	size_t again, kept; /* answers of checks that were come by so */
};

/*
 * replay_open(r, record, policy, a, err):
 * Of a decision that record_parse accepted. gather_sections(&r->facts, a) has
 * to follow.
 */
MUST_USE int replay_open(struct replay *r, const struct doc *record,
	const struct policy *policy, struct arena *a, struct err *err);
void replay_judge(struct replay *r);

/* replay_oid(d, key): the object name there; zeros if that is none. */
struct oid replay_oid(const struct doc *d, const char *key);

#endif

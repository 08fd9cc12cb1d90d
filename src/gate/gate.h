/*
 * The gate itself, pure: facts -> findings -> verdict -> record -> message.
 * Nothing here touches the world.
 */
#ifndef GATE_GATE_H
#define GATE_GATE_H

#include "model/fact.h"
#include "model/finding.h"
#include "parse/doc.h"

/* What one push came to. */
struct judgement {
	enum verdict verdict;
	bool admitted; /* let through: accepted, or refused in mode observe */
	bool observe;  /* the mode of the push: whatever would refuse it is on
			* refs that are only observed; with nothing of the
			* kind, all its refs are */
	struct findings findings;
};

/*
 * gate_judge(facts, arena, out):
 * Run every check on every update, apply the policy's severities, and decide:
 * one blocking finding rejects the whole push.
 */
void gate_judge(
	const struct facts *facts, struct arena *arena, struct judgement *out);

/* gate_weigh(facts, f): the severity that the rules of its ref give a finding,
 * by the longest name that fits; none leaves it. */
void gate_weigh(const struct facts *facts, struct finding *f);

/* How long each stage of a push took, microseconds. */
struct stage {
	const char *name;
	int64_t us;
};
#define STAGES_MAX 12
struct stages {
	struct stage v[STAGES_MAX];
	size_t n;
	int64_t since;
};
void stages_start(struct stages *s);
/* stages_mark(s, name): what ran since the last mark was ${name}. */
void stages_mark(struct stages *s, const char *name);

/*
 * evidence_decision(facts, j, stages, out, err):
 * The record of a decision, canonical, as docs/formats.md and sluice-log(5)
 * have it; added to ${out}. ERR_LIMIT when it does not fit.
 */
MUST_USE int evidence_decision(const struct facts *facts,
	const struct judgement *j, const struct stages *stages, struct buf *out,
	struct err *err);
/* The others, as documents; the caller frees them. */
/* When nothing could be judged: ${cause} says why. ${policy} may be NULL. */
struct doc *evidence_undecided(const struct push *push,
	const struct policy *policy, const struct err *cause);
/* Of the updates that git really made after decision number ${decision}. */
struct doc *evidence_outcome(const char *repository, int64_t time,
	const struct ref_update *up, size_t n, uint64_t decision);
/* Of what an audit found at a repository: updates that decision number
 * ${decision} let through, that were made, and that nobody had recorded; or,
 * with EVIDENCE_NO_DECISION, refs that no push had put where they are.
 * ${policy} is the SHA-256 of the policy in force, or NULL. */
#define EVIDENCE_NO_DECISION UINT64_MAX
struct doc *evidence_observed(const char *repository, int64_t time,
	const struct ref_update *up, size_t n, uint64_t decision,
	const char *policy);
/* Of records that are taken out of the vault: those of ${entries}
 * (parse/ranges.h), ${count} of them, that are older than ${before}; of that
 * repository, or of all (NULL). */
struct doc *evidence_pruned(const char *repository, int64_t time,
	int64_t before, const char *by, struct span entries, uint64_t count);

/*
 * message_write(record, entry, out):
 * What the developer sees, from the same record that was logged as number
 * ${entry}.
 */
void message_write(const struct doc *record, uint64_t entry, struct buf *out);

/* message_foretell(record, out): the same of a push that was not made. */
void message_foretell(const struct doc *record, struct buf *out);

/*
 * message_failure(cause, out):
 * What the developer sees when there is no record in the log: the cause, and
 * that the push is refused for want of evidence.
 */
void message_failure(const struct err *cause, struct buf *out);

#endif

/* Verdicts for people and for programs. */
#ifndef DEPLOY_REPORT_H
#define DEPLOY_REPORT_H

#include "deploy/match.h"
#include "parse/doc.h"

/* deploy_fine(v, allow_adopted): the verdicts nobody has to look into. */
bool deploy_fine(enum deploy_verdict v, bool allow_adopted);

/* deploy_text(items, answers, only_bad, allow_adopted, out): a table, a line
 * an item; ${only_bad} leaves out what is fine. */
void deploy_text(const struct deployed_list *items,
	const struct deploy_answer *answers, bool only_bad, bool allow_adopted,
	struct buf *out);

/* deploy_counts(answers, n, out): "3 gated, 1 unknown", in ${out}. */
void deploy_counts(
	const struct deploy_answer *answers, size_t n, struct buf *out);

/*
 * deploy_json(items, objects, answers):
 * An array of the inventory's own objects (${objects} holds those of the first
 * doc_count items; NULL: none) with "verdict", "why", "entry" (null when there
 * is none), "waivers" and "compromised" (null when that was not looked at);
 * what was no object stands under "item".
 */
struct doc *deploy_json(const struct deployed_list *items,
	const struct doc *objects, const struct deploy_answer *answers);

#endif

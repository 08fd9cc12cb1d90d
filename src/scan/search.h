/* From candidates to matches: where each rule is searched, and the search. */
#ifndef SCAN_SEARCH_H
#define SCAN_SEARCH_H

#include "scan/state.h"

/*
 * candidates(s, bytes, at, n, err):
 * Run the engine over bytes[at, at + n) and note for each rule where a match
 * may start. Calls for one input go from left to right.
 */
MUST_USE int candidates(struct scanner *s, struct span bytes, size_t at,
	size_t n, struct err *err);

/* candidates_fresh(s, bytes, err): the same in all windows of s->fresh. */
MUST_USE int candidates_fresh(
	struct scanner *s, struct span bytes, struct err *err);

/*
 * confirm(s, bytes, err):
 * Of the fired rules that were fired for a word alone, or for very many names,
 * take out those that the engine, asked for all of their expression, finds
 * nowhere. Of those with names that are left the zones are made anew.
 */
MUST_USE int confirm(struct scanner *s, struct span bytes, struct err *err);

/* zone_add(s, rule, lo, hi): a further zone, anywhere. Those of one rule that
 * come in ascending order are cheapest. */
void zone_add(struct scanner *s, size_t rule, size_t lo, size_t hi);

/* fire(s, rule): the rule is to be searched in the whole input. */
void fire(struct scanner *s, size_t rule);

/* decide(s, rule, bytes, path, out, err): all matches of one rule: in its
 * zones, or in all of ${bytes} if it was fired. */
enum step decide(struct scanner *s, size_t rule, struct span bytes,
	struct span path, struct scan_result *out, struct err *err);

/* decide_whole(s, rule, bytes, path, out, err): the same, always in all of it;
 * also for rules that do not report by themselves. */
enum step decide_whole(struct scanner *s, size_t rule, struct span bytes,
	struct span path, struct scan_result *out, struct err *err);

/* forget(s): all zones and fired rules. */
void forget(struct scanner *s);

#endif

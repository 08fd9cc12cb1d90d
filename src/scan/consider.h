/* From a match to a hit, unless it is no secret after all. */
#ifndef SCAN_CONSIDER_H
#define SCAN_CONSIDER_H

#include "scan/state.h"

/* stop(out, rule, what): notes which limit was met; STEP_STOP. */
enum step stop(
	struct scan_result *out, const struct rule *rule, const char *what);

/* need(text, what, rule, p, err): compile ${text} into *${p} if it is not yet;
 * ${what} names it in the error. */
MUST_USE int need(struct span text, const char *what, const struct rule *rule,
	struct pattern **p, struct err *err);

/* test(p, subject, rule, out): STEP_YES, STEP_NO or STEP_STOP. */
enum step test(struct pattern *p, struct span subject, const struct rule *rule,
	struct scan_result *out);

/* has_word(s, words): whether one of them is in ${s}, but for ASCII case. */
bool has_word(struct span s, const struct word_list *words);

/* leak_step(answer, w, out): an answer about a gitleaks rule as a step. */
enum step leak_step(enum leaks_answer answer, const struct worker *w,
	struct scan_result *out);

/*
 * consider(s, w, bytes, m, out, err):
 * Keywords, check digits, entropy and allow-lists; what is left is added to
 * s->hit (rule, place, validity and confidence; describe() does the rest).
 * Depends on the bytes of the match alone (but for rules of gitleaks: on all of
 * ${bytes} and s->path). STEP_FAIL, STEP_STOP, or anything
 * else for "go on".
 */
enum step consider(struct scanner *s, struct worker *w, struct span bytes,
	const struct pattern_match *m, struct scan_result *out,
	struct err *err);

#endif

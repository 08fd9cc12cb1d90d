/*
 * Findings that are known and accepted, by lists the user names: a
 * .gitleaksignore, an earlier report of this program (JSON Lines) or of
 * gitleaks (JSON).
 */
#ifndef SCAN_BASELINE_H
#define SCAN_BASELINE_H

#include "scan/report.h"

#define BASELINE_MAX ((size_t)256 << 20) /* bytes of one list */

struct baseline;
struct baseline *baseline_new(void);
void baseline_free(struct baseline *b); /* NULL is fine */

/*
 * baseline_ignore(b, text, passed):
 * Lines "file:rule:line" (in any commit) and "commit:file:rule:line"; '#' and
 * empty lines are passed over. Others say nothing; *${passed} counts them, as
 * their number says that a path holds ':'.
 */
void baseline_ignore(struct baseline *b, struct span text, size_t *passed);

/*
 * baseline_report(b, text, err):
 * A report, told apart by its first byte: '[' is one of gitleaks. Errors
 * (ERR_INPUT) name the line or the number of the entry.
 */
MUST_USE int baseline_report(
	struct baseline *b, struct span text, struct err *err);

/*
 * baseline_has(b, place, hit):
 * Whether the finding is listed: the same rule, file, commit and line (of the
 * match, for rules of gitleaks), or for our reports that have fingerprints the
 * same rule, file and fingerprint, wherever it has moved. A leading "./" does
 * not count.
 */
bool baseline_has(const struct baseline *b, const struct report_place *place,
	const struct scan_hit *hit);

#endif

/* Hits as text, as JSON Lines, as SARIF 2.1.0 and as JUnit XML. */
#ifndef SCAN_REPORT_H
#define SCAN_REPORT_H

#include <stdio.h>

#include "scan/scanner.h"

enum report_format {
	REPORT_TEXT,
	REPORT_JSON,
	REPORT_SARIF,
	REPORT_JUNIT
};

struct report;

/* Where something was found. */
struct report_place {
	struct span path;   /* as given or as in the tree, secrets cut out; may
			   * be empty */
	struct span real;   /* with them, or empty; never shown */
	const char *what;   /* "file", "blob", "commit message" … */
	const char *object; /* hex, or "" */
	const char *commit; /* hex, or "" */
	struct span author; /* of the commit, or empty */
	size_t line;
};

struct report *report_new(enum report_format format, FILE *to);
void report_hit(struct report *r, const struct report_place *place,
	const struct scan_hit *hit);
/* report_unscanned(r, place, why): something was not looked at. */
void report_unscanned(
	struct report *r, const struct report_place *place, const char *why);
/* report_end(r): write what is written last, and free. */
void report_end(struct report *r);

struct report_counts {
	size_t high, low, unscanned;
};
struct report_counts report_counts(const struct report *r);

#endif

/* Inside the reports: what the formats share, one format a file. */
#ifndef SCAN_REPORTFORM_H
#define SCAN_REPORTFORM_H

#include "parse/doc.h"
#include "scan/report.h"

struct report {
	enum report_format format;
	FILE *to;
	struct report_counts count;
	const struct rule **rule; /* those that hit, each once */
	size_t nrule, rulecap;
	struct doc *results, *notes; /* SARIF */
	struct buf cases;            /* JUnit */
};

/* A format. end() writes what comes last, and frees what is its own. */
struct report_form {
	void (*hit)(struct report *r, const struct report_place *place,
		const struct scan_hit *hit);
	void (*unscanned)(struct report *r, const struct report_place *place,
		const char *why);
	void (*end)(struct report *r);
};
extern const struct report_form report_text, report_json, report_sarif,
	report_junit;

/* report_rule(r, rule): its index among those that hit. */
size_t report_rule(struct report *r, const struct rule *rule);
/* report_write(r, doc, pretty): as JSON; ${doc} is freed. */
void report_write(struct report *r, struct doc *doc, bool pretty);
/* report_level(c): "error" or "warning". */
const char *report_level(enum confidence c);
/* report_id(rule): "secret.<id>" as a string. */
struct doc *report_id(const struct rule *rule);
/* report_set(to, key, value): a member, but not an empty one. */
void report_set(struct doc *to, const char *key, const char *value);

#define REPORT_MAX ((size_t)512 << 20) /* bytes of one document */
#define REPORT_PATH_SHOWN 1024

#endif

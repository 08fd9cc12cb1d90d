#include "scan/report.h"

#include "base/grow.h"
#include "base/text.h"
#include "scan/reportform.h"

static const struct report_form *form_of(const struct report *r)
{
	switch (r->format) {
	case REPORT_TEXT:
		return &report_text;
	case REPORT_JSON:
		return &report_json;
	case REPORT_SARIF:
		return &report_sarif;
	case REPORT_JUNIT:
		break;
	}
	return &report_junit;
}

struct report *report_new(enum report_format format, FILE *to)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		die("no memory for the report");
	r->format = format;
	r->to = to;
	r->cases.max = REPORT_MAX;
	if (format == REPORT_SARIF) {
		r->results = doc_array();
		r->notes = doc_array();
	}
	return r;
}

struct report_counts report_counts(const struct report *r)
{
	return r->count;
}

size_t report_rule(struct report *r, const struct rule *rule)
{
	size_t i;

	for (i = 0; i < r->nrule; i++) {
		if (r->rule[i] == rule)
			return i;
	}
	r->rule = grow(r->rule, r->nrule, &r->rulecap, sizeof(*r->rule));
	r->rule[r->nrule++] = rule;
	return i;
}

void report_write(struct report *r, struct doc *doc, bool pretty)
{
	struct buf out = BUF_INIT(REPORT_MAX);

	if (pretty) {
		doc_pretty(doc, &out);
	} else {
		doc_canonical(doc, &out);
		buf_byte(&out, '\n');
	}
	if (out.full)
		die("the report is larger than %zu bytes", REPORT_MAX);
	fwrite(out.p, 1, out.n, r->to);
	buf_free(&out);
	doc_free(doc);
}

const char *report_level(enum confidence c)
{
	return c == CONFIDENCE_HIGH ? "error" : "warning";
}

void report_set(struct doc *to, const char *key, const char *value)
{
	if (value && value[0])
		doc_set(to, key, doc_of_str(value));
}

struct doc *report_id(const struct rule *rule)
{
	struct buf name = BUF_INIT(128);
	struct doc *doc;

	buf_fmt(&name, "secret.%.*s", SPAN_FMT(rule->id));
	doc = doc_of_text(buf_all(&name));
	buf_free(&name);
	return doc;
}

void report_hit(struct report *r, const struct report_place *place,
	const struct scan_hit *hit)
{
	if (hit->confidence == CONFIDENCE_HIGH)
		r->count.high++;
	else
		r->count.low++;
	form_of(r)->hit(r, place, hit);
}

void report_unscanned(
	struct report *r, const struct report_place *place, const char *why)
{
	r->count.unscanned++;
	form_of(r)->unscanned(r, place, why);
}

void report_end(struct report *r)
{
	form_of(r)->end(r);
	buf_free(&r->cases);
	free(r->rule);
	free(r);
}

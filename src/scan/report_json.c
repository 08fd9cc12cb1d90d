/* JSON Lines: one object a finding. */
#include "scan/reportform.h"

static struct doc *line_place(const struct report_place *place)
{
	struct doc *doc = doc_object();

	if (place->path.n)
		doc_set(doc, "path", doc_of_text(place->path));
	report_set(doc, "what", place->what);
	report_set(doc, "object", place->object);
	report_set(doc, "commit", place->commit);
	if (place->author.n)
		doc_set(doc, "author", doc_of_text(place->author));
	return doc;
}

static void line_hit(struct report *r, const struct report_place *place,
	const struct scan_hit *hit)
{
	struct doc *doc = line_place(place);

	doc_set(doc, "id", report_id(hit->rule));
	doc_set(doc, "severity",
		doc_of_str(
			hit->confidence == CONFIDENCE_HIGH ? "block" : "warn"));
	doc_set(doc, "confidence",
		doc_of_str(
			hit->confidence == CONFIDENCE_HIGH ? "high" : "low"));
	doc_set(doc, "validity", doc_of_str(validity_name(hit->validity)));
	doc_set(doc, "description", doc_of_text(hit->rule->description));
	doc_set(doc, "remediation", doc_of_text(hit->rule->remediation));
	if (place->line) {
		doc_set(doc, "line", doc_of_int((int64_t)place->line));
		doc_set(doc, "column", doc_of_int((int64_t)hit->column));
		doc_set(doc, "offset", doc_of_int((int64_t)hit->at));
		doc_set(doc, "length", doc_of_int((int64_t)hit->n));
		report_set(doc, "redacted", hit->redacted);
	}
	if (place->line && hit->match_line && hit->match_line != hit->line)
		doc_set(doc, "match_line",
			doc_of_int((int64_t)hit->match_line));
	report_set(doc, "encoding", hit->encoding);
	report_set(doc, "member", hit->member);
	report_set(doc, "fingerprint", hit->fingerprint);
	report_write(r, doc, false);
}

static void line_unscanned(
	struct report *r, const struct report_place *place, const char *why)
{
	struct doc *doc = line_place(place);

	doc_set(doc, "id", doc_of_str("secret.not_scanned"));
	doc_set(doc, "severity", doc_of_str("block"));
	doc_set(doc, "description", doc_of_str(why));
	report_write(r, doc, false);
}

static void line_end(struct report *r)
{
	(void)r;
}

const struct report_form report_json = {line_hit, line_unscanned, line_end};

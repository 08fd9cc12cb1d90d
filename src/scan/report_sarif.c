/* SARIF 2.1.0 (OASIS): one run, its rules, results and notifications. */
#include "scan/reportform.h"

/* RFC 3986: bytes outside the unreserved set are written in percent, but for
 * '/' and the '!' before a member of an archive. */
static void add_uri(struct buf *uri, struct span s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
				    "qrstuvwxyz0123456789-._~/!";
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] && strchr(plain, s.p[i]))
			buf_byte(uri, s.p[i]);
		else
			buf_fmt(uri, "%%%02X", s.p[i]);
	}
}

/* A member of an archive is named as in the other reports: after a '!'. */
static struct doc *uri_of(
	const struct report_place *place, const struct scan_hit *hit)
{
	struct span s = place->path;
	struct buf uri = BUF_INIT(6 * 65536);
	struct doc *doc;

	if (!s.n)
		s = span_str(place->commit && place->commit[0] ? place->commit
				: place->object                ? place->object
							       : "");
	add_uri(&uri, s);
	if (hit && hit->member) {
		buf_byte(&uri, '!');
		add_uri(&uri, span_str(hit->member));
	}
	doc = doc_of_text(buf_all(&uri));
	buf_free(&uri);
	return doc;
}

static struct doc *message_of(const char *text)
{
	struct doc *doc = doc_object();

	doc_set(doc, "text", doc_of_str(text));
	return doc;
}

static struct doc *message_of_span(struct span s)
{
	struct doc *doc = doc_object();

	doc_set(doc, "text", doc_of_text(s));
	return doc;
}

static struct doc *sarif_place(
	const struct report_place *place, const struct scan_hit *hit)
{
	struct doc *physical = doc_object(), *uri = doc_object();
	struct doc *location = doc_object(), *list = doc_array();

	doc_set(uri, "uri", uri_of(place, hit));
	doc_set(physical, "artifactLocation", uri);
	if (hit && place->line) {
		struct doc *region = doc_object();

		/* No columns: SARIF counts characters, we count bytes. */
		doc_set(region, "startLine", doc_of_int((int64_t)place->line));
		doc_set(region, "byteOffset", doc_of_int((int64_t)hit->at));
		doc_set(region, "byteLength", doc_of_int((int64_t)hit->n));
		doc_set(region, "snippet", message_of(hit->redacted));
		doc_set(physical, "region", region);
	}
	doc_set(location, "physicalLocation", physical);
	doc_add(list, location);
	return list;
}

static void sarif_hit(struct report *r, const struct report_place *place,
	const struct scan_hit *hit)
{
	struct doc *doc = doc_object(), *more = doc_object();
	struct buf text = BUF_INIT(4096);
	size_t index = report_rule(r, hit->rule);

	buf_span(&text, hit->rule->description);
	if (place->line)
		buf_fmt(&text, ": %s%s", hit->redacted,
			validity_note(hit->validity));
	if (hit->encoding)
		buf_fmt(&text, ", in %s", hit->encoding);
	if (place->what && strcmp(place->what, "file"))
		buf_fmt(&text, " (%s)", place->what);
	doc_set(doc, "ruleId", report_id(hit->rule));
	doc_set(doc, "ruleIndex", doc_of_int((int64_t)index));
	doc_set(doc, "level", doc_of_str(report_level(hit->confidence)));
	doc_set(doc, "message", message_of_span(buf_all(&text)));
	doc_set(doc, "locations", sarif_place(place, hit));
	if (hit->fingerprint[0]) {
		struct doc *prints = doc_object();

		doc_set(prints, "sluice/v1", doc_of_str(hit->fingerprint));
		doc_set(doc, "partialFingerprints", prints);
	}
	doc_set(more, "validity", doc_of_str(validity_name(hit->validity)));
	report_set(more, "encoding", hit->encoding);
	report_set(more, "member", hit->member);
	report_set(more, "commit", place->commit);
	if (place->author.n)
		doc_set(more, "author", doc_of_text(place->author));
	report_set(more, "object", place->object);
	doc_set(doc, "properties", more);
	doc_add(r->results, doc);
	buf_free(&text);
}

static void sarif_unscanned(
	struct report *r, const struct report_place *place, const char *why)
{
	struct doc *doc = doc_object();

	doc_set(doc, "level", doc_of_str("error"));
	doc_set(doc, "message", message_of(why));
	doc_set(doc, "locations", sarif_place(place, NULL));
	doc_add(r->notes, doc);
}

static struct doc *sarif_rules(const struct report *r)
{
	struct doc *list = doc_array();
	size_t i;

	for (i = 0; i < r->nrule; i++) {
		const struct rule *rule = r->rule[i];
		struct doc *doc = doc_object(), *level = doc_object();

		doc_set(doc, "id", report_id(rule));
		doc_set(doc, "shortDescription",
			message_of_span(rule->description));
		doc_set(doc, "help", message_of_span(rule->remediation));
		doc_set(level, "level",
			doc_of_str(report_level(rule->confidence)));
		doc_set(doc, "defaultConfiguration", level);
		doc_add(list, doc);
	}
	return list;
}

static void sarif_end(struct report *r)
{
	struct doc *doc = doc_object(), *runs = doc_array();
	struct doc *run = doc_object(), *tool = doc_object();
	struct doc *driver = doc_object(), *calls = doc_array();
	struct doc *call = doc_object();

	doc_set(driver, "name", doc_of_str("sluice"));
	doc_set(driver, "version", doc_of_str(SLUICE_VERSION));
	doc_set(driver, "rules", sarif_rules(r));
	doc_set(tool, "driver", driver);
	doc_set(run, "tool", tool);
	doc_set(call, "executionSuccessful", doc_of_bool(!r->count.unscanned));
	doc_set(call, "toolExecutionNotifications", r->notes);
	doc_add(calls, call);
	doc_set(run, "invocations", calls);
	doc_set(run, "results", r->results);
	doc_add(runs, run);
	doc_set(doc, "$schema",
		doc_of_str("https://json.schemastore.org/sarif-2.1.0.json"));
	doc_set(doc, "version", doc_of_str("2.1.0"));
	doc_set(doc, "runs", runs);
	report_write(r, doc, true);
}

const struct report_form report_sarif = {sarif_hit, sarif_unscanned, sarif_end};

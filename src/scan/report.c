#include "scan/report.h"

#include "base/text.h"
#include "parse/doc.h"

#define OUT_MAX ((size_t)512 << 20)
#define PATH_SHOWN 1024

struct report {
	enum report_format format;
	FILE *to;
	struct report_counts count;
	const struct rule **rule; /* those that hit, each once */
	size_t nrule, rulecap;
	struct doc *results, *notes; /* SARIF */
};

struct report *report_new(enum report_format format, FILE *to)
{
	struct report *r = calloc(1, sizeof(*r));

	if (!r)
		die("no memory for the report");
	r->format = format;
	r->to = to;
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

static size_t rule_index(struct report *r, const struct rule *rule)
{
	size_t i;

	for (i = 0; i < r->nrule; i++) {
		if (r->rule[i] == rule)
			return i;
	}
	if (r->nrule == r->rulecap) {
		r->rulecap = r->rulecap ? r->rulecap * 2 : 32;
		r->rule = reallocarray(r->rule, r->rulecap, sizeof(*r->rule));
		if (!r->rule)
			die("no memory for the report");
	}
	r->rule[r->nrule++] = rule;
	return i;
}

static void write_doc(struct report *r, struct doc *doc, bool pretty)
{
	struct buf out = BUF_INIT(OUT_MAX);

	if (pretty) {
		doc_pretty(doc, &out);
	} else {
		doc_canonical(doc, &out);
		buf_byte(&out, '\n');
	}
	if (out.full)
		die("the report is larger than %zu bytes", OUT_MAX);
	fwrite(out.p, 1, out.n, r->to);
	buf_free(&out);
	doc_free(doc);
}

static const char *level_of(enum confidence c)
{
	return c == CONFIDENCE_HIGH ? "error" : "warning";
}

static void set_str(struct doc *to, const char *key, const char *value)
{
	if (value && value[0])
		doc_set(to, key, doc_of_str(value));
}

static struct doc *line_place(const struct report_place *place)
{
	struct doc *doc = doc_object();

	if (place->path.n)
		doc_set(doc, "path", doc_of_text(place->path));
	set_str(doc, "what", place->what);
	set_str(doc, "object", place->object);
	set_str(doc, "commit", place->commit);
	return doc;
}

static struct doc *rule_name(const struct rule *rule)
{
	struct buf name = BUF_INIT(128);
	struct doc *doc;

	buf_fmt(&name, "secret.%.*s", SPAN_FMT(rule->id));
	doc = doc_of_text(buf_all(&name));
	buf_free(&name);
	return doc;
}

static void line_hit(struct report *r, const struct report_place *place,
	const struct scan_hit *hit)
{
	struct doc *doc = line_place(place);

	doc_set(doc, "id", rule_name(hit->rule));
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
		set_str(doc, "redacted", hit->redacted);
	}
	set_str(doc, "fingerprint", hit->fingerprint);
	write_doc(r, doc, false);
}

static void show_place(struct report *r, const struct report_place *place)
{
	struct buf shown = BUF_INIT(8 * PATH_SHOWN);

	if (place->commit && place->commit[0])
		fprintf(r->to, "%.12s:", place->commit);
	else if (place->object && place->object[0])
		fprintf(r->to, "%.12s:", place->object);
	text_printable(&shown, place->path, PATH_SHOWN);
	if (place->path.n)
		fprintf(r->to, "%s:", buf_cstr(&shown));
	else if (place->what)
		fprintf(r->to, "%s:", place->what);
	buf_free(&shown);
}

static void text_hit(struct report *r, const struct report_place *place,
	const struct scan_hit *hit)
{
	const struct rule *rule = hit->rule;

	show_place(r, place);
	if (place->line)
		fprintf(r->to, "%zu:%zu:", place->line, hit->column);
	fprintf(r->to, " %s: secret.%.*s: %.*s", level_of(hit->confidence),
		SPAN_FMT(rule->id), SPAN_FMT(rule->description));
	if (place->line)
		fprintf(r->to, ": %s", hit->redacted);
	fputc('\n', r->to);
}

/* RFC 3986: bytes outside the unreserved set are written in percent. */
static struct doc *uri_of(const struct report_place *place)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnop"
				    "qrstuvwxyz0123456789-._~/";
	struct span s = place->path;
	struct buf uri = BUF_INIT(3 * 65536);
	struct doc *doc;
	size_t i;

	if (!s.n)
		s = span_str(place->commit && place->commit[0] ? place->commit
				: place->object                ? place->object
							       : "");
	for (i = 0; i < s.n; i++) {
		if (s.p[i] && strchr(plain, s.p[i]))
			buf_byte(&uri, s.p[i]);
		else
			buf_fmt(&uri, "%%%02X", s.p[i]);
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

	doc_set(uri, "uri", uri_of(place));
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
	size_t index = rule_index(r, hit->rule);

	buf_span(&text, hit->rule->description);
	if (place->line)
		buf_fmt(&text, ": %s", hit->redacted);
	if (place->what && strcmp(place->what, "file"))
		buf_fmt(&text, " (%s)", place->what);
	doc_set(doc, "ruleId", rule_name(hit->rule));
	doc_set(doc, "ruleIndex", doc_of_int((int64_t)index));
	doc_set(doc, "level", doc_of_str(level_of(hit->confidence)));
	doc_set(doc, "message", message_of_span(buf_all(&text)));
	doc_set(doc, "locations", sarif_place(place, hit));
	if (hit->fingerprint[0]) {
		struct doc *prints = doc_object();

		doc_set(prints, "sluice/v1", doc_of_str(hit->fingerprint));
		doc_set(doc, "partialFingerprints", prints);
	}
	doc_set(more, "validity", doc_of_str(validity_name(hit->validity)));
	set_str(more, "commit", place->commit);
	set_str(more, "object", place->object);
	doc_set(doc, "properties", more);
	doc_add(r->results, doc);
	buf_free(&text);
}

void report_hit(struct report *r, const struct report_place *place,
	const struct scan_hit *hit)
{
	if (hit->confidence == CONFIDENCE_HIGH)
		r->count.high++;
	else
		r->count.low++;
	switch (r->format) {
	case REPORT_TEXT:
		rule_index(r, hit->rule);
		text_hit(r, place, hit);
		break;
	case REPORT_JSON:
		line_hit(r, place, hit);
		break;
	case REPORT_SARIF:
		sarif_hit(r, place, hit);
		break;
	}
}

void report_unscanned(
	struct report *r, const struct report_place *place, const char *why)
{
	struct doc *doc;

	r->count.unscanned++;
	switch (r->format) {
	case REPORT_TEXT:
		show_place(r, place);
		fprintf(r->to, " error: secret.not_scanned: %s\n", why);
		break;
	case REPORT_JSON:
		doc = line_place(place);
		doc_set(doc, "id", doc_of_str("secret.not_scanned"));
		doc_set(doc, "severity", doc_of_str("block"));
		doc_set(doc, "description", doc_of_str(why));
		write_doc(r, doc, false);
		break;
	case REPORT_SARIF:
		doc = doc_object();
		doc_set(doc, "level", doc_of_str("error"));
		doc_set(doc, "message", message_of(why));
		doc_set(doc, "locations", sarif_place(place, NULL));
		doc_add(r->notes, doc);
		break;
	}
}

static struct doc *sarif_rules(const struct report *r)
{
	struct doc *list = doc_array();
	size_t i;

	for (i = 0; i < r->nrule; i++) {
		const struct rule *rule = r->rule[i];
		struct doc *doc = doc_object(), *level = doc_object();

		doc_set(doc, "id", rule_name(rule));
		doc_set(doc, "shortDescription",
			message_of_span(rule->description));
		doc_set(doc, "help", message_of_span(rule->remediation));
		doc_set(level, "level", doc_of_str(level_of(rule->confidence)));
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
	write_doc(r, doc, true);
}

/* What to do, once a rule. */
static void text_end(struct report *r)
{
	size_t i;

	for (i = 0; i < r->nrule; i++)
		fprintf(r->to, "%shint: secret.%.*s: %.*s\n", i ? "" : "\n",
			SPAN_FMT(r->rule[i]->id),
			SPAN_FMT(r->rule[i]->remediation));
}

void report_end(struct report *r)
{
	if (r->format == REPORT_SARIF)
		sarif_end(r);
	if (r->format == REPORT_TEXT)
		text_end(r);
	free(r->rule);
	free(r);
}

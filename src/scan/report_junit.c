/*
 * JUnit XML, as continuous integration servers read it: a finding is a test
 * that failed, what was not scanned one that had an error. Low confidence has
 * no word of its own there: it is the failure's type, "warning".
 */
#include "base/text.h"
#include "scan/reportform.h"

/* Text that XML 1.0 can hold: text_printable has made of control characters
 * and of what is not UTF-8 what people can read. */
static void add_printable(struct buf *out, struct span text)
{
	size_t i;

	for (i = 0; i < text.n; i++) {
		/* U+FFFE and U+FFFF are characters, but none of XML's. */
		if (span_starts(span_from(text, i), SPAN_LIT("\xef\xbf")) &&
			text.n - i > 2 && text.p[i + 2] >= 0xbe) {
			buf_byte(out, '?');
			i += 2;
			continue;
		}
		switch (text.p[i]) {
		case '&':
			buf_str(out, "&amp;");
			break;
		case '<':
			buf_str(out, "&lt;");
			break;
		case '>':
			buf_str(out, "&gt;");
			break;
		case '"':
			buf_str(out, "&quot;");
			break;
		default:
			buf_byte(out, text.p[i]);
			break;
		}
	}
}

static void add_text(struct buf *out, struct span s)
{
	struct buf text = BUF_INIT(8 * 65536);

	text_printable(&text, s, 65536);
	add_printable(out, buf_all(&text));
	buf_free(&text);
}

static struct span place_name(const struct report_place *place)
{
	if (place->path.n)
		return place->path;
	return span_str(place->what ? place->what : "object");
}

static void open_case(struct report *r, const struct report_place *place,
	const char *member, struct span id)
{
	buf_str(&r->cases, "    <testcase classname=\"");
	add_text(&r->cases, place_name(place));
	if (member) {
		buf_byte(&r->cases, '!');
		add_printable(&r->cases, span_str(member));
	}
	buf_str(&r->cases, "\" name=\"secret.");
	add_text(&r->cases, id);
	if (place->line)
		buf_fmt(&r->cases, " in line %zu", place->line);
	if (place->commit && place->commit[0])
		buf_fmt(&r->cases, " of commit %s", place->commit);
	buf_str(&r->cases, "\">\n");
}

static void junit_hit(struct report *r, const struct report_place *place,
	const struct scan_hit *hit)
{
	const struct rule *rule = hit->rule;

	open_case(r, place, hit->member, rule->id);
	buf_fmt(&r->cases, "      <failure type=\"%s\" message=\"",
		report_level(hit->confidence));
	add_text(&r->cases, rule->description);
	if (place->line) {
		buf_str(&r->cases, ": ");
		add_text(&r->cases, span_str(hit->redacted));
		buf_str(&r->cases, validity_note(hit->validity));
	}
	if (hit->encoding) {
		buf_str(&r->cases, ", in ");
		add_text(&r->cases, span_str(hit->encoding));
	}
	buf_str(&r->cases, "\">");
	add_text(&r->cases, rule->remediation);
	buf_str(&r->cases, "</failure>\n    </testcase>\n");
}

static void junit_unscanned(
	struct report *r, const struct report_place *place, const char *why)
{
	open_case(r, place, NULL, SPAN_LIT("not_scanned"));
	buf_str(&r->cases, "      <error type=\"error\" message=\"");
	add_text(&r->cases, span_str(why));
	buf_str(&r->cases, "\"/>\n    </testcase>\n");
}

static void junit_end(struct report *r)
{
	size_t found = r->count.high + r->count.low;
	size_t all = found + r->count.unscanned;

	if (r->cases.full)
		die("the report is larger than %zu bytes", REPORT_MAX);
	/* A suite without a test is taken for one that did not run. */
	if (!all)
		buf_str(&r->cases,
			"    <testcase classname=\"sluice\" "
			"name=\"no secrets\"/>\n");
	fprintf(r->to,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuites>\n"
		"  <testsuite name=\"sluice scan\" tests=\"%zu\" "
		"failures=\"%zu\" errors=\"%zu\" skipped=\"0\">\n",
		all ? all : 1, found, r->count.unscanned);
	fwrite(r->cases.p, 1, r->cases.n, r->to);
	fputs("  </testsuite>\n</testsuites>\n", r->to);
}

const struct report_form report_junit = {junit_hit, junit_unscanned, junit_end};

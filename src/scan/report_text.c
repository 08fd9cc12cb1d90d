/* One finding a line, for people. */
#include "base/text.h"
#include "scan/reportform.h"

static void show_place(
	struct report *r, const struct report_place *place, const char *member)
{
	struct buf shown = BUF_INIT(8 * REPORT_PATH_SHOWN);

	if (place->commit && place->commit[0])
		fprintf(r->to, "%.12s:", place->commit);
	else if (place->object && place->object[0])
		fprintf(r->to, "%.12s:", place->object);
	text_printable(&shown, place->path, REPORT_PATH_SHOWN);
	if (place->path.n)
		fputs(buf_cstr(&shown), r->to);
	else if (place->what)
		fputs(place->what, r->to);
	if (member)
		fprintf(r->to, "!%s", member);
	if (place->path.n || place->what || member)
		fputc(':', r->to);
	buf_free(&shown);
}

static void text_hit(struct report *r, const struct report_place *place,
	const struct scan_hit *hit)
{
	const struct rule *rule = hit->rule;

	report_rule(r, rule);
	show_place(r, place, hit->member);
	if (place->line)
		fprintf(r->to, "%zu:%zu:", place->line, hit->column);
	fprintf(r->to, " %s: secret.%.*s: %.*s", report_level(hit->confidence),
		SPAN_FMT(rule->id), SPAN_FMT(rule->description));
	if (place->line)
		fprintf(r->to, ": %s%s", hit->redacted,
			validity_note(hit->validity));
	if (hit->encoding)
		fprintf(r->to, ", in %s", hit->encoding);
	fputc('\n', r->to);
}

static void text_unscanned(
	struct report *r, const struct report_place *place, const char *why)
{
	show_place(r, place, NULL);
	fprintf(r->to, " error: secret.not_scanned: %s\n", why);
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

const struct report_form report_text = {text_hit, text_unscanned, text_end};

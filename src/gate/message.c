/*
 * What the developer reads. Findings of one kind on one ref stand together: the
 * first few places, how many more, and the way out once. Everything shown comes
 * from the record, whose texts are printable already.
 */
#include "gate/gate.h"

#define PLACES_SHOWN 5  /* of one kind */
#define GROUPS_SHOWN 12 /* kinds, in all */
#define ABBREV 10       /* digits of an object name */

struct group {
	size_t first; /* index of its first finding */
	size_t n;
};

static bool same_kind(const struct doc *a, const struct doc *b)
{
	return doc_get_bool(a, "observed") == doc_get_bool(b, "observed") &&
		span_eq(doc_get_text(a, "id"), doc_get_text(b, "id")) &&
		span_eq(doc_get_text(a, "ref"), doc_get_text(b, "ref")) &&
		span_eq(doc_get_text(a, "severity"),
			doc_get_text(b, "severity"));
}

static bool is(const struct doc *finding, const char *severity)
{
	return span_is(doc_get_text(finding, "severity"), severity);
}

/* How soon a reader should see it: what must be mended first, then what was let
 * pass all the same. */
static int rank(const struct doc *finding)
{
	return is(finding, "block") ? 0 : is(finding, "waived") ? 1 : 2;
}

static const char *label(const struct doc *finding)
{
	if (is(finding, "waived"))
		return "waived:";
	if (!is(finding, "block"))
		return "warning:";
	return doc_get_bool(finding, "observed") ? "error, only observed:"
						 : "error:";
}

/* "    1a2b3c4d5e src/a.c:12: detail" */
static void place_line(struct buf *out, const struct doc *f)
{
	struct span object = doc_get_text(f, "object");
	struct span place = doc_get_text(f, "place");
	struct span detail = doc_get_text(f, "detail");
	bool named = object.n && !span_starts(object, SPAN_LIT("0000000000"));

	if (!named && !place.n && !detail.n)
		return;
	buf_str(out, "    ");
	if (named)
		buf_span(out, span_sub(object, 0, ABBREV));
	if (place.n) {
		if (named)
			buf_str(out, " ");
		buf_span(out, place);
	}
	if (detail.n) {
		if (named || place.n)
			buf_str(out, ": ");
		buf_span(out, detail);
	}
	buf_str(out, "\n");
}

static void hint_line(struct buf *out, struct span hint)
{
	if (!hint.n)
		return;
	buf_str(out, "  hint: ");
	buf_span(out, hint);
	buf_str(out, "\n");
}

/* The same line of a file, met again in another version of it. */
static bool same_place(const struct doc *a, const struct doc *b)
{
	struct span place = doc_get_text(a, "place");

	return place.n && span_eq(place, doc_get_text(b, "place")) &&
		span_eq(doc_get_text(a, "detail"), doc_get_text(b, "detail"));
}

/* Who may waive it and with what command, once for each thing to name. */
static void ask_lines(struct buf *out, const struct doc *const *told, size_t n)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		struct span ask = doc_get_text(told[i], "waiver");

		for (k = 0; k < i; k++)
			if (span_eq(ask, doc_get_text(told[k], "waiver")))
				break;
		if (!ask.n || k < i)
			continue;
		buf_str(out, "  waiver: ");
		buf_span(out, ask);
		buf_str(out, "\n");
	}
}

static bool names(const struct doc *finding, struct span object)
{
	const struct doc *by = doc_get(finding, "waivers");
	struct span one;
	size_t i;

	for (i = 0; i < doc_count(by); i++)
		if (doc_text(doc_at(by, i), &one) && span_eq(one, object))
			return true;
	return false;
}

/* "  waived by bela until 2026-12-01T12:00:00Z: a test key" */
static void waiver_lines(struct buf *out, const struct doc *waivers,
	const struct doc *const *told, size_t n)
{
	size_t i, k, shown = 0;

	for (i = 0; i < doc_count(waivers); i++) {
		const struct doc *w = doc_at(waivers, i);

		for (k = 0; k < n; k++)
			if (names(told[k], doc_get_text(w, "object")))
				break;
		if (k == n || !doc_get_bool(w, "used"))
			continue;
		if (++shown > PLACES_SHOWN) {
			buf_str(out, "  … and by more\n");
			break;
		}
		buf_str(out, "  waived by ");
		buf_span(out, doc_get_text(w, "person"));
		buf_str(out, " until ");
		buf_span(out, doc_get_text(w, "until"));
		buf_str(out, ": ");
		buf_span(out, doc_get_text(w, "reason"));
		buf_str(out, "\n");
	}
}

static void group_write(struct buf *out, const struct doc *findings,
	const struct doc *waivers, const struct group *g)
{
	const struct doc *f = doc_at(findings, g->first);
	const struct doc *told[PLACES_SHOWN];
	size_t i, k, seen = 0, shown = 0;

	buf_fmt(out, "\n%s ", label(f));
	buf_span(out, doc_get_text(f, "id"));
	buf_str(out, " on ");
	buf_span(out, doc_get_text(f, "ref"));
	buf_str(out, ": ");
	buf_span(out, doc_get_text(f, "text"));
	buf_str(out, "\n");
	for (i = g->first; seen < g->n && shown < PLACES_SHOWN; i++) {
		const struct doc *at = doc_at(findings, i);

		if (!same_kind(f, at))
			continue;
		seen++;
		for (k = 0; k < shown; k++)
			if (same_place(told[k], at))
				break;
		if (k < shown)
			continue;
		place_line(out, at);
		told[shown++] = at;
	}
	if (g->n > shown)
		buf_fmt(out, "    … and %zu more\n", g->n - shown);
	if (is(f, "waived")) {
		waiver_lines(out, waivers, told, shown);
		return;
	}
	hint_line(out, doc_get_text(f, "hint"));
	ask_lines(out, told, shown);
}

/* The kinds among the findings, blocking ones first: they must be mended.
 * ${left} counts findings of kinds for which there is no room. */
static size_t groups_find(
	const struct doc *findings, struct group *v, size_t *left)
{
	size_t n = 0, i, k;
	int pass;

	*left = 0;
	for (pass = 0; pass < 3; pass++) {
		for (i = 0; i < doc_count(findings); i++) {
			const struct doc *f = doc_at(findings, i);

			if (rank(f) != pass)
				continue;
			for (k = 0; k < n; k++)
				if (same_kind(doc_at(findings, v[k].first), f))
					break;
			if (k < n) {
				v[k].n++;
			} else if (n < GROUPS_SHOWN) {
				v[n++] = (struct group){i, 1};
			} else {
				++*left;
			}
		}
	}
	return n;
}

static size_t waived_count(const struct doc *findings)
{
	size_t i, n = 0;

	for (i = 0; i < doc_count(findings); i++)
		n += is(doc_at(findings, i), "waived");
	return n;
}

/* In what words a verdict is told. */
struct words {
	const char *accepted, *observed, *refused, *undecided;
	const char *more; /* where the rest of the findings stands */
};

static void verdict_line(const struct doc *p, const struct words *w,
	size_t waived, struct buf *out)
{
	struct span verdict = doc_get_text(p, "verdict");

	if (span_is(verdict, "accept") && waived) {
		buf_fmt(out, "sluice: %s, with %zu finding%s WAIVED\n",
			w->accepted, waived, waived == 1 ? "" : "s");
	} else if (span_is(verdict, "accept")) {
		buf_fmt(out, "sluice: %s\n", w->accepted);
	} else if (span_is(verdict, "reject")) {
		buf_fmt(out, "sluice: %s\n",
			doc_get_bool(p, "admitted") ? w->observed : w->refused);
	} else {
		buf_fmt(out, "sluice: %s\n", w->undecided);
		buf_span(out, doc_get_text(p, "cause"));
		buf_str(out, "\n");
		hint_line(out, doc_get_text(p, "hint"));
	}
}

static void body(
	const struct doc *record, const struct words *w, struct buf *out)
{
	const struct doc *p = doc_get(record, "predicate");
	const struct doc *findings = doc_get(p, "findings");
	struct group v[GROUPS_SHOWN];
	size_t n, left, i;

	verdict_line(p, w, waived_count(findings), out);
	n = groups_find(findings, v, &left);
	for (i = 0; i < n; i++)
		group_write(out, findings, doc_get(p, "waivers"), &v[i]);
	if (left)
		buf_fmt(out, "\n… and %zu more: %s\n", left, w->more);
	if (n)
		buf_str(out, "\n");
}

void message_write(const struct doc *record, uint64_t entry, struct buf *out)
{
	char more[64];
	const struct words w = {
		"accepted",
		"let through although it breaks the policy (mode: observe)",
		"refused",
		"could not judge",
		more,
	};

	snprintf(more, sizeof(more), "sluice log show %llu",
		(unsigned long long)entry);
	body(record, &w, out);
	buf_fmt(out, "evidence: %llu\n", (unsigned long long)entry);
}

void message_foretell(const struct doc *record, struct buf *out)
{
	static const struct words w = {
		"would be accepted",
		"would be let through although it breaks the policy (mode: "
		"observe)",
		"would be refused",
		"could not judge",
		"sluice check --json",
	};

	body(record, &w, out);
}

void message_failure(const struct err *cause, struct buf *out)
{
	buf_str(out, "sluice: could not judge\n");
	buf_fmt(out, "%s\n", cause->text);
	hint_line(out, span_str(cause->hint));
	buf_str(out, "evidence: none, so the push is refused\n");
}

#include "parse/waiver.h"

#include "base/clock.h"
#include "base/text.h"
#include "parse/trailer.h"

/* A trailer that may be left out; false when it is there twice or empty. */
static bool optional(const struct tag *tag, const char *key, struct span *out)
{
	size_t i, n = 0;

	for (i = 0; i < tag->ntrailer; i++)
		n += text_same(tag->trailer[i].key, span_str(key));
	*out = SPAN_EMPTY;
	return !n ||
		(trailer_find(tag->trailer, tag->ntrailer, key, out) && out->n);
}

static bool needed(const struct tag *tag, const char *key, struct span *out)
{
	return trailer_find(tag->trailer, tag->ntrailer, key, out) && out->n;
}

static bool is_hex(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if ((s.p[i] < '0' || s.p[i] > '9') &&
			(s.p[i] < 'a' || s.p[i] > 'f'))
			return false;
	return true;
}

static bool has_commit(enum object_type t)
{
	return t == OBJECT_COMMIT || t == OBJECT_TAG;
}

/* What is waived is named once: two names that differ would let people sign
 * one thing and the gate read another. */
static const char *commit_read(const struct tag *tag, struct oid *out)
{
	struct span hex;

	if (!optional(tag, "Commit", &hex))
		return "its message has more than one 'Commit:' line";
	*out = tag->target;
	if (!hex.n)
		return has_commit(tag->target_type) ? NULL
						    : "it names no commit";
	if (!oid_read(hex, out))
		return "its 'Commit:' line is not the full name of a commit";
	if (has_commit(tag->target_type) && !oid_eq(out, &tag->target))
		return "it points to another commit than it names";
	return NULL;
}

static const char *limits_read(const struct tag *tag, struct waiver *out)
{
	struct span until;

	if (!optional(tag, "Fingerprint", &out->fingerprint) ||
		out->fingerprint.n > WAIVER_FINGERPRINT_MAX ||
		!is_hex(out->fingerprint))
		return "its 'Fingerprint:' line is not one fingerprint";
	if (!optional(tag, "Path", &out->path) || out->path.n > WAIVER_PATH_MAX)
		return "its 'Path:' line is not one path";
	if (!needed(tag, "Reason", &out->reason))
		return "its message does not have one 'Reason:' line";
	if (out->reason.n > WAIVER_REASON_MAX)
		return "its reason is too long";
	if (!needed(tag, "Until", &until) || !clock_read(until, &out->until))
		return "its message does not have one 'Until:' line with a "
		       "time like 2026-12-01T12:00:00Z";
	return NULL;
}

const char *waiver_read(const struct tag *tag, struct waiver *out)
{
	struct span kind;
	const char *fault;

	memset(out, 0, sizeof(*out));
	if (!needed(tag, "Sluice", &kind) || !span_is(kind, "waiver"))
		return "its message has no 'Sluice: waiver' line";
	if (!needed(tag, "Repository", &out->repository))
		return "its message does not have one 'Repository:' line";
	if (!needed(tag, "For", &out->ref) ||
		!span_starts(out->ref, SPAN_LIT("refs/")))
		return "its message does not have one 'For: refs/…' line";
	if (!needed(tag, "Finding", &out->finding))
		return "its message does not have one 'Finding:' line";
	if (!finding_id_known(out->finding, &out->id))
		return "what it names on its 'Finding:' line is no finding";
	if (!finding_waivable(out->id))
		return "what it names on its 'Finding:' line can never be "
		       "waived";
	fault = commit_read(tag, &out->commit);
	return fault ? fault : limits_read(tag, out);
}

static void line(struct buf *out, const char *key, struct span value)
{
	if (!value.n)
		return;
	buf_fmt(out, "%s: ", key);
	buf_span(out, value);
	buf_byte(out, '\n');
}

void waiver_write(const struct waiver *w, const char *subject, struct buf *out)
{
	char hex[OID_HEX + 1], until[CLOCK_TEXT_MAX];

	clock_text(w->until, until);
	buf_fmt(out, "%s\n\nSluice: waiver\n", subject);
	line(out, "Repository", w->repository);
	line(out, "For", w->ref);
	line(out, "Finding", w->finding);
	line(out, "Commit", span_str(oid_hex(&w->commit, hex)));
	line(out, "Fingerprint", w->fingerprint);
	line(out, "Path", w->path);
	line(out, "Reason", w->reason);
	line(out, "Until", span_str(until));
}

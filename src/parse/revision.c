#include "parse/revision.h"

#include "base/text.h"

static bool take_end(struct span *s, const char *end)
{
	struct span e = span_str(end);

	if (!span_ends(*s, e))
		return false;
	s->n -= e.n;
	return true;
}

static bool is_digest(struct span s)
{
	return span_starts(s, SPAN_LIT("sha256:")) ||
		span_starts(s, SPAN_LIT("sha512:")) ||
		span_search(s, SPAN_LIT("@sha256:")) != SIZE_MAX;
}

static size_t hex_digits(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = text_lower(s.p[i]);

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			break;
	}
	return i;
}

static unsigned value(unsigned char c)
{
	c = text_lower(c);
	return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static const char *unfit(struct span s)
{
	size_t n = hex_digits(s);

	if (!s.n)
		return "it states no revision";
	if (is_digest(s) || (n == s.n && n == 64))
		return "an artifact digest: no build attestation in the log "
		       "says which commit it was made from";
	if (n == s.n && n < REVISION_DIGITS_MIN)
		return "too short to name a commit: 7 digits at least, 40 are "
		       "sure";
	if (n != s.n || n > OID_HEX)
		return "not the name of a commit (40 hex digits): a version or "
		       "branch can be moved";
	return NULL;
}

void revision_read(struct span text, struct arena *a, struct deployed *out)
{
	struct span s = span_trim(text);
	size_t i;

	out->revision = arena_copy(a, s);
	if (take_end(&s, "-dirty") || take_end(&s, "+dirty") ||
		take_end(&s, "-modified"))
		out->dirty = "its build says that files were changed";
	out->unfit = unfit(s);
	if (out->unfit)
		return;
	for (i = 0; i < s.n; i++)
		out->oid.b[i / 2] |=
			(unsigned char)(value(s.p[i]) << (i % 2 ? 0 : 4));
	out->digits = (unsigned)s.n;
	if (oid_is_zero(&out->oid) && s.n == OID_HEX)
		out->unfit = "the zero name stands for no commit";
}

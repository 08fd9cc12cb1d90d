#include "parse/reviewtime.h"

#include <stdio.h>

#include "base/clock.h"
#include "parse/reviewread.h"

#define SECOND 1000000 /* microseconds */
#define DIGITS_MAX 9
#define BARE 19 /* bytes of "2026-01-02T03:04:05" */

static bool two(struct span s, size_t at, int64_t *out)
{
	const unsigned char *p = s.p + at;

	if (s.n < at + 2 || p[0] < '0' || p[0] > '9' || p[1] < '0' ||
		p[1] > '9')
		return false;
	*out = (p[0] - '0') * 10 + (p[1] - '0');
	return true;
}

/* "Z", "+01:00"; nothing only where Gerrit's form says that it is UTC. */
static bool offset(struct span s, bool bare, int64_t *out)
{
	int64_t hours, minutes;

	*out = 0;
	if (bare)
		return !s.n;
	if (span_is(s, "Z"))
		return true;
	if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':' ||
		!two(s, 1, &hours) || !two(s, 4, &minutes) || hours > 23 ||
		minutes > 59)
		return false;
	*out = (hours * 60 + minutes) * 60 * (s.p[0] == '+' ? 1 : -1);
	return true;
}

/* ".678": in microseconds, and how long what is written may last. */
static bool fraction(struct span *s, int64_t *out, int64_t *unit)
{
	size_t i;

	*out = 0;
	*unit = SECOND;
	if (!s->n || s->p[0] != '.')
		return true;
	for (i = 1; i < s->n && s->p[i] >= '0' && s->p[i] <= '9'; i++) {
		if (i > DIGITS_MAX)
			return false;
		if (*unit == 1)
			continue;
		*unit /= 10;
		*out += (s->p[i] - '0') * *unit;
	}
	*s = span_from(*s, i);
	return i > 1;
}

bool review_time_read(struct span s, struct review_time *out)
{
	char text[BARE + 2];
	int64_t seconds, part, unit, zone;
	struct span rest = span_from(s, BARE);
	bool bare;

	memset(out, 0, sizeof(*out));
	if (s.n < BARE || (s.p[10] != 'T' && s.p[10] != ' '))
		return false;
	bare = s.p[10] == ' ';
	snprintf(text, sizeof(text), "%.*sZ", BARE, (const char *)s.p);
	text[10] = 'T';
	if (!clock_read(span_str(text), &seconds) ||
		!fraction(&rest, &part, &unit) || !offset(rest, bare, &zone))
		return false;
	out->from = (seconds - zone) * SECOND + part;
	out->to = out->from + unit;
	return true;
}

int review_moment(const struct doc *object, const char *key,
	struct review_time *out, struct err *err)
{
	struct span text;

	if (!doc_text(doc_get(object, key), &text) ||
		!review_time_read(text, out))
		return review_missing(key, err);
	return 0;
}

bool review_time_after(const struct review_time *a, const struct review_time *b)
{
	return a->from >= b->to;
}

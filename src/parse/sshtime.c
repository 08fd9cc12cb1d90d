#include "parse/sshtime.h"

#include "base/text.h"

static bool leap(unsigned y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static unsigned month_days(unsigned y, unsigned m)
{
	static const unsigned char days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[m - 1] + (m == 2 && leap(y) ? 1u : 0u);
}

static int64_t days_since_1970(unsigned y, unsigned m, unsigned d)
{
	int64_t days = 0;
	unsigned i;

	for (i = 1970; i < y; i++)
		days += 365 + leap(i);
	for (i = 1; i < m; i++)
		days += month_days(y, i);
	return days + d - 1;
}

/* ${n} digits, taken off. */
static unsigned number(struct span *s, size_t n)
{
	unsigned v = 0;
	size_t i;

	for (i = 0; i < n && i < s->n; i++)
		v = v * 10 + s->p[i] - '0';
	*s = span_from(*s, n);
	return v;
}

enum sshtime sshtime_read(struct span s, int64_t *out)
{
	unsigned y, mon, d, h, min, sec;
	bool utc = true;
	size_t i;

	*out = 0;
	if (s.n > 1 && text_same(span_from(s, s.n - 1), SPAN_LIT("z")))
		s.n -= 1;
	else if (s.n > 3 && text_same(span_from(s, s.n - 3), SPAN_LIT("utc")))
		s.n -= 3;
	else
		utc = false;
	if (s.n != 8 && s.n != 12 && s.n != 14)
		return SSHTIME_BAD;
	for (i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return SSHTIME_BAD;
	y = number(&s, 4);
	mon = number(&s, 2);
	d = number(&s, 2);
	h = number(&s, 2);
	min = number(&s, 2);
	sec = number(&s, 2);
	if (y < 1970 || mon < 1 || mon > 12 || d < 1 ||
		d > month_days(y, mon) || h > 23 || min > 59 || sec > 59)
		return SSHTIME_BAD;
	*out = days_since_1970(y, mon, d) * 86400 + h * 3600 + min * 60 + sec;
	if (!*out)
		return SSHTIME_BAD;
	return utc ? SSHTIME_GOOD : SSHTIME_ZONE;
}

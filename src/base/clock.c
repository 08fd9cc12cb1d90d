#include "base/clock.h"

static int64_t fixed;

int64_t clock_now(void)
{
	return fixed ? fixed : (int64_t)time(NULL);
}

int64_t clock_cpu_us(void)
{
	struct timespec ts = {0, 0};

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_us(void)
{
	struct timespec ts = {0, 0};

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_ms(void)
{
	return clock_us() / 1000;
}

void clock_limit_set(struct clock_limit *l, int64_t us)
{
	*l = (struct clock_limit){us, -1, -1};
}

bool clock_limit_passed(struct clock_limit *l)
{
	if (l->wall < 0) {
		l->wall = clock_us();
		return false;
	}
	if (l->cpu >= 0)
		return clock_cpu_us() - l->cpu > l->us / 2;
	if (clock_us() - l->wall > l->us / 2)
		l->cpu = clock_cpu_us();
	return false;
}

void clock_text(int64_t t, char out[CLOCK_TEXT_MAX])
{
	time_t tt = (time_t)t;
	struct tm tm;

	if (!gmtime_r(&tt, &tm) || tm.tm_year < -1900 || tm.tm_year > 8099 ||
		!strftime(out, CLOCK_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm))
		snprintf(out, CLOCK_TEXT_MAX, "invalid");
}

static bool two(struct span s, size_t at, int lo, int hi, int *out)
{
	struct span d = span_sub(s, at, 2);

	if (d.n != 2 || d.p[0] < '0' || d.p[0] > '9' || d.p[1] < '0' ||
		d.p[1] > '9')
		return false;
	*out = 10 * (d.p[0] - '0') + d.p[1] - '0';
	return *out >= lo && *out <= hi;
}

static bool byte_is(struct span s, size_t at, char c)
{
	return at < s.n && s.p[at] == (unsigned char)c;
}

static bool date(struct span s, struct tm *tm)
{
	int century, year;

	if (!two(s, 0, 19, 99, &century) || !two(s, 2, 0, 99, &year) ||
		!byte_is(s, 4, '-') || !two(s, 5, 1, 12, &tm->tm_mon) ||
		!byte_is(s, 7, '-') || !two(s, 8, 1, 31, &tm->tm_mday))
		return false;
	tm->tm_year = 100 * century + year - 1900;
	tm->tm_mon--;
	return true;
}

static bool hour(struct span s, struct tm *tm)
{
	bool seconds = byte_is(s, 16, ':');

	return byte_is(s, 10, 'T') && two(s, 11, 0, 23, &tm->tm_hour) &&
		byte_is(s, 13, ':') && two(s, 14, 0, 59, &tm->tm_min) &&
		(!seconds || two(s, 17, 0, 59, &tm->tm_sec)) &&
		s.n == (seconds ? 20 : 17) && byte_is(s, s.n - 1, 'Z');
}

bool clock_read(struct span s, int64_t *out)
{
	struct tm tm = {0}, told;

	*out = 0;
	if (!date(s, &tm) || (s.n != 10 && !hour(s, &tm)))
		return false;
	told = tm;
	*out = (int64_t)timegm(&tm);
	/* The 31st of April was made the 1st of May. */
	if (tm.tm_mday == told.tm_mday)
		return true;
	*out = 0;
	return false;
}

void clock_fix(int64_t t)
{
	fixed = t;
}

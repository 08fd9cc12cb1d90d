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

void clock_fix(int64_t t)
{
	fixed = t;
}

#include "support/unit.h"

#include "base/clock.h"

static void times_are_written_in_utc(void **state)
{
	static const struct {
		int64_t t;
		const char *text;
	} rows[] = {
		{0, "1970-01-01T00:00:00Z"},
		{951782400, "2000-02-29T00:00:00Z"},
		{2147483648, "2038-01-19T03:14:08Z"},
		{253402300799, "9999-12-31T23:59:59Z"},
		{253402300800, "invalid"},
		{-1, "1969-12-31T23:59:59Z"},
		{INT64_MAX, "invalid"},
		{INT64_MIN, "invalid"},
	};
	char out[CLOCK_TEXT_MAX];
	size_t i;

	(void)state;
	setenv("TZ", "Asia/Kathmandu", 1);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		clock_text(rows[i].t, out);
		assert_string_equal(out, rows[i].text);
	}
}

static void times_are_read_in_utc(void **state)
{
	static const struct {
		const char *text;
		int64_t t;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2000-02-29T00:00:00Z", 951782400},
		{"2000-02-29", 951782400},
		{"2000-02-29T00:00Z", 951782400},
		{"2038-01-19T03:14:08Z", 2147483648},
		{"9999-12-31T23:59:59Z", 253402300799},
	};
	static const char *const bad[] = {"", "2000", "2000-02-30",
		"2001-02-29", "2000-13-01", "2000-00-01", "2000-01-00",
		"2000-1-01", "2000-02-29T24:00Z", "2000-02-29T00:60Z",
		"2000-02-29T00:00", "2000-02-29T00:00:00", "2000-02-29 00:00Z",
		"2000-02-29T00:00:00+01:00", "2000-02-29T00:00:00Zx",
		"2000-02-29T00:00Zxxx", "2000-02-29Z", "1800-01-01",
		"+999-01-01", "2000-02-29T00:00:60Z"};
	int64_t t;
	size_t i;

	(void)state;
	setenv("TZ", "Asia/Kathmandu", 1);
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(clock_read(span_str(rows[i].text), &t));
		assert_int_equal(t, rows[i].t);
	}
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		if (clock_read(span_str(bad[i]), &t))
			fail_msg("'%s' is taken for a time", bad[i]);
		assert_int_equal(t, 0);
	}
}

static void the_clock_can_be_fixed(void **state)
{
	int64_t real = (int64_t)time(NULL);

	(void)state;
	clock_fix(1234567890);
	assert_int_equal(clock_now(), 1234567890);
	clock_fix(0);
	assert_in_range(clock_now(), real, real + 10);
}

static void durations_do_not_run_backwards(void **state)
{
	int64_t us = clock_us(), ms = clock_ms();

	(void)state;
	usleep(2000);
	assert_true(clock_us() >= us + 2000);
	assert_true(clock_ms() >= ms + 1);
}

static void spend(int64_t us)
{
	int64_t until = clock_cpu_us() + us;

	while (clock_cpu_us() < until)
		;
}

static void a_limit_is_of_computing(void **state)
{
	struct clock_limit l;
	int64_t spent = 0;

	(void)state;
	clock_limit_set(&l, 100000);
	assert_false(clock_limit_passed(&l));
	usleep(120000);
	assert_false(clock_limit_passed(&l));
	spend(20000);
	assert_false(clock_limit_passed(&l));
	spend(40000);
	assert_true(clock_limit_passed(&l));
	clock_limit_set(&l, 50000);
	assert_false(clock_limit_passed(&l));
	while (spent < 60000 && !clock_limit_passed(&l)) {
		spend(1000);
		spent += 1000;
	}
	assert_in_range(spent, 25000, 55000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_written_in_utc),
		cmocka_unit_test(times_are_read_in_utc),
		cmocka_unit_test(the_clock_can_be_fixed),
		cmocka_unit_test(durations_do_not_run_backwards),
		cmocka_unit_test(a_limit_is_of_computing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

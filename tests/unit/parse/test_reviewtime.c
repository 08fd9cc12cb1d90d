#include "parse/reviewtime.h"

#include "support/unit.h"

#define T0 1767323045000000 /* 2026-01-02T03:04:05Z in microseconds */

static void forms_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t from, unit;
	} t[] = {
		{"2026-01-02T03:04:05Z", T0, 1000000},
		{"2026-01-02T03:04:05.678Z", T0 + 678000, 1000},
		{"2026-01-02T03:04:05.6Z", T0 + 600000, 100000},
		{"2026-01-02T04:04:05.678+01:00", T0 + 678000, 1000},
		{"2026-01-01T21:34:05-05:30", T0, 1000000},
		{"2026-01-02 03:04:05.678000000", T0 + 678000, 1},
		{"2026-01-02 03:04:05.678123999", T0 + 678123, 1},
		{"2026-01-02 03:04:05", T0, 1000000},
	};
	struct review_time got;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		if (!review_time_read(span_str(t[i].text), &got))
			fail_msg("not read: %s", t[i].text);
		assert_int_equal(got.from, t[i].from);
		assert_int_equal(got.to - got.from, t[i].unit);
	}
}

static void others_are_refused(void **state)
{
	static const char *const t[] = {
		"",
		"2026-01-02",
		"2026-01-02T03:04Z",
		"2026-01-02T03:04:05",
		"2026-01-02T03:04:05.678",
		"2026-01-02 03:04:05Z",
		"2026-01-02T03:04:05.Z",
		"2026-01-02T03:04:05.1234567890Z",
		"2026-01-02T03:04:05z",
		"2026-01-02T03:04:05+0100",
		"2026-01-02T03:04:05+24:00",
		"2026-01-02T03:04:05+01:60",
		"2026-01-02T03:04:05+1:000",
		"2026-01-02T03:04:05Z ",
		"2026-04-31T03:04:05Z",
		"2026-13-02T03:04:05Z",
		"-026-01-02T03:04:05Z",
		"2026-01-02T03:04:05\0Z",
	};
	struct review_time got;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++)
		if (review_time_read(span_str(t[i]), &got))
			fail_msg("read: %s", t[i]);
}

static bool after(const char *a, const char *b)
{
	struct review_time x, y;

	assert_true(review_time_read(span_str(a), &x));
	assert_true(review_time_read(span_str(b), &y));
	return review_time_after(&x, &y);
}

/* What may have been at the same time is not later. */
static void rounding_makes_nothing_later(void **state)
{
	(void)state;
	assert_true(after("2026-01-02T03:04:06Z", "2026-01-02T03:04:05Z"));
	assert_false(after("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"));
	assert_false(after("2026-01-02T03:04:05.900Z", "2026-01-02T03:04:05Z"));
	assert_false(after("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.100Z"));
	assert_true(
		after("2026-01-02T03:04:05.101Z", "2026-01-02T03:04:05.100Z"));
	assert_false(after(
		"2026-01-02T03:04:05.100Z", "2026-01-02 03:04:05.100000000"));
	assert_false(
		after("2026-01-02T03:04:06+01:00", "2026-01-02T03:04:05Z"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_read),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(rounding_makes_nothing_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What jobs note of their runs, how long records stay, what systemctl says. */
#include "../../support/unit.h"

#include "base/clock.h"
#include "parse/lastrun.h"
#include "parse/retention.h"
#include "parse/unitstate.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(1u << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#define THEN INT64_C(1795420800) /* 2026-11-23T08:00:00Z */

static void test_run(void **unused)
{
	const struct lastrun given[] = {
		{.began = THEN},
		{.began = THEN, .ended = THEN + 61, .done = true, .status = 2},
	};
	static const char *const text[] = {
		"{\"began\":\"2026-11-23T08:00:00Z\"}\n",
		"{\"began\":\"2026-11-23T08:00:00Z\","
		"\"ended\":\"2026-11-23T08:01:01Z\",\"status\":2}\n",
	};
	struct buf out = BUF_INIT(LASTRUN_FILE_MAX);
	struct err err = ERR_INIT;
	struct lastrun r;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(given); i++) {
		buf_reset(&out);
		lastrun_text(&given[i], &out);
		assert_string_equal(buf_cstr(&out), text[i]);
		assert_int_equal(
			lastrun_parse(buf_all(&out), arena, &r, &err), 0);
		assert_true(r.began == given[i].began);
		assert_true(r.ended == given[i].ended);
		assert_true(r.done == given[i].done);
		assert_int_equal(r.status, given[i].status);
	}
	buf_free(&out);
}

static void test_no_run(void **unused)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"{\"began\": 5}",
		"{\"began\": \"today\"}",
		"{\"began\": \"2026-11-23\", \"status\": 0}",
		"{\"began\": \"2026-11-23\", \"ended\": \"2026-11-24\"}",
		"{\"began\": \"2026-11-23\", \"ended\": \"2026-11-24\","
		" \"status\": 256}",
		"{\"began\": \"2026-11-23\", \"more\": 1}",
	};
	struct lastrun r;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(
			lastrun_parse(span_str(bad[i]), arena, &r, &err), -1);
		assert_true(!r.began && !r.done);
	}
}

static void test_retention(void **unused)
{
	static const char *const bad[] = {
		"",
		"{}",
		"400",
		"{\"keep_days\": 0}",
		"{\"keep_days\": -1}",
		"{\"keep_days\": 36501}",
		"{\"keep_days\": \"400\"}",
		"{\"keep_days\": 400, \"keep\": 1}",
		"{\"keep_day\": 400}",
	};
	struct err err = ERR_INIT;
	struct retention r;
	size_t i;

	(void)unused;
	assert_int_equal(retention_parse(SPAN_LIT("{\"keep_days\": 400,"
						  " \"comment\": \"by law\"}"),
				 arena, &r, &err),
		0);
	assert_int_equal(r.keep_days, 400);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		err_clear(&err);
		assert_int_equal(
			retention_parse(span_str(bad[i]), arena, &r, &err), -1);
		assert_int_equal(r.keep_days, 0);
	}
}

static void test_units(void **unused)
{
	const struct span text = SPAN_LIT(
		"Id=a.timer\nLoadState=loaded\nActiveState=active\n"
		"UnitFileState=enabled\n\n"
		"Id=b.timer\nLoadState=loaded\nActiveState=inactive\n"
		"UnitFileState=disabled\n\n"
		"Id=c.timer\nLoadState=not-found\nActiveState=inactive\n"
		"UnitFileState=\n\n"
		"Id=d.timer\nLoadState=loaded\nActiveState=active\n"
		"UnitFileState=enabled-runtime");
	struct unitstate u;

	(void)unused;
	assert_true(unitstate_find(text, "a.timer", &u));
	assert_true(u.loaded && u.active && u.enabled);
	assert_true(unitstate_find(text, "b.timer", &u));
	assert_true(u.loaded && !u.active && !u.enabled);
	assert_true(unitstate_find(text, "c.timer", &u));
	assert_true(!u.loaded && !u.active && !u.enabled);
	assert_true(unitstate_find(text, "d.timer", &u));
	assert_true(u.loaded && u.active && u.enabled);
	assert_false(unitstate_find(text, "timer", &u));
	assert_false(unitstate_find(SPAN_EMPTY, "a.timer", &u));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_no_run),
		cmocka_unit_test(test_retention),
		cmocka_unit_test(test_units),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

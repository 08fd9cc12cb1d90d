#include "parse/ranges.h"

#include "../../support/unit.h"

struct row {
	size_t v[6], n;
	const char *text;
};

static const struct row rows[] = {
	{{0}, 0, ""},
	{{0}, 1, "0"},
	{{0, 1, 2, 3}, 4, "0-3"},
	{{7, 8, 5}, 3, "7-8,5"},
	{{3, 2, 1, 0}, 4, "3,2,1,0"},
	{{0, 1, 9, 4, 5, 6}, 6, "0-1,9,4-6"},
};

static void test_both_ways(void **unused)
{
	struct arena *a = arena_new(1 << 20);
	struct buf text = BUF_INIT(1000);
	size_t i, k, n, *v;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&text);
		ranges_put(&text, rows[i].v, rows[i].n);
		unit_span_is(buf_all(&text), rows[i].text);
		assert_true(ranges_read(buf_all(&text), 10, a, &v, &n));
		assert_int_equal(n, rows[i].n);
		for (k = 0; k < n; k++)
			assert_int_equal(v[k], rows[i].v[k]);
	}
	buf_free(&text);
	arena_free(a);
}

/* One text for one list, and nothing past the end of what is numbered. */
static void test_refused(void **unused)
{
	static const char *const bad[] = {"10", "0-10", "0,", ",0", "0,,1",
		"0,1", "0-1,2", "3-3", "3-2", "01", "-1", "1-", " 1", "1 ",
		"0-2,1", "5,5", "18446744073709551616", "a", "0x1", "+1"};
	struct arena *a = arena_new(1 << 20);
	size_t i, n, *v;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(ranges_read(span_str(bad[i]), 10, a, &v, &n));
		assert_int_equal(n, 0);
	}
	assert_false(ranges_read(SPAN_LIT("0"), 0, a, &v, &n));
	assert_true(ranges_read(SPAN_LIT(""), 0, a, &v, &n));
	arena_free(a);
}

static void test_ascending(void **unused)
{
	static const char *const bad[] = {"", "10", "0-10", "0,", ",0", "0,1",
		"0-1,2", "3-3", "3-2", "01", "5,5", "7,3", "0-3,2", "a"};
	static const struct range want[] = {{0, 3}, {5, 5}, {7, 9}};
	struct arena *a = arena_new(1 << 20);
	struct buf text = BUF_INIT(100);
	struct range *v;
	size_t i, n;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(want); i++)
		ranges_add(&text, want[i]);
	unit_span_is(buf_all(&text), "0-3,5,7-9");
	assert_true(ranges_ascending(buf_all(&text), 10, a, &v, &n));
	assert_int_equal(n, 3);
	assert_memory_equal(v, want, sizeof(want));
	assert_false(ranges_ascending(buf_all(&text), 9, a, &v, &n));
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(ranges_ascending(span_str(bad[i]), 10, a, &v, &n));
	assert_false(ranges_ascending(SPAN_LIT("0"), 0, a, &v, &n));
	buf_free(&text);
	arena_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_ascending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

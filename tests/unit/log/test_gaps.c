/* What a log has not: written, read, and refused when it was damaged. */
#include "../../support/unit.h"

#include "../../support/records.h"
#include "base/io.h"
#include "log/gaps.h"

static void put(const char *dir, const char *text)
{
	struct buf path = PATH_BUF_INIT;
	struct err err = ERR_INIT;

	io_join(&path, dir, STORE_GAPS);
	assert_int_equal(
		io_replace(buf_cstr(&path), span_str(text), 0600, &err), 0);
	buf_free(&path);
}

static void test_written(void **unused)
{
	char *dir = log_folder();
	struct err err = ERR_INIT;
	struct gaps g;

	(void)unused;
	assert_int_equal(gaps_read(dir, &g, &err), 0);
	assert_int_equal(g.n, 0);
	assert_false(gaps_excuse(&g, 0));
	assert_int_equal(gaps_add(dir, GAP_RECOVERED, 3, 5, 0, &err), 0);
	assert_int_equal(gaps_add(dir, GAP_LOST, 7, 9, 1, &err), 0);
	assert_int_equal(gaps_read(dir, &g, &err), 0);
	assert_int_equal(g.n, 2);
	assert_int_equal(g.v[0].kind, GAP_RECOVERED);
	assert_string_equal(g.v[0].time, "1970-01-01T00:00:00Z");
	assert_int_equal(g.v[1].kind, GAP_LOST);
	assert_int_equal(g.v[1].from, 7);
	assert_int_equal(g.v[1].to, 9);
	assert_false(gaps_excuse(&g, 2));
	assert_true(gaps_excuse(&g, 3));
	assert_true(gaps_excuse(&g, 4));
	assert_false(gaps_excuse(&g, 5));
	/* What is lost has others in its place, with their records. */
	assert_false(gaps_excuse(&g, 7));
	gaps_free(&g);
	log_remove(dir);
}

static void test_damaged(void **unused)
{
	static const char *const bad[] = {
		"recovered 3 5 1970-01-01T00:00:00Z", /* no end */
		"recovered 3 5 1970-01-01T00:00:00Z\n\n",
		"pruned 3 5 1970-01-01T00:00:00Z\n",
		"recovered 5 5 1970-01-01T00:00:00Z\n",
		"recovered 6 5 1970-01-01T00:00:00Z\n",
		"recovered -1 5 1970-01-01T00:00:00Z\n",
		"recovered 3 18446744073709551616 1970-01-01T00:00:00Z\n",
		"recovered 3 5\n",
		"recovered 3 5 soon\n",
		"recovered 3 5 1970-01-01T00:00:00Z more\n",
		" recovered 3 5 1970-01-01T00:00:00Z\n",
	};
	char *dir = log_folder();
	struct gaps g;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;

		put(dir, bad[i]);
		if (!gaps_read(dir, &g, &err))
			fail_msg("read: %s", bad[i]);
		assert_int_equal(err.code, ERR_LOG);
		assert_int_equal(g.n, 0);
	}
	log_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

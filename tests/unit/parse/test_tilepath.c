#include "../../support/unit.h"

#include "parse/checkpoint.h"
#include "parse/tilepath.h"

static const struct {
	struct tilepath t;
	const char *text;
} good[] = {
	{{false, 0, 0, 256}, "tile/0/000"},
	{{false, 0, 5, 256}, "tile/0/005"},
	{{false, 1, 999, 3}, "tile/1/999.p/3"},
	{{false, 0, 1000, 256}, "tile/0/x001/000"},
	{{false, 63, 1234067, 255}, "tile/63/x001/x234/067.p/255"},
	{{true, 0, 1234067, 256}, "tile/entries/x001/x234/067"},
	{{true, 0, 0, 1}, "tile/entries/000.p/1"},
	{{false, 2, 1000000, 256}, "tile/2/x001/x000/000"},
	{{true, 0, LOG_SIZE_MAX, 255},
		"tile/entries/x004/x611/x686/x018/x427/x387/904.p/255"},
};

static void test_both_ways(void **unused)
{
	char text[TILEPATH_MAX];
	struct tilepath t;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(good); i++) {
		assert_string_equal(
			tilepath_text(&good[i].t, text), good[i].text);
		assert_true(tilepath_read(span_str(good[i].text), &t));
		assert_int_equal(t.entries, good[i].t.entries);
		assert_int_equal(t.level, good[i].t.level);
		assert_int_equal(t.n, good[i].t.n);
		assert_int_equal(t.width, good[i].t.width);
	}
}

static void test_refused(void **unused)
{
	static const char *const bad[] = {"", "tile", "tile/", "tile/0",
		"tile/0/", "tile/0/0", "tile/0/0000", "tile/00/000",
		"tile/64/000", "tile/-1/000", "tile/0/x000/001", "tile/0/x001",
		"tile/0/001/002", "tile/0/x001/x234/x067", "tile/0/000.p",
		"tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256",
		"tile/0/000.p/01", "tile/0/000.p/1/2", "tile/0/000/",
		"tile/data/000", "tile/8/0/000", "/tile/0/000", "tile//000",
		"tile/0/x999/x999/x999/x999/x999/x999/x999/999",
		/* 2^64 - 1, 2^64 and 2^64 + 5, which is not 5 */
		"tile/0/x018/x446/x744/x073/x709/x551/615",
		"tile/entries/x018/x446/x744/x073/x709/x551/616",
		"tile/0/x018/x446/x744/x073/x709/x551/621",
		"tile/18446744073709551615/000",
		"tile/18446744073709551616/000", "tile/+1/000", "tile/1 /000",
		"tile/0/000.p/+1", "tile/0/000.p/-1", "tile/0/000.p/1.p/1",
		"tile/0/000.p/18446744073709551617", "tile/0/x001/000.p",
		"tile/0/x001.p/1/000", "tile/0/X001/000", "tile/0/001/x000",
		"tile/0/x0a1/000", "tile/0/00a", "tile/0/ 00", "tile/0/-01",
		"tile/0/000.P/1", "tile/0/000.q/1", "tile/0/000p/1",
		"tile/0/000.p/1/", "tile/0/000\n", "tile/0/000 ", "tile/0/xx00",
		"tile/0/x/000", "tile/0/x01/000", "tile/0/x0001/000",
		"tile/0/../000", "tile/./0/000", "tile/0//000", "Tile/0/000",
		"tile/ENTRIES/000", "tile/entries/", "tile/entries/0/000",
		"tile/0/entries/000", "tile/0.p/1/000"};
	struct tilepath t;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (tilepath_read(span_str(bad[i]), &t))
			fail_msg("taken: %s", bad[i]);
	assert_false(tilepath_read(SPAN_LIT("tile/0/000\0"), &t));
}

/* The example of the specification: 70000 entries. */
static void test_width(void **unused)
{
	(void)unused;
	assert_int_equal(tile_width(0, 272, 70000), 256);
	assert_int_equal(tile_width(0, 273, 70000), 112);
	assert_int_equal(tile_width(0, 274, 70000), 0);
	assert_int_equal(tile_width(1, 0, 70000), 256);
	assert_int_equal(tile_width(1, 1, 70000), 17);
	assert_int_equal(tile_width(2, 0, 70000), 1);
	assert_int_equal(tile_width(3, 0, 70000), 0);
	assert_int_equal(tile_width(0, 0, 0), 0);
	assert_int_equal(tile_width(0, 0, 256), 256);
	assert_int_equal(tile_width(1, 0, 256), 1);
	assert_int_equal(tile_width(0, 1, 256), 0);
	assert_int_equal(tile_width(63, 0, UINT64_MAX), 0);
	assert_int_equal(tile_width(0, UINT64_MAX, UINT64_MAX), 0);
	assert_int_equal(tile_width(0, UINT64_MAX >> 8, UINT64_MAX), 255);
	assert_int_equal(tile_width(0, (UINT64_MAX >> 8) - 1, UINT64_MAX), 256);
	assert_int_equal(tile_width(7, 0, UINT64_MAX), 255);
	assert_int_equal(tile_width(7, UINT64_MAX, UINT64_MAX), 0);
	assert_int_equal(tile_width(8, 0, UINT64_MAX), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

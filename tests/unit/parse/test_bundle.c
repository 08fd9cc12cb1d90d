#include "../../support/unit.h"

#include <limits.h>

#include "parse/bundle.h"

static void test_both_ways(void **unused)
{
	struct buf b = BUF_INIT(BUNDLE_MAX);
	struct bundle out;
	struct err err = ERR_INIT;
	char *large = malloc(ENTRY_MAX);
	unsigned i;

	(void)unused;
	assert_non_null(large);
	memset(large, 'x', ENTRY_MAX);
	bundle_add(&b, SPAN_LIT("first"));
	bundle_add(&b, SPAN_EMPTY);
	bundle_add(&b, span_of(large, ENTRY_MAX));
	assert_int_equal(bundle_read(buf_all(&b), 3, &out, &err), 0);
	assert_int_equal(out.n, 3);
	unit_span_is(out.entry[0], "first");
	assert_int_equal(out.entry[1].n, 0);
	assert_int_equal(out.entry[2].n, ENTRY_MAX);
	assert_int_equal(bundle_read(buf_all(&b), 2, &out, &err), -1);
	assert_int_equal(bundle_read(buf_all(&b), 4, &out, &err), -1);
	buf_reset(&b);
	for (i = 0; i < 256; i++)
		bundle_add(&b, span_of(large, i));
	assert_int_equal(bundle_read(buf_all(&b), 256, &out, &err), 0);
	assert_int_equal(out.entry[255].n, 255);
	assert_int_equal(bundle_read(buf_all(&b), 257, &out, &err), -1);
	free(large);
	buf_free(&b);
}

/* Cut at every byte: never whole. */
static void test_cut(void **unused)
{
	struct buf b = BUF_INIT(BUNDLE_MAX);
	struct bundle out;
	struct err err = ERR_INIT;
	size_t n;

	(void)unused;
	bundle_add(&b, SPAN_LIT("one"));
	bundle_add(&b, SPAN_LIT("two"));
	for (n = 0; n < b.n; n++)
		assert_int_equal(
			bundle_read(span_sub(buf_all(&b), 0, n), 2, &out, &err),
			-1);
	/* Something after them: half a length, and an entry of nothing. */
	buf_byte(&b, 0);
	assert_int_equal(bundle_read(buf_all(&b), 2, &out, &err), -1);
	buf_byte(&b, 0);
	assert_int_equal(bundle_read(buf_all(&b), 2, &out, &err), -1);
	assert_int_equal(bundle_read(buf_all(&b), 3, &out, &err), 0);
	assert_int_equal(bundle_read(SPAN_EMPTY, 0, &out, &err), 0);
	assert_int_equal(bundle_read(SPAN_EMPTY, 1, &out, &err), -1);
	/* A length past the end; the largest. */
	assert_int_equal(bundle_read(SPAN_LIT("\xff\xff"), 1, &out, &err), -1);
	assert_int_equal(bundle_read(SPAN_LIT("\0\2x"), 1, &out, &err), -1);
	assert_int_equal(
		bundle_read(SPAN_LIT("\0\0"), UINT_MAX, &out, &err), -1);
	buf_free(&b);
}

static void too_large(void)
{
	struct buf b = BUF_INIT(BUNDLE_MAX);
	static char large[ENTRY_MAX + 1];

	bundle_add(&b, span_of(large, sizeof(large)));
}

static void test_too_large(void **unused)
{
	(void)unused;
	assert_int_equal(unit_status(too_large), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

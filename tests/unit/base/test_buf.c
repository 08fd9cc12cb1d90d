#include "support/unit.h"

static void bytes_are_appended(void **state)
{
	struct buf b = BUF_INIT(1000);
	struct err err = ERR_INIT;

	(void)state;
	assert_string_equal(buf_cstr(&b), "");
	buf_add(&b, "ab", 2);
	buf_str(&b, "cd");
	buf_byte(&b, 'e');
	buf_span(&b, SPAN_LIT("fg"));
	buf_span(&b, SPAN_EMPTY);
	buf_fmt(&b, "%03d", 7);
	unit_span_is(buf_all(&b), "abcdefg007");
	assert_int_equal(b.p[b.n], 0); /* before anybody asked for it */
	assert_string_equal(buf_cstr(&b), "abcdefg007");
	assert_int_equal(buf_check(&b, "text", &err), 0);
	buf_free(&b);
	assert_int_equal(b.n, 0);
	buf_str(&b, "again");
	unit_span_is(buf_all(&b), "again");
	buf_free(&b);
}

static void exactly_the_maximum_fits(void **state)
{
	struct buf b = BUF_INIT(4);
	struct err err = ERR_INIT;

	(void)state;
	buf_str(&b, "abcd");
	assert_int_equal(buf_check(&b, "text", &err), 0);
	assert_string_equal(buf_cstr(&b), "abcd");
	buf_byte(&b, 'e');
	assert_int_equal(buf_check(&b, "the text", &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_string_equal(err.text, "the text is larger than 4 bytes");
	buf_free(&b);
}

/* Once something did not fit, nothing smaller slips in behind it. */
static void full_stays_full(void **state)
{
	struct buf b = BUF_INIT(8);
	struct err err = ERR_INIT;

	(void)state;
	buf_str(&b, "abc");
	buf_str(&b, "0123456789");
	buf_str(&b, "x");
	buf_fmt(&b, "%d", 1);
	assert_null(buf_room(&b, 1));
	unit_span_is(buf_all(&b), "abc");
	assert_int_equal(buf_check(&b, "text", &err), -1);
	buf_reset(&b);
	buf_str(&b, "x");
	assert_int_equal(buf_check(&b, "text", &err), 0);
	unit_span_is(buf_all(&b), "x");
	buf_free(&b);
}

static void huge_requests_do_not_wrap(void **state)
{
	struct buf b = BUF_INIT(SIZE_MAX / 2);

	(void)state;
	buf_str(&b, "a");
	assert_null(buf_room(&b, SIZE_MAX));
	assert_true(b.full);
	buf_free(&b);
}

static void room_is_writable(void **state)
{
	struct buf b = BUF_INIT(100000);
	unsigned char *p = buf_room(&b, 70000);

	(void)state;
	assert_non_null(p);
	memset(p, 'x', 70000);
	b.n += 70000;
	assert_int_equal(strlen(buf_cstr(&b)), 70000);
	buf_wipe(&b);
	assert_null(b.p);
	assert_int_equal(b.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_appended),
		cmocka_unit_test(exactly_the_maximum_fits),
		cmocka_unit_test(full_stays_full),
		cmocka_unit_test(huge_requests_do_not_wrap),
		cmocka_unit_test(room_is_writable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

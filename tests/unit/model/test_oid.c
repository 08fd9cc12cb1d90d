#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/oid.h"

static struct oid numbered(unsigned n)
{
	struct oid o;

	memset(&o, 0, sizeof(o));
	o.b[3] = (unsigned char)(n >> 8);
	o.b[19] = (unsigned char)n;
	o.b[0] = 1;
	return o;
}

static void reads_forty_lower_case_digits_only(void **state)
{
	char hex[OID_HEX + 1];
	struct oid o;

	(void)state;
	assert_true(oid_read(
		SPAN_LIT("0123456789abcdef0123456789abcdef01234567"), &o));
	assert_string_equal(
		"0123456789abcdef0123456789abcdef01234567", oid_hex(&o, hex));
	assert_false(oid_read(
		SPAN_LIT("0123456789ABCDEF0123456789abcdef01234567"), &o));
	assert_false(oid_read(
		SPAN_LIT("0123456789abcdef0123456789abcdef0123456"), &o));
	assert_false(oid_read(
		SPAN_LIT("0123456789abcdef0123456789abcdef012345678"), &o));
	assert_true(oid_is_zero(&o));
}

static void a_set_holds_what_was_added_and_nothing_else(void **state)
{
	struct oid_set s = {0};
	struct oid o, zero = {{0}};
	unsigned i;

	(void)state;
	o = numbered(0);
	assert_false(oid_set_has(&s, &o));
	for (i = 0; i < 20000; i += 2) {
		o = numbered(i);
		oid_set_add(&s, &o);
		oid_set_add(&s, &o);
	}
	assert_int_equal(10000, s.n);
	for (i = 0; i < 20000; i++) {
		o = numbered(i);
		assert_int_equal(i % 2 == 0, oid_set_has(&s, &o));
	}
	oid_set_add(&s, &zero);
	assert_false(oid_set_has(&s, &zero));
	oid_set_free(&s);
}

static void room_may_be_asked_for(void **state)
{
	struct oid_set s = {0};
	struct oid o;
	unsigned i;
	size_t cap;

	(void)state;
	o = numbered(1);
	oid_set_add(&s, &o);
	oid_set_reserve(&s, 10000);
	cap = s.cap;
	for (i = 1; i <= 10001; i++) {
		o = numbered(i);
		oid_set_add(&s, &o);
	}
	assert_int_equal(s.cap, cap);
	assert_int_equal(s.n, 10001);
	for (i = 1; i <= 10001; i++) {
		o = numbered(i);
		assert_true(oid_set_has(&s, &o));
	}
	oid_set_free(&s);
}

static void numbers_survive_growth_and_are_replaced(void **state)
{
	struct oid_set s = {0};
	struct oid o = numbered(1);
	unsigned i;

	(void)state;
	assert_int_equal(SIZE_MAX, oid_set_get(&s, &o));
	for (i = 0; i < 5000; i++) {
		o = numbered(i);
		oid_set_put(&s, &o, i * 7);
	}
	for (i = 0; i < 5000; i++) {
		o = numbered(i);
		assert_int_equal(i * 7, oid_set_get(&s, &o));
	}
	oid_set_put(&s, &o, 3);
	assert_int_equal(3, oid_set_get(&s, &o));
	o = numbered(6000);
	assert_int_equal(SIZE_MAX, oid_set_get(&s, &o));
	oid_set_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_forty_lower_case_digits_only),
		cmocka_unit_test(a_set_holds_what_was_added_and_nothing_else),
		cmocka_unit_test(room_may_be_asked_for),
		cmocka_unit_test(numbers_survive_growth_and_are_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

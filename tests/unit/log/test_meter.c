#include "../../support/unit.h"

#include "log/meter.h"

static void test_pace(void **unused)
{
	struct meter m = meter_begin(60, 1000);
	unsigned i, let;

	(void)unused;
	for (let = 0; meter_open(&m, 1000); let++)
		meter_charge(&m, 1, 1000);
	assert_int_equal(let, 60);
	assert_false(meter_open(&m, 1999));
	assert_true(meter_open(&m, 2000));
	meter_charge(&m, 1, 2000);
	assert_false(meter_open(&m, 2000));
	/* Asked often, it fills as fast as when it is left alone. */
	for (i = 0, let = 0; i < 10000; i++) {
		if (!meter_open(&m, 2000 + i))
			continue;
		meter_charge(&m, 1, 2000 + i);
		let++;
	}
	assert_int_equal(let, 9);
	/* No more than a minute's worth is saved. */
	for (let = 0; meter_open(&m, 10000000); let++)
		meter_charge(&m, 1, 10000000);
	assert_int_equal(let, 60);
}

/* What was too much is worked off; a clock that stands or goes back gives
 * nothing. */
static void test_debt(void **unused)
{
	struct meter m = meter_begin((uint64_t)1 << 40, 0);

	(void)unused;
	meter_charge(&m, (uint64_t)3 << 40, 0);
	assert_false(meter_open(&m, 0));
	assert_false(meter_open(&m, -5));
	assert_false(meter_open(&m, 60000));
	assert_false(meter_open(&m, 119000));
	assert_true(meter_open(&m, 120001));
	m = meter_begin(1, 0);
	meter_charge(&m, 1, 0);
	assert_false(meter_open(&m, 59999));
	assert_true(meter_open(&m, 60000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_debt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

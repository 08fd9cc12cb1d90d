#include "support/unit.h"

#include "base/grow.h"

static void elements_stay(void **state)
{
	size_t *v = NULL, n, cap = 0, moved = 0, was;

	(void)state;
	for (n = 0; n < 1000; n++) {
		was = cap;
		v = grow(v, n, &cap, sizeof(*v));
		assert_true(cap > n);
		moved += cap != was;
		v[n] = n * n;
	}
	/* By doubling: seldom. */
	assert_in_range(moved, 2, 10);
	for (n = 0; n < 1000; n++)
		assert_int_equal(v[n], n * n);
	free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "../../support/unit.h"

#include <stdatomic.h>

#include "base/workers.h"

struct shared {
	atomic_uint next, sum, called;
	atomic_bool seen[WORKERS_MAX];
};

static void work(void *ctx, unsigned worker)
{
	struct shared *s = ctx;
	unsigned n;

	atomic_fetch_add(&s->called, 1);
	assert_true(worker < WORKERS_MAX);
	/* Each has a number of its own. */
	assert_false(atomic_exchange(&s->seen[worker], true));
	while ((n = atomic_fetch_add(&s->next, 1)) < 1000)
		atomic_fetch_add(&s->sum, n);
}

static void test_shared(void **unused)
{
	unsigned n;

	(void)unused;
	for (n = 0; n <= WORKERS_MAX + 2; n++) {
		struct shared s = {0};

		workers_run(n, work, &s);
		assert_int_equal(s.sum, 499500);
		assert_true(s.seen[0]);
		assert_int_equal(s.called,
			n < 1                     ? 1
				: n > WORKERS_MAX ? WORKERS_MAX
						  : n);
	}
	assert_in_range(workers_count(), 1, WORKERS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_shared)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

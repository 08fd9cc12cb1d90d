#include "support/unit.h"

#include <stdalign.h>

#include "base/arena.h"

static void items_are_zero_and_aligned(void **state)
{
	struct arena *a = arena_new(1u << 20);
	size_t i, k;

	(void)state;
	for (i = 0; i < 200; i++) {
		unsigned char *p = arena_get(a, i, 7);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (k = 0; k < i * 7; k++)
			assert_int_equal(p[k], 0);
		memset(p, 0xff, i * 7);
	}
	arena_free(a);
}

static void items_do_not_overlap(void **state)
{
	struct arena *a = arena_new(4u << 20);
	unsigned char *small[300], *large;
	size_t i, k;

	(void)state;
	/* A large block in the middle must not take the small one's room. */
	large = NULL;
	for (i = 0; i < 300; i++) {
		small[i] = arena_get(a, 1, 500);
		memset(small[i], (int)(i & 0xff), 500);
		if (i == 100) {
			large = arena_get(a, 1, 200000);
			memset(large, 0xee, 200000);
		}
	}
	for (i = 0; i < 300; i++)
		for (k = 0; k < 500; k++)
			assert_int_equal(small[i][k], i & 0xff);
	for (k = 0; k < 200000; k++)
		assert_int_equal(large[k], 0xee);
	arena_free(a);
}

static void empty_items_are_real(void **state)
{
	struct arena *a = arena_new(1u << 20);
	void *p = arena_get(a, 0, 8), *q = arena_get(a, 8, 0);

	(void)state;
	assert_non_null(p);
	assert_non_null(q);
	assert_ptr_not_equal(p, q);
	arena_free(a);
	arena_free(NULL);
}

static void copies_end_in_nul(void **state)
{
	struct arena *a = arena_new(1u << 20);
	struct span s = arena_copy(a, SPAN_LIT("ab\0cd"));
	char *text;

	(void)state;
	assert_int_equal(s.n, 5);
	assert_memory_equal(s.p, "ab\0cd", 6);
	text = arena_str(a, SPAN_LIT("main"));
	assert_string_equal(text, "main");
	assert_string_equal(arena_str(a, SPAN_EMPTY), "");
	assert_string_equal(arena_fmt(a, "%s:%d", text, 7), "main:7");
	assert_int_equal(arena_copy(a, SPAN_EMPTY).n, 0);
	arena_free(a);
}

static void growing_keeps_what_was_there(void **state)
{
	struct arena *a = arena_new(4u << 20);
	size_t n, cap = 0;
	int *v = NULL;

	(void)state;
	for (n = 0; n < 5000; n++) {
		v = arena_grow(a, v, n, &cap, sizeof(*v));
		assert_true(cap > n);
		assert_int_equal(v[n], 0);
		v[n] = (int)n + 1;
	}
	for (n = 0; n < 5000; n++)
		assert_int_equal(v[n], (int)n + 1);
	arena_free(a);
}

static void room_may_be_asked_for(void **state)
{
	struct arena *a = arena_new(1u << 20);
	size_t n, cap = 0;
	int *v = NULL, *was;

	(void)state;
	for (n = 0; n < 3; n++) {
		v = arena_grow(a, v, n, &cap, sizeof(*v));
		v[n] = (int)n + 1;
	}
	was = v;
	v = arena_reserve(a, v, n, &cap, cap - n, sizeof(*v));
	assert_ptr_equal(v, was);
	v = arena_reserve(a, v, n, &cap, 1000, sizeof(*v));
	assert_int_equal(cap, 1003);
	was = v;
	for (; n < cap; n++) {
		v = arena_grow(a, v, n, &cap, sizeof(*v));
		assert_ptr_equal(v, was);
		assert_int_equal(v[n], 0);
		v[n] = (int)n + 1;
	}
	for (n = 0; n < cap; n++)
		assert_int_equal(v[n], (int)n + 1);
	arena_free(a);
}

/* As often as one likes, whatever was in it; what is got is zero again. */
static void reset_is_empty(void **state)
{
	static const size_t sizes[] = {1, 16, 60000, 70000, 90000, 200000};
	struct arena *a = arena_new(400000);
	size_t i, k, n;

	(void)state;
	for (i = 0; i < 1000; i++) {
		n = sizes[i % ARRAY_LEN(sizes)];
		for (k = 0; k < 2 && n * (k + 1) < 300000; k++) {
			unsigned char *p = arena_get(a, n, 1);

			assert_int_equal(p[0] | p[n / 2] | p[n - 1], 0);
			memset(p, 0xff, n);
		}
		arena_reset(a);
	}
	arena_free(a);
}

static void past_the_cap(void)
{
	struct arena *a = arena_new(100000);

	arena_get(a, 1, 60000);
	arena_get(a, 1, 60000);
}

static void too_many_items(void)
{
	struct arena *a = arena_new(SIZE_MAX);

	arena_get(a, SIZE_MAX / 2, 3);
}

static void limits_die(void **state)
{
	(void)state;
	assert_int_equal(unit_status(past_the_cap), 2);
	assert_int_equal(unit_status(too_many_items), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_are_zero_and_aligned),
		cmocka_unit_test(items_do_not_overlap),
		cmocka_unit_test(empty_items_are_real),
		cmocka_unit_test(copies_end_in_nul),
		cmocka_unit_test(growing_keeps_what_was_there),
		cmocka_unit_test(room_may_be_asked_for),
		cmocka_unit_test(reset_is_empty),
		cmocka_unit_test(limits_die),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

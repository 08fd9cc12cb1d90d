#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "parse/refline.h"

#define ZERO "0000000000000000000000000000000000000000"
#define ONE "1111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222"

struct world {
	struct arena *arena;
	struct ref_update *v;
	size_t n;
	struct err err;
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		return -1;
	w->arena = arena_new(64u << 20);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	arena_free(w->arena);
	free(w);
	return 0;
}

static int parse(struct world *w, struct span text)
{
	return refline_parse(text, w->arena, &w->v, &w->n, &w->err);
}

static void reads_every_line(void **state)
{
	struct world *w = *state;

	assert_int_equal(0,
		parse(w,
			SPAN_LIT(ZERO " " ONE " refs/heads/main\n" ONE " " TWO
				      " refs/tags/v1\n")));
	assert_int_equal(2, w->n);
	assert_true(oid_is_zero(&w->v[0].old));
	assert_int_equal(0x11, w->v[0].new.b[19]);
	assert_true(span_is(w->v[0].ref, "refs/heads/main"));
	assert_true(span_is(w->v[1].ref, "refs/tags/v1"));
}

static void nothing_is_no_update(void **state)
{
	struct world *w = *state;

	assert_int_equal(0, parse(w, SPAN_EMPTY));
	assert_int_equal(0, w->n);
}

static void refuses_and_names_the_line(void **state)
{
	const struct {
		struct span text;
		const char *says;
	} bad[] = {
		{SPAN_LIT("\n"), "ref update 1"},
		{SPAN_LIT(ZERO " " ONE " refs/heads/main"), "cut off"},
		{SPAN_LIT(ZERO " " ONE "\n"), "ref update 1"},
		{SPAN_LIT(ZERO " " ONE " \n"), "ref update 1"},
		{SPAN_LIT(ZERO "  " ONE " refs/heads/main\n"), "ref update 1"},
		{SPAN_LIT(ZERO " " ONE " refs/heads/a\n" ONE " refs/b\n"),
			"ref update 2"},
		{SPAN_LIT(ZERO " " ONE " HEAD\n"), "does not name a ref"},
		{SPAN_LIT(ZERO " " ONE " refs/heads/a b\n"),
			"does not name a ref"},
		{SPAN_LIT(ZERO " " ONE " refs/heads/a\0b\n"),
			"does not name a ref"},
		{SPAN_LIT(ZERO " 111111111111111111111111111111111111111g "
			       "refs/heads/a\n"),
			"ref update 1"},
		{SPAN_LIT(ZERO " " ZERO " refs/heads/a\x1b\n"),
			"'refs/heads/a\\x1b' is to be deleted, and is not"},
		{SPAN_LIT(ZERO " " ONE " refs/heads/a\n" ZERO " " TWO
			       " refs/heads/a\n"),
			"the same ref"},
		{SPAN_LIT("00000000000000000000000000000000000000000000000000"
			  "00000000000000 "
			  "11111111111111111111111111111111111111111111111111"
			  "11111111111111 refs/heads/main\n"),
			"SHA-256"},
	};
	struct world *w = *state;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++) {
		err_clear(&w->err);
		assert_int_equal(-1, parse(w, bad[i].text));
		assert_int_equal(0, w->n);
		assert_non_null(strstr(w->err.text, bad[i].says));
	}
}

/* Bytes that would move a cursor stay data; nobody prints them from here. */
static void keeps_strange_names_as_they_are(void **state)
{
	struct world *w = *state;

	assert_int_equal(0,
		parse(w, SPAN_LIT(ZERO " " ONE " refs/heads/\x1b[31m\xff\n")));
	assert_true(span_is(w->v[0].ref, "refs/heads/\x1b[31m\xff"));
}

static void ten_thousand_are_fine_but_not_any_number(void **state)
{
	struct world *w = *state;
	struct buf text = BUF_INIT(32u << 20);
	int i;

	for (i = 0; i < 10000; i++)
		buf_fmt(&text, ZERO " " ONE " refs/heads/b%d\n", i);
	assert_int_equal(0, parse(w, buf_all(&text)));
	assert_int_equal(10000, w->n);
	for (; i <= REFLINES_MAX; i++)
		buf_fmt(&text, ZERO " " ONE " refs/heads/b%d\n", i);
	assert_false(text.full);
	assert_int_equal(-1, parse(w, buf_all(&text)));
	assert_int_equal(ERR_LIMIT, w->err.code);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			reads_every_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			nothing_is_no_update, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			refuses_and_names_the_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			keeps_strange_names_as_they_are, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			ten_thousand_are_fine_but_not_any_number, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

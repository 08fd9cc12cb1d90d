#include "parse/pushline.h"
#include "parse/refline.h"
#include "support/unit.h"

#define ONE "1111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222"
#define NIL "0000000000000000000000000000000000000000"

static void turned(const char *text, const char *want)
{
	struct buf out = BUF_INIT(4096);
	struct err err = ERR_INIT;

	assert_int_equal(pushline_turn(span_str(text), &out, &err), 0);
	unit_span_is(buf_all(&out), want);
	buf_free(&out);
}

static void bad(const char *text, const char *want)
{
	struct buf out = BUF_INIT(4096);
	struct err err = ERR_INIT;

	assert_int_equal(pushline_turn(span_str(text), &out, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	if (!strstr(err.text, want))
		fail_msg("'%s' has no '%s'", err.text, want);
	buf_free(&out);
}

static void lines(void **state)
{
	(void)state;
	turned("", "");
	turned("refs/heads/a " ONE " refs/heads/b " TWO "\n",
		TWO " " ONE " refs/heads/b\n");
	turned("(delete) " NIL " refs/heads/b " TWO "\n"
	       "HEAD~2 " ONE " refs/tags/v " NIL "\n",
		TWO " " NIL " refs/heads/b\n" NIL " " ONE " refs/tags/v\n");
	/* A local name may be any expression. */
	turned(":/a b  c " ONE " refs/heads/b " TWO "\n",
		TWO " " ONE " refs/heads/b\n");
}

static void malformed(void **state)
{
	(void)state;
	bad("\n", "line 1 ");
	bad("a " ONE " refs/heads/b " TWO, "line 1 ");
	bad(ONE " refs/heads/b " TWO "\n", "line 1 ");
	bad(" " ONE " refs/heads/b " TWO "\n", "line 1 ");
	bad("a " ONE " refs/heads/b " TWO "\na " ONE " refs/heads/b \n",
		"line 2 ");
}

static void too_much(void **state)
{
	struct buf out = BUF_INIT(60);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		pushline_turn(SPAN_LIT("a " ONE " refs/heads/b " TWO "\n"),
			&out, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(malformed),
		cmocka_unit_test(too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

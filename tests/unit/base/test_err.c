#include "support/unit.h"

#include <errno.h>

#include "base/err.h"

static void the_cause_is_kept(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		err_set(&err, ERR_POLICY, "nobody is called '%s'", "eve"), -1);
	assert_int_equal(err.code, ERR_POLICY);
	assert_string_equal(err.text, "nobody is called 'eve'");
	assert_int_equal(err_in(&err, "policy '%s'", "main.json"), -1);
	assert_int_equal(err.code, ERR_POLICY);
	assert_string_equal(
		err.text, "policy 'main.json': nobody is called 'eve'");
}

static void the_system_error_is_named(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = ENOSPC;
	assert_int_equal(err_sys(&err, "cannot write '%s'", "x"), -1);
	assert_int_equal(err.code, ERR_SYS);
	assert_int_equal(err.sys, ENOSPC);
	assert_int_equal(errno, ENOSPC);
	assert_string_equal(
		err.text, "cannot write 'x': No space left on device");
}

static void the_first_hint_stays(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, ERR_SYS, "a");
	err_hint(&err, "try %d", 1);
	err_hint(&err, "try %d", 2);
	assert_string_equal(err.hint, "try 1");
	/* A new cause has nothing to do with the old one's hint. */
	err_set(&err, ERR_SYS, "b");
	assert_string_equal(err.hint, "");
	err_clear(&err);
	assert_int_equal(err.code, ERR_NONE);
	assert_string_equal(err.text, "");
}

static void control_bytes_do_not_pass(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, ERR_INPUT, "%s", "a\033[31mb\nc\177d");
	assert_string_equal(err.text, "a?[31mb?c?d");
	err_hint(&err, "%s", "x\ry");
	assert_string_equal(err.hint, "x?y");
}

static void long_text_is_cut(void **state)
{
	struct err err = ERR_INIT;
	char text[3 * ERR_TEXT_MAX];
	int i;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_INPUT, "%s", text);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	for (i = 0; i < 5; i++)
		err_in(&err, "where");
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	assert_int_equal(strncmp(err.text, "where: where: ", 14), 0);
	errno = EIO;
	err_sys(&err, "%s", text);
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	err_hint(&err, "%s", text);
	assert_int_equal(strlen(err.hint), ERR_HINT_MAX - 1);
}

static void killed(void)
{
	die("a broken thing");
}

static void dying_refuses(void **state)
{
	(void)state;
	assert_int_equal(unit_status(killed), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cause_is_kept),
		cmocka_unit_test(the_system_error_is_named),
		cmocka_unit_test(the_first_hint_stays),
		cmocka_unit_test(control_bytes_do_not_pass),
		cmocka_unit_test(long_text_is_cut),
		cmocka_unit_test(dying_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

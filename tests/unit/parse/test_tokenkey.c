#include "../../support/unit.h"

#include "parse/tokenkey.h"

#define VKEY "log.example+01020304+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
#define HEAD "sluice token key v1\n"
#define TEXT(module, label, id) \
	HEAD VKEY "\nmodule " module "\ntoken " label "\nid " id "\n"
#define GOOD TEXT("/usr/lib/m.so", "the log", "0a01")

static void test_good(void **unused)
{
	struct buf again = BUF_INIT(TOKENKEY_MAX);
	struct err err = ERR_INIT;
	struct tokenkey k;

	(void)unused;
	assert_true(tokenkey_is(SPAN_LIT(GOOD)));
	assert_int_equal(tokenkey_parse(SPAN_LIT(GOOD), &k, &err), 0);
	assert_string_equal(k.public.name, "log.example");
	assert_string_equal(k.module, "/usr/lib/m.so");
	assert_string_equal(k.label, "the log");
	assert_int_equal(k.nid, 2);
	assert_int_equal(k.id[0], 10);
	tokenkey_text(&k, &again);
	assert_string_equal(buf_cstr(&again), GOOD);
	buf_free(&again);
}

static void test_refused(void **unused)
{
	static const char *const bad[] = {
		"",
		GOOD "x\n",
		HEAD "log.example\nmodule /m\ntoken t\nid 01\n",
		HEAD " " VKEY "\nmodule /m\ntoken t\nid 01\n",
		HEAD VKEY "\ntoken t\nmodule /m\nid 01\n",
		TEXT("m.so", "t", "01"),
		TEXT("", "t", "01"),
		TEXT("/m", "", "01"),
		TEXT("/m", "t ", "01"),
		TEXT("/m", "t\x01", "01"),
		TEXT("/m", "123456789012345678901234567890123", "01"),
		TEXT("/m", "t", ""),
		TEXT("/m", "t", "1"),
		TEXT("/m", "t", "0A"),
		TEXT("/m", "t", "zz"),
		TEXT("/m", "t",
			"000102030405060708090a0b0c0d0e0f"
			"101112131415161718191a1b1c1d1e1f20"),
	};
	struct err err = ERR_INIT;
	struct tokenkey k;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (!tokenkey_parse(span_str(bad[i]), &k, &err))
			fail_msg("taken: %zu", i);
	for (i = 0; i < sizeof(GOOD) - 1; i++)
		assert_int_equal(tokenkey_parse(span_sub(SPAN_LIT(GOOD), 0, i),
					 &k, &err),
			-1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

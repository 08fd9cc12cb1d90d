#include "../../support/unit.h"

#include "parse/logdrequest.h"
#include "parse/record.h"

static void check(const char *text, enum logdrequest_verb verb, size_t length)
{
	struct span all = span_str(text);
	size_t lf = span_find(all, '\n'), n;
	struct buf again = BUF_INIT(LOGDREQUEST_LINE_MAX);
	struct logdrequest r;
	struct err err = ERR_INIT;
	bool more;

	/* It may come byte by byte. */
	for (n = 0; n <= lf; n++) {
		assert_int_equal(
			logdrequest_parse(span_of(text, n), &r, &more, &err),
			0);
		assert_true(more);
		assert_int_equal(r.verb, LOGDREQUEST_NONE);
	}
	assert_int_equal(logdrequest_parse(all, &r, &more, &err), 0);
	assert_false(more);
	assert_int_equal(r.verb, verb);
	assert_int_equal(r.length, length);
	assert_int_equal(r.line, lf + 1);
	logdrequest_write(&r, &again);
	assert_true(span_eq(buf_all(&again), span_of(text, lf + 1)));
	buf_free(&again);
}

static void test_good(void **unused)
{
	(void)unused;
	check("sluice-logd 1 status\n", LOGDREQUEST_STATUS, 0);
	check("sluice-logd 1 append 1\n", LOGDREQUEST_APPEND, 1);
	check("sluice-logd 1 append 2000\n{\"a\":1}", LOGDREQUEST_APPEND, 2000);
	check("sluice-logd 1 append 67108864\n", LOGDREQUEST_APPEND,
		RECORD_MAX);
}

static void test_bad(void **unused)
{
	static const struct {
		const char *text;
		enum err_code code;
	} bad[] = {
		{"\n", ERR_INPUT},
		{"GET / HTTP/1.1\r\n", ERR_INPUT},
		{"x", ERR_INPUT},
		{"sluice-logd 2 status\n", ERR_INPUT},
		{"sluice-logd 2", ERR_INPUT},
		{"sluice-logd 1 status \n", ERR_INPUT},
		{"sluice-logd 1 Status\n", ERR_INPUT},
		{"sluice-logd 1 append\n", ERR_INPUT},
		{"sluice-logd 1 append \n", ERR_INPUT},
		{"sluice-logd 1 append 0\n", ERR_INPUT},
		{"sluice-logd 1 append 01\n", ERR_INPUT},
		{"sluice-logd 1 append -1\n", ERR_INPUT},
		{"sluice-logd 1 append 1 \n", ERR_INPUT},
		{"sluice-logd 1 append 1 2\n", ERR_INPUT},
		{"sluice-logd 1 append 67108865\n", ERR_LIMIT},
		{"sluice-logd 1 append 9223372036854775808\n", ERR_INPUT},
		{"sluice-logd 1 append 111111111111111111111111111111111111111"
		 "11111111111",
			ERR_INPUT},
	};
	struct logdrequest r;
	struct err err = ERR_INIT;
	bool more;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		err_clear(&err);
		if (!logdrequest_parse(span_str(bad[i].text), &r, &more, &err))
			fail_msg("taken: %s", bad[i].text);
		assert_int_equal(err.code, bad[i].code);
		assert_int_equal(r.verb, LOGDREQUEST_NONE);
		assert_false(more);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

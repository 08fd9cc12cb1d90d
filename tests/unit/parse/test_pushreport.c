#include "parse/pushreport.h"

#include "../../support/unit.h"

#define REFS "0024aaaa refs/heads/main report-stat0000"
#define UNPACK "000eunpack ok\n"
#define DONE "0014ok refs/heads/x\n"
#define REFUSED "0022ng refs/heads/x hook declined\n"
#define OTHER "0016ng refs/heads/xy z"
#define REF SPAN_LIT("refs/heads/x")

static enum pushreport read_text(const char *text, struct span *reason)
{
	return pushreport_read(span_str(text), REF, reason);
}

static void test_answers(void **unused)
{
	struct span reason;

	(void)unused;
	assert_int_equal(
		read_text(REFS UNPACK DONE "0000", &reason), PUSHREPORT_DONE);
	assert_int_equal(read_text(REFS UNPACK REFUSED "0000", &reason),
		PUSHREPORT_REFUSED);
	unit_span_is(reason, "hook declined");
	assert_int_equal(read_text(REFS UNPACK OTHER REFUSED "0000", &reason),
		PUSHREPORT_REFUSED);
}

/* What is not said is not taken for an answer. */
static void test_none(void **unused)
{
	static const char *const texts[] = {"", REFS, REFS UNPACK,
		REFS UNPACK "0000", REFS UNPACK OTHER "0000",
		REFS "0011unpack failed" DONE "0000", UNPACK DONE "0000",
		REFS UNPACK "0000" DONE, REFS UNPACK "0003",
		REFS UNPACK "00zz" DONE, REFS UNPACK "ffffok refs/heads/x",
		REFS UNPACK "0013ng refs/heads/x", "0024aaaa"};
	struct span reason;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(read_text(texts[i], &reason), PUSHREPORT_NONE);
		assert_int_equal(reason.n, 0);
	}
}

static void test_prefixes(void **unused)
{
	const struct span all = SPAN_LIT(REFS UNPACK REFUSED "0000");
	struct span reason;
	size_t n;

	(void)unused;
	for (n = 0; n + 4 < all.n; n++)
		assert_int_equal(
			pushreport_read(span_sub(all, 0, n), REF, &reason),
			PUSHREPORT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

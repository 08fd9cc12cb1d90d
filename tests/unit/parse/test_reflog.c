#include "parse/reflog.h"

#include "../../support/unit.h"

#define Z "0000000000000000000000000000000000000000"
#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

#define FIRST Z " " A " Ada <ada@example.org> 1700000000 +0100\tpush\n"
#define SECOND A " " B " Eve X <eve@example.net> 1700000001 +0000\n"
#define BACK B " " A "  <> 7 +0000\tback\tagain\n"

static struct oid oid(const char *hex)
{
	struct oid o;

	assert_true(oid_read(span_str(hex), &o));
	return o;
}

static void test_last(void **unused)
{
	const struct span text = SPAN_LIT(FIRST SECOND BACK);
	struct oid a = oid(A), b = oid(B), none = oid(Z);
	struct reflog_line l;

	(void)unused;
	assert_true(reflog_last(text, &b, &l));
	unit_span_is(l.who.name, "Eve X");
	unit_span_is(l.who.email, "eve@example.net");
	assert_int_equal(l.who.time, 1700000001);
	unit_span_is(l.why, "");
	assert_true(oid_eq(&l.old, &a));
	/* The newest of two. */
	assert_true(reflog_last(text, &a, &l));
	unit_span_is(l.why, "back\tagain");
	assert_true(oid_eq(&l.old, &b));
	assert_false(reflog_last(text, &none, &l));
	assert_int_equal(l.why.n, 0);
}

/* Lines that are none hide nothing. */
static void test_damaged(void **unused)
{
	static const char *const bad[] = {"\n", Z " " A "\n",
		Z " " A " no mail\n", Z "  " A " A <a> 1 +0000\n",
		"Z" Z " A <a> 1 +0000\n", Z " " A " A <a> x +0000\tz\n",
		Z " " A " A <a> <b> 1 +0000\n"};
	char text[1024];
	struct reflog_line l;
	struct span rest;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		snprintf(text, sizeof(text), "%s" SECOND, bad[i]);
		rest = span_str(text);
		assert_true(reflog_next(&rest, &l));
		unit_span_is(l.who.name, "Eve X");
		assert_false(reflog_next(&rest, &l));
	}
}

/* Of a file that is cut short: no line but those that are whole as far as their
 * time goes. */
static void test_prefixes(void **unused)
{
	const struct span all = SPAN_LIT(FIRST);
	struct oid a = oid(A);
	struct reflog_line l;
	size_t n, yes = 0;

	(void)unused;
	for (n = 0; n <= all.n; n++)
		if (reflog_last(span_sub(all, 0, n), &a, &l)) {
			assert_true(n > 2 * 41 + 22);
			yes++;
		}
	assert_true(yes > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_last),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

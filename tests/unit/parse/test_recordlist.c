#include "parse/recordlist.h"

#include "support/unit.h"

#define ID(c) c "123456789abcdef0123456789abcdef01234567"
#define HEAD "{\"a\":\",\\\"commits\\\":[{\",\"commits\":["
#define TAIL "],\"z\":1}"

static const char written[] =
	"{\"author\":\"a \\\"quoted\\\" "
	"\\\\\\\\x1b\",\"committer\":\"\xc3\xa9\","
	"\"id\":\"" ID(
		"0") "\",\"signature\":{\"detail\":\"certified by \\\"x\\\"\","
		     "\"key\":\"SHA256:abc\","
		     "\"kind\":\"ssh\",\"person\":\"ada\",\"status\":\"good\"}}"
		     ","
		     "{\"id\":\"" ID(
			     "1") "\",\"signature\":{\"status\":\"missing\"}},"
				  "{\"committer\":\"c\",\"id\":\"" ID(
					  "2") "\","
					       "\"signature\":{\"status\":"
					       "\"missing\"}}";

static void there_and_back(void **state)
{
	const struct recordlist_item items[] = {
		{.id = SPAN_LIT(ID("0")),
			.author = SPAN_LIT("a \"quoted\" \\\\x1b"),
			.committer = SPAN_LIT("\xc3\xa9"),
			.status = "good",
			.detail = "certified by \"x\"",
			.kind = "ssh",
			.key = "SHA256:abc",
			.person = "ada"},
		{.id = SPAN_LIT(ID("1")), .status = "missing", "", "", "", ""},
		{.id = SPAN_LIT(ID("2")),
			.committer = SPAN_LIT("c"),
			.status = "missing",
			"",
			"",
			"",
			""},
	};
	struct buf list = BUF_INIT(4096), record = BUF_INIT(4096);
	struct buf rest = BUF_INIT(4096);
	struct span got, id;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(items); i++)
		recordlist_put(&list, &items[i]);
	unit_span_is(buf_all(&list), written);
	assert_true(
		recordlist_join(SPAN_LIT(HEAD TAIL), buf_all(&list), &record));
	assert_int_equal(
		record.n, strlen(HEAD) + strlen(written) + strlen(TAIL));
	assert_true(recordlist_split(buf_all(&record), &rest, &got));
	unit_span_is(got, written);
	unit_span_is(buf_all(&rest), HEAD TAIL);
	for (i = 0; i < ARRAY_LEN(items); i++) {
		assert_true(recordlist_next(&got, &id));
		assert_true(span_eq(id, items[i].id));
	}
	assert_false(recordlist_next(&got, &id));
	buf_free(&list);
	buf_free(&record);
	buf_free(&rest);
}

static void what_is_no_list(void **state)
{
	struct buf rest = BUF_INIT(4096), tight = BUF_INIT(8);
	struct buf none = BUF_INIT(4096);
	struct span got;

	(void)state;
	assert_false(recordlist_split(SPAN_LIT("{}"), &rest, &got));
	assert_false(recordlist_split(SPAN_LIT(HEAD TAIL), &rest, &got));
	assert_false(recordlist_split(
		SPAN_LIT(HEAD "{\"id\":\"" ID("0") "\"}"), &rest, &got));
	assert_false(recordlist_split(
		SPAN_LIT(HEAD "{\"id\":\"" ID("G") "\"}" TAIL), &rest, &got));
	assert_true(recordlist_split(
		SPAN_LIT(HEAD "{\"id\":\"" ID("0") "\"}" TAIL), &rest, &got));
	assert_false(recordlist_split(
		SPAN_LIT(HEAD "{\"id\":\"" ID("0") "\"}" TAIL), &tight, &got));
	assert_false(recordlist_join(
		SPAN_LIT("{\"commits\":[]}"), SPAN_LIT("x"), &none));
	buf_free(&rest);
	buf_free(&tight);
	buf_free(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(what_is_no_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "parse/recordlist.h"

#include "support/unit.h"

#define ID(c) c "123456789abcdef0123456789abcdef01234567"
#define HEAD "{\"a\":\",\\\"commits\\\":[{\",\"commits\":["
#define MIDDLE "],\"facts\":{\"a\":1,\"parents\":["
#define TAIL "]},\"z\":1}"
#define EMPTY HEAD MIDDLE TAIL

static const char commits[] =
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

static const char parents[] = "{\"at\":1,\"of\":[\"" ID("3") "\",\"" ID(
	"4") "\"]},{\"at\":20,\"of\":[\"" ID("5") "\"]}";

static void put_commits(struct buf *out)
{
	const struct recordlist_commit items[] = {
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
	size_t i;

	for (i = 0; i < ARRAY_LEN(items); i++)
		recordlist_put_commit(out, &items[i]);
}

static void put_parents(struct buf *out)
{
	struct oid o[3];

	assert_true(oid_read(SPAN_LIT(ID("3")), &o[0]));
	assert_true(oid_read(SPAN_LIT(ID("4")), &o[1]));
	assert_true(oid_read(SPAN_LIT(ID("5")), &o[2]));
	recordlist_put_parents(out, 1, o, 2);
	recordlist_put_parents(out, 20, o + 2, 1);
}

static void there_and_back(void **state)
{
	struct buf record = BUF_INIT(4096), wanted = BUF_INIT(4096);
	struct span rest = SPAN_LIT(EMPTY);
	struct recordlist_rest got;
	size_t i;

	(void)state;
	assert_true(recordlist_open(&rest, RECORDLIST_COMMITS, &record));
	unit_span_is(rest, MIDDLE TAIL);
	put_commits(&record);
	assert_true(recordlist_open(&rest, RECORDLIST_PARENTS, &record));
	unit_span_is(rest, TAIL);
	put_parents(&record);
	assert_false(recordlist_open(&rest, RECORDLIST_PARENTS, &record));
	buf_span(&record, rest);
	buf_fmt(&wanted, "%s%s%s%s%s", HEAD, commits, MIDDLE, parents, TAIL);
	unit_span_is(buf_all(&record), buf_cstr(&wanted));

	assert_true(recordlist_split(buf_all(&record), &got));
	unit_span_is(buf_all(&got.text), EMPTY);
	assert_true(got.taken[RECORDLIST_COMMITS]);
	assert_true(got.taken[RECORDLIST_PARENTS]);
	assert_int_equal(got.ncommit, 3);
	for (i = 0; i < got.ncommit; i++) {
		assert_int_equal(got.commit[i].n, 40);
		assert_int_equal(got.commit[i].p[0], '0' + i);
	}
	recordlist_rest_free(&got);
	buf_free(&record);
	buf_free(&wanted);
}

/* What is no list, or an empty one, stays as it is. */
static void one_of_them(void **state)
{
	static const struct {
		const char *record, *rest;
		bool commits, parents;
	} cases[] = {
		{"{}", "{}", false, false},
		{"", "", false, false},
		{EMPTY, EMPTY, false, false},
		{HEAD "{\"id\":\"" ID("0") "\"}" MIDDLE TAIL, EMPTY, true,
			false},
		{HEAD MIDDLE "{\"at\":0,\"of\":[]}" TAIL, EMPTY, false, true},
		/* The other way round it is not in a canonical record. */
		{"{,\"parents\":[],\"commits\":[{\"id\":\"" ID("0") "\"}]}",
			"{,\"parents\":[],\"commits\":[]}", true, false},
	};
	struct recordlist_rest got;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(recordlist_split(span_str(cases[i].record), &got));
		unit_span_is(buf_all(&got.text), cases[i].rest);
		assert_int_equal(
			got.taken[RECORDLIST_COMMITS], cases[i].commits);
		assert_int_equal(
			got.taken[RECORDLIST_PARENTS], cases[i].parents);
		recordlist_rest_free(&got);
	}
}

static void what_is_no_list(void **state)
{
	static const char *const bad[] = {
		HEAD "{\"id\":\"" ID("0") "\"}",
		HEAD "{\"id\":\"" ID("0") "\"},]",
		HEAD "{\"id\":\"" ID("0") "\"} ]",
		HEAD "{\"id\":\"" ID("0") "\"}{]",
		HEAD "{\"id\":\"" ID("G") "\"}" MIDDLE TAIL,
		HEAD "{\"id\":\"" ID("0") "\",\"odd\":1}" MIDDLE TAIL,
		HEAD "{\"author\":\"a\"}" MIDDLE TAIL,
		HEAD "\"" ID("0") "\"" MIDDLE TAIL,
		HEAD MIDDLE "{\"at\":0}" TAIL,
		HEAD MIDDLE "{\"at\":00,\"of\":[]}" TAIL,
		HEAD MIDDLE "{\"at\":0,\"of\":[\"" ID("G") "\"]}" TAIL,
		HEAD MIDDLE "{\"at\":0,\"of\":[\"" ID("0") "\"]}",
	};
	struct recordlist_rest got;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		if (recordlist_split(span_str(bad[i]), &got))
			fail_msg("taken: %s", bad[i]);
		recordlist_rest_free(&got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(one_of_them),
		cmocka_unit_test(what_is_no_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "support/unit.h"

#include "parse/doc.h"

static struct doc *parsed(const char *text)
{
	struct doc *j = NULL;
	struct err err = ERR_INIT;

	if (doc_parse(span_str(text), &j, &err))
		fail_msg("%s: %s", text, err.text);
	return j;
}

static void every_kind_is_read(void **state)
{
	struct doc *j = parsed("{\"n\":null,\"t\":true,\"i\":-5,\"r\":1.5,"
			       "\"s\":\"x\",\"a\":[1,2],\"o\":{\"k\":1}}");
	struct span s;
	int64_t i;
	double r;
	bool b;

	(void)state;
	assert_int_equal(doc_kind(j), DOC_OBJECT);
	assert_int_equal(doc_kind(doc_get(j, "n")), DOC_NULL);
	assert_int_equal(doc_kind(doc_get(j, "t")), DOC_BOOL);
	assert_int_equal(doc_kind(doc_get(j, "i")), DOC_INT);
	assert_int_equal(doc_kind(doc_get(j, "r")), DOC_REAL);
	assert_int_equal(doc_kind(doc_get(j, "s")), DOC_STRING);
	assert_int_equal(doc_kind(doc_get(j, "a")), DOC_ARRAY);
	assert_int_equal(doc_kind(doc_get(j, "none")), DOC_NONE);
	assert_true(doc_bool(doc_get(j, "t"), &b) && b);
	assert_true(doc_int(doc_get(j, "i"), &i) && i == -5);
	assert_true(doc_real(doc_get(j, "r"), &r) && r > 1.4 && r < 1.6);
	assert_true(doc_real(doc_get(j, "i"), &r) && r < -4.9);
	assert_true(doc_text(doc_get(j, "s"), &s));
	unit_span_is(s, "x");
	assert_int_equal(doc_count(doc_get(j, "a")), 2);
	assert_int_equal(doc_count(doc_get(j, "o")), 1);
	assert_int_equal(doc_count(doc_get(j, "s")), 0);
	assert_true(doc_int(doc_at(doc_get(j, "a"), 1), &i) && i == 2);
	assert_null(doc_at(doc_get(j, "a"), 2));
	doc_free(j);
}

/* A wrong kind is "nothing there", never a converted value. */
static void nothing_is_converted(void **state)
{
	struct doc *j = parsed("{\"i\":1,\"s\":\"1\",\"r\":1.0,\"t\":true}");
	struct span s;
	int64_t i;
	bool b;

	(void)state;
	assert_false(doc_int(doc_get(j, "s"), &i));
	assert_false(doc_int(doc_get(j, "r"), &i));
	assert_false(doc_int(doc_get(j, "t"), &i));
	assert_false(doc_text(doc_get(j, "i"), &s));
	assert_false(doc_bool(doc_get(j, "i"), &b));
	assert_false(doc_int(NULL, &i));
	assert_null(doc_get(NULL, "x"));
	assert_null(doc_at(j, 0));
	assert_null(doc_get(doc_get(j, "s"), "x"));
	assert_int_equal(doc_get_text(j, "i").n, 0);
	assert_int_equal(doc_get_int(j, "s"), 0);
	assert_false(doc_get_bool(j, "s"));
	assert_true(doc_get_bool(j, "t"));
	assert_int_equal(doc_get_int(j, "i"), 1);
	unit_span_is(doc_get_text(j, "s"), "1");
	doc_free(j);
}

static void bad_documents_are_refused(void **state)
{
	static const struct {
		const char *text;
		size_t n; /* 0: as a C string */
	} rows[] = {
		{"", 0},
		{" ", 0},
		{"{", 0},
		{"{\"a\":1,}", 0},
		{"{\"a\":1}x", 0},
		{"{\"a\":1}{}", 0},
		{"{\"a\":1,\"a\":2}", 0},
		{"{\"a\":{\"b\":1,\"b\":1}}", 0},
		{"{a:1}", 0},
		{"{'a':1}", 0},
		{"[1 2]", 0},
		{"// c\n{}", 0},
		{"01", 0},
		{"+1", 0},
		{".5", 0},
		{"NaN", 0},
		{"9223372036854775808", 0},
		{"-9223372036854775809", 0},
		{"1e400", 0},
		{"\"a\nb\"", 0},
		{"\"\\u0000\"", 0},
		{"\"\\ud800\"", 0},
		{"\"\\x41\"", 0},
		{"\"\xff\"", 0},
		{"\"\xc0\x80\"", 0},
		{"\"\xed\xa0\x80\"", 0},
		{"{\"\\u0000\":1}", 0},
		{"1\0", 2},
		{"{}\0{}", 5},
		{"\"a\0b\"", 5},
		{"\xef\xbb\xbf{}", 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct span s = rows[i].n ? span_of(rows[i].text, rows[i].n)
					  : span_str(rows[i].text);
		struct doc *j = (struct doc *)&i;
		struct err err = ERR_INIT;

		if (!doc_parse(s, &j, &err))
			fail_msg("accepted: %s", rows[i].text);
		assert_null(j);
		assert_int_equal(err.code, ERR_INPUT);
	}
}

static void errors_name_the_line(void **state)
{
	struct doc *j;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		doc_parse(SPAN_LIT("{\n \"a\": 1,\n \"a\": 2\n}"), &j, &err),
		-1);
	assert_non_null(strstr(err.text, "line 3"));
}

/* The library's own options mean nothing to whoever wrote the file. */
static void a_nul_in_a_text_is_told_in_our_words(void **state)
{
	static const struct {
		const char *text, *said;
	} each[] = {
		{"{\"a\": \"x\\u0000\"}",
			"not valid JSON: line 1, column 15: no text may hold "
			"\\u0000"},
		{"{\"x\\u0000\": 1}",
			"not valid JSON: line 1, column 10: no text may hold "
			"\\u0000"},
		{"\xef\xbb\xbf{}",
			"not valid JSON: starts with a byte order mark"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(each); i++) {
		struct err err = ERR_INIT;
		struct doc *j;

		assert_int_equal(
			doc_parse(span_str(each[i].text), &j, &err), -1);
		assert_string_equal(err.text, each[i].said);
	}
}

static void nesting_is_bounded(void **state)
{
	const size_t n = 100000;
	char *text = malloc(n);
	struct doc *j;
	struct err err = ERR_INIT;

	(void)state;
	assert_non_null(text);
	memset(text, '[', n);
	assert_int_equal(doc_parse(span_of(text, n), &j, &err), -1);
	free(text);
}

static void integers_keep_64_bits(void **state)
{
	struct doc *j = parsed("[9223372036854775807,-9223372036854775808]");
	struct buf b = BUF_INIT(100);
	int64_t v;

	(void)state;
	assert_true(doc_int(doc_at(j, 0), &v) && v == INT64_MAX);
	assert_true(doc_int(doc_at(j, 1), &v) && v == INT64_MIN);
	doc_canonical(j, &b);
	unit_span_is(buf_all(&b), "[9223372036854775807,-9223372036854775808]");
	buf_free(&b);
	doc_free(j);
}

static void canonical_form(void **state)
{
	static const char *const rows[][2] = {
		{" { \"b\" : 1 , \"a\" : [ true , null ] } ",
			"{\"a\":[true,null],\"b\":1}"},
		{"{\"b\":{\"z\":1,\"y\":2},\"B\":0,\"a\":[]}",
			"{\"B\":0,\"a\":[],\"b\":{\"y\":2,\"z\":1}}"},
		{"\"\\u00e9\\/\\n\\u001b\\\"\"", "\"\xc3\xa9/\\n\\u001B\\\"\""},
		{"{}", "{}"},
		{"7", "7"},
	};
	struct buf b = BUF_INIT(1000), again = BUF_INIT(1000);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct doc *j = parsed(rows[i][0]);

		buf_reset(&b);
		doc_canonical(j, &b);
		unit_span_is(buf_all(&b), rows[i][1]);
		doc_free(j);

		/* Reading and writing it again changes nothing. */
		j = parsed(buf_cstr(&b));
		buf_reset(&again);
		doc_canonical(j, &again);
		assert_true(span_eq(buf_all(&b), buf_all(&again)));
		doc_free(j);
	}
	buf_free(&b);
	buf_free(&again);
}

static void building(void **state)
{
	struct doc *j = doc_object(), *list = doc_array(), *copy;
	struct buf b = BUF_INIT(1000);

	(void)state;
	doc_add(list, doc_of_int(1));
	doc_add(list, doc_of_bool(false));
	doc_add(list, doc_of_null());
	doc_set(j, "z", list);
	doc_set(j, "a", doc_of_str("x"));
	doc_set(j, "r", doc_of_real(0.5));
	copy = doc_copy(j);
	doc_set(j, "a", doc_of_str("y"));
	doc_canonical(copy, &b);
	unit_span_is(
		buf_all(&b), "{\"a\":\"x\",\"r\":0.5,\"z\":[1,false,null]}");
	buf_reset(&b);
	doc_pretty(copy, &b);
	unit_span_is(buf_all(&b),
		"{\n  \"z\": [\n    1,\n    false,\n"
		"    null\n  ],\n  \"a\": \"x\",\n"
		"  \"r\": 0.5\n}\n");
	doc_free(j);
	doc_free(copy);
	doc_free(NULL);
	buf_free(&b);
}

/* Ref names and messages come from outside: any bytes give valid JSON. */
static void any_bytes_become_text(void **state)
{
	static const struct {
		struct span in;
		const char *want;
	} rows[] = {
		{{(const unsigned char *)"a\xff", 2}, "\"a\\\\xff\""},
		{{(const unsigned char *)"a\0b", 3}, "\"a\\\\x00b\""},
		{{(const unsigned char *)"\xed\xa0\x80", 3},
			"\"\\\\xed\\\\xa0\\\\x80\""},
		{{(const unsigned char *)"\xc3\xa9\\", 3}, "\"\xc3\xa9\\\\\""},
		{{NULL, 0}, "\"\""},
	};
	struct buf b = BUF_INIT(1000);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct doc *j = doc_of_text(rows[i].in), *back;
		struct err err = ERR_INIT;

		buf_reset(&b);
		doc_canonical(j, &b);
		unit_span_is(buf_all(&b), rows[i].want);
		assert_int_equal(doc_parse(buf_all(&b), &back, &err), 0);
		doc_free(back);
		doc_free(j);
	}
	buf_free(&b);
}

static void members_keep_their_order(void **state)
{
	struct doc *j = parsed("{\"z\":1,\"a\":2,\"m\":3}");
	static const char *const want[] = {"z", "a", "m"};
	const void *pos = NULL;
	const struct doc *value;
	struct span key;
	size_t n = 0;

	(void)state;
	while (doc_next(j, &pos, &key, &value)) {
		int64_t v;

		assert_true(n < 3);
		unit_span_is(key, want[n]);
		assert_true(doc_int(value, &v));
		assert_int_equal(v, ++n);
	}
	assert_int_equal(n, 3);
	pos = NULL;
	assert_false(doc_next(NULL, &pos, &key, &value));
	doc_free(j);
}

static void nothing_is_no_document(void **state)
{
	struct doc *d;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(doc_parse(SPAN_EMPTY, &d, &err), -1);
	assert_null(d);
	assert_string_equal(err.text, "not valid JSON: empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_no_document),
		cmocka_unit_test(every_kind_is_read),
		cmocka_unit_test(nothing_is_converted),
		cmocka_unit_test(bad_documents_are_refused),
		cmocka_unit_test(errors_name_the_line),
		cmocka_unit_test(a_nul_in_a_text_is_told_in_our_words),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(integers_keep_64_bits),
		cmocka_unit_test(canonical_form),
		cmocka_unit_test(building),
		cmocka_unit_test(any_bytes_become_text),
		cmocka_unit_test(members_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

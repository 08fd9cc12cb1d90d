#include "parse/conf.h"
#include "support/unit.h"

struct fixture {
	struct arena *arena;
	struct doc *doc;
	struct err err;
};

static struct conf *parse(struct fixture *f, const char *text)
{
	doc_free(f->doc);
	f->doc = NULL;
	err_clear(&f->err);
	assert_int_equal(doc_parse(span_str(text), &f->doc, &f->err), 0);
	return conf_open(f->doc, f->arena);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->arena = arena_new(16u << 20);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	doc_free(f->doc);
	arena_free(f->arena);
	free(f);
	return 0;
}

static void a_key_nobody_asked_for_is_refused(void **state)
{
	struct fixture *f = *state;
	struct conf *c =
		parse(f, "{\"a\": 1, \"aproval\": 2, \"comment\": \"\"}");

	assert_non_null(conf_get(c, "a"));
	assert_null(conf_get(c, "approval"));
	assert_int_equal(conf_done(c, &f->err), -1);
	assert_string_equal(f->err.text, "the document: unknown key 'aproval'");
	assert_string_equal(f->err.hint, "did you mean 'approval'?");
	err_clear(&f->err);
	assert_non_null(conf_get(c, "aproval"));
	assert_int_equal(conf_done(c, &f->err), 0);
}

static void far_keys_list_what_is_known(void **state)
{
	struct fixture *f = *state;
	struct conf *c = parse(f, "{\"x\\u001b\\\\\": 1}");

	conf_get(c, "match");
	conf_get(c, "refs");
	assert_int_equal(conf_done(c, &f->err), -1);
	assert_string_equal(
		f->err.text, "the document: unknown key 'x\\x1b\\\\'");
	assert_string_equal(f->err.hint, "known here: match, refs");
}

static void comments_are_strings(void **state)
{
	struct fixture *f = *state;
	struct conf *c = parse(f, "{\"comment\": 1}"), *member;
	const void *pos = NULL;
	const char *key;

	assert_int_equal(conf_done(c, &f->err), -1);
	assert_string_equal(f->err.text, "comment: expected a string, found 1");
	err_clear(&f->err);
	assert_int_equal(conf_next(c, &pos, &key, &member, &f->err), -1);
}

static void members_come_in_order_without_comments(void **state)
{
	struct fixture *f = *state;
	struct conf *c = parse(
		f, "{\"z\": 1, \"comment\": \"x\", \"a b\": {\"k\": []}}");
	struct conf *member;
	const void *pos = NULL;
	const char *key;
	size_t n;

	assert_int_equal(conf_next(c, &pos, &key, &member, &f->err), 0);
	assert_string_equal(key, "z");
	assert_int_equal(conf_next(c, &pos, &key, &member, &f->err), 0);
	assert_string_equal(key, "a b");
	assert_string_equal(conf_path(member), "[\"a b\"]");
	member = conf_get(member, "k");
	assert_int_equal(conf_list(member, 1, "a list", &n, &f->err), -1);
	assert_string_equal(f->err.text,
		"[\"a b\"].k: expected a list, not empty, found an empty "
		"array");
	err_clear(&f->err);
	assert_int_equal(conf_next(c, &pos, &key, &member, &f->err), 0);
	assert_null(member);
}

static void paths_name_the_place(void **state)
{
	struct fixture *f = *state;
	struct conf *c = parse(f, "{\"a\": [{\"b\": [0, \"x\"]}]}");
	struct conf *item;
	unsigned n;

	item = conf_item(conf_get(conf_item(conf_get(c, "a"), 0), "b"), 1);
	assert_string_equal(conf_path(item), "a[0].b[1]");
	assert_int_equal(conf_count(item, 1, 9, &n, &f->err), -1);
	assert_string_equal(f->err.text,
		"a[0].b[1]: expected a whole number from 1 to 9, found 'x'");
	assert_int_equal(f->err.code, ERR_POLICY);
	err_clear(&f->err);
	item = conf_item(conf_get(c, "a"), 0);
	assert_int_equal(conf_need(item, "c", "a thing", &item, &f->err), -1);
	assert_string_equal(
		f->err.text, "a[0].c: expected a thing, found nothing");
}

static void wrong_types(void **state)
{
	static const struct {
		const char *json, *found;
	} rows[] = {
		{"null", "null"},
		{"true", "true"},
		{"-3", "-3"},
		{"1.5", "a number"},
		{"\"\"", "an empty string"},
		{"\"a\\u0007b\"", "'a\\x07b'"},
		{"[]", "an empty array"},
		{"[1]", "an array"},
	};
	struct fixture *f = *state;
	char want[200];
	size_t i;

	for (i = 0; i < ARRAY_LEN(rows); i++) {
		struct conf *c = parse(f, rows[i].json);

		assert_int_equal(conf_object(c, &f->err), -1);
		snprintf(want, sizeof(want),
			"the document: expected an object, found %s",
			rows[i].found);
		assert_string_equal(f->err.text, want);
	}
}

static void texts(void **state)
{
	static const char *const bad[] = {"\"\"", "1", "null", "[]",
		"\"a\\nb\"", "\"\\u007f\"", "\"\\u001b[0m\""};
	struct fixture *f = *state;
	const char *text;
	size_t i;

	assert_int_equal(
		conf_text(parse(f, "\"a b\""), "a text", &text, &f->err), 0);
	assert_string_equal(text, "a b");
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			conf_text(parse(f, bad[i]), "a text", &text, &f->err),
			-1);
}

static void counts_and_flags(void **state)
{
	static const char *const bad[] = {"0", "6", "-1", "1.0", "\"2\"",
		"true", "9223372036854775807", "4294967297"};
	struct fixture *f = *state;
	unsigned n = 99;
	bool b = false;
	size_t i;

	assert_int_equal(conf_count(parse(f, "1"), 1, 5, &n, &f->err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(conf_count(parse(f, "5"), 1, 5, &n, &f->err), 0);
	assert_int_equal(n, 5);
	for (i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			conf_count(parse(f, bad[i]), 1, 5, &n, &f->err), -1);
	assert_int_equal(conf_bool(parse(f, "true"), &b, &f->err), 0);
	assert_true(b);
	assert_int_equal(conf_bool(parse(f, "1"), &b, &f->err), -1);
	assert_int_equal(conf_bool(parse(f, "\"true\""), &b, &f->err), -1);
}

static void sizes(void **state)
{
	static const struct {
		const char *json;
		uint64_t size;
	} good[] = {
		{"1", 1},
		{"\"1\"", 1},
		{"\"10KiB\"", 10240},
		{"\"50MiB\"", UINT64_C(50) << 20},
		{"\"3GiB\"", UINT64_C(3) << 30},
		{"1125899906842624", UINT64_C(1) << 50},
		{"\"1048576GiB\"", UINT64_C(1) << 50},
	};
	static const char *const bad[] = {"0", "-1", "1.5", "\"\"", "\"0\"",
		"\"0MiB\"", "\"MiB\"", "\"1 MiB\"", "\"1mib\"", "\"1MB\"",
		"\"01KiB\"", "\"-1KiB\"", "\"1KiBMiB\"", "\"1048577GiB\"",
		"\"99999999999999999999GiB\"", "1125899906842625", "null",
		"true", "[]"};
	struct fixture *f = *state;
	uint64_t n;
	size_t i;

	for (i = 0; i < ARRAY_LEN(good); i++) {
		n = 0;
		assert_int_equal(
			conf_size(parse(f, good[i].json), &n, &f->err), 0);
		assert_true(n == good[i].size);
	}
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (!conf_size(parse(f, bad[i]), &n, &f->err))
			fail_msg("%s is taken for a size", bad[i]);
}

static void choices(void **state)
{
	static const char *const words[] = {"one", "two", "three"};
	struct fixture *f = *state;
	size_t i = 9;

	assert_int_equal(
		conf_choice(parse(f, "\"two\""), words, 3, &i, &f->err), 0);
	assert_int_equal(i, 1);
	assert_int_equal(
		conf_choice(parse(f, "\"Two\""), words, 3, &i, &f->err), -1);
	assert_string_equal(f->err.text,
		"the document: expected \"one\", \"two\" or \"three\", found "
		"'Two'");
	assert_int_equal(conf_choice(parse(f, "1"), words, 3, &i, &f->err), -1);
}

static void lists_of_text(void **state)
{
	struct fixture *f = *state;
	const char **v;
	size_t n;

	assert_int_equal(conf_texts(parse(f, "[\"a\", \"b\"]"), "a list",
				 "a word", &v, &n, &f->err),
		0);
	assert_int_equal(n, 2);
	assert_string_equal(v[1], "b");
	assert_int_equal(conf_texts(parse(f, "[\"a\", 1]"), "a list", "a word",
				 &v, &n, &f->err),
		-1);
	assert_string_equal(f->err.text, "[1]: expected a word, found 1");
	assert_int_equal(n, 0);
	assert_int_equal(
		conf_texts(parse(f, "[]"), "a list", "a word", &v, &n, &f->err),
		-1);
	assert_int_equal(conf_texts(parse(f, "\"a\""), "a list", "a word", &v,
				 &n, &f->err),
		-1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_nobody_asked_for_is_refused),
		TEST(far_keys_list_what_is_known),
		TEST(comments_are_strings),
		TEST(members_come_in_order_without_comments),
		TEST(paths_name_the_place),
		TEST(wrong_types),
		TEST(texts),
		TEST(counts_and_flags),
		TEST(sizes),
		TEST(choices),
		TEST(lists_of_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "../../support/unit.h"

#include "parse/logdconf.h"
#include "parse/logdplace.h"

static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(1u << 24);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void test_good(void **unused)
{
	static const char text[] =
		"{\"comment\": \"x\", \"peers\": ["
		"{\"user\": \"git\", \"append\": [\"decision\", \"outcome\"]},"
		"{\"uid\": 0, \"append\": [\"adopt\"],"
		" \"repositories\": [\"team/**\", \"x\"], \"connections\": 3,"
		" \"per_minute\": 5, \"bytes_per_minute\": \"64MiB\"}],"
		" \"connections\": 7, \"seconds\": 2, \"max_age\": 60}";
	struct logdconf c;
	struct err err = ERR_INIT;

	(void)unused;
	if (logdconf_parse(span_str(text), arena, &c, &err))
		fail_msg("%s", err.text);
	assert_int_equal(c.npeer, 2);
	assert_int_equal(c.connections, 7);
	assert_int_equal(c.seconds, 2);
	assert_int_equal(c.max_age, 60);
	assert_string_equal(c.peer[0].user, "git");
	assert_false(c.peer[0].append[RECORD_ADOPT]);
	assert_true(c.peer[0].append[RECORD_DECISION]);
	assert_true(c.peer[0].append[RECORD_OUTCOME]);
	assert_int_equal(c.peer[0].nrepository, 0);
	assert_true(c.peer[0].connections > 1);
	assert_null(c.peer[1].user);
	assert_int_equal(c.peer[1].uid, 0);
	assert_true(c.peer[1].append[RECORD_ADOPT]);
	assert_false(c.peer[1].append[RECORD_DECISION]);
	assert_int_equal(c.peer[1].nrepository, 2);
	assert_string_equal(c.peer[1].repository[0], "team/**");
	assert_int_equal(c.peer[1].connections, 3);
	assert_int_equal(c.peer[1].per_minute, 5);
	assert_int_equal(c.peer[1].bytes_per_minute, 64u << 20);
}

#define PEER(x) "{\"peers\": [{" x "}]}"
#define GIT "\"user\": \"git\", \"append\": [\"adopt\"]"

static void test_bad(void **unused)
{
	static const struct {
		const char *text, *words;
	} bad[] = {
		{"", ""},
		{"[]", "expected"},
		{"{}", "peers"},
		{"{\"peers\": []}", "peers"},
		{"{\"peers\": {}}", "peers"},
		{"{\"peers\": [3]}", "peers[0]"},
		{PEER("\"append\": [\"adopt\"]"), "\"user\" and \"uid\""},
		{PEER(GIT ", \"uid\": 3"), "\"user\" and \"uid\""},
		{PEER("\"user\": \"git\""), "append"},
		{PEER("\"user\": \"\", \"append\": [\"adopt\"]"), "user"},
		{PEER("\"user\": 3, \"append\": [\"adopt\"]"), "user"},
		{PEER("\"uid\": -1, \"append\": [\"adopt\"]"), "uid"},
		{PEER("\"uid\": 4294967295, \"append\": [\"adopt\"]"), "uid"},
		{PEER("\"user\": \"git\", \"append\": []"), "append"},
		{PEER("\"user\": \"git\", \"append\": [\"key\"]"), "append[0]"},
		{PEER("\"user\": \"git\", \"append\": [\"adopt\", \"adopt\"]"),
			"append[1]: twice"},
		{PEER(GIT ", \"repositories\": []"), "repositories"},
		{PEER(GIT ", \"connections\": 0"), "connections"},
		{PEER(GIT ", \"connections\": 513"), "connections"},
		{PEER(GIT ", \"per_minute\": 0"), "per_minute"},
		{PEER(GIT ", \"bytes_per_minute\": \"63MiB\""),
			"bytes_per_minute"},
		{PEER(GIT ", \"bytes_per_minute\": \"1025GiB\""),
			"bytes_per_minute"},
		{PEER(GIT ", \"extra\": 1"), "extra"},
		{"{\"peers\": [{" GIT "}, {" GIT "}]}", "peers[1]"},
		{"{\"peers\": [{" GIT "}], \"seconds\": 0}", "seconds"},
		{"{\"peers\": [{" GIT "}], \"max_age\": 0}", "max_age"},
		{"{\"peers\": [{" GIT "}], \"other\": 0}", "other"},
		{"{\"peers\": [{" GIT "}]} x", ""},
	};
	struct logdconf c;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = ERR_INIT;

		if (!logdconf_parse(span_str(bad[i].text), arena, &c, &err))
			fail_msg("taken: %s", bad[i].text);
		if (!strstr(err.text, bad[i].words))
			fail_msg("%s: %s", bad[i].text, err.text);
		assert_int_equal(c.npeer, 0);
	}
}

static void test_place(void **unused)
{
	static const char good[] =
		"{\"socket\": \"/run/x\", \"user\": \"u\", \"seconds\": 3}";
	static const char *const bad[] = {
		"{}",
		"{\"socket\": \"/run/x\"}",
		"{\"user\": \"u\"}",
		"{\"socket\": \"run/x\", \"user\": \"u\"}",
		"{\"socket\": \"/run/x\", \"user\": \"\"}",
		"{\"socket\": \"/run/x\", \"user\": \"u\", \"seconds\": 0}",
		"{\"socket\": \"/run/x\", \"user\": \"u\", \"seconds\": 601}",
		"{\"socket\": \"/run/x\", \"user\": \"u\", \"more\": 1}",
		"{\"socket\": \"/run/x\", \"socket\": \"/y\", \"user\": \"u\"}",
		"{\"socket\": "
		"\"/12345678901234567890123456789012345678901234567"
		"890123456789012345678901234567890123456789012345678901234567\""
		", \"user\": \"u\"}",
	};
	struct logdplace p;
	struct err err = ERR_INIT;
	size_t i;

	(void)unused;
	assert_int_equal(logdplace_parse(span_str(good), arena, &p, &err), 0);
	assert_string_equal(p.socket, "/run/x");
	assert_string_equal(p.user, "u");
	assert_int_equal(p.seconds, 3);
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		if (!logdplace_parse(span_str(bad[i]), arena, &p, &err))
			fail_msg("taken: %s", bad[i]);
		assert_null(p.socket);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_place),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

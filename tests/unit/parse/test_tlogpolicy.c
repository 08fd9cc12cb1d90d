#include "../../support/unit.h"

#include "parse/tlogpolicy.h"

#define KEY(x) \
	"k" x "+0000000" x "+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" x
#define A KEY("0")
#define B KEY("4")
#define C KEY("8")

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

static int parse(const char *text, struct tlogpolicy *out, struct err *err)
{
	return tlogpolicy_parse(span_str(text), arena, out, err);
}

static void test_good(void **unused)
{
	static const char text[] =
		"# who must sign\n"
		"log " A " https://log.example.org/\n"
		"\n"
		"witness one  " B "\n"
		"witness two\t" C " https://w.example.org/add\n"
		"group both all one two\n"
		"quorum both\n";
	struct err err = ERR_INIT;
	struct tlogpolicy p;

	(void)unused;
	assert_int_equal(parse(text, &p, &err), 0);
	assert_int_equal(p.nlog, 1);
	assert_string_equal(p.log[0].key.name, "k0");
	unit_span_is(p.log[0].url, "https://log.example.org/");
	assert_int_equal(p.nnode, 3);
	unit_span_is(p.node[0].name, "one");
	assert_int_equal(p.node[0].url.n, 0);
	assert_int_equal(p.node[0].key.type, NOTE_COSIGN);
	unit_span_is(p.node[1].url, "https://w.example.org/add");
	assert_int_equal(p.node[2].nmember, 2);
	assert_int_equal(p.node[2].need, 2);
	assert_ptr_equal(p.quorum, &p.node[2]);
}

static void test_quorum(void **unused)
{
	static const char head[] =
		"witness a " A "\nwitness b " B "\nwitness c " C "\n";
	/* By which of a, b, c cosigned, as bits: whether that is enough. */
	static const struct {
		const char *rest;
		unsigned char met[8];
	} t[] = {
		{"quorum none\n", {1, 1, 1, 1, 1, 1, 1, 1}},
		{"quorum b\n", {0, 0, 1, 1, 0, 0, 1, 1}},
		{"group g any a b c\nquorum g\n", {0, 1, 1, 1, 1, 1, 1, 1}},
		{"group g 2 a b c\nquorum g\n", {0, 0, 0, 1, 0, 1, 1, 1}},
		{"group g all a b c\nquorum g\n", {0, 0, 0, 0, 0, 0, 0, 1}},
		{"group g any a b\ngroup h all g c\nquorum h\n",
			{0, 0, 0, 0, 0, 1, 1, 1}},
		{"group g any a b\ngroup h any c\nquorum g\n",
			{0, 1, 1, 1, 0, 1, 1, 1}},
	};
	size_t i, k;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct err err = ERR_INIT;
		struct tlogpolicy p;

		if (parse(arena_fmt(arena, "%s%s", head, t[i].rest), &p, &err))
			fail_msg("%zu: %s", i, err.text);
		for (k = 0; k < 8; k++) {
			bool by[TLOGPOLICY_NODES_MAX] = {k & 1, k & 2, k & 4};

			if (tlogpolicy_met(&p, by) != t[i].met[k])
				fail_msg("%zu: by %zu", i, k);
		}
	}
}

static void test_refused(void **unused)
{
	static const struct {
		const char *text, *why;
	} t[] = {
		{"", "no quorum line"},
		{"witness a " A "\n", "no quorum line"},
		{"quorum\n", "line 1: no name"},
		{"quorum a\n", "nothing defines"},
		{"quorum none\nquorum none\n", "line 2: a second"},
		{"quorum none more\n", "more than a name"},
		{"witness a " A "\nwitness a " B "\nquorum a\n",
			"line 2: a name that stands here twice"},
		{"witness a " A "\nwitness b " A "\nquorum a\n",
			"line 2: a key that stands here twice"},
		{"log " A "\nwitness b " A "\nquorum b\n", "twice"},
		{"witness none " A "\nquorum none\n", "taken"},
		{"witness a\nquorum none\n", "no key"},
		{"witness\nquorum none\n", "no name"},
		{"witness a x+y\nquorum a\n", "line 1: not a verifier key"},
		{"witness a " A " ftp://x\nquorum a\n", "not an address"},
		{"witness a " A " https://x y\nquorum a\n",
			"more than an address"},
		{"group g any\nquorum g\n", "no members"},
		{"group g\nquorum g\n", "no 'all'"},
		{"group g any h\ngroup h any g\nquorum g\n",
			"line 1: a member that nothing defines"},
		{"group g any g\nquorum g\n", "nothing defines"},
		{"witness a " A "\ngroup g any a\ngroup h any a\nquorum g\n",
			"line 3: a member of two groups"},
		{"witness a " A "\ngroup g any a a\nquorum g\n", "two groups"},
		{"witness a " A "\ngroup g 0 a\nquorum g\n", "number"},
		{"witness a " A "\ngroup g 2 a\nquorum g\n", "number"},
		{"witness a " A "\ngroup g -1 a\nquorum g\n", "number"},
		{"mirror a " A "\nquorum none\n", "neither"},
		{"quorum none # not a comment\n", "more than a name"},
		{"\xff\nquorum none\n", "UTF-8"},
	};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct err err = ERR_INIT;
		struct tlogpolicy p;

		if (!parse(t[i].text, &p, &err))
			fail_msg("%zu was taken", i);
		if (!strstr(err.text, t[i].why))
			fail_msg("%zu: '%s', not '%s'", i, err.text, t[i].why);
		assert_int_equal(p.nnode, 0);
	}
}

/* 32 of each must do; ours ends at twice as many. */
static void test_bounds(void **unused)
{
	struct buf text = BUF_INIT(1u << 20);
	struct err err = ERR_INIT;
	struct tlogpolicy p;
	unsigned i;

	(void)unused;
	for (i = 0; i < TLOGPOLICY_NODES_MAX + 1; i++) {
		buf_fmt(&text, "witness w%u k%u+00000000+BAAAAAAAAAAA%04u\n", i,
			i, i);
		if (i == TLOGPOLICY_NODES_MAX - 1) {
			struct buf all = BUF_INIT(1u << 20);

			buf_span(&all, buf_all(&text));
			buf_str(&all, "quorum w0\n");
			assert_int_equal(parse(buf_cstr(&all), &p, &err), 0);
			assert_int_equal(p.nnode, TLOGPOLICY_NODES_MAX);
			buf_free(&all);
		}
	}
	buf_str(&text, "quorum w0\n");
	assert_int_equal(parse(buf_cstr(&text), &p, &err), -1);
	assert_non_null(strstr(err.text, "too many"));
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_quorum),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

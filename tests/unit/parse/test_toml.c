/* TOML: mistakes are named, and Python's parser agrees on the rest. */
#include "support/unit.h"

#include <math.h>

#include "base/io.h"
#include "base/proc.h"
#include "base/text.h"
#include "parse/toml.h"

#define DOCUMENTS "20000"

static const struct {
	const char *text, *says;
} refused[] = {
	{"a = 1\na = 2\n", "line 2: 'a' is there twice"},
	{"[a]\n[a]\n", "line 2: 'a' is there twice"},
	{"[[a]]\n[a]\n", "line 2: 'a' is there twice"},
	{"[a]\n[[a]]\n", "line 2: 'a' is taken"},
	{"a = []\n[[a]]\n", "line 2: 'a' is taken"},
	{"a = {}\na.b = 1\n", "line 2: 'a' is taken"},
	{"\n\na\n", "line 3: expected '='"},
	{"a = \n", "line 1: expected a value"},
	{"a = 1 b\n", "line 1: expected the end of the line"},
	{"[a\n", "line 1: expected ']'"},
	{"a = [\n1\n2]\n", "line 3: expected ',' or ']'"},
	{"a = {b = 1\n}", "line 1: expected ',' or '}'"},
	{"a = \"x\n\"", "line 1: a string that does not end"},
	{"a = '''\nx\n", "line 3: a string that does not end"},
	{"a = \"\\q\"", "an escape that TOML does not know"},
	{"a = \"\\ud800\"", "an escape that is no character"},
	{"a = 9223372036854775808", "an integer that is too large"},
	{"a = maybe", "line 1: not a value"},
	{"a = 1_", "line 1: not a number"},
	{"a = 2023-02-30", "line 1: not a number"},
	{"# \x01\n", "line 1: a control character in a comment"},
	{"a = 1\nb = '\xff'\n", "line 2: bytes that are not UTF-8"},
	{"= 1", "line 1: expected a key"},
};

static void mistakes_are_named(void **state)
{
	const struct toml *doc;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		struct arena *arena = arena_new(1u << 20);
		struct err err = ERR_INIT;

		if (!toml_parse(span_str(refused[i].text), arena, &doc, &err))
			fail_msg("accepted: %s", refused[i].text);
		assert_null(doc);
		if (!strstr(err.text, refused[i].says))
			fail_msg("'%s' does not say '%s'", err.text,
				refused[i].says);
		arena_free(arena);
	}
}

static void too_deep_too_many_too_long(void **state)
{
	struct buf text = BUF_INIT((size_t)4 << 20);
	struct arena *arena = arena_new((size_t)64 << 20);
	const struct toml *doc;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	buf_str(&text, "a = ");
	for (i = 0; i <= TOML_DEPTH_MAX + 1; i++)
		buf_byte(&text, '[');
	assert_int_equal(toml_parse(buf_all(&text), arena, &doc, &err), -1);
	assert_string_equal(err.text, "line 1: values nested too deep");
	buf_reset(&text);
	err_clear(&err);
	for (i = 0; i <= TOML_DEPTH_MAX; i++)
		buf_str(&text, "a.");
	assert_int_equal(toml_parse(buf_all(&text), arena, &doc, &err), -1);
	assert_string_equal(err.text, "line 1: a key of too many parts");
	buf_reset(&text);
	err_clear(&err);
	for (i = 0; i <= TOML_MEMBERS_MAX; i++)
		buf_fmt(&text, "k%zu = 1\n", i);
	assert_int_equal(toml_parse(buf_all(&text), arena, &doc, &err), -1);
	assert_string_equal(err.text, "line 4097: too many keys in one table");
	buf_reset(&text);
	err_clear(&err);
	while (text.n <= TOML_TEXT_MAX)
		buf_byte(&text, '\n');
	assert_int_equal(toml_parse(buf_all(&text), arena, &doc, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_free(&text);
	arena_free(arena);
}

static void lines_and_order(void **state)
{
	static const char text[] = "# c\n"
				   "[[rules]]\n"
				   "id = 'a'\n"
				   "list = [\n"
				   " 'x',\n"
				   " 'y' ]\n"
				   "[[rules]]\n"
				   "id = '''\nb'''\n";
	struct arena *arena = arena_new(1u << 20);
	const struct toml *doc, *rules, *list;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(toml_parse(span_str(text), arena, &doc, &err), 0);
	rules = toml_get(doc, SPAN_LIT("rules"));
	assert_int_equal(rules->kind, TOML_ARRAY);
	assert_int_equal(rules->count, 2);
	assert_int_equal(rules->first->line, 2);
	list = toml_get(rules->first, SPAN_LIT("list"));
	assert_int_equal(list->line, 4);
	assert_int_equal(list->last->line, 6);
	assert_true(span_is(list->last->text, "y"));
	assert_true(span_is(toml_get(rules->last, SPAN_LIT("id"))->text, "b"));
	assert_null(toml_get(list, SPAN_LIT("id")));
	assert_null(toml_get(NULL, SPAN_LIT("id")));
	arena_free(arena);
}

static int by_key(const void *x, const void *y)
{
	const struct toml *const *a = x, *const *b = y;

	return span_cmp((*a)->key, (*b)->key);
}

/* The notation of tests/vectors/toml/differential.py. */
static void tell(const struct toml *t, struct buf *out)
{
	const struct toml **member, *p;
	uint64_t bits;
	size_t i = 0;

	switch (t->kind) {
	case TOML_STRING:
		buf_byte(out, 's');
		text_hex(out, t->text);
		break;
	case TOML_INT:
		buf_fmt(out, "i%lld", (long long)t->integer);
		break;
	case TOML_REAL:
		memcpy(&bits, &t->real, sizeof(bits));
		if (isnan(t->real))
			buf_str(out, "rnan");
		else
			buf_fmt(out, "r%016llx", (unsigned long long)bits);
		break;
	case TOML_BOOL:
		buf_str(out, t->boolean ? "b1" : "b0");
		break;
	case TOML_TIME:
		buf_byte(out, 't');
		break;
	case TOML_ARRAY:
		buf_byte(out, '[');
		for (p = t->first; p; p = p->next) {
			tell(p, out);
			buf_byte(out, ',');
		}
		buf_byte(out, ']');
		break;
	case TOML_TABLE:
		member = calloc(t->count + 1, sizeof(*member));
		assert_non_null(member);
		for (p = t->first; p; p = p->next)
			member[i++] = p;
		qsort(member, i, sizeof(*member), by_key);
		buf_byte(out, '{');
		for (i = 0; i < t->count; i++) {
			text_hex(out, member[i]->key);
			buf_byte(out, '=');
			tell(member[i], out);
			buf_byte(out, ';');
		}
		buf_byte(out, '}');
		free(member);
		break;
	case TOML_NONE:
		fail();
	}
}

static void compare(struct span text, struct span expected)
{
	struct arena *arena = arena_new((size_t)16 << 20);
	struct buf told = BUF_INIT((size_t)1 << 20);
	const struct toml *doc;
	struct err err = ERR_INIT;

	if (toml_parse(text, arena, &doc, &err))
		buf_str(&told, "invalid");
	else
		tell(doc, &told);
	if (!span_eq(buf_all(&told), expected))
		fail_msg("of\n%.*s\nwe say    %.*s (%s)\npython %.*s",
			SPAN_FMT(text), SPAN_FMT(buf_all(&told)), err.text,
			SPAN_FMT(expected));
	buf_free(&told);
	arena_free(arena);
}

static uint64_t take_number(struct span *rest, unsigned char end)
{
	size_t n = span_find(*rest, end);
	uint64_t v = 0;

	assert_true(n != SIZE_MAX);
	assert_true(text_to_u64(span_sub(*rest, 0, n), rest->n, &v));
	*rest = span_from(*rest, n + 1);
	return v;
}

static void python_agrees(void **state)
{
	static const char *const probe[] = {
		"python3", "-c", "import tomllib", NULL};
	static const char *const argv[] = {"python3",
		"tests/vectors/toml/differential.py", DOCUMENTS, NULL};
	struct buf out = BUF_INIT((size_t)64 << 20), talk = BUF_INIT(65536);
	struct proc p = {.argv = probe, .out = &out, .talk = &talk};
	struct proc_end end;
	struct err err = ERR_INIT;
	struct span rest;
	size_t n = 0;

	(void)state;
	if (proc_run(&p, &end, &err) || end.status) {
		buf_free(&talk);
		skip();
	}
	p = (struct proc){.argv = argv, .out = &out};
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(end.status, 0);
	rest = buf_all(&out);
	for (; rest.n; n++) {
		size_t text = take_number(&rest, ' ');
		size_t told = take_number(&rest, '\n');

		compare(span_sub(rest, 0, text), span_sub(rest, text, told));
		rest = span_from(rest, text + told);
	}
	assert_true(n > 20000);
	buf_free(&out);
	buf_free(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(too_deep_too_many_too_long),
		cmocka_unit_test(lines_and_order),
		cmocka_unit_test(python_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "parse/inventory.h"

#include "../../support/unit.h"
#include "parse/revision.h"
#include "parse/revlist.h"

#define FULL "0123456789abcdef0123456789abcdef01234567"

static struct arena *arena;

static int start(void **state)
{
	(void)state;
	arena = arena_new((size_t)16 << 20);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void revisions(void **state)
{
	static const struct {
		const char *text;
		unsigned digits; /* 0: unfit */
		bool dirty;
		const char *says;
	} t[] = {
		{FULL, 40, false, NULL},
		{"0123456789ABCDEF0123456789abcdef01234567", 40, false, NULL},
		{" " FULL "\r\n", 40, false, NULL},
		{FULL "-dirty", 40, true, NULL},
		{FULL "+dirty", 40, true, NULL},
		{FULL "-modified", 40, true, NULL},
		{"0123456", 7, false, NULL},
		{"0123456-dirty", 7, true, NULL},
		{"012345678", 9, false, NULL},
		{"012345", 0, false, "too short"},
		{"", 0, false, "no revision"},
		{"-dirty", 0, true, "no revision"},
		{"v1.2.3", 0, false, "not the name"},
		{"main", 0, false, "not the name"},
		{"HEAD", 0, false, "not the name"},
		{FULL "0", 0, false, "not the name"},
		{"g" FULL, 0, false, "not the name"},
		{"sha256:" FULL, 0, false, "artifact digest"},
		{"registry/app@sha256:" FULL, 0, false, "artifact digest"},
		{FULL "0123456789abcdef01234567", 0, false, "artifact digest"},
		{"0000000000000000000000000000000000000000", 0, false, "zero"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct deployed d = {.digits = 0};

		revision_read(span_str(t[i].text), arena, &d);
		if ((d.unfit != NULL) != (t[i].digits == 0))
			fail_msg("'%s': %s", t[i].text,
				d.unfit ? d.unfit : "taken");
		if (d.unfit && !strstr(d.unfit, t[i].says))
			fail_msg("'%s': %s", t[i].text, d.unfit);
		if (!d.unfit)
			assert_int_equal(d.digits, t[i].digits);
		assert_int_equal(d.dirty != NULL, t[i].dirty);
	}
	{
		struct deployed d = {.digits = 0};

		revision_read(SPAN_LIT("abcdef012"), arena, &d);
		assert_int_equal(d.oid.b[0], 0xab);
		assert_int_equal(d.oid.b[3], 0x01);
		assert_int_equal(d.oid.b[4], 0x20);
		assert_int_equal(d.oid.b[5], 0);
	}
}

static void lists(void **state)
{
	struct deployed_list l = {.arena = arena};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(revlist_parse(SPAN_LIT("# what runs\r\n\n"
						"web\t" FULL "\r\n"
						"  " FULL "\n"
						"api v1\n"
						"one two three\n"
						"last " FULL),
				 &l, &err),
		0);
	assert_int_equal(l.n, 5);
	unit_span_is(l.v[0].name, "web");
	assert_int_equal(l.v[0].digits, 40);
	assert_int_equal(l.v[1].name.n, 0);
	assert_int_equal(l.v[1].digits, 40);
	assert_non_null(l.v[2].unfit);
	assert_non_null(strstr(l.v[3].unfit, "line 6"));
	unit_span_is(l.v[4].name, "last");
	assert_null(l.v[4].unfit);
}

static void inventories(void **state)
{
	struct deployed_list l = {.arena = arena};
	struct doc *objects;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(
		inventory_parse(
			SPAN_LIT("[{\"name\":\"a\",\"repository\":\"p/a\","
				 "\"revision\":\"" FULL "\",\"x\":1},"
				 "{\"name\":\"b\"},"
				 "7,"
				 "{\"name\":3,\"revision\":\"" FULL "\"},"
				 "{\"revision\":null},"
				 "{\"revision\":[]},"
				 "{\"revision\":\"" FULL "\"}]"),
			&l, &objects, &err),
		0);
	assert_int_equal(l.n, 7);
	assert_int_equal(doc_count(objects), 7);
	unit_span_is(l.v[0].name, "a");
	unit_span_is(l.v[0].repository, "p/a");
	assert_null(l.v[0].unfit);
	assert_non_null(strstr(l.v[1].unfit, "no revision"));
	assert_non_null(strstr(l.v[2].unfit, "item 2"));
	assert_non_null(strstr(l.v[3].unfit, "strings"));
	assert_non_null(strstr(l.v[4].unfit, "no revision"));
	assert_non_null(strstr(l.v[5].unfit, "strings"));
	assert_null(l.v[6].unfit);
	doc_free(objects);
}

static void not_inventories(void **state)
{
	static const char *const t[] = {"", "{}", "[", "[{}", "null", "[1] x",
		"[{\"name\":\"a\",\"name\":\"b\"}]", "[\"\xff\"]"};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct deployed_list l = {.arena = arena};
		struct err err = ERR_INIT;
		struct doc *objects;

		if (!inventory_parse(span_str(t[i]), &l, &objects, &err))
			fail_msg("taken: %s", t[i]);
		assert_null(objects);
		assert_int_equal(l.n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(revisions),
		cmocka_unit_test(lists),
		cmocka_unit_test(inventories),
		cmocka_unit_test(not_inventories),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

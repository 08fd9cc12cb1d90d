#include "../../support/unit.h"

#include "parse/rotation.h"

#define ROOT "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define EMPTY "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define OLD "log.example+01020304+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
#define NEW "log.example+05060708+AR8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgEA"
#define BY_OLD "\xe2\x80\x94 log.example AQIDBAAA\n"
#define BY_NEW "\xe2\x80\x94 log.example BQYHCAAA\n"
#define HEAD "sluice key rotation v1\n"
#define TEXT(origin, old, new, size, root, word) \
	HEAD origin "\n" old "\n" new "\n" size "\n" root "\n" word "\n"
#define GOOD TEXT("log.example", OLD, NEW, "12", ROOT, "retired")

static int parse(const char *text, struct rotation *out)
{
	struct arena *a = arena_new(ROTATION_ARENA);
	struct err err = ERR_INIT;
	int ret = rotation_parse(span_str(text), a, out, &err);

	if (ret)
		assert_true(err.text[0]);
	arena_free(a);
	return ret;
}

static void test_good(void **unused)
{
	static const char text[] = GOOD "\n" BY_OLD BY_NEW;
	struct buf again = BUF_INIT(ROTATION_MAX);
	struct rotation r;

	(void)unused;
	assert_int_equal(parse(text, &r), 0);
	assert_string_equal(r.old.name, "log.example");
	assert_int_equal(r.old.id[0], 1);
	assert_int_equal(r.new.id[0], 5);
	assert_int_equal(r.size, 12);
	assert_int_equal(r.root[31], 31);
	assert_false(r.compromised);
	rotation_text(&r, &again);
	assert_string_equal(buf_cstr(&again), GOOD);
	assert_int_equal(parse(TEXT("log.example", OLD, NEW, "0", EMPTY,
				       "compromised") "\n" BY_OLD BY_NEW,
				 &r),
		0);
	assert_true(r.compromised);
	buf_free(&again);
}

static void test_refused(void **unused)
{
	static const char *const bad[] = {
		"",
		GOOD,
		GOOD "\n",
		GOOD "\n" BY_OLD,
		GOOD "\n" BY_NEW,
		GOOD "\n" BY_NEW BY_OLD,
		GOOD "\n" BY_OLD BY_OLD,
		GOOD "\n" BY_OLD BY_NEW BY_NEW,
		GOOD "\n" BY_OLD BY_NEW "\n",
		GOOD BY_OLD BY_NEW,
		GOOD "more\n\n" BY_OLD BY_NEW,
		"log.example\n12\n" ROOT "\n\n" BY_OLD BY_NEW,
		TEXT("other.example", OLD, NEW, "12", ROOT,
			"retired") "\n" BY_OLD BY_NEW,
		TEXT("", OLD, NEW, "12", ROOT, "retired") "\n" BY_OLD BY_NEW,
		TEXT("log.example", OLD, OLD, "12", ROOT,
			"retired") "\n" BY_OLD BY_OLD,
		TEXT("log.example", OLD " ", NEW, "12", ROOT,
			"retired") "\n" BY_OLD BY_NEW,
		TEXT("log.example", OLD, "log.example", "12", ROOT,
			"retired") "\n" BY_OLD BY_NEW,
		TEXT("log.example", OLD, NEW, "012", ROOT,
			"retired") "\n" BY_OLD BY_NEW,
		TEXT("log.example", OLD, NEW, "-1", ROOT,
			"retired") "\n" BY_OLD BY_NEW,
		TEXT("log.example", OLD, NEW, "18446744073709551615", ROOT,
			"retired") "\n" BY_OLD BY_NEW,
		TEXT("log.example", OLD, NEW, "12", "AAAA",
			"retired") "\n" BY_OLD BY_NEW,
		TEXT("log.example", OLD, NEW, "0", ROOT,
			"retired") "\n" BY_OLD BY_NEW,
		TEXT("log.example", OLD, NEW, "12", ROOT,
			"") "\n" BY_OLD BY_NEW,
		TEXT("log.example", OLD, NEW, "12", ROOT,
			"stolen") "\n" BY_OLD BY_NEW,
	};
	struct rotation r;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (!parse(bad[i], &r))
			fail_msg("taken: %zu", i);
}

static void test_several(void **unused)
{
	static const char one[] = GOOD "\n" BY_OLD BY_NEW;
	struct buf text = BUF_INIT(4 * ROTATION_MAX);
	struct span rest, note;

	(void)unused;
	buf_str(&text, one);
	buf_str(&text, one);
	rest = buf_all(&text);
	assert_true(rotation_next(&rest, &note));
	unit_span_is(note, one);
	assert_true(rotation_next(&rest, &note));
	unit_span_is(note, one);
	assert_int_equal(rest.n, 0);
	assert_false(rotation_next(&rest, &note));
	rest = span_of(text.p, text.n - 1);
	assert_true(rotation_next(&rest, &note));
	assert_false(rotation_next(&rest, &note));
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_several),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Many patterns: what is promised of each kind, saving, loading, damage. */
#include "support/unit.h"

#include "port/multipattern.h"

enum {
	SHORT,
	LOOKING_BACK,
	LONG,
	EMPTY,
	OPEN,
	NOTHING,
	NAMES,
	ITEMS
};

static struct multi *made(void)
{
	const struct span words[] = {
		SPAN_LIT("Begin"), SPAN_LIT("$1."), SPAN_LIT("op")};
	const struct multi_item items[ITEMS] = {
		[SHORT] = {SPAN_LIT("AB[0-9]{2,4}"), NULL, 0},
		[LOOKING_BACK] = {SPAN_LIT("(?<=x)CD[0-9]"), NULL, 0},
		[LONG] = {SPAN_LIT("begin.{0,5000}end|[$]1[.]"), words, 2},
		[EMPTY] = {SPAN_LIT("(?>EF)*"), NULL, 0},
		[OPEN] = {SPAN_LIT("op[^-]{3,}end"), words + 2, 1},
		[NOTHING] = {SPAN_LIT("(?>a|b)\\1?(?R)"), NULL, 0},
		[NAMES] = {SPAN_LIT("(?i:one1|two2|thre|four|five|six6|seven|"
				    "eight)[ =]{1,3}[0-9a-f]{4,9}"),
			NULL, 0},
	};
	struct multi *m;
	struct err err = ERR_INIT;

	if (multi_new(items, ITEMS, &m, &err))
		fail_msg("%s", err.text);
	return m;
}

struct log {
	size_t n[ITEMS], last[ITEMS];
};

static void note(void *ctx, size_t item, size_t end)
{
	struct log *log = ctx;

	log->n[item]++;
	log->last[item] = end;
}

static struct log scan(struct multi *m, struct span s)
{
	struct log log = {0};
	struct err err = ERR_INIT;

	assert_int_equal(multi_scan(m, s, note, &log, &err), 0);
	return log;
}

static void check(struct multi *m)
{
	struct err err = ERR_INIT;
	struct log log;

	assert_int_equal(multi_count(m), ITEMS);
	assert_int_equal(multi_kind(m, SHORT), MULTI_EXACT);
	assert_int_equal(multi_width(m, SHORT), 6);
	assert_int_equal(multi_kind(m, LOOKING_BACK), MULTI_PRESENT);
	assert_int_equal(multi_kind(m, LONG), MULTI_WORDS);
	assert_int_equal(multi_width(m, LONG), 5);
	assert_int_equal(multi_reach(m, LONG), 5008);
	assert_true(multi_reach(m, LOOKING_BACK) == SIZE_MAX);
	assert_int_equal(multi_kind(m, EMPTY), MULTI_ALWAYS);
	assert_int_equal(multi_kind(m, OPEN), MULTI_WORDS);
	assert_true(multi_reach(m, OPEN) == SIZE_MAX);
	assert_true(multi_confirms(m, OPEN));
	assert_false(multi_confirms(m, LONG));
	assert_int_equal(multi_kind(m, NOTHING), MULTI_ALWAYS);
	assert_int_equal(multi_kind(m, NAMES), MULTI_EXACT);
	assert_int_equal(multi_width(m, NAMES), 5);
	assert_int_equal(multi_reach(m, NAMES), 17);
	/* Every end there can be: after two, three and four digits. */
	log = scan(m, SPAN_LIT("..AB12345"));
	assert_int_equal(log.n[SHORT], 3);
	assert_int_equal(log.last[SHORT], 8);
	log = scan(m, SPAN_LIT("xCD1 BEGIN"));
	assert_true(log.n[LOOKING_BACK] >= 1);
	assert_int_equal(log.n[LONG], 1);
	/* Words are text, not expressions. */
	log = scan(m, SPAN_LIT("$1x\0"));
	assert_int_equal(log.n[LONG], 0);
	log = scan(m, SPAN_LIT("\0\xff$1."));
	assert_int_equal(log.n[LONG], 1);
	/* A word alone is a candidate, and confirmed by the rest. */
	log = scan(m, SPAN_LIT("op ab-end"));
	assert_true(log.n[OPEN] >= 1);
	log = (struct log){0};
	assert_int_equal(
		multi_confirm(m, SPAN_LIT("op ab-end"), note, &log, &err), 0);
	assert_int_equal(log.n[OPEN], 0);
	assert_int_equal(
		multi_confirm(m, SPAN_LIT("op ab..end"), note, &log, &err), 0);
	assert_int_equal(log.n[OPEN], 1);
	/* A name alone, where it ends. */
	log = scan(m, SPAN_LIT("a Seven? = 0123"));
	assert_int_equal(log.n[NAMES], 1);
	assert_int_equal(log.last[NAMES], 7);
	log = scan(m, SPAN_LIT("sevenseven=0123"));
	assert_int_equal(log.n[NAMES], 2);
	/* And when asked again all of it, each end. */
	assert_true(multi_confirms(m, NAMES));
	log = (struct log){0};
	assert_int_equal(multi_confirm(m, SPAN_LIT("sevenseven=012345 four=1"),
				 note, &log, &err),
		0);
	assert_int_equal(log.n[NAMES], 3);
	assert_int_equal(log.last[NAMES], 17);
	log = scan(m, SPAN_EMPTY);
	assert_int_equal(log.n[SHORT], 0);
}

static void kinds(void **state)
{
	struct multi *m = made();

	(void)state;
	check(m);
	multi_free(m);
}

static void saved_and_loaded(void **state)
{
	struct buf bytes = BUF_INIT(1u << 24), small = BUF_INIT(100);
	struct multi *m = made();
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	assert_int_equal(multi_save(m, &small, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(multi_save(m, &bytes, &err), 0);
	multi_free(m);
	assert_int_equal(multi_load(buf_all(&bytes), &m, &err), 0);
	check(m);
	multi_free(m);
	/* Cut at any place of the head, and at some of the rest. */
	for (i = 0; i < bytes.n; i += i < 200 ? 1 : 97) {
		assert_int_equal(
			multi_load(span_sub(buf_all(&bytes), 0, i), &m, &err),
			-1);
		assert_null(m);
	}
	for (i = 0; i < bytes.n; i += i < 200 ? 1 : 97) {
		bytes.p[i] ^= 0x40;
		if (!multi_load(buf_all(&bytes), &m, &err))
			fail_msg("byte %zu changed and nobody saw", i);
		bytes.p[i] ^= 0x40;
	}
	buf_byte(&bytes, 0);
	assert_int_equal(multi_load(buf_all(&bytes), &m, &err), -1);
	buf_free(&bytes);
	buf_free(&small);
}

static void nothing_to_look_for(void **state)
{
	struct multi *m;
	struct err err = ERR_INIT;
	struct buf bytes = BUF_INIT(1000);
	struct log log = {0};

	(void)state;
	assert_int_equal(multi_new(NULL, 0, &m, &err), 0);
	assert_int_equal(multi_scan(m, SPAN_LIT("abc"), note, &log, &err), 0);
	assert_int_equal(multi_save(m, &bytes, &err), 0);
	multi_free(m);
	assert_int_equal(multi_load(buf_all(&bytes), &m, &err), 0);
	assert_int_equal(multi_count(m), 0);
	multi_free(m);
	buf_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(saved_and_loaded),
		cmocka_unit_test(nothing_to_look_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

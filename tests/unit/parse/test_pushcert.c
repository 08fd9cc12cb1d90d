#include "support/unit.h"

#include "parse/pushcert.h"
#include "parse/refline.h"

#define ZERO "0000000000000000000000000000000000000000"
#define ONE "1111111111111111111111111111111111111111"
#define TWO "2222222222222222222222222222222222222222"

#define VERSION "certificate version 0.1\n"
#define PUSHER "pusher Ada L <ada@example.org> 1700000000 +0100\n"
#define PUSHEE "pushee https://git.example.org/payments/api.git\n"
#define NONCE "nonce 1700000000-00ff\n"
#define MAIN ZERO " " ONE " refs/heads/main\n"
#define TAG ONE " " TWO " refs/tags/v1\n"
#define SIGNATURE                         \
	"-----BEGIN SSH SIGNATURE-----\n" \
	"ZmFrZQ==\n"                      \
	"-----END SSH SIGNATURE-----\n"
#define WHOLE                                               \
	VERSION PUSHER PUSHEE NONCE "push-option ci.skip\n" \
				    "push-option \n"        \
				    "\n" MAIN TAG SIGNATURE

static struct arena *arena;
static struct pushcert cert;
static struct err err;

static int setup(void **state)
{
	(void)state;
	arena = arena_new(256u << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static int parse(struct span text)
{
	err_clear(&err);
	return pushcert_parse(text, arena, &cert, &err);
}

static void every_part_is_read(void **state)
{
	(void)state;
	assert_int_equal(0, parse(SPAN_LIT(WHOLE)));
	unit_span_is(cert.pusher, "Ada L <ada@example.org>");
	assert_int_equal(1700000000, cert.time);
	unit_span_is(cert.pushee, "https://git.example.org/payments/api.git");
	unit_span_is(cert.nonce, "1700000000-00ff");
	assert_int_equal(2, cert.noption);
	unit_span_is(cert.option[0], "ci.skip");
	unit_span_is(cert.option[1], "");
	assert_int_equal(2, cert.nup);
	assert_true(oid_is_zero(&cert.up[0].old));
	assert_int_equal(0x11, cert.up[0].new.b[0]);
	unit_span_is(cert.up[0].ref, "refs/heads/main");
	assert_int_equal(0x22, cert.up[1].new.b[19]);
	unit_span_is(cert.up[1].ref, "refs/tags/v1");
	assert_int_equal(SIGNATURE_SSH, cert.sig.kind);
	assert_int_equal(1, cert.sig.count);
	unit_span_is(cert.sig.signature, SIGNATURE);
	assert_int_equal(sizeof(WHOLE) - sizeof(SIGNATURE), cert.sig.payload.n);
}

/* What git writes: two spaces behind the name of an SSH key. */
static void less_is_enough(void **state)
{
	(void)state;
	assert_int_equal(0,
		parse(SPAN_LIT(VERSION
			"pusher SHA256:abc  1 +0000\n\n" MAIN SIGNATURE)));
	unit_span_is(cert.pusher, "SHA256:abc");
	assert_int_equal(0, cert.pushee.n);
	assert_int_equal(0, cert.nonce.n);
	assert_int_equal(0, cert.noption);
	assert_int_equal(0,
		parse(SPAN_LIT(
			VERSION PUSHER "\n" ONE " " ZERO " refs/heads/\xff\n"
				       "-----BEGIN PGP SIGNATURE-----"
				       "\n")));
	assert_int_equal(SIGNATURE_OPENPGP, cert.sig.kind);
}

static void what_can_be_read_in_two_ways_is_refused(void **state)
{
#define ROW(text, why)                      \
	{                                   \
		text, sizeof(text) - 1, why \
	}
	static const struct {
		const char *text;
		size_t n;
		const char *why;
	} rows[] = {
		ROW("", "not signed"),
		ROW(VERSION PUSHER "\n" MAIN, "not signed"),
		ROW(SIGNATURE, "line 1"),
		ROW("certificate version 0.2\n" PUSHER "\n" MAIN SIGNATURE,
			"line 1"),
		ROW(" " VERSION PUSHER "\n" MAIN SIGNATURE, "line 1"),
		ROW("\n" VERSION PUSHER "\n" MAIN SIGNATURE, "line 1"),
		ROW(VERSION PUSHEE "\n" MAIN SIGNATURE, "line 2"),
		ROW(VERSION "pusher 1700000000 +0100\n\n" MAIN SIGNATURE,
			"line 2: does not say"),
		ROW(VERSION "pusher A 1700000000 UTC\n\n" MAIN SIGNATURE,
			"line 2"),
		ROW(VERSION "pusher A 01 +0100\n\n" MAIN SIGNATURE, "line 2"),
		ROW(VERSION "pusher A -1 +0100\n\n" MAIN SIGNATURE, "line 2"),
		ROW(VERSION "pusher A\r 1 +0100\n\n" MAIN SIGNATURE, "line 2"),
		ROW(VERSION PUSHER PUSHER "\n" MAIN SIGNATURE,
			"line 3: is unknown, doubled"),
		ROW(VERSION PUSHER PUSHEE PUSHEE "\n" MAIN SIGNATURE,
			"line 4: is unknown, doubled"),
		ROW(VERSION PUSHER NONCE NONCE "\n" MAIN SIGNATURE, "line 4"),
		ROW(VERSION PUSHER NONCE PUSHEE "\n" MAIN SIGNATURE, "line 4"),
		ROW(VERSION PUSHER "push-option a\n" NONCE "\n" MAIN SIGNATURE,
			"line 4"),
		ROW(VERSION PUSHER "pushee \n\n" MAIN SIGNATURE, "line 3"),
		ROW(VERSION PUSHER "nonce a\tb\n\n" MAIN SIGNATURE, "line 3"),
		ROW(VERSION PUSHER "expires never\n\n" MAIN SIGNATURE,
			"line 3"),
		ROW(VERSION PUSHER "Pushee a\n\n" MAIN SIGNATURE, "line 3"),
		ROW(VERSION PUSHER MAIN SIGNATURE, "line 3"),
		ROW(VERSION PUSHER "\r\n" MAIN SIGNATURE, "line 3"),
		ROW(VERSION PUSHER "\n" SIGNATURE, "no ref is named"),
		ROW(VERSION PUSHER SIGNATURE, "line 3"),
		ROW(VERSION PUSHER "\n\n" MAIN SIGNATURE, "line 4"),
		ROW(VERSION PUSHER "\n" MAIN "\n" TAG SIGNATURE, "line 5"),
		ROW(VERSION PUSHER "\n" MAIN MAIN SIGNATURE, "the same ref"),
		ROW(VERSION PUSHER "\n" ONE "  " TWO " refs/a\n" SIGNATURE,
			"line 4"),
		ROW(VERSION PUSHER "\n" ONE " " TWO "  refs/a\n" SIGNATURE,
			"line 4: does not name a ref"),
		ROW(VERSION PUSHER "\n" ONE " " TWO " refs/a b\n" SIGNATURE,
			"line 4: does not name a ref"),
		ROW(VERSION PUSHER "\n" ONE " " TWO " refs/a\r\n" SIGNATURE,
			"line 4: does not name a ref"),
		ROW(VERSION PUSHER "\n" ONE " " TWO " HEAD\n" SIGNATURE,
			"line 4: does not name a ref"),
		ROW(VERSION PUSHER "\n" ONE " " TWO " \n" SIGNATURE, "line 4"),
		ROW(VERSION PUSHER "\n" ONE " " TWO "\n" SIGNATURE, "line 4"),
		ROW(VERSION PUSHER
			"\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA " ONE
			" refs/heads/main\n" SIGNATURE,
			"upper case"),
		ROW(VERSION PUSHER "\n" ZERO " " ZERO " refs/a\n" SIGNATURE,
			"nothing into nothing"),
		ROW(VERSION PUSHER "\n" MAIN SIGNATURE SIGNATURE,
			"more than one"),
		ROW(VERSION PUSHER "\n" MAIN SIGNATURE TAG, "text after"),
		ROW(VERSION PUSHER "push-option a\0b\n\n" MAIN SIGNATURE,
			"a NUL"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(rows); i++) {
		if (!parse(span_of(rows[i].text, rows[i].n)))
			fail_msg("row %zu was read", i);
		assert_int_equal(ERR_INPUT, err.code);
		if (!strstr(err.text, rows[i].why))
			fail_msg("row %zu: '%s', not '%s'", i, err.text,
				rows[i].why);
		assert_int_equal(0, cert.nup);
		assert_null(cert.sig.payload.p);
	}
}

/* Cut anywhere in front of its signature it is none. */
static void no_prefix_is_read(void **state)
{
	const struct span whole = SPAN_LIT(WHOLE);
	const size_t signature = sizeof(SIGNATURE) - 1;
	size_t n;

	(void)state;
	for (n = 0; n + signature < whole.n; n++)
		assert_int_equal(-1, parse(span_sub(whole, 0, n)));
}

/* ${n} bytes of 'x' between two texts. */
static int stuffed(const char *before, size_t n, const char *after)
{
	struct buf text = BUF_INIT(2 * PUSHCERT_MAX);
	int ret;

	buf_str(&text, before);
	while (n--)
		buf_byte(&text, 'x');
	buf_str(&text, after);
	ret = parse(buf_all(&text));
	buf_free(&text);
	return ret;
}

static void limits_are_exact(void **state)
{
	const size_t word = strlen("pushee "), ref = strlen("refs/");
	struct buf text = BUF_INIT(2 * PUSHCERT_MAX);
	size_t full;

	(void)state;
	assert_int_equal(0,
		stuffed(VERSION PUSHER "pushee ", PUSHCERT_LINE_MAX - word - 1,
			"\n\n" MAIN SIGNATURE));
	assert_int_equal(-1,
		stuffed(VERSION PUSHER "pushee ", PUSHCERT_LINE_MAX - word,
			"\n\n" MAIN SIGNATURE));
	assert_int_equal(ERR_LIMIT, err.code);
	assert_int_equal(0,
		stuffed(VERSION PUSHER "nonce ", PUSHCERT_NONCE_MAX,
			"\n\n" MAIN SIGNATURE));
	assert_int_equal(-1,
		stuffed(VERSION PUSHER "nonce ", PUSHCERT_NONCE_MAX + 1,
			"\n\n" MAIN SIGNATURE));
	assert_int_equal(0,
		stuffed(VERSION PUSHER "\n" ZERO " " ONE " refs/",
			REF_NAME_MAX - ref, "\n" SIGNATURE));
	assert_int_equal(-1,
		stuffed(VERSION PUSHER "\n" ZERO " " ONE " refs/",
			REF_NAME_MAX - ref + 1, "\n" SIGNATURE));
	/* The whole: options of a thousand bytes, the last one cut to fit. */
	buf_str(&text, VERSION PUSHER);
	while (text.n < PUSHCERT_MAX - 2000) {
		buf_str(&text, "push-option ");
		for (full = 0; full < 1000; full++)
			buf_byte(&text, 'x');
		buf_byte(&text, '\n');
	}
	buf_str(&text, "push-option ");
	while (text.n < PUSHCERT_MAX - strlen("\n\n" MAIN SIGNATURE))
		buf_byte(&text, 'x');
	buf_str(&text, "\n\n" MAIN SIGNATURE);
	assert_int_equal(PUSHCERT_MAX, text.n);
	assert_int_equal(0, parse(buf_all(&text)));
	buf_byte(&text, '\n');
	assert_int_equal(-1, parse(buf_all(&text)));
	assert_int_equal(ERR_LIMIT, err.code);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_part_is_read),
		cmocka_unit_test(less_is_enough),
		cmocka_unit_test(what_can_be_read_in_two_ways_is_refused),
		cmocka_unit_test(no_prefix_is_read),
		cmocka_unit_test(limits_are_exact),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

#include "support/unit.h"

#include "parse/armor.h"

#define SSH "SSH SIGNATURE"
#define PGP "PGP SIGNATURE"
#define SSH_BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define SSH_END "-----END SSH SIGNATURE-----\n"
#define PGP_BEGIN "-----BEGIN PGP SIGNATURE-----\n"
#define PGP_END "-----END PGP SIGNATURE-----\n"

static void test_good(void **state)
{
	/* The sum is what gpg --enarmor writes. */
	static const struct {
		const char *text, *label, *bytes;
	} t[] = {
		{SSH_BEGIN "aGVs\nbG8=\n" SSH_END, SSH, "hello"},
		{SSH_BEGIN "aGVs\r\nbG8= \t\r\n" SSH_END "\n \n", SSH, "hello"},
		{SSH_BEGIN SSH_END, SSH, ""},
		{PGP_BEGIN "\naGVsbG8=\n" PGP_END, PGP, "hello"},
		{PGP_BEGIN "Version: 1\nComment:\n\naGVsbG8=\n=R/WK\n" PGP_END,
			PGP, "hello"},
	};
	struct arena *arena = arena_new(1 << 20);
	struct err err = ERR_INIT;
	struct span out;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		if (armor_read(
			    span_str(t[i].text), t[i].label, arena, &out, &err))
			fail_msg("case %zu: %s", i, err.text);
		unit_span_is(out, t[i].bytes);
	}
	arena_free(arena);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *label, *why;
	} t[] = {
		{"", SSH, "no '"},
		{"\n\n", SSH, "no '"},
		{"x\n" SSH_BEGIN "aGVsbG8=\n" SSH_END, SSH, "no '"},
		{" " SSH_BEGIN "aGVsbG8=\n" SSH_END, SSH, "no '"},
		{PGP_BEGIN "\naGVsbG8=\n" PGP_END, SSH, "no '"},
		{SSH_BEGIN "aGVsbG8=\n", SSH, "no end"},
		{SSH_BEGIN "aGVsbG8=\n" PGP_END, SSH, "no end"},
		{SSH_BEGIN "aGVsbG8\n" SSH_END, SSH, "base64"},
		{SSH_BEGIN "aGV sbG8=\n" SSH_END, SSH, "base64"},
		{SSH_BEGIN "\x01\n" SSH_END, SSH, "base64"},
		{SSH_BEGIN "A: b\n\naGVsbG8=\n" SSH_END, SSH, "base64"},
		{SSH_BEGIN SSH_BEGIN "aGVsbG8=\n" SSH_END, SSH, "base64"},
		{SSH_BEGIN "aGVsbG8=\n" SSH_END SSH_BEGIN "aGVsbG8=\n" SSH_END,
			SSH, "follows"},
		{SSH_BEGIN "aGVsbG8=\n" SSH_END "x", SSH, "follows"},
		{PGP_BEGIN "aGVsbG8=\n" PGP_END, PGP, "headers"},
		{PGP_BEGIN "A: b\n", PGP, "headers"},
		{PGP_BEGIN "\naGVsbG8=\n=R/Wx\n" PGP_END, PGP, "sum is wrong"},
		{PGP_BEGIN "\naGVsbG8=\n=\n" PGP_END, PGP, "sum is wrong"},
		{PGP_BEGIN "\naGVsbG8=\n=R/WK\naGVs\n" PGP_END, PGP,
			"not last"},
		{PGP_BEGIN "\naGVsbG8=\n=R/WK\n=R/WK\n" PGP_END, PGP,
			"not last"},
	};
	struct arena *arena = arena_new(1 << 20);
	struct span out;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(armor_read(span_str(t[i].text), t[i].label,
					 arena, &out, &err),
			-1);
		assert_int_equal(err.code, ERR_INPUT);
		if (!strstr(err.text, t[i].why))
			fail_msg("case %zu: '%s', expected '%s'", i, err.text,
				t[i].why);
		assert_int_equal(out.n, 0);
	}
	arena_free(arena);
}

static void test_size(void **state)
{
	struct arena *arena = arena_new(1 << 22);
	struct buf b = BUF_INIT(1 << 20);
	struct err err = ERR_INIT;
	struct span out;
	size_t i;

	(void)state;
	buf_str(&b, SSH_BEGIN);
	for (i = 0; i < 20000; i++)
		buf_str(&b, "AAAA\n");
	buf_str(&b, SSH_END);
	assert_int_equal(armor_read(buf_all(&b), SSH, arena, &out, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_reset(&b);
	buf_str(&b, SSH_BEGIN);
	for (i = 0; i < 2000; i++)
		buf_str(&b, "AAAA");
	buf_str(&b, "\n" SSH_END);
	err_clear(&err);
	assert_int_equal(armor_read(buf_all(&b), SSH, arena, &out, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	buf_free(&b);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

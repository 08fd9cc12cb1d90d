#include "parse/tokenfile.h"

#include "support/unit.h"

#define GOOD "address https://git.example.org\ntoken abc\n"

static void two_lines_are_read(void **state)
{
	struct span address, token;

	(void)state;
	assert_true(tokenfile_read(span_str(GOOD), &address, &token));
	unit_span_is(address, "https://git.example.org");
	unit_span_is(token, "abc");
}

static void nothing_else_is(void **state)
{
	static const char *const bad[] = {
		"",
		"abc\n",
		"token abc\naddress https://a\n",
		"address https://a\n",
		"address https://a\ntoken abc",
		"address https://a\ntoken \n",
		"address https://a\ntoken a b\n",
		"address https://a\ntoken abc\r\n",
		"address https://a\ntoken abc\n\n",
		"address \ntoken abc\n",
		"address https://a\ntoken abc\ntoken abd\n",
		"address https://a\ntoken a\303\244\n",
		"-----BEGIN OPENSSH PRIVATE KEY-----\n",
	};
	struct span address, token, good = span_str(GOOD);
	struct buf text = BUF_INIT(2 * TOKENFILE_MAX);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		if (tokenfile_read(span_str(bad[i]), &address, &token))
			fail_msg("taken: %s", bad[i]);
		assert_int_equal(address.n + token.n, 0);
	}
	for (i = 0; i < good.n; i++)
		assert_false(
			tokenfile_read(span_sub(good, 0, i), &address, &token));
	buf_str(&text, "address https://a\ntoken ");
	for (i = 0; i < TOKEN_MAX; i++)
		buf_byte(&text, 'a');
	buf_byte(&text, '\n');
	assert_true(tokenfile_read(buf_all(&text), &address, &token));
	text.n--;
	buf_str(&text, "a\n");
	assert_false(tokenfile_read(buf_all(&text), &address, &token));
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_lines_are_read),
		cmocka_unit_test(nothing_else_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

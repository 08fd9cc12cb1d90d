/* What people make up, and what chance made. */
#include "support/unit.h"

#include "base/text.h"
#include "scan/validate.h"

static enum validity ask(enum validator which, const char *s)
{
	return validate(which, span_str(s), 0);
}

static void expect(enum validator which, const char *const *v, size_t n,
	enum validity validity)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (ask(which, v[i]) != validity)
			fail_msg("%s", v[i]);
}

static void passwords(void **state)
{
	static const char *const made_up[] = {"", "a1b", "qwerty", "robin",
		"secretword", "passwd1", "password12", "Remote-Pass",
		"alone-in-the-dark", "evil_pass", "PASSWORD", "TopSecretWord",
		"pass;word", "my pass word", "secret\\n", "1234\\n", "1234\\n'",
		"secret\"", "7391058", "foo!", "012345abcdef", "aabbccddeeff"};
	static const char *const chance[] = {"hunter22x", "Fak3-Pa55w0rd",
		"password123", "73910582", "passw0rd", "aXbKqWer", "a1b9",
		"x9-fake-k2", "word\\nword", "top%20secret", "\xc3\xa4rger",
		"fake\nword",
		"0123456789"
		"9753186420"};

	(void)state;
	expect(VALIDATOR_PASSWORD, made_up, ARRAY_LEN(made_up),
		VALIDITY_SAMPLE);
	expect(VALIDATOR_PASSWORD, chance, ARRAY_LEN(chance), VALIDITY_UNKNOWN);
}

static void logins(void **state)
{
	static const char *const made_up[] = {"user:secret", "a1b9c8:secret",
		":secret", "browser:", "user:pass:word", "secretword",
		"username:fakepwd\\n"};
	static const char *const chance[] = {"user:Fak3-Pa55w0rd",
		":Fak3-Pa55w0rd", "Fak3-Pa55w0rd:", "user:word:f4k3x"};

	(void)state;
	expect(VALIDATOR_LOGIN, made_up, ARRAY_LEN(made_up), VALIDITY_SAMPLE);
	expect(VALIDATOR_LOGIN, chance, ARRAY_LEN(chance), VALIDITY_UNKNOWN);
}

static void tokens(void **state)
{
	static const char *const made_up[] = {
		"0123456789abcdef0123456789ABCDEF", "A1B2C3D4E5F6G7H8I9J0",
		"aabbccddeeff00112233", "ABCDEFG1234567890abcdefg",
		"dGVzdC1wYXNzd29yZA==", "c3Ryb25nLXBhc3N3b3Jk"};
	/* Two of 23 neighbours do not go on; a UUID in base64. */
	static const char *const chance[] = {"", "0123456789",
		"0123456709abcdef01234567", "Fake0123abcdEFGH4567ijkl",
		"MDEyM2E1NjctODlhYi00Y2RlLThmMDEtMjM0NTY3ODlhYmNk",
		"test-password"};

	(void)state;
	expect(VALIDATOR_CHANCE, made_up, ARRAY_LEN(made_up), VALIDITY_SAMPLE);
	expect(VALIDATOR_CHANCE, chance, ARRAY_LEN(chance), VALIDITY_UNKNOWN);
}

static enum validity ask_basic(const char *login)
{
	struct buf out = BUF_INIT(128);
	enum validity v;

	text_base64(&out, span_str(login));
	v = validate(VALIDATOR_BASIC_AUTH, buf_all(&out), 0);
	buf_free(&out);
	return v;
}

static void headers(void **state)
{
	(void)state;
	assert_int_equal(ask_basic("user:secret"), VALIDITY_SAMPLE);
	assert_int_equal(ask_basic("user:Fak3-Pa55w0rd"), VALIDITY_FORM);
	assert_int_equal(ask_basic("no colon"), VALIDITY_BAD);
	assert_int_equal(ask_basic("user:sec\nret"), VALIDITY_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords),
		cmocka_unit_test(logins),
		cmocka_unit_test(tokens),
		cmocka_unit_test(headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

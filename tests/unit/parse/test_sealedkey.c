#include "../../support/unit.h"

#include "parse/sealedkey.h"

#define VKEY "log.example+01020304+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
#define SALT "AAECAwQFBgcICQoLDA0ODw=="
#define SEALED                                                             \
	"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAQIDBAUGBwgJCgsMDQ4P" \
	"EBESExQVFhcYGRobHB0eHwABAgMEBQYH"
#define TEXT(head, vkey, costs, salt, sealed) \
	head "\n" vkey "\n" costs "\n" salt "\n" sealed "\n"
#define HEAD "sluice encrypted key v1"
#define GOOD TEXT(HEAD, VKEY, "argon2id 3 65536", SALT, SEALED)

static void test_good(void **unused)
{
	struct buf again = BUF_INIT(SEALEDKEY_MAX);
	struct err err = ERR_INIT;
	struct sealedkey k;

	(void)unused;
	assert_true(sealedkey_is(SPAN_LIT(GOOD)));
	assert_int_equal(sealedkey_parse(SPAN_LIT(GOOD), &k, &err), 0);
	assert_string_equal(k.public.name, "log.example");
	assert_int_equal(k.passes, 3);
	assert_int_equal(k.kib, 65536);
	assert_int_equal(k.salt[15], 15);
	assert_int_equal(k.nonce[23], 23);
	assert_int_equal(k.sealed[0], 24);
	assert_int_equal(k.sealed[47], 7);
	sealedkey_head(&k, &again);
	assert_true(span_starts(SPAN_LIT(GOOD), buf_all(&again)));
	buf_reset(&again);
	sealedkey_text(&k, &again);
	assert_string_equal(buf_cstr(&again), GOOD);
	buf_free(&again);
}

static void test_refused(void **unused)
{
	static const char *const bad[] = {
		"",
		GOOD "\n",
		TEXT(HEAD " ", VKEY, "argon2id 3 65536", SALT, SEALED),
		TEXT(HEAD, "log.example", "argon2id 3 65536", SALT, SEALED),
		TEXT(HEAD, " " VKEY, "argon2id 3 65536", SALT, SEALED),
		TEXT(HEAD, "PRIVATE+KEY+" VKEY, "argon2id 3 65536", SALT,
			SEALED),
		TEXT(HEAD, VKEY, "argon2i 3 65536", SALT, SEALED),
		TEXT(HEAD, VKEY, "argon2id 0 65536", SALT, SEALED),
		TEXT(HEAD, VKEY, "argon2id 65 65536", SALT, SEALED),
		TEXT(HEAD, VKEY, "argon2id 3 8191", SALT, SEALED),
		TEXT(HEAD, VKEY, "argon2id 3 1048577", SALT, SEALED),
		TEXT(HEAD, VKEY, "argon2id 03 65536", SALT, SEALED),
		TEXT(HEAD, VKEY, "argon2id 3  65536", SALT, SEALED),
		TEXT(HEAD, VKEY, "argon2id 3", SALT, SEALED),
		TEXT(HEAD, VKEY, "argon2id 3 65536", "AAEC", SEALED),
		TEXT(HEAD, VKEY, "argon2id 3 65536", SALT, "AAEC"),
		TEXT(HEAD, VKEY, "argon2id 3 65536", SALT, SEALED "AAAA"),
		TEXT(HEAD, VKEY, "argon2id 3 65536", SALT, ""),
	};
	struct err err = ERR_INIT;
	struct sealedkey k;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++)
		if (!sealedkey_parse(span_str(bad[i]), &k, &err))
			fail_msg("taken: %zu", i);
	for (i = 0; i < sizeof(GOOD) - 1; i++)
		assert_int_equal(sealedkey_parse(span_sub(SPAN_LIT(GOOD), 0, i),
					 &k, &err),
			-1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

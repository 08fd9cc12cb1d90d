#include "parse/archivemagic.h"

#include "../../support/unit.h"

#define MAGIC(text) archive_magic(span_of(text, sizeof(text) - 1))

static void by_the_first_bytes(void **state)
{
	(void)state;
	assert_int_equal(MAGIC("PK\3\4...."), ARCHIVE_SURE);
	assert_int_equal(MAGIC("PK\5\6...."), ARCHIVE_SURE);
	assert_int_equal(MAGIC("\x1f\x8b\x08....."), ARCHIVE_SURE);
	assert_int_equal(MAGIC("BZh91AY&SY"), ARCHIVE_SURE);
	assert_int_equal(MAGIC("BZh1\x17\x72\x45\x38\x50\x90"), ARCHIVE_SURE);
	assert_int_equal(MAGIC("\xfd\x37zXZ\0.."), ARCHIVE_SURE);
	assert_int_equal(MAGIC("\x28\xb5\x2f\xfd...."), ARCHIVE_SURE);
	assert_int_equal(MAGIC("7z\xbc\xaf\x27\x1c.."), ARCHIVE_SURE);
	assert_int_equal(MAGIC("!<arch>\n"), ARCHIVE_SURE);
}

static void others_are_none(void **state)
{
	(void)state;
	assert_int_equal(archive_magic(SPAN_EMPTY), ARCHIVE_NONE);
	assert_int_equal(MAGIC("PK\3\4"), ARCHIVE_NONE);
	assert_int_equal(MAGIC("PK\1\2...."), ARCHIVE_NONE);
	assert_int_equal(MAGIC("\x1f\x8b\x07....."), ARCHIVE_NONE);
	assert_int_equal(MAGIC("BZh91AY&SX"), ARCHIVE_NONE);
	assert_int_equal(MAGIC("BZh01AY&SY"), ARCHIVE_NONE);
	assert_int_equal(MAGIC("!<arch>..."), ARCHIVE_NONE);
	assert_int_equal(MAGIC("#!/bin/sh\necho\n"), ARCHIVE_NONE);
}

static void cpio(void **state)
{
	char s[200];

	(void)state;
	memset(s, '0', sizeof(s));
	memcpy(s, "070701", 6);
	assert_int_equal(archive_magic(span_of(s, 110)), ARCHIVE_SURE);
	assert_int_equal(archive_magic(span_of(s, 109)), ARCHIVE_NONE);
	s[50] = 'g';
	assert_int_equal(archive_magic(span_of(s, 110)), ARCHIVE_NONE);
	s[50] = 'F';
	assert_int_equal(archive_magic(span_of(s, 110)), ARCHIVE_SURE);
	s[5] = '7';
	assert_int_equal(archive_magic(span_of(s, 76)), ARCHIVE_NONE);
	s[50] = '7';
	assert_int_equal(archive_magic(span_of(s, 76)), ARCHIVE_SURE);
	assert_int_equal(archive_magic(span_of(s, 75)), ARCHIVE_NONE);
}

static void tar(void **state)
{
	unsigned char s[1024] = "name";
	char sum[8];
	unsigned n = 0, i;

	(void)state;
	assert_int_equal(archive_magic(span_of(s, 1024)), ARCHIVE_NONE);
	memcpy(s + 257, "ustar\0", 6);
	assert_int_equal(archive_magic(span_of(s, 1024)), ARCHIVE_SURE);
	memcpy(s + 257, "ustar  \0", 8);
	assert_int_equal(archive_magic(span_of(s, 1024)), ARCHIVE_SURE);
	assert_int_equal(archive_magic(span_of(s, 264)), ARCHIVE_NONE);
	/* Without a magic: by its sum. */
	memset(s + 257, 0, 8);
	memset(s + 148, ' ', 8);
	for (i = 0; i < 512; i++)
		n += s[i];
	snprintf(sum, sizeof(sum), "%06o", n);
	memcpy(s + 148, sum, 7);
	assert_int_equal(archive_magic(span_of(s, 1024)), ARCHIVE_MAYBE);
	assert_int_equal(archive_magic(span_of(s, 1023)), ARCHIVE_NONE);
	s[100] ^= 1;
	assert_int_equal(archive_magic(span_of(s, 1024)), ARCHIVE_NONE);
}

static void a_zip_behind_a_program(void **state)
{
	static const char s[] = "#!/bin/sh\nexec\nPK\5\6"
				"\0\0\0\0\1\0\1\0abcdefgh\0\0";

	(void)state;
	assert_int_equal(
		archive_magic(span_of(s, sizeof(s) - 1)), ARCHIVE_MAYBE);
	assert_int_equal(
		archive_magic(span_of(s, sizeof(s) - 2)), ARCHIVE_NONE);
}

static void the_end_of_a_zip(void **state)
{
	unsigned char s[70000] = "PK\3\4";
	size_t at;

	(void)state;
	assert_false(archive_zip_ends(SPAN_EMPTY));
	assert_false(archive_zip_ends(span_of(s, sizeof(s))));
	for (at = sizeof(s) - 30000; at < sizeof(s) - 22; at += 1111) {
		memcpy(s + at, "PK\5\6", 4);
		assert_true(archive_zip_ends(span_of(s, at + 22)));
		assert_false(archive_zip_ends(span_of(s, at + 21)));
		memset(s + at, 0, 4);
	}
	memcpy(s + 10, "PK\5\6", 4);
	assert_true(archive_zip_ends(span_of(s, 10 + 22 + 65535)));
	assert_false(archive_zip_ends(span_of(s, 10 + 22 + 65536)));
}

static void names_without_their_end(void **state)
{
	(void)state;
	unit_span_is(archive_strip(SPAN_LIT("a/b.sql.gz")), "a/b.sql");
	unit_span_is(archive_strip(SPAN_LIT("b.xz")), "b");
	unit_span_is(archive_strip(SPAN_LIT("b.bz2")), "b");
	unit_span_is(archive_strip(SPAN_LIT("b.zst")), "b");
	unit_span_is(archive_strip(SPAN_LIT("b.zip")), "b.zip");
	unit_span_is(archive_strip(SPAN_EMPTY), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_the_first_bytes),
		cmocka_unit_test(others_are_none),
		cmocka_unit_test(cpio),
		cmocka_unit_test(tar),
		cmocka_unit_test(a_zip_behind_a_program),
		cmocka_unit_test(the_end_of_a_zip),
		cmocka_unit_test(names_without_their_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Places in indexes of every version: the last that is in the pack, the first
 * that is not. */
#include "support/unit.h"

#include "parse/packplaces.h"

#define PACK 1000u
#define LAST (PACK - 20 - 1)

static unsigned char raw[4096];
static size_t size;

static void put32(size_t at, uint32_t v)
{
	size_t i;

	for (i = 0; i < 4; i++)
		raw[at + i] = (unsigned char)(v >> (24 - 8 * i));
}

static void put64(size_t at, uint64_t v)
{
	put32(at, (uint32_t)(v >> 32));
	put32(at + 4, (uint32_t)v);
}

static int index_of(uint64_t pack)
{
	struct err err = ERR_INIT;
	int ret = packplaces_index(span_of(raw, size), pack, &err);

	assert_int_equal(err.code, ret ? ERR_INPUT : ERR_NONE);
	return ret;
}

/* Two objects; the second one's place. */
static void first_version(uint32_t at)
{
	memset(raw, 0, sizeof(raw));
	put32(1020, 2);
	put32(1024, 12);
	put32(1024 + 24, at);
	size = 1024 + 2 * 24 + 40;
}

static void second_version(uint32_t at, unsigned wide)
{
	memset(raw, 0, sizeof(raw));
	memcpy(raw, "\377tOc\0\0\0\2", 8);
	put32(8 + 1020, 2);
	put32(1032 + 48, 12);
	put32(1032 + 52, at);
	size = 1032 + 2 * 28 + wide * 8 + 40;
}

static void test_first(void **state)
{
	(void)state;
	first_version(LAST);
	assert_int_equal(index_of(PACK), 0);
	assert_int_equal(index_of(PACK - 1), -1);
	assert_int_equal(index_of(0), -1);
	size--;
	assert_int_equal(index_of(PACK), -1);
	first_version(LAST + 1);
	assert_int_equal(index_of(PACK), -1);
	first_version(11);
	assert_int_equal(index_of(PACK), -1);
	first_version(UINT32_C(0x80000001));
	assert_int_equal(index_of(PACK), -1);
	assert_int_equal(index_of(UINT64_C(1) << 32), 0);
}

static void test_second(void **state)
{
	(void)state;
	second_version(LAST, 0);
	assert_int_equal(index_of(PACK), 0);
	size--;
	assert_int_equal(index_of(PACK), -1);
	second_version(LAST + 1, 0);
	assert_int_equal(index_of(PACK), -1);
	second_version(11, 0);
	assert_int_equal(index_of(PACK), -1);
	raw[7] = 3;
	second_version(LAST, 0);
	raw[7] = 3;
	assert_int_equal(index_of(PACK), -1);
}

static void test_wide(void **state)
{
	(void)state;
	second_version(UINT32_C(0x80000000), 0);
	assert_int_equal(index_of(PACK), -1);
	second_version(UINT32_C(0x80000000), 1);
	put64(1032 + 56, LAST);
	assert_int_equal(index_of(PACK), 0);
	put64(1032 + 56, LAST + 1);
	assert_int_equal(index_of(PACK), -1);
	put64(1032 + 56, UINT64_MAX);
	assert_int_equal(index_of(PACK), -1);
	put64(1032 + 56, UINT64_C(5) << 32);
	assert_int_equal(index_of(PACK), -1);
	assert_int_equal(index_of(UINT64_C(6) << 32), 0);
	second_version(UINT32_C(0x80000001), 1);
	assert_int_equal(index_of(UINT64_C(6) << 32), -1);
}

static uint64_t pack_size(void *ctx, struct span name)
{
	(void)ctx;
	return span_is(name, "a.idx") ? PACK : 0;
}

static int multi(void)
{
	struct err err = ERR_INIT;
	int ret = packplaces_multi(span_of(raw, size), pack_size, NULL, &err);

	assert_int_equal(err.code, ret ? ERR_INPUT : ERR_NONE);
	return ret;
}

/* An object in the pack a at ${at}, and one in b, which is not there. */
static void build_multi(uint32_t at, unsigned wide)
{
	const size_t table = 12, names = table + 4 * 12, places = names + 12;
	const size_t rest = places + 16;

	memset(raw, 0, sizeof(raw));
	memcpy(raw, "MIDX\1\1\3\0\0\0\0\2", 12);
	memcpy(raw + table, "PNAM", 4);
	put64(table + 4, names);
	memcpy(raw + table + 12, "OOFF", 4);
	put64(table + 16, places);
	memcpy(raw + table + 24, "LOFF", 4);
	put64(table + 28, rest);
	put64(table + 40, rest + wide * 8);
	memcpy(raw + names, "a.idx\0b.idx\0", 12);
	put32(places, 0);
	put32(places + 4, at);
	put32(places + 8, 1);
	put32(places + 12, 5000);
	size = rest + wide * 8 + 20;
}

static void test_multi(void **state)
{
	const size_t places = 12 + 48 + 12;

	(void)state;
	build_multi(LAST, 0);
	assert_int_equal(multi(), 0);
	put32(places + 8, 2);
	assert_int_equal(multi(), -1);
	build_multi(LAST + 1, 0);
	assert_int_equal(multi(), -1);
	build_multi(UINT32_C(0x80000000), 0);
	assert_int_equal(multi(), -1);
	build_multi(UINT32_C(0x80000000), 1);
	put64(places + 16, LAST);
	assert_int_equal(multi(), 0);
	put64(places + 16, LAST + 1);
	assert_int_equal(multi(), -1);
	build_multi(UINT32_C(0x80000001), 1);
	assert_int_equal(multi(), -1);
}

static void test_multi_shape(void **state)
{
	(void)state;
	build_multi(LAST, 0);
	size = 59;
	assert_int_equal(multi(), -1);
	build_multi(LAST, 0);
	raw[4] = 2;
	assert_int_equal(multi(), -1);
	/* A chunk that ends before it starts, or behind the file. */
	build_multi(LAST, 0);
	put64(12 + 16, 4000);
	assert_int_equal(multi(), -1);
	build_multi(LAST, 0);
	put64(12 + 40, size + 1);
	assert_int_equal(multi(), -1);
	/* A name without an end, and more packs than names. */
	build_multi(LAST, 0);
	memset(raw + 12 + 48, 'a', 12);
	assert_int_equal(multi(), -1);
	build_multi(LAST, 0);
	raw[11] = 3;
	assert_int_equal(multi(), -1);
	build_multi(LAST, 0);
	put32(8, UINT32_MAX);
	assert_int_equal(multi(), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first),
		cmocka_unit_test(test_second),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_multi),
		cmocka_unit_test(test_multi_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

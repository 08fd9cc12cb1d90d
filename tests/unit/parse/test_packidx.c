/* Pack indexes made by hand: what is refused, and why. */
#include "support/unit.h"

#include "parse/packidx.h"

#define FAN 8
#define NAMES (FAN + 1024)

static struct buf raw;

static void put32(size_t at, uint32_t v)
{
	size_t i;

	for (i = 0; i < 4; i++)
		raw.p[at + i] = (unsigned char)(v >> (24 - 8 * i));
}

/* Objects whose names start with the bytes given and are else their number. */
static void build(const unsigned char *first, uint32_t n, uint32_t wide)
{
	uint32_t i, b, count;
	size_t size = NAMES + (size_t)n * 28 + (size_t)wide * 8 + 40;

	buf_reset(&raw);
	assert_non_null(buf_room(&raw, size));
	raw.n = size;
	memset(raw.p, 0, size);
	memcpy(raw.p, "\377tOc\0\0\0\2", 8);
	for (b = 0; b < 256; b++) {
		for (i = count = 0; i < n; i++)
			count += first[i] <= b;
		put32(FAN + b * 4, count);
	}
	for (i = 0; i < n; i++) {
		raw.p[NAMES + i * OID_RAW] = first[i];
		put32(NAMES + i * OID_RAW + 16, i);
		put32(NAMES + (size_t)n * 24 + i * 4, 100 * i);
	}
}

static const char *refused(void)
{
	static struct err err;
	struct packidx idx;

	err_clear(&err);
	assert_int_equal(packidx_parse(buf_all(&raw), &idx, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	return err.text;
}

static int setup(void **state)
{
	(void)state;
	raw = (struct buf)BUF_INIT(1u << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_free(&raw);
	return 0;
}

static void test_find(void **state)
{
	static const unsigned char first[] = {0, 0, 7, 7, 7, 200, 255, 255};
	struct packidx idx;
	struct err err = ERR_INIT;
	struct oid id = {{7}};
	uint64_t place;
	uint32_t i, at;

	(void)state;
	build(first, 8, 0);
	assert_int_equal(packidx_parse(buf_all(&raw), &idx, &err), 0);
	assert_int_equal(idx.n, 8);
	for (i = 0; i < 8; i++) {
		assert_true(packidx_find(&idx, &idx.name[i], &at));
		assert_int_equal(at, i);
		assert_true(packidx_offset(&idx, i, &place));
		assert_int_equal(place, 100 * i);
	}
	id.b[19] = 9;
	assert_false(packidx_find(&idx, &id, &at));
	id.b[0] = 8;
	assert_false(packidx_find(&idx, &id, &at));
	id.b[0] = 255;
	id.b[1] = 255;
	assert_false(packidx_find(&idx, &id, &at));
}

/* A bucket that is all on one side of where a name should stand. */
static void test_find_uneven(void **state)
{
	static unsigned char first[3000];
	struct packidx idx;
	struct err err = ERR_INIT;
	uint32_t i, at;

	(void)state;
	build(first, ARRAY_LEN(first), 0);
	for (i = 0; i < ARRAY_LEN(first); i++)
		raw.p[NAMES + i * OID_RAW + 1] = i > 5 ? 255 : 0;
	assert_int_equal(packidx_parse(buf_all(&raw), &idx, &err), 0);
	for (i = 0; i < ARRAY_LEN(first); i++) {
		struct oid id = idx.name[i];

		assert_true(packidx_find(&idx, &id, &at));
		assert_int_equal(at, i);
		id.b[10] = 1;
		assert_false(packidx_find(&idx, &id, &at));
	}
}

/* With a finer fan-out, of any size: the same answers. */
static void test_narrowed(void **state)
{
	static unsigned char first[2000];
	static uint32_t room[(1u << 20) + 1];
	static const unsigned bits[] = {8, 11, 20};
	struct packidx idx;
	struct err err = ERR_INIT;
	uint32_t i, at;
	size_t k;

	(void)state;
	for (i = 0; i < ARRAY_LEN(first); i++)
		first[i] = (unsigned char)(i < 900 ? 0 : i / 8);
	build(first, ARRAY_LEN(first), 0);
	for (i = 0; i < ARRAY_LEN(first); i++) {
		raw.p[NAMES + i * OID_RAW + 1] = (unsigned char)(i % 8 * 31);
		if (i < 900)
			raw.p[NAMES + i * OID_RAW + 1] = (unsigned char)(i / 4);
	}
	assert_int_equal(packidx_parse(buf_all(&raw), &idx, &err), 0);
	assert_int_equal(packidx_bits(&idx), 10);
	for (k = 0; k < ARRAY_LEN(bits); k++) {
		packidx_narrow(&idx, bits[k], room);
		for (i = 0; i < ARRAY_LEN(first); i++) {
			struct oid id = idx.name[i];

			assert_true(packidx_find(&idx, &id, &at));
			assert_true(oid_eq(&idx.name[at], &id));
			id.b[19] ^= 0x80;
			assert_false(packidx_find(&idx, &id, &at));
			id.b[1] ^= 0x81;
			assert_false(packidx_find(&idx, &id, &at));
		}
	}
	build(first, 0, 0);
	assert_int_equal(packidx_parse(buf_all(&raw), &idx, &err), 0);
	packidx_narrow(&idx, packidx_bits(&idx), room);
	assert_false(packidx_find(&idx, &(struct oid){{255}}, &at));
}

static void test_wide(void **state)
{
	static const unsigned char first[] = {1, 2, 3};
	struct packidx idx;
	struct err err = ERR_INIT;
	uint64_t place;

	(void)state;
	build(first, 3, 2);
	put32(NAMES + 3 * 24, 0x80000001);
	put32(NAMES + 3 * 24 + 4, 0x80000002);
	put32(NAMES + 3 * 28 + 8, 5);
	put32(NAMES + 3 * 28 + 12, 6);
	assert_int_equal(packidx_parse(buf_all(&raw), &idx, &err), 0);
	assert_true(packidx_offset(&idx, 0, &place));
	assert_true(place == (UINT64_C(5) << 32 | 6));
	assert_false(packidx_offset(&idx, 1, &place));
	assert_true(packidx_offset(&idx, 2, &place));
	assert_int_equal(place, 200);
}

static void test_refused(void **state)
{
	static const unsigned char first[] = {1, 2, 2};

	(void)state;
	build(first, 3, 0);
	raw.p[7] = 1;
	assert_non_null(strstr(refused(), "version 2"));
	build(first, 3, 0);
	put32(FAN + 200 * 4, 1);
	assert_non_null(strstr(refused(), "falls at 200"));
	build(first, 3, 0);
	raw.n--;
	assert_non_null(strstr(refused(), "for 3 objects"));
	build(first, 3, 4);
	assert_non_null(strstr(refused(), "for 3 objects"));
	build(first, 3, 0);
	raw.p[NAMES] = 2;
	assert_non_null(strstr(refused(), "name 0 is not where"));
	build(first, 3, 0);
	raw.p[NAMES + OID_RAW + 5] = 1;
	assert_non_null(strstr(refused(), "name 2 is out of order"));
	raw.n = 100;
	assert_non_null(strstr(refused(), "cut short"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_find_uneven),
		cmocka_unit_test(test_narrowed),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

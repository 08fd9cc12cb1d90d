/* Packs of the vault: written, read back, and refused where a number in their
 * tables is wrong. */
#include "support/unit.h"

#include "parse/vaultpack.h"
#include "port/crypto.h"

#define BLOCKS 3u
#define RECORDS 5u
#define START 60u /* of the tables: the blocks are 20 bytes each */
#define TABLE (START + 12 * BLOCKS)
#define TAIL (TABLE + 44 * RECORDS)

static struct buf raw;

static void make(void)
{
	struct vaultpack_block block[BLOCKS];
	struct vaultpack_record record[RECORDS] = {{.at = 0}};
	struct vaultpack_made m = {
		.from = 4096,
		.to = 4096 + RECORDS,
		.end = START,
		.block = block,
		.nblock = BLOCKS,
		.record = record,
		.nrecord = RECORDS,
	};
	uint32_t i;

	for (i = 0; i < BLOCKS; i++)
		block[i] = (struct vaultpack_block){20 * i, 100};
	for (i = 0; i < RECORDS; i++) {
		memset(record[i].sha256, (int)(0xf0 - i), 32);
		record[i].block = i / 2;
		record[i].at = i % 2 * 50;
		record[i].length = 49 + i % 2;
	}
	buf_reset(&raw);
	memset(buf_room(&raw, START), 'b', START);
	raw.n = START;
	vaultpack_write(&m, sha256_of, &raw);
	assert_int_equal(raw.n, TAIL + VAULTPACK_TAIL);
}

static void test_read_back(void **unused)
{
	unsigned char name[32];
	struct vaultpack_record r;
	struct vaultpack_block b;
	struct err err = ERR_INIT;
	struct vaultpack p;
	size_t size;
	uint32_t i;

	(void)unused;
	make();
	/* The end of it is enough. */
	assert_int_equal(vaultpack_parse(span_from(buf_all(&raw), START), raw.n,
				 sha256_of, &p, &err),
		0);
	assert_int_equal(
		vaultpack_parse(buf_all(&raw), raw.n, sha256_of, &p, &err), 0);
	assert_int_equal(p.from, 4096);
	assert_int_equal(p.to, 4096 + RECORDS);
	assert_int_equal(p.nrecord, RECORDS);
	b = vaultpack_block(&p, 1, &size);
	assert_int_equal(b.start, 20);
	assert_int_equal(b.length, 100);
	assert_int_equal(size, 20);
	vaultpack_block(&p, 2, &size);
	assert_int_equal(size, 20);
	for (i = 0; i < RECORDS; i++) {
		memset(name, (int)(0xf0 - i), 32);
		assert_true(vaultpack_find(&p, name, &r));
		assert_int_equal(r.block, i / 2);
		assert_int_equal(r.at, i % 2 * 50);
		assert_int_equal(r.length, 49 + i % 2);
	}
	memset(name, 0xf1, 32);
	assert_false(vaultpack_find(&p, name, &r));
	memset(name, 0, 32);
	assert_false(vaultpack_find(&p, name, &r));
}

/* With one byte changed; the checksum left aside, so that it is not what
 * refuses. */
static void refused(size_t at, unsigned char c, const char *why)
{
	struct err err = ERR_INIT;
	struct vaultpack p;

	make();
	assert_int_not_equal(raw.p[at], c);
	raw.p[at] = c;
	assert_int_equal(
		vaultpack_parse(buf_all(&raw), raw.n, NULL, &p, &err), -1);
	assert_int_equal(err.code, ERR_INPUT);
	if (!strstr(err.text, why))
		fail_msg("byte %zu: %s", at, err.text);
}

static void test_refused(void **unused)
{
	(void)unused;
	refused(START + 7, 1, "block 0 does not follow");
	refused(START + 12 + 7, 0, "block 1 does not follow");
	refused(START + 24 + 7, START, "block 2 does not follow");
	refused(START + 11, 0, "block 0 is of 0 bytes");
	refused(START + 8, 1, "block 0 is of");
	refused(TABLE, 0xff, "record 1 is out of order");
	refused(TABLE + 35, 9, "record 0 is in no block");
	refused(TABLE + 44 + 39, 51, "record 1 is in no block");
	refused(TABLE + 43, 0, "record 0 is in no block");
	refused(TAIL, 'x', "not a pack");
	refused(TAIL + 8, 1, "entries");
	refused(TAIL + 22, 0x30, "entries");
	refused(TAIL + 31, START + 1, "do not add up");
	refused(TAIL + 35, 4, "do not add up");
	refused(TAIL + 35, 9, "9 blocks");
	refused(TAIL + 39, 4, "do not add up");
	refused(TAIL + 39, 6, "6 records");
}

/* Every byte of tables and tail is under the checksum, which is the last. */
static void test_checksum(void **unused)
{
	struct err err = ERR_INIT;
	struct vaultpack p;
	size_t at;

	(void)unused;
	make();
	for (at = START; at < raw.n; at++) {
		raw.p[at] ^= 1;
		assert_int_equal(vaultpack_parse(buf_all(&raw), raw.n,
					 sha256_of, &p, &err),
			-1);
		raw.p[at] ^= 1;
		err_clear(&err);
	}
}

static void test_cut(void **unused)
{
	struct err err = ERR_INIT;
	struct vaultpack p;
	size_t n;

	(void)unused;
	make();
	for (n = 0; n < raw.n; n++) {
		assert_int_equal(vaultpack_parse(span_sub(buf_all(&raw), 0, n),
					 n, NULL, &p, &err),
			-1);
		err_clear(&err);
	}
	/* Nor is it as long as it is not. */
	assert_int_equal(
		vaultpack_parse(buf_all(&raw), raw.n + 1, NULL, &p, &err), -1);
}

static void test_empty(void **unused)
{
	struct vaultpack_made m = {.from = 0, .to = 256};
	struct vaultpack_record r;
	struct err err = ERR_INIT;
	struct vaultpack p;

	(void)unused;
	buf_reset(&raw);
	vaultpack_write(&m, sha256_of, &raw);
	assert_int_equal(
		vaultpack_parse(buf_all(&raw), raw.n, sha256_of, &p, &err), 0);
	assert_int_equal(p.to, 256);
	assert_false(vaultpack_find(&p, (const unsigned char[32]){0}, &r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_back),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_empty),
	};
	int failed;

	raw = (struct buf)BUF_INIT(1u << 20);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	buf_free(&raw);
	return failed;
}

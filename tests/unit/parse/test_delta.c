/* Deltas: every form of a copy, cut at every byte, and what leads outside. */
#include "support/unit.h"

#include "parse/delta.h"

static void put_length(struct buf *out, uint64_t n)
{
	for (; n > 127; n >>= 7)
		buf_byte(out, (unsigned char)(n & 127) | 128);
	buf_byte(out, (unsigned char)n);
}

/* A copy of form ${code} whose bytes of place and length are all ${each}, as a
 * plain reading has it. */
static struct delta_step put_copy(
	struct buf *out, unsigned code, unsigned char each)
{
	struct delta_step s = {NULL, 0, 0};
	unsigned i;

	buf_byte(out, (unsigned char)code);
	for (i = 0; i < 7; i++) {
		if (!(code >> i & 1))
			continue;
		buf_byte(out, each);
		if (i < 4)
			s.at |= (size_t)each << 8 * i;
		else
			s.n |= (size_t)each << 8 * (i - 4);
	}
	if (!s.n)
		s.n = 0x10000;
	return s;
}

#define FROM ((uint64_t)1 << 40)

/* One copy, with so many new bytes behind it. */
static void one_copy(unsigned code, unsigned char each, size_t behind)
{
	struct buf raw = BUF_INIT(64);
	struct err err = ERR_INIT;
	struct delta_step want = put_copy(&raw, code, each), got;
	struct delta d;
	size_t head, cut;

	buf_reset(&raw);
	put_length(&raw, FROM);
	put_length(&raw, want.n + behind);
	head = raw.n;
	put_copy(&raw, code, each);
	cut = raw.n;
	if (behind) {
		buf_byte(&raw, (unsigned char)behind);
		buf_add(&raw, "abcdefgh", behind);
	}
	assert_int_equal(delta_open(buf_all(&raw), &d, &err), 0);
	assert_int_equal(delta_next(&d, &got, &err), 1);
	assert_null(got.new);
	assert_true(got.at == want.at);
	assert_true(got.n == want.n);
	if (behind) {
		assert_int_equal(delta_next(&d, &got, &err), 1);
		assert_memory_equal(got.new, "abcdefgh", behind);
	}
	assert_int_equal(delta_next(&d, &got, &err), 0);
	while (--cut > head) {
		struct span some = span_sub(buf_all(&raw), 0, cut);

		assert_int_equal(delta_open(some, &d, &err), 0);
		assert_int_equal(delta_next(&d, &got, &err), -1);
		assert_int_equal(err.code, ERR_INPUT);
		err_clear(&err);
	}
	buf_free(&raw);
}

static void every_copy(void **state)
{
	unsigned code;
	size_t behind;

	(void)state;
	for (code = 128; code < 256; code++)
		for (behind = 0; behind < 9; behind += 4) {
			one_copy(code, 0, behind);
			one_copy(code, 1, behind);
			one_copy(code, 0xff, behind);
		}
}

/* What ${steps} says of a base of 100 bytes and a result of 20. */
static int read_all(const char *steps, size_t n)
{
	struct buf raw = BUF_INIT(256);
	struct err err = ERR_INIT;
	struct delta_step step;
	struct delta d;
	int more;

	put_length(&raw, 100);
	put_length(&raw, 20);
	buf_add(&raw, steps, n);
	assert_int_equal(delta_open(buf_all(&raw), &d, &err), 0);
	while ((more = delta_next(&d, &step, &err)) > 0)
		continue;
	buf_free(&raw);
	return more;
}

static void outside(void **state)
{
	(void)state;
	assert_int_equal(read_all("\x91\x50\x14", 3), 0);
	assert_int_equal(read_all("\x91\x51\x14", 3), -1); /* past the base */
	assert_int_equal(read_all("\x91\x65\x14", 3), -1);
	assert_int_equal(read_all("\x91\x50\x13", 3), -1); /* too little */
	assert_int_equal(read_all("\x91\x4f\x15", 3), -1); /* too much */
	assert_int_equal(read_all("\x81\x01", 2), -1);     /* 64 KiB */
	assert_int_equal(read_all("\x91\x50\x13\x01!", 5), 0);
	assert_int_equal(read_all("\x91\x50\x13\x01", 4), -1);
	assert_int_equal(read_all("\x91\x50\x13\x02!?", 6), -1);
	assert_int_equal(read_all("\x91\x50\x14\x00", 4), -1);
	assert_int_equal(read_all("", 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_copy),
		cmocka_unit_test(outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

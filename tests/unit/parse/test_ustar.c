#include "../../support/unit.h"

#include "parse/ustar.h"

#define NAME50 "0123456789/123456789/123456789/123456789/123456789"

/* Read by tar itself: what it lists of them. */
static void test_tar_reads(void **unused)
{
	static const struct ustar_member m[] = {
		{"top/", 0755, 0, 1790000000},
		{"top/a", 0644, 3, 0},
		{NAME50 NAME50, 0640, 512, 1},
		{"top/c", 0600, 0, 8589934591},
	};
	static const char zeros[1024] = {0};
	const char *const argv[] = {
		"tar", "--utc", "--full-time", "-tvf", "-", NULL};
	struct buf tar = BUF_INIT(65536), said = BUF_INIT(65536);
	struct proc p = {.argv = argv, .timeout_ms = 20000};
	struct err err = ERR_INIT;
	struct proc_end end;
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(m); i++) {
		assert_true(ustar_head(&m[i], &tar));
		assert_int_equal(tar.n % USTAR_BLOCK, 0);
		buf_span(&tar, span_of(zeros, (size_t)m[i].size));
		buf_span(&tar, span_of(zeros, ustar_pad(m[i].size)));
	}
	buf_span(&tar, span_of(zeros, sizeof(zeros)));
	p.in = buf_all(&tar);
	p.out = &said;
	assert_int_equal(proc_run(&p, &end, &err), 0);
	assert_int_equal(end.status, 0);
	for (i = 0; i < said.n; i++)
		while (i + 1 < said.n && said.p[i] == ' ' &&
			said.p[i + 1] == ' ')
			memmove(said.p + i, said.p + i + 1, said.n-- - i);
	assert_string_equal(buf_cstr(&said),
		"drwxr-xr-x 0/0 0 2026-09-21 14:13:20 top/\n"
		"-rw-r--r-- 0/0 3 1970-01-01 00:00:00 top/a\n"
		"-rw-r----- 0/0 512 1970-01-01 00:00:01 " NAME50 NAME50 "\n"
		"-rw------- 0/0 0 2242-03-16 12:56:31 top/c\n");
	buf_free(&tar);
	buf_free(&said);
}

static void test_bounds(void **unused)
{
	static const struct ustar_member bad[] = {
		{"", 0644, 0, 0},
		{NAME50 NAME50 "x", 0644, 0, 0},
		{"a", 0644, (uint64_t)1 << 33, 0},
		{"a", 0644, UINT64_MAX, 0},
		{"a", 0644, 0, -1},
		{"a", 0644, 0, (int64_t)1 << 33},
		{"a", 010000, 0, 0},
	};
	struct buf out = BUF_INIT(4096);
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(bad); i++) {
		if (ustar_head(&bad[i], &out))
			fail_msg("taken: %zu", i);
		assert_int_equal(out.n, 0);
	}
	assert_int_equal(ustar_pad(0), 0);
	assert_int_equal(ustar_pad(1), 511);
	assert_int_equal(ustar_pad(512), 0);
	assert_int_equal(ustar_pad(UINT64_MAX), 1);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tar_reads),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

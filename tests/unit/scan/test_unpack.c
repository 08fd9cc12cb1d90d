/* sluice-unpack and its client; and the client against a sluice-unpack that
 * was taken over. */
#include "support/unit.h"

#include "base/clock.h"
#include "base/io.h"
#include "scan/unpack.h"
#include "support/tarball.h"
#include "support/unpackprogram.h"

static struct buf program = PATH_BUF_INIT;
static char folder[200];

static int start(void **state)
{
	(void)state;
	unpack_program(&program);
	unit_dir(folder, sizeof(folder));
	return 0;
}

static int stop(void **state)
{
	(void)state;
	unit_rm(folder);
	buf_free(&program);
	return 0;
}

/* What was told, as text: "1 name=body", "1 ! reason". */
struct told {
	struct buf text;
	unsigned stop_after, fail_after; /* members; 0: never */
	unsigned members;
};

static int on_member(void *ctx, unsigned depth, struct span name,
	struct span bytes, bool *stop, struct err *err)
{
	struct told *t = ctx;

	t->members++;
	buf_fmt(&t->text, "%u %.*s=", depth, SPAN_FMT(name));
	buf_span(&t->text, span_sub(bytes, 0, 20));
	buf_byte(&t->text, '|');
	*stop = t->members == t->stop_after;
	if (t->members == t->fail_after)
		return err_set(err, ERR_SYS, "the visitor");
	return 0;
}

static void on_refused(void *ctx, unsigned depth, enum unpack_reason why)
{
	struct told *t = ctx;

	buf_fmt(&t->text, "%u ! %d|", depth, (int)why);
}

#define TOLD_INIT                                 \
	{                                         \
		.text = {.max = (size_t)1 << 20 } \
	}

static int run(struct unpacker *u, struct span bytes, struct told *t, char *why,
	struct err *err)
{
	const struct unpack_visitor v = {on_member, on_refused, t};

	return unpacker_run(u, bytes, &v, why, err);
}

static void read_corpus(const char *name, struct buf *out)
{
	char path[200];
	struct err err = ERR_INIT;

	snprintf(path, sizeof(path), "tests/fuzz/corpus/archive/%s", name);
	buf_reset(out);
	if (io_read_file(path, out, &err))
		fail_msg("%s", err.text);
}

static void every_format(void **state)
{
	static const struct {
		const char *file, *told;
	} t[] = {
		{"gz", "1 =hi\n|"},
		{"bz2", "1 =hi\n|"},
		{"xz", "1 =hi\n|"},
		{"zst", "1 =hi\n|"},
		{"zip", "1 a=hi\n|"},
		{"zip-behind-program", "1 a=hi\n|"},
		{"tgz", "1 a=hi\n|"},
		{"7z", "1 a=hi\n|"},
		{"ar", "1 a=hi\n|"},
		{"cpio", "1 a=hi\n|"},
		{"zip-encrypted", "1 a=|1 ! 2|"},
		{"bad-zip", "0 ! 1|"},
	};
	const struct unpack_setup setup = {.program = buf_cstr(&program)};
	struct unpacker *u = unpacker_new(&setup);
	struct buf bytes = BUF_INIT(65536);
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct told told = TOLD_INIT;
		char why[UNPACK_WHY_MAX];
		struct err err = ERR_INIT;

		read_corpus(t[i].file, &bytes);
		assert_int_equal(run(u, buf_all(&bytes), &told, why, &err), 0);
		if (strcmp(buf_cstr(&told.text), t[i].told) || why[0])
			fail_msg("%s: %s %s", t[i].file, buf_cstr(&told.text),
				why);
		buf_free(&told.text);
	}
	buf_free(&bytes);
	unpacker_free(u);
}

/* A tar of members of so many bytes each. */
static void make_tar(struct buf *out, unsigned n, size_t size)
{
	struct buf bytes = BUF_INIT(65536);
	char name[20];
	unsigned i;

	while (bytes.n < size)
		buf_byte(&bytes, 'x');
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		tar_add(out, name, buf_all(&bytes));
	}
	tar_end(out);
	buf_free(&bytes);
}

static void limits(void **state)
{
	struct unpack_setup setup = {.program = buf_cstr(&program)};
	const struct {
		uint64_t total, member;
		uint32_t members;
		const char *told;
	} t[] = {
		{10000, 6000, 3, "1 m0=x|1 m1=x|1 m2=x|"},
		{10000, 6000, 2, "1 m0=x|1 m1=x|0 ! 5|"},
		{2000, 6000, 3, "1 m0=x|1 m1=x|0 ! 4|"},
		{10000, 999, 3, NULL},
	};
	struct buf tar = BUF_INIT(65536);
	size_t i;

	(void)state;
	make_tar(&tar, 3, 1024);
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct told told = TOLD_INIT;
		char why[UNPACK_WHY_MAX];
		struct err err = ERR_INIT;
		struct unpacker *u;
		struct buf seen = BUF_INIT(1000);
		size_t k;

		setup.total = t[i].total;
		/* The archive itself is held to the limit of a member. */
		setup.member = t[i].member;
		setup.members = t[i].members;
		u = unpacker_new(&setup);
		if (!t[i].told) {
			assert_int_equal(
				run(u, buf_all(&tar), &told, why, &err), 0);
			assert_non_null(strstr(why, "larger than 999 bytes"));
			unpacker_free(u);
			continue;
		}
		assert_int_equal(run(u, buf_all(&tar), &told, why, &err), 0);
		assert_string_equal(why, "");
		/* One x will do. */
		for (k = 0; k < told.text.n; k++)
			if (!k || told.text.p[k] != 'x' ||
				told.text.p[k - 1] != 'x')
				buf_byte(&seen, told.text.p[k]);
		assert_string_equal(buf_cstr(&seen), t[i].told);
		buf_free(&seen);
		buf_free(&told.text);
		unpacker_free(u);
	}
	buf_free(&tar);
}

static void a_member_that_is_too_large(void **state)
{
	const struct unpack_setup setup = {
		.program = buf_cstr(&program), .member = 5000};
	struct unpacker *u = unpacker_new(&setup);
	struct told told = TOLD_INIT;
	char why[UNPACK_WHY_MAX];
	struct buf bytes = BUF_INIT(65536);
	struct err err = ERR_INIT;

	(void)state;
	read_corpus("gz-of-zeros", &bytes);
	assert_int_equal(run(u, buf_all(&bytes), &told, why, &err), 0);
	assert_int_equal(told.members, 1);
	assert_true(span_ends(buf_all(&told.text), SPAN_LIT("|0 ! 3|")));
	buf_free(&told.text);
	buf_free(&bytes);
	unpacker_free(u);
}

static void the_visitor_stops_or_fails(void **state)
{
	const struct unpack_setup setup = {.program = buf_cstr(&program)};
	struct unpacker *u = unpacker_new(&setup);
	struct told told = TOLD_INIT;
	char why[UNPACK_WHY_MAX];
	struct buf tar = BUF_INIT(65536);
	struct err err = ERR_INIT;

	(void)state;
	make_tar(&tar, 5, 0);
	told.stop_after = 2;
	assert_int_equal(run(u, buf_all(&tar), &told, why, &err), 0);
	assert_string_equal(buf_cstr(&told.text), "1 m0=|1 m1=|");
	assert_string_equal(why, "");
	told.members = told.stop_after = 0;
	told.fail_after = 1;
	assert_int_equal(run(u, buf_all(&tar), &told, why, &err), -1);
	assert_string_equal(err.text, "the visitor");
	/* And on it goes. */
	buf_reset(&told.text);
	told.members = told.fail_after = 0;
	assert_int_equal(run(u, buf_all(&tar), &told, why, &err), 0);
	assert_int_equal(told.members, 5);
	buf_free(&told.text);
	buf_free(&tar);
	unpacker_free(u);
}

/* A program of ${lines} in place of sluice-unpack. */
static const char *script(const char *name, const char *lines)
{
	static char path[300];
	struct buf text = BUF_INIT(10000);
	struct err err = ERR_INIT;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	buf_fmt(&text, "#!/bin/sh\n%s\n", lines);
	if (io_replace(path, buf_all(&text), 0755, &err))
		fail_msg("%s", err.text);
	buf_free(&text);
	return path;
}

/* The question and eight bytes. */
#define READ "head -c 44 >/dev/null; "
#define ZEROS "\\0\\0\\0\\0\\0\\0\\0"

static void taken_over(void **state)
{
	static const struct {
		const char *lines, *told, *why;
	} t[] = {
		{"exit 0", "", "ended before its answer"},
		{"kill -9 $$", "", "ended before its answer"},
		{"cat", "", "not a frame"},
		{"head -c 30 >/dev/null; exec sleep 20", "", "took longer"},
		{READ "printf 'm\\1\\0\\0\\0\\0\\0\\1" ZEROS "\\2nXY'; exit",
			"1 n=XY|", "ended before its answer"},
		{READ "printf 'm\\1\\0\\0\\0\\0\\0\\1" ZEROS "\\3nXY'; exit",
			"", "ended before its answer"},
		{READ "printf 'm\\2\\0\\0\\0\\0\\0\\1" ZEROS "\\2nXY'; exit",
			"", "a member of what no member is"},
		/* 2 to the power of 30 bytes, and of 56 */
		{READ "printf "
		      "'m\\1\\0\\0\\0\\0\\0\\1\\0\\0\\0\\0\\100\\0\\0\\0'; "
		      "exit",
			"", "more than was asked for"},
		{READ "printf "
		      "'m\\1\\0\\0\\0\\0\\0\\1\\1\\0\\0\\0\\0\\0\\0\\0'; "
		      "exit",
			"", "not a frame"},
		{READ "printf 'n\\0\\1\\0\\0\\0\\0\\0" ZEROS
		      "\\0e\\0\\0\\0\\0\\0"
		      "\\0\\0" ZEROS "\\0'; exec sleep 20",
			"0 ! 1|", ""},
		/* Refusing for ever. */
		{READ "while printf 'n\\0\\1\\0\\0\\0\\0\\0" ZEROS
		      "\\0'; do :; "
		      "done",
			NULL, "a refusal of what no member is"},
	};
	struct unpack_setup setup = {
		.wait_ms = 5000, .members = 5, .member = 1000, .total = 1000};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_LEN(t); i++) {
		struct told told = TOLD_INIT;
		int64_t before = clock_ms();
		char why[UNPACK_WHY_MAX];
		struct err err = ERR_INIT;
		struct unpacker *u;

		setup.program = script("evil", t[i].lines);
		u = unpacker_new(&setup);
		assert_int_equal(
			run(u, SPAN_LIT("PK\3\4...."), &told, why, &err), 0);
		if ((t[i].told && strcmp(buf_cstr(&told.text), t[i].told)) ||
			(t[i].why[0] ? !strstr(why, t[i].why) : why[0] != 0))
			fail_msg(
				"row %zu: %s %s", i, buf_cstr(&told.text), why);
		unpacker_free(u);
		buf_free(&told.text);
		assert_true(clock_ms() - before < 15000);
	}
	setup.program = "/nonexistent/sluice-unpack";
	{
		struct unpacker *u = unpacker_new(&setup);
		struct told told = TOLD_INIT;
		char why[UNPACK_WHY_MAX];
		struct err err = ERR_INIT;

		assert_int_equal(
			run(u, SPAN_LIT("PK\3\4...."), &told, why, &err), 0);
		assert_string_not_equal(why, "");
		unpacker_free(u);
	}
}

static void a_new_one_after_a_death(void **state)
{
	struct unpack_setup setup = {.wait_ms = 20000};
	struct told told = TOLD_INIT;
	char why[UNPACK_WHY_MAX], lines[800];
	struct buf bytes = BUF_INIT(65536);
	struct err err = ERR_INIT;
	struct unpacker *u;

	(void)state;
	snprintf(lines, sizeof(lines),
		"[ -e '%s/once' ] || { : >'%s/once'; exit 1; }\n"
		"exec '%s' \"$@\"",
		folder, folder, buf_cstr(&program));
	setup.program = script("frail", lines);
	u = unpacker_new(&setup);
	read_corpus("zip", &bytes);
	assert_int_equal(run(u, buf_all(&bytes), &told, why, &err), 0);
	assert_string_not_equal(why, "");
	assert_int_equal(run(u, buf_all(&bytes), &told, why, &err), 0);
	assert_string_equal(why, "");
	assert_string_equal(buf_cstr(&told.text), "1 a=hi\n|");
	buf_free(&told.text);
	buf_free(&bytes);
	unpacker_free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format),
		cmocka_unit_test(limits),
		cmocka_unit_test(a_member_that_is_too_large),
		cmocka_unit_test(the_visitor_stops_or_fails),
		cmocka_unit_test(taken_over),
		cmocka_unit_test(a_new_one_after_a_death),
	};

	return cmocka_run_group_tests(tests, start, stop);
}

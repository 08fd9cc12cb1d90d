/* Mirrors: the same bytes at every size, and never what was not signed. */
#include "../../support/unit.h"

#include "../../support/records.h"
#include "base/clock.h"
#include "base/io.h"
#include "log/append.h"
#include "log/check.h"
#include "log/mirror.h"
#include "log/store.h"
#include "parse/record.h"

#define REF "refs/heads/main"

static void append(const char *state, unsigned n)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;

	test_text(test_decision("reject", REF, n), &text);
	if (append_run(state, buf_all(&text), &r, &err))
		fail_msg("append: %s", err.text);
	buf_free(&text);
}

static int mirror(const char *state, const char *to, struct mirror_result *r,
	struct err *err)
{
	struct log_reader *log;
	int ret;

	*err = (struct err)ERR_INIT;
	if (log_open_state(state, &log, err))
		fail_msg("%s", err->text);
	ret = mirror_run(log, to, r, err);
	log_close(log);
	return ret;
}

static void tell(void *ctx, enum check_word word, const char *what)
{
	(void)ctx;
	(void)word;
	print_error("%s\n", what);
}

/* As 'log verify --dir' looks at it, with the key alone. */
static void whole(const char *state, const char *dir, uint64_t size)
{
	struct buf vkey = BUF_INIT(4096);
	struct log_check check = {.tell = tell};
	struct log_check_result r;
	struct err err = ERR_INIT;

	if (store_vkey(state, &vkey, &err) ||
		log_source_dir(dir, &check.src, &err))
		fail_msg("%s", err.text);
	check.vkey = buf_all(&vkey);
	if (log_check_run(&check, &r, &err))
		fail_msg("%s", err.text);
	assert_int_equal(r.damaged, 0);
	assert_int_equal(r.unknown, 0);
	assert_int_equal(r.size, size);
	log_source_close(check.src);
	buf_free(&vkey);
}

static void test_grows(void **unused)
{
	static const unsigned starts[] = {0, 1, 254, 510};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(starts); i++) {
		char *dir = log_folder(), *state = test_log(dir, starts[i]);
		struct buf to = PATH_BUF_INIT, script = BUF_INIT(4096);
		struct mirror_result r;
		struct err err;
		unsigned n;

		io_join(&to, dir, "a/copy");
		for (n = starts[i]; n < starts[i] + 4; n++) {
			if (mirror(state, buf_cstr(&to), &r, &err))
				fail_msg("%u: %s", n, err.text);
			assert_int_equal(r.answer, MIRROR_CURRENT);
			assert_int_equal(r.was, n == starts[i] ? 0 : n - 1);
			assert_int_equal(r.size, n);
			assert_int_equal(r.last[0] != 0, n > 0);
			whole(state, buf_cstr(&to), n);
			/* Again, with nothing new. */
			assert_int_equal(
				mirror(state, buf_cstr(&to), &r, &err), 0);
			assert_int_equal(r.was, n);
			assert_int_equal(r.size, n);
			assert_int_equal(r.last[0] != 0, n > 0);
			append(state, n);
		}
		/* Every file of it is a file of the log, byte by byte. */
		assert_int_equal(mirror(state, buf_cstr(&to), &r, &err), 0);
		buf_fmt(&script,
			"cd '%s' && find . -type f | while read -r f; do "
			"cmp \"$f\" '%s/log/'\"$f\"; done",
			buf_cstr(&to), state);
		unit_shell(dir, buf_cstr(&script));
		buf_free(&script);
		buf_free(&to);
		free(state);
		log_remove(dir);
	}
}

/* Two logs under one key, alike up to their 5th entry. */
struct twins {
	char *dir, *one;
	struct buf two, to;
};

static void twins_make(struct twins *t)
{
	struct buf script = BUF_INIT(4096);
	struct mirror_result r;
	struct err err;

	t->dir = log_folder();
	t->one = test_log(t->dir, 5);
	t->two = (struct buf)PATH_BUF_INIT;
	t->to = (struct buf)PATH_BUF_INIT;
	io_join(&t->two, t->dir, "two");
	io_join(&t->to, t->dir, "copy");
	buf_fmt(&script, "cp -a '%s' two", t->one);
	unit_shell(t->dir, buf_cstr(&script));
	append(t->one, 5);
	append(t->one, 6);
	assert_int_equal(mirror(t->one, buf_cstr(&t->to), &r, &err), 0);
	assert_int_equal(r.size, 7);
	buf_free(&script);
}

static void twins_end(struct twins *t)
{
	buf_free(&t->two);
	buf_free(&t->to);
	free(t->one);
	log_remove(t->dir);
}

static bool has_fork(struct twins *t)
{
	struct buf path = PATH_BUF_INIT;
	bool there;

	io_join(&path, buf_cstr(&t->to), MIRROR_FORK);
	there = io_exists(buf_cstr(&path));
	buf_free(&path);
	return there;
}

static void test_shrunk(void **unused)
{
	struct mirror_result r;
	struct twins t;
	struct err err;

	(void)unused;
	twins_make(&t);
	assert_int_equal(
		mirror(buf_cstr(&t.two), buf_cstr(&t.to), &r, &err), 0);
	assert_int_equal(r.answer, MIRROR_SHRUNK);
	assert_int_equal(r.size, 7);
	assert_false(has_fork(&t));
	whole(t.one, buf_cstr(&t.to), 7);
	twins_end(&t);
}

static void test_forked(void **unused)
{
	struct mirror_result r;
	unsigned n;
	struct err err;

	(void)unused;
	/* Shorter than the copy, as long, longer. */
	for (n = 1; n <= 4; n++) {
		struct twins t;
		unsigned i;

		twins_make(&t);
		for (i = 0; i < n; i++)
			append(buf_cstr(&t.two), 100 + i);
		assert_int_equal(
			mirror(buf_cstr(&t.two), buf_cstr(&t.to), &r, &err), 0);
		assert_int_equal(r.answer, MIRROR_FORKED);
		assert_int_equal(r.size, 7);
		assert_true(has_fork(&t));
		whole(t.one, buf_cstr(&t.to), 7);
		/* The one that was copied goes on. */
		append(t.one, 7);
		assert_int_equal(mirror(t.one, buf_cstr(&t.to), &r, &err), 0);
		assert_int_equal(r.answer, MIRROR_CURRENT);
		assert_int_equal(r.size, 8);
		twins_end(&t);
	}
}

/* The log was altered where it stands: nothing of it is taken over. */
static void test_damage(void **unused)
{
	static const char *const harm[] = {
		"printf X | dd of=tile/entries/000.p/8 bs=1 seek=40 "
		"conv=notrunc status=none",
		"printf X | dd of=tile/0/000.p/8 bs=1 seek=40 conv=notrunc "
		"status=none",
		"truncate -s 300 tile/entries/000.p/8",
		"rm tile/entries/000.p/8",
		"sed -i 's/^8$/9/' checkpoint",
	};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(harm); i++) {
		struct buf log_dir = PATH_BUF_INIT;
		struct log_reader *log = NULL;
		struct mirror_result r;
		struct err err = ERR_INIT;
		struct twins t;

		twins_make(&t);
		append(t.one, 7);
		io_join(&log_dir, t.one, STORE_LOG);
		unit_shell(buf_cstr(&log_dir), harm[i]);
		if (!log_open_state(t.one, &log, &err) &&
			!mirror_run(log, buf_cstr(&t.to), &r, &err))
			fail_msg("harm %zu was copied", i);
		log_close(log);
		whole(t.one, buf_cstr(&t.to), 7);
		buf_free(&log_dir);
		twins_end(&t);
	}
}

static void test_silent(void **unused)
{
	struct mirror_result r = {.last = "2026-11-23T08:00:00Z"};
	int64_t then;

	(void)unused;
	assert_true(clock_read(span_str(r.last), &then));
	assert_false(mirror_silent(&r, then, 60));
	assert_false(mirror_silent(&r, then + 60, 60));
	assert_true(mirror_silent(&r, then + 61, 60));
	/* A clock that is behind the log's is no silence. */
	assert_false(mirror_silent(&r, then - 600, 60));
	r.last[0] = '\0';
	assert_false(mirror_silent(&r, then + 6000, 60));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_shrunk),
		cmocka_unit_test(test_forked),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

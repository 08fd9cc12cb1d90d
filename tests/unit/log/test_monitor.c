/* What a monitor tells of a log in its turns, and when. */
#include "../../support/unit.h"

#include "../../support/records.h"
#include "base/clock.h"
#include "base/io.h"
#include "log/append.h"
#include "log/monitor.h"

#define REF "refs/heads/main"
#define SETTLE 60
/* Of every record of the tests. */
#define THEN "2026-11-23T08:00:00Z"

static char *dir, *state;
static struct buf to, seen;
static int64_t now;
static bool calm;

static int setup(void **unused)
{
	(void)unused;
	dir = log_folder();
	to = (struct buf)PATH_BUF_INIT;
	seen = (struct buf)BUF_INIT(1 << 20);
	io_join(&to, dir, "monitor");
	return !clock_read(span_str(THEN), &now);
}

static int teardown(void **unused)
{
	(void)unused;
	buf_free(&to);
	buf_free(&seen);
	free(state);
	state = NULL;
	log_remove(dir);
	return 0;
}

static void append(struct doc *j)
{
	struct buf text = BUF_INIT(RECORD_MAX);
	struct log_receipt r;
	struct err err = ERR_INIT;

	test_text(j, &text);
	if (append_run(state, buf_all(&text), &r, &err))
		fail_msg("append: %s", err.text);
	buf_free(&text);
}

/* A turn: "kind entry", or "!kind" for what is over, a line each; in seen. */
static const char *turn(int64_t silence, bool keep)
{
	struct log_reader *log = NULL;
	const struct monitor_alert *v;
	struct monitor *m;
	struct err err = ERR_INIT;
	size_t i, n;

	buf_reset(&seen);
	if (monitor_open(buf_cstr(&to), now, &m, &err))
		fail_msg("%s", err.text);
	if (log_open_state(state, &log, &err) ||
		monitor_look(m, log, SETTLE, &err))
		assert_true(monitor_fail(m, &err));
	v = monitor_alerts(m, silence, &n);
	for (i = 0; i < n; i++) {
		buf_fmt(&seen, "%s%s", v[i].over ? "!" : "",
			monitor_kind_name(v[i].kind));
		if (v[i].entry != UINT64_MAX)
			buf_fmt(&seen, " %llu", (unsigned long long)v[i].entry);
		buf_byte(&seen, '\n');
	}
	calm = monitor_calm(m);
	err_clear(&err);
	if (keep && monitor_keep(m, &err))
		fail_msg("%s", err.text);
	log_close(log);
	monitor_close(m);
	return buf_cstr(&seen);
}

static void test_entries(void **unused)
{
	(void)unused;
	state = test_log(dir, 3);
	assert_string_equal(turn(0, true), "");
	append(test_decision("accept", REF, 3));              /* 3 */
	append(test_observed(UINT64_MAX, "refs/heads/x", 4)); /* 4 */
	append(test_decision("accept", REF, 5));              /* 5 */
	append(test_outcome(5, REF, 5));                      /* 6 */
	append(test_decision("accept", REF, 6));              /* 7 */
	append(test_observed(7, REF, 6));                     /* 8 */
	/* Told again as long as nobody kept that it was. */
	assert_string_equal(turn(0, false), "ungated 4\n");
	assert_string_equal(turn(0, true), "ungated 4\n");
	assert_false(calm);
	now += SETTLE - 1;
	assert_string_equal(turn(0, true), "");
	assert_true(calm);
	now++;
	assert_string_equal(turn(0, true), "unapplied 3\n");
	now++;
	assert_string_equal(turn(0, true), "");
	/* What comes in time, in a later turn. */
	append(test_decision("accept", REF, 8)); /* 9 */
	now -= SETTLE + 1;
	assert_string_equal(turn(0, true), "");
	append(test_outcome(9, REF, 8));
	now += SETTLE + 1;
	assert_string_equal(turn(0, true), "");
}

static void test_silence(void **unused)
{
	(void)unused;
	state = test_log(dir, 1);
	assert_string_equal(turn(60, true), "");
	now += 61;
	assert_string_equal(turn(0, true), "");
	assert_string_equal(turn(62, true), "");
	assert_string_equal(turn(61, true), "silence\n");
	assert_string_equal(turn(61, true), "");
	assert_false(calm);
	now -= 61;
	assert_string_equal(turn(60, true), "!silence\n");
	assert_true(calm);
	/* Entries of the future keep nothing quiet. */
	now -= 1000000;
	unit_rm(buf_cstr(&to));
	assert_string_equal(turn(60, true), "");
	now += 61;
	assert_string_equal(turn(60, true), "silence\n");
}

static void test_old_damage(void **unused)
{
	static const char *const harm[] = {
		"printf X | dd of=tile/entries/000 bs=1 seek=40 conv=notrunc "
		"status=none",
		"rm tile/0/001",
	};
	size_t i;

	(void)unused;
	for (i = 0; i < ARRAY_LEN(harm); i++) {
		struct buf log = PATH_BUF_INIT;

		free(state);
		state = test_log(dir, 520);
		unit_rm(buf_cstr(&to));
		io_join(&log, state, "log");
		assert_string_equal(turn(0, true), "");
		unit_shell(dir, "cp -a s kept");
		unit_shell(buf_cstr(&log), harm[i]);
		assert_string_equal(turn(0, true), "damage\n");
		assert_string_equal(turn(0, true), "");
		assert_false(calm);
		unit_shell(dir, "rm -r s; mv kept s");
		assert_string_equal(turn(0, true), "!damage\n");
		unit_shell(dir, "rm -r s");
		buf_free(&log);
	}
}

/* Its copy was lost, or put back: the state knows better. */
static void test_copy(void **unused)
{
	(void)unused;
	state = test_log(dir, 3);
	unit_shell(dir, "cp -a s kept");
	append(test_decision("reject", REF, 3));
	assert_string_equal(turn(0, true), "");
	unit_shell(dir, "rm -r monitor/copy s; cp -a kept s");
	assert_string_equal(turn(0, true), "rollback\n");
	/* As long as the other, but not the same. */
	append(test_decision("reject", REF, 77));
	assert_string_equal(turn(0, true), "!rollback\ndamage\n");
	assert_string_equal(turn(0, true), "");
	/* With the copy it is the proof of a fork. */
	unit_shell(dir, "rm -r monitor s; cp -a kept s");
	append(test_decision("reject", REF, 3));
	assert_string_equal(turn(0, true), "");
	unit_shell(dir, "rm -r s; cp -a kept s");
	append(test_decision("reject", REF, 77));
	assert_string_equal(turn(0, true), "fork\n");
	/* Even if nothing but its checkpoint is shown. */
	unit_shell(dir, "rm -r monitor/copy/fork s/log/tile");
	assert_string_equal(turn(0, true), "");
	assert_false(calm);
	unit_shell(dir, "test -s monitor/copy/fork");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_entries, setup, teardown),
		cmocka_unit_test_setup_teardown(test_silence, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_old_damage, setup, teardown),
		cmocka_unit_test_setup_teardown(test_copy, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
